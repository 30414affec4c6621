"""Painted grids and lists: pages, taps on the right thing, little repainting, mirrored for right-to-left."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QPaintEvent, QRegion, QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES, Tone
from shared.qt.widgets import (
    LineAction,
    LineList,
    LineRow,
    MenuTile,
    PagedGrid,
    RowTable,
    TilePainter,
    action_target,
)
from shared.qt.widgets.table import TONE_ROLE
from tests.gui.screen_check import LEFT, double_tap, press, press_target

OnShow = Callable[..., QWidget]
NONE = Qt.KeyboardModifier.NoModifier
ACTIONS = (LineAction("less", "Less"), LineAction("note", "Note"), LineAction("void", "Void", danger=True, apart=True))


class PaintWatch(QObject):
    """Notes every region that is painted on a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.regions: list[QRegion] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.regions.append(QRegion(event.region()))
        return super().eventFilter(watched, event)


def tiles(count: int) -> list[MenuTile]:
    """Tiles with short names."""
    return [
        MenuTile(key=f"t{number}", title=f"Dish {number}", foot="9.50", stripe=number % 5) for number in range(count)
    ]


def rows(count: int) -> list[LineRow]:
    """Rows with short names."""
    return [
        LineRow(key=f"r{number}", lead=f"1{TIMES}", title=f"Dish {number}", amount="9.50") for number in range(count)
    ]


def painted_next(watch: PaintWatch) -> QRegion:
    """What the next frame repaints."""
    watch.regions.clear()
    QCoreApplication.processEvents()
    whole = QRegion()
    for region in watch.regions:
        whole = whole.united(region)
    return whole


@pytest.fixture
def grid(holder: ThemeHolder, on_show: OnShow) -> PagedGrid[MenuTile]:
    """A grid of 930 x 690, as on the order screen."""
    made: PagedGrid[MenuTile] = PagedGrid(holder, TilePainter(holder))
    on_show(made, 930, 690)
    return made


def test_a_tap_on_a_tile_says_which(grid: PagedGrid[MenuTile]) -> None:
    heard: list[str] = []
    grid.tile_tapped.connect(heard.append)
    grid.set_tiles(tiles(20))
    press_target(grid.area, "t7")
    press_target(grid.area, "t0")
    assert heard == ["t7", "t0"]


def test_two_quick_taps_are_two_taps(grid: PagedGrid[MenuTile]) -> None:
    heard: list[str] = []
    grid.tile_tapped.connect(heard.append)
    grid.set_tiles(tiles(20))
    spot = grid.area.touch_rects()["t3"].center()
    double_tap(grid.area, spot)
    assert heard == ["t3", "t3"]


def test_a_tile_that_is_sold_out_is_refused(grid: PagedGrid[MenuTile]) -> None:
    heard: list[str] = []
    grid.tile_tapped.connect(heard.append)
    grid.refused.connect(lambda key: heard.append(f"refused {key}"))
    grid.set_tiles([MenuTile(key="soup", title="Soup", foot="Sold out", available=False)])
    press_target(grid.area, "soup")
    assert heard == ["refused soup"]


def test_sliding_off_a_tile_lets_go_of_it(grid: PagedGrid[MenuTile]) -> None:
    heard: list[str] = []
    grid.tile_tapped.connect(heard.append)
    grid.set_tiles(tiles(20))
    rects = grid.area.touch_rects()
    QTest.mousePress(grid.area, LEFT, NONE, rects["t3"].center())
    assert grid.area.pressed_key == "t3"
    QTest.mouseMove(grid.area, rects["t4"].center())
    QTest.mouseRelease(grid.area, LEFT, NONE, rects["t4"].center())
    assert heard == []


def test_more_tiles_than_fit_are_turned_by_page(grid: PagedGrid[MenuTile]) -> None:
    grid.set_tiles(tiles(20))
    assert (grid.page_count(), grid.pages.isVisible()) == (1, False)
    grid.set_tiles(tiles(60))
    assert grid.page_count() == 3
    seen = list(grid.area.touch_rects())
    while grid.page() < grid.page_count() - 1:
        press(grid.pages.next_button)
        seen += grid.area.touch_rects()
    assert seen == [tile.key for tile in tiles(60)]
    grid.set_tiles(tiles(10))
    assert grid.page() == 0


def test_a_page_stays_when_tiles_change_and_goes_back_for_another_category(grid: PagedGrid[MenuTile]) -> None:
    grid.set_tiles(tiles(60))
    press(grid.pages.next_button)
    changed = [replace(tile, count="2") if tile.key == "t30" else tile for tile in tiles(60)]
    grid.set_tiles(changed)
    assert grid.page() == 1
    grid.set_tiles(tiles(60), first_page=True)
    assert grid.page() == 0


def test_tiles_keep_25_by_22_mm_at_every_width(grid: PagedGrid[MenuTile], holder: ThemeHolder) -> None:
    grid.set_tiles(tiles(40))
    for width, height in ((300, 400), (588, 640), (930, 690), (1500, 1000)):
        grid.resize(width, height)
        for rect in grid.area.touch_rects().values():
            assert rect.width() >= holder.metrics.mm(25)
            assert rect.height() >= holder.metrics.mm(22)
            assert grid.area.rect().contains(rect)


def test_only_the_tile_that_changed_is_painted_again(grid: PagedGrid[MenuTile]) -> None:
    grid.set_tiles(tiles(20))
    watch = PaintWatch(grid.area)
    painted_next(watch)
    grid.set_tiles([replace(tile, count="1") if tile.key == "t6" else tile for tile in tiles(20)])
    painted = painted_next(watch)
    assert painted.boundingRect() == grid.area.touch_rects()["t6"]


def test_a_long_name_takes_two_lines_and_a_longer_one_is_reported(grid: PagedGrid[MenuTile]) -> None:
    grid.set_tiles([MenuTile(key="a", title="Kids Plate with rice and beans", foot="6.25")])
    assert grid.area.clipped_texts() == []
    endless = "Grandmother's slowly braised shoulder of lamb with everything"
    grid.set_tiles([MenuTile(key="a", title=endless, foot="6.25", count="2")])
    assert grid.area.clipped_texts() == [endless]


def test_tiles_mirror_for_right_to_left(grid: PagedGrid[MenuTile], holder: ThemeHolder) -> None:
    grid.set_tiles(tiles(4))
    left = grid.area.touch_rects()["t0"]
    image = grid.grab().toImage()
    stripe = holder.ink.stripes()[0]
    assert image.pixelColor(left.left() + 2, left.center().y()) == stripe
    grid.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    right = grid.area.touch_rects()["t0"]
    assert right.right() == grid.area.width() - 1
    assert grid.grab().toImage().pixelColor(right.right() - 2, right.center().y()) == stripe
    heard: list[str] = []
    grid.tile_tapped.connect(heard.append)
    press_target(grid.area, "t0")
    assert heard == ["t0"]


def test_arrows_and_enter_reach_every_tile(grid: PagedGrid[MenuTile]) -> None:
    heard: list[str] = []
    grid.tile_tapped.connect(heard.append)
    grid.set_tiles(tiles(20))
    grid.area.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(grid.area, key)
    assert heard == ["t5"]


@pytest.fixture
def lines(holder: ThemeHolder, on_show: OnShow) -> LineList:
    """A list of 404 x 480, as on the order screen."""
    made = LineList(holder)
    on_show(made, 404, 480)
    return made


def test_a_row_and_its_buttons_are_tapped_apart(lines: LineList) -> None:
    heard: list[str] = []
    lines.row_tapped.connect(heard.append)
    lines.action_tapped.connect(lambda row, action: heard.append(f"{action} {row}"))
    lines.set_rows(rows(3), opened="r1", actions=ACTIONS)
    press_target(lines.area, "r2")
    press_target(lines.area, action_target("r1", "note"))
    press_target(lines.area, action_target("r1", "void"))
    assert heard == ["r2", "note r1", "void r1"]


def test_what_cannot_be_taken_back_is_8_mm_apart(lines: LineList, holder: ThemeHolder) -> None:
    lines.set_rows(rows(3), opened="r1", actions=ACTIONS)
    rects = lines.area.touch_rects()
    note, void = rects[action_target("r1", "note")], rects[action_target("r1", "void")]
    assert void.left() - note.right() - 1 >= holder.metrics.mm(8)
    assert min(void.width(), void.height()) >= holder.metrics.touch()


def test_buttons_that_do_not_fit_beside_each_other_go_a_line_down(holder: ThemeHolder, on_show: OnShow) -> None:
    narrow = LineList(holder)
    on_show(narrow, 240, 480)
    narrow.set_rows(rows(2), opened="r0", actions=ACTIONS)
    rects = narrow.area.touch_rects()
    assert rects[action_target("r0", "void")].top() > rects[action_target("r0", "less")].bottom()
    assert rects["r1"].top() > rects[action_target("r0", "void")].bottom()
    assert all(rect.right() < 240 for rect in rects.values())


def test_a_long_order_is_turned_by_page_and_follows_the_open_row(lines: LineList) -> None:
    lines.set_rows(rows(30))
    assert lines.page_count() > 1
    seen = list(lines.area.touch_rects())
    while lines.pages.next_button.isEnabled():
        press(lines.pages.next_button)
        seen += lines.area.touch_rects()
    assert seen == [row.key for row in rows(30)]
    lines.set_rows(rows(30), opened="r0", actions=ACTIONS)
    assert "r0" in lines.area.touch_rects()
    assert max(rect.bottom() for rect in lines.area.touch_rects().values()) <= lines.area.height()


def test_only_the_row_that_changed_is_painted_again(lines: LineList) -> None:
    lines.set_rows(rows(4), opened="r1", actions=ACTIONS)
    watch = PaintWatch(lines.area)
    painted_next(watch)
    lines.set_rows(
        [replace(row, lead=f"7{TIMES}") if row.key == "r2" else row for row in rows(4)], opened="r1", actions=ACTIONS
    )
    assert painted_next(watch).boundingRect() == lines.area.touch_rects()["r2"]
    lines.set_rows(
        [replace(row, lead=f"7{TIMES}") if row.key == "r2" else row for row in rows(4)], opened="r1", actions=ACTIONS
    )
    assert painted_next(watch).isEmpty()


def test_rows_grow_with_what_they_say(lines: LineList, holder: ThemeHolder) -> None:
    plain, *_ = rows(1)
    detailed = replace(plain, key="d", detail="Black beans, rice, no cheese", status="Ready", status_tone=Tone.OK)
    endless = replace(plain, key="e", detail="no onion, " * 60)
    lines.set_rows([plain, detailed, endless])
    heights = [rect.height() for rect in lines.area.touch_rects().values()]
    assert heights[0] == holder.metrics.touch()
    assert heights == sorted(heights)
    assert len(set(heights)) == 3
    assert lines.area.clipped_texts() == [endless.title]


def test_a_note_is_read_to_its_end_and_a_word_longer_than_the_line_is_read_on(lines: LineList) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitaen"
    noted = [replace(row, detail=f"{word}, no onion, no cheese, {word}, ALLERGY: nuts") for row in rows(2)]
    lines.set_rows(noted, opened="r1", actions=ACTIONS)

    assert lines.area.clipped_texts() == []
    assert lines.area.width() < 2 * lines.area.fontMetrics().horizontalAdvance(word)


def test_a_table_is_read_in_pages_and_paints_badges(holder: ThemeHolder, on_show: OnShow) -> None:
    model = QStandardItemModel(40, 2)
    model.setHorizontalHeaderLabels(["Operation", "State"])
    for row in range(40):
        model.setItem(row, 0, QStandardItem(f"Send to kitchen {row}"))
        state = QStandardItem("Waiting for network")
        state.setData(Tone.WARN, TONE_ROLE)
        model.setItem(row, 1, state)
    table = RowTable(holder)
    table.set_model(model, stretch=0)
    on_show(table, 800, 500)
    assert table.page_count() > 1
    turns = 0
    while table.pages.next_button.isEnabled():
        press(table.pages.next_button)
        turns += 1
    assert turns == table.page_count() - 1
    assert table.view.indexAt(QPoint(5, table.view.viewport().height() - 5)).row() == 39
    image = table.view.viewport().grab().toImage()
    found = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}
    assert holder.ink.warn_back.name() in found
