"""The checker itself: each kind of bad screen is found, and a good one passes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from shared.qt.metrics import Metrics
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Label, PaintedTargets, SheetOverlay, Toast, TouchButton
from tests.gui.screen_check import assert_screen_is_sound, faults, gap_mm, press, press_target, save_picture

OnShow = Callable[..., QWidget]


class TwoTargets(PaintedTargets):
    """A painted widget with two targets at given places."""

    def __init__(self, holder: ThemeHolder, one: QRect, other: QRect, parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._rects = {"one": one, "other": other}
        self.clipped: list[str] = []

    def target_rects(self) -> Mapping[str, QRect]:
        return self._rects

    def clipped_texts(self) -> list[str]:
        return self.clipped


def window_with(*children: QWidget) -> QWidget:
    """A window whose children lie where they were put."""
    window = QWidget()
    for child in children:
        child.setParent(window)
    return window


def kinds(window: QWidget, metrics: Metrics) -> list[str]:
    """The kinds of faults found."""
    return [fault.kind for fault in faults(window, metrics)]


def button_at(text: str, rect: QRect) -> QPushButton:
    """A plain button in a place."""
    button = QPushButton(text)
    button.setGeometry(rect)
    return button


def test_a_good_screen_passes(holder: ThemeHolder, metrics: Metrics, on_show: OnShow) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(Label("A title that fits"))
    column.addWidget(Label("A longer text that is broken into lines where it must be. " * 4, wrap=True))
    column.addWidget(TouchButton(holder, "Send"))
    assert_screen_is_sound(on_show(window, 400, 400), metrics)


@pytest.mark.parametrize(("width", "height"), [(47, 60), (60, 47), (20, 20)])
def test_a_target_smaller_than_a_finger_is_found(
    metrics: Metrics, on_show: OnShow, holder: ThemeHolder, width: int, height: int
) -> None:
    window = on_show(window_with(button_at("", QRect(10, 10, width, height))))
    assert kinds(window, metrics) == ["small target"]


def test_twelve_millimetres_count_where_they_are_more_than_48_pixels(on_show: OnShow, holder: ThemeHolder) -> None:
    dense = Metrics.of_screen(diagonal_inch=10.1, width_px=1366, height_px=768)
    window = on_show(window_with(button_at("", QRect(10, 10, 60, 60))))
    assert dense.mm(12) > 60
    assert kinds(window, dense) == ["small target"]


def test_overlapping_targets_are_found(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    window = on_show(window_with(button_at("", QRect(0, 0, 60, 60)), button_at("", QRect(59, 0, 60, 60))))
    assert kinds(window, metrics) == ["overlap"]


def test_targets_that_only_touch_do_not_overlap(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    window = on_show(window_with(button_at("", QRect(0, 0, 60, 60)), button_at("", QRect(60, 0, 60, 60))))
    assert kinds(window, metrics) == []


def test_painted_targets_are_held_to_the_same_rules(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    painted = TwoTargets(holder, QRect(0, 0, 30, 60), QRect(10, 0, 60, 60))
    painted.setGeometry(0, 0, 400, 400)
    painted.clipped = ["Soup of th…"]
    assert kinds(on_show(window_with(painted)), metrics) == ["small target", "overlap", "clipped text"]


@pytest.mark.parametrize(
    "rect", [QRect(10, 10, 60, 30), QRect(10, 10, 400, 8)], ids=["too narrow for it", "too low for it"]
)
def test_clipped_labels_and_buttons_are_found(
    metrics: Metrics, on_show: OnShow, holder: ThemeHolder, rect: QRect
) -> None:
    label = QLabel("A rather long text")
    label.setGeometry(rect)
    assert kinds(on_show(window_with(label)), metrics) == ["clipped text"]
    button = button_at("A rather long text", rect)
    assert "clipped text" in kinds(on_show(window_with(button)), metrics)
    own = TouchButton(holder, "Extraordinarily", max_lines=1)
    own.setGeometry(rect)
    assert "clipped text" in kinds(on_show(window_with(own)), metrics)


def test_a_wrapped_text_without_room_for_its_lines_is_found(
    metrics: Metrics, on_show: OnShow, holder: ThemeHolder
) -> None:
    label = Label("One two three four five six seven eight nine", wrap=True)
    label.setGeometry(0, 0, 100, 30)
    assert kinds(on_show(window_with(label)), metrics) == ["clipped text"]
    word = Label("Extraordinarily", wrap=True)
    word.setGeometry(0, 0, 40, 300)
    assert kinds(on_show(window_with(word)), metrics) == ["clipped text"]


def test_a_widget_that_sticks_out_is_found(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    window = on_show(window_with(button_at("", QRect(360, 0, 60, 60))), 400, 300)
    assert kinds(window, metrics) == ["outside the window"]
    parent = QWidget()
    parent.setGeometry(0, 0, 50, 50)
    child = button_at("", QRect(0, 0, 60, 60))
    child.setParent(parent)
    assert kinds(on_show(window_with(parent)), metrics) == ["cut off"]


def test_a_scrolled_part_out_of_sight_is_no_fault(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    inside = QWidget()
    inside.setFixedSize(200, 900)
    button_at("", QRect(0, 0, 100, 60)).setParent(inside)
    button_at("", QRect(0, 280, 100, 60)).setParent(inside)
    area = QScrollArea()
    area.setWidget(inside)
    area.setGeometry(0, 0, 300, 300)
    assert [f for f in faults(on_show(window_with(area)), metrics) if "QPushButton" in f.where] == []


def test_only_the_sheet_counts_while_it_is_open(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    window = window_with(button_at("", QRect(0, 0, 20, 20)))
    overlay = SheetOverlay(holder, window)
    on_show(window)
    assert kinds(window, metrics) == ["small target"]
    overlay.open_sheet(TouchButton(holder, "Choose"))
    assert kinds(window, metrics) == []


def test_a_toast_may_lie_over_targets_for_its_seconds(metrics: Metrics, on_show: OnShow, holder: ThemeHolder) -> None:
    window = window_with(button_at("", QRect(0, 340, 400, 60)))
    toast = Toast(holder, window)
    on_show(window, 400, 400)
    toast.offer("a", "Removed")
    assert toast.geometry().intersects(QRect(0, 340, 400, 60))
    assert kinds(window, metrics) == []


def test_press_reaches_what_lies_on_top(on_show: OnShow, holder: ThemeHolder) -> None:
    below = button_at("", QRect(0, 0, 100, 100))
    above = button_at("", QRect(0, 0, 100, 100))
    heard: list[str] = []
    below.clicked.connect(lambda: heard.append("below"))
    above.clicked.connect(lambda: heard.append("above"))
    on_show(window_with(below, above))
    press(below)
    assert heard == ["above"]


def test_press_target_names_the_targets_there_are(on_show: OnShow, holder: ThemeHolder) -> None:
    painted = TwoTargets(holder, QRect(0, 0, 60, 60), QRect(100, 0, 60, 60))
    on_show(painted, 400, 300)
    heard: list[str] = []
    painted.tapped.connect(heard.append)
    press_target(painted, "other")
    assert heard == ["other"]
    with pytest.raises(AssertionError, match="these are: one, other"):
        press_target(painted, "third")


def test_distances_are_measured_from_edge_to_edge(metrics: Metrics) -> None:
    one = QRect(0, 0, 60, 60)
    assert gap_mm(one, QRect(60, 0, 60, 60), metrics) == 0
    assert gap_mm(one, QRect(92, 0, 60, 60), metrics) == pytest.approx(32 / metrics.px_per_mm)
    assert gap_mm(QRect(90, 100, 9, 9), one, metrics) == pytest.approx(50 / metrics.px_per_mm)


def test_a_picture_is_kept_where_the_environment_says(
    on_show: OnShow, holder: ThemeHolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERTILL_PICTURES", str(tmp_path))
    path = save_picture(on_show(Label("Picture"), 200, 100), "word")
    assert path.parent == tmp_path
    assert path.read_bytes().startswith(b"\x89PNG")
