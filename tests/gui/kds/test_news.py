"""What a board tells by itself: what happened to a ticket, wherever it stands, and whether more will come."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from kds_client.sounds import bell
from shared.database import Connection
from shared.domain.ticket import Stage
from shared.ids import TableId
from tests.gui.harness import OFFLINE
from tests.gui.kds.conftest import FULL, NOT_FULL, Kitchen, ticket
from tests.gui.screen_check import save_picture

MINUTE_MS = 60_000


def test_a_ticket_that_becomes_late_flashes_also_where_it_was_the_first_already(kitchen: Kitchen) -> None:
    first, second = ticket(1, "Burger", age_min=11.9), ticket(2, "Soup", age_min=1)
    kitchen.put(first, second)
    kitchen.end_flashes()
    board = kitchen.window.board
    board.tick(kitchen.rig.terminal.now_ms())
    assert board._flashes.is_over
    board.tick(kitchen.rig.terminal.now_ms() + MINUTE_MS)

    assert kitchen.shown() == ["C-1", "C-2"]
    assert (board._flashes.word(first.id), board._flashes.word(second.id)) == ("LATE", "")


def test_a_table_that_moved_while_it_cooks_flashes_as_changed(kitchen: Kitchen) -> None:
    made = ticket(1, "Burger")
    kitchen.put(made)
    kitchen.end_flashes()
    kitchen.put(made.model_copy(update={"table_id": TableId("table-14"), "version": 2}))

    manner = kitchen.window.board._manner(made.id, 0)
    assert (manner.news, manner.is_lit) == ("CHANGED", True)
    assert kitchen.window.board.faces_on_show[0].table == "T14"


def test_an_urgent_ticket_goes_before_the_late_ones_and_says_why(make_kitchen: Callable[..., Kitchen]) -> None:
    kitchen = make_kitchen()
    urgent = ticket(3, "Soup", age_min=1)
    kitchen.put(ticket(1, "Burger", age_min=13), ticket(2, "Fries", age_min=5), urgent)
    kitchen.end_flashes()
    assert kitchen.shown() == ["C-1", "C-2", "C-3"]
    kitchen.put(urgent.model_copy(update={"priority": 2, "version": 2}))
    save_picture(kitchen.window, "kds-urgent-1920x1080-21.5in-dark")

    assert kitchen.shown() == ["C-3", "C-1", "C-2"]
    assert kitchen.window.board._flashes.word(urgent.id) == "URGENT"
    assert kitchen.window.board.faces_on_show[0].urgent == "Urgent, first of all"


def test_an_empty_board_that_is_cut_off_does_not_promise_new_orders(kitchen: Kitchen) -> None:
    assert kitchen.window.board.empty_advice == "New orders appear here by themselves."
    kitchen.rig.link(OFFLINE)
    kitchen.stopwatch.s += 39.0
    kitchen.calm()
    kitchen.window._show_link()
    save_picture(kitchen.window, "kds-empty-offline-1920x1080-21.5in-dark")

    assert kitchen.window.band.isVisible()
    assert kitchen.window.board.empty_advice == "New orders do not arrive just now."


class Paintings(QObject):
    """Counts how often a widget is painted anew."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return super().eventFilter(watched, event)


def test_an_empty_board_takes_its_promise_back_also_while_the_band_is_up_already(kitchen: Kitchen) -> None:
    """No band that comes or goes makes it paint."""
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.run(partial(Connection.execute, statements=FULL))
    kitchen.tap(f"start:{ticket(1).id}")
    kitchen.rig.run(partial(Connection.execute, statements=NOT_FULL))
    kitchen.put(ticket(1, "Burger", status=Stage.BUMPED, version=2))
    kitchen.end_flashes()
    window = kitchen.window
    assert (window.band.title(), kitchen.shown()) == ("Not saved: T5", [])
    tall, paintings = window.band.height(), Paintings(window.board)
    kitchen.stopwatch.s += 11.0
    kitchen.rig.link(OFFLINE)
    kitchen.calm()

    assert (window.band.title(), window.band.height()) == ("Not saved: T5", tall)
    assert paintings.count > 0
    save_picture(window, "kds-empty-unsaved-offline-1920x1080-21.5in-dark")
    before = paintings.count
    window._show_link()
    kitchen.calm()
    assert paintings.count == before, "nothing changed"


def test_what_was_not_saved_does_not_hide_that_no_orders_arrive(kitchen: Kitchen) -> None:
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.link(OFFLINE)
    kitchen.stopwatch.s += 39.0
    kitchen.rig.run(partial(Connection.execute, statements=FULL))
    kitchen.tap(f"start:{ticket(1).id}")
    band = kitchen.window.band

    assert band.title() == "Not saved: T5"
    assert "Tap again, or ask for help. Not connected for 00:" in band.text()


def test_what_flashes_is_heard_once_and_what_was_there_at_the_start_or_stands_elsewhere_is_not(
    kitchen: Kitchen,
) -> None:
    rings: list[str] = []
    kitchen.window.board._ring = lambda: rings.append("")
    kitchen.put(ticket(1, "Burger", age_min=11.9), ticket(2, "Soup"))
    assert len(rings) == 1
    kitchen.window.board.tick(kitchen.rig.terminal.now_ms())
    assert len(rings) == 1
    kitchen.window.board.tick(kitchen.rig.terminal.now_ms() + MINUTE_MS)
    assert len(rings) == 2
    kitchen.window._choose_station("bar")
    kitchen.put(ticket(3, "Fries"))
    assert len(rings) == 2


def test_a_house_can_do_without_the_bell(kitchen: Kitchen) -> None:
    settings = kitchen.rig.terminal.settings
    assert bell(settings) == QApplication.beep
    quiet = bell(settings.model_copy(update={"sound": False}))
    assert quiet != QApplication.beep
    quiet()
