"""A kitchen on show over a real terminal, with tickets as a server would give them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kds_client.window import Window
from reference_server.catalogue.loading import Restaurant
from shared.clock import SystemClock
from shared.domain.ticket import Stage, Ticket, TicketItem
from shared.ids import LineId, OrderId, StationId, TableId, TicketId
from shared.qt.bridge import Bridge
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import SlaName, ThemeName
from shared.times import to_rfc3339
from tests.gui.harness import Rig, demo_restaurant
from tests.gui.screen_check import press_target

FULL = "CREATE TEMP TRIGGER full BEFORE INSERT ON operation BEGIN SELECT RAISE(ABORT, 'full'); END"
NOT_FULL = "DROP TRIGGER full"


@pytest.fixture(scope="session")
def restaurant() -> Restaurant:
    """The demo restaurant, read once."""
    return demo_restaurant()


def ticket(
    number: int,
    *items: str,
    age_min: float = 1.0,
    table: str | None = "table-5",
    status: Stage = Stage.QUEUED,
    paper: bool = False,
    version: int = 1,
    station: str = "grill",
) -> Ticket:
    """A ticket; an item that begins with ALLERGY gets it as its note, one with VOID or DONE is voided or done."""
    sent = to_rfc3339(SystemClock().now_ms() - int(age_min * 60_000))
    return Ticket(
        id=TicketId(f"01M8{number:022d}"),
        order_id=OrderId(f"01M9{number:022d}"),
        order_number=f"C-{number}",
        station=StationId(station),
        table_id=None if table is None else TableId(table),
        waiter_name="Amina",
        status=status,
        sent_at=sent,
        updated_at=sent,
        version=version,
        paper_at=sent if paper else None,
        items=tuple(
            TicketItem(
                line_id=LineId(f"01MA{number:011d}{place:011d}"),
                name=name.removeprefix("ALLERGY ").removeprefix("VOID ").removeprefix("DONE "),
                voided=name.startswith("VOID "),
                done=name.startswith("DONE "),
                quantity=1 + place % 3,
                modifiers=("no butter",) if place % 2 else (),
                note="ALLERGY: sesame" if name.startswith("ALLERGY") else "",
            )
            for place, name in enumerate(items)
        ),
    )


@dataclass
class Stopwatch:
    """A stopwatch that a test moves: no test waits for a finger to be slow."""

    s: float = 100.0

    def now_ms(self) -> int:
        """The wall clock's time, as everywhere."""
        return SystemClock().now_ms()

    def monotonic_s(self) -> float:
        """Where the test put it."""
        return self.s


@dataclass
class Kitchen:
    """The window, the rig under it, and a finger."""

    rig: Rig
    window: Window
    holder: ThemeHolder
    app: QApplication
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def put(self, *tickets: Ticket) -> None:
        """The server has these; the next finger comes a second later."""
        self.rig.put(tickets)
        self.calm()
        self.later()

    def tap(self, key: str) -> None:
        """A finger on a target of the board, long after the last one."""
        self.later()
        press_target(self.window.board, key)
        self.calm()

    def key(self, *keys: Qt.Key) -> None:
        """Keys of a bump bar, one long after the other, to whatever has the keyboard."""
        for key in keys:
            self.later()
            listening = self.app.focusWidget()
            assert listening is not None, "nobody has the keyboard"
            QTest.keyClick(listening, key)
            self.calm()

    def end_flashes(self) -> None:
        """As after some seconds: nothing flashes any more."""
        while not self.window.board._flashes.is_over:
            self.window.board._flash()
        self.calm()

    def later(self) -> None:
        """A second later by the stopwatch."""
        self.stopwatch.s += 1.0

    def shown(self) -> list[str]:
        """The numbers of the tickets on the page, in their order."""
        return [face.order.partition(" ")[0].removeprefix("#") for face in self.window.board.faces_on_show]

    def calm(self) -> None:
        """Until all marks are on the disk and painted."""
        for _ in range(3):
            self.rig.settle()
            self.app.processEvents()

    def marks(self) -> list[str]:
        """The marks in the outbox, without those that only say *seen*."""
        return [kind for kind in self.rig.operations() if kind != "seen_ticket"]


@pytest.fixture
def make_kitchen(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, restaurant: Restaurant
) -> Iterator[Callable[..., Kitchen]]:
    """Makes a kitchen of a size and theme; on the same folder it finds what the last one left."""
    made: list[Kitchen] = []

    def make(
        *,
        size: tuple[int, int, float] = (1920, 1080, 21.5),
        theme: ThemeName = ThemeName.DARK,
        rtl: bool = False,
        stocked: bool = True,
        sla: SlaName = SlaName.CLEAR,
    ) -> Kitchen:
        width, height, diagonal_inch = size
        metrics = Metrics.of_screen(diagonal_inch=diagonal_inch, width_px=width, height_px=height)
        holder = ThemeHolder(Theme(name=theme, metrics=metrics, family=installed_family(), sla=sla))
        holder.dress(qapp)
        rig = Rig(tmp_path / "kitchen", kind="kds")
        if stocked:
            rig.stock(restaurant)
        stopwatch = Stopwatch()
        window = Window(holder, rig.terminal, Bridge(), stopwatch)
        window.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
        window.resize(width, height)
        window.show()
        qtbot.waitExposed(window)
        made.append(Kitchen(rig, window, holder, qapp, stopwatch))
        made[-1].calm()
        return made[-1]

    yield make
    for kitchen in made:
        if kitchen.window.isVisible():
            kitchen.window.close()
            kitchen.rig.close()


@pytest.fixture
def kitchen(make_kitchen: Callable[..., Kitchen]) -> Kitchen:
    """A kitchen at 1080p."""
    return make_kitchen()
