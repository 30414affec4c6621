"""Toast, sheet, banner and empty place: one slot, nothing behind is touched, every offer ends exactly once."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from shared.qt.icons import IconName
from shared.qt.metrics import Metrics
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import Banner, EmptyState, FigureTile, HeaderBar, Label, SheetOverlay, Toast, TouchButton
from tests.gui.screen_check import LEFT, faults, press

OnShow = Callable[..., QWidget]
NONE = Qt.KeyboardModifier.NoModifier


class Ends:
    """Notes how each offer of a toast ended."""

    def __init__(self, toast: Toast) -> None:
        self.heard: list[str] = []
        toast.undone.connect(lambda key: self.heard.append(f"undone {key}"))
        toast.expired.connect(lambda key: self.heard.append(f"expired {key}"))


def test_undo_takes_the_offer_back_and_nothing_else(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    toast = Toast(holder, window)
    ends = Ends(toast)
    on_show(window)
    toast.offer("line-1", "Removed 2 soups")
    assert toast.isVisible()
    press(toast.button)
    assert (ends.heard, toast.isVisible()) == (["undone line-1"], False)


def test_an_offer_expires_by_itself(holder: ThemeHolder, on_show: OnShow, qtbot: QtBot) -> None:
    window = QWidget()
    toast = Toast(holder, window, shown_ms=20)
    ends = Ends(toast)
    on_show(window)
    with qtbot.waitSignal(toast.expired):
        toast.offer("line-1", "Removed 2 soups")
    assert (ends.heard, toast.isVisible()) == (["expired line-1"], False)


def test_a_new_offer_ends_the_one_before(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    toast = Toast(holder, window)
    ends = Ends(toast)
    on_show(window)
    toast.offer("a", "Removed soup")
    toast.offer("b", "Removed bread")
    assert (ends.heard, toast.text()) == (["expired a"], "Removed bread")
    toast.tell("Sent")
    assert ends.heard == ["expired a", "expired b"]
    assert not toast.button.isVisible()
    toast.put_away()
    toast.put_away()
    assert ends.heard == ["expired a", "expired b"]


def test_what_is_kept_stays_under_shorter_words_until_it_is_seen(
    holder: ThemeHolder, on_show: OnShow, qtbot: QtBot
) -> None:
    window = QWidget()
    toast = Toast(holder, window, shown_ms=20)
    ends = Ends(toast)
    on_show(window)
    toast.keep("Not saved")
    with qtbot.waitSignal(toast.expired):
        toast.offer("a", "Removed soup")
    assert (toast.text(), toast.isVisible()) == ("Not saved", True)
    toast.put_away()
    assert toast.isVisible()
    toast.offer("b", "Removed bread")
    press(toast.button)
    assert (ends.heard, toast.text()) == (["expired a", "undone b"], "Not saved")
    with qtbot.waitSignal(toast.seen):
        press(toast.button)
    assert not toast.isVisible()


def test_a_toast_stays_at_the_bottom_of_its_anchor(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    toast = Toast(holder, window)
    on_show(window, 800, 600)
    toast.offer("a", "Removed soup")
    window.resize(1024, 768)
    assert window.rect().contains(toast.geometry())
    assert toast.geometry().bottom() > 700


def test_an_open_sheet_keeps_taps_from_what_is_behind(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    taps: list[str] = []
    behind = TouchButton(holder, "Send", parent=window)
    behind.setGeometry(0, 0, 200, 100)
    behind.clicked.connect(lambda: taps.append("send"))
    overlay = SheetOverlay(holder, window)
    ends: list[bool] = []
    overlay.closed.connect(ends.append)
    on_show(window)
    inside = TouchButton(holder, "Tomato")
    inside.clicked.connect(lambda: taps.append("tomato"))
    overlay.open_sheet(inside, dismissible=False)
    press(behind)
    press(inside)
    assert (taps, ends) == (["tomato"], [])
    overlay.close_sheet()
    overlay.close_sheet()
    press(behind)
    assert (taps, ends) == (["tomato", "send"], [False])


def test_a_sheet_is_put_away_by_a_tap_beside_it_or_escape(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    overlay = SheetOverlay(holder, window)
    ends: list[bool] = []
    overlay.closed.connect(ends.append)
    on_show(window)
    overlay.open_sheet(Label("Choose a salsa"))
    press(overlay.panel)
    assert ends == []
    QTest.mouseClick(overlay, LEFT, NONE, QPoint(4, 4))
    assert ends == [True]
    overlay.open_sheet(QLineEdit())
    focused = window.focusWidget()
    assert isinstance(focused, QLineEdit)
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    assert ends == [True, True]
    assert overlay.content() is None


def test_the_tab_key_stays_on_the_sheet_and_the_focus_comes_back(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    behind = TouchButton(holder, "Send")
    column.addWidget(behind)
    overlay = SheetOverlay(holder, window)
    on_show(window)
    behind.setFocus()
    content = QWidget()
    row = QVBoxLayout(content)
    choices = [TouchButton(holder, name) for name in ("Tomato", "Corn")]
    for choice in choices:
        row.addWidget(choice)
    overlay.open_sheet(content)
    seen = []
    for _ in range(3):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        seen.append(window.focusWidget())
    assert seen == [choices[0], choices[1], choices[0]]
    QTest.keyClick(choices[0], Qt.Key.Key_Backtab)
    assert window.focusWidget() is choices[1]
    overlay.close_sheet()
    assert window.focusWidget() is behind


def test_a_long_message_is_broken_into_lines(holder: ThemeHolder, on_show: OnShow, metrics: Metrics) -> None:
    window = QWidget()
    toast = Toast(holder, window)
    on_show(window, 500, 400)
    toast.offer("a", "Removed two portions of slowly braised shoulder of lamb with everything from table 5")
    assert window.rect().contains(toast.geometry())
    assert faults(window, metrics) == []
    toast.tell("Sent")
    assert toast.width() < 200


def test_a_label_is_shortened_only_where_that_was_asked_for(
    holder: ThemeHolder, on_show: OnShow, metrics: Metrics
) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    column.addWidget(Label("#1235, 2 guests, served by Amina, since 19:21", elide=True))
    on_show(window, 120, 80)
    assert window.width() == 120
    assert faults(window, metrics) == []
    plain = Label("#1235, 2 guests, served by Amina", parent=window)
    plain.setGeometry(0, 0, 60, 30)
    plain.show()
    assert [fault.kind for fault in faults(window, metrics)] == ["clipped text"]


def test_opening_a_second_sheet_closes_the_first(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    overlay = SheetOverlay(holder, window)
    ends: list[bool] = []
    overlay.closed.connect(ends.append)
    on_show(window)
    overlay.open_sheet(Label("one"))
    second = Label("two")
    overlay.open_sheet(second)
    assert (ends, overlay.content()) == ([False], second)


def test_a_sheet_lies_over_the_part_it_belongs_to_and_follows_the_window(holder: ThemeHolder, on_show: OnShow) -> None:
    window = QWidget()
    part = QWidget(window)
    part.setGeometry(404, 64, 962, 704)
    overlay = SheetOverlay(holder, window)
    on_show(window)
    overlay.open_sheet(Label("Chicken Bowl"), over=part)
    assert part.geometry().contains(overlay.panel.geometry())
    assert overlay.panel.width() > 900
    window.resize(1024, 768)
    assert overlay.geometry() == window.rect()


def test_a_banner_says_it_and_offers_what_can_be_done(holder: ThemeHolder, on_show: OnShow, metrics: Metrics) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    banner = Banner(holder)
    heard: list[str] = []
    banner.action_pressed.connect(heard.append)
    column.addWidget(banner)
    column.addStretch(1)
    banner.show_message(
        tone=Tone.BAD,
        title="Order #1236 was closed on another till",
        text="Your change was not applied. The order on this till now shows the version of the server.",
    )
    banner.set_actions({"both": "See both", "ok": "OK"}, primary="ok")
    on_show(window, 1024, 600)
    press(banner.button("both"))
    press(banner.button("ok"))
    assert heard == ["both", "ok"]
    assert faults(window, metrics) == []
    banner.set_actions({})
    banner.show_message(tone=Tone.WARN, text="Card and mobile money need a connection. Take cash now. " * 3)
    window.resize(500, 600)
    column.activate()
    assert faults(window, metrics) == []
    assert (banner.title(), banner.text()[:4]) == ("", "Card")


def test_an_empty_place_says_what_to_do(holder: ThemeHolder, on_show: OnShow) -> None:
    empty = EmptyState(
        holder, icon=IconName.RECEIPT, title="No open orders", advice="Tap a table to start one.", action="Takeaway"
    )
    heard: list[str] = []
    empty.action_pressed.connect(lambda: heard.append("takeaway"))
    on_show(empty, 500, 400)
    press(empty.button)
    assert heard == ["takeaway"]
    plain = EmptyState(holder, icon=IconName.CHECK, title="Nothing is waiting")
    on_show(plain, 500, 400)
    assert not plain.button.isVisible()


def test_figures_and_header_keep_their_measure(holder: ThemeHolder, on_show: OnShow, metrics: Metrics) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    header = HeaderBar(holder)
    header.start.addWidget(Label("Tables"))
    header.end.addWidget(TouchButton(holder, "Amina K."))
    figure = FigureTile(holder, "Waiting", "6")
    column.addWidget(header)
    column.addWidget(figure)
    column.addStretch(1)
    on_show(window)
    figure.set_value("7", tone=Tone.BAD)
    assert figure.value() == "7"
    assert header.height() == metrics.px(64)
    assert faults(window, metrics) == []
