"""`push`: from Send on the till to the ticket's paint on the kitchen's board, through server and stream."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
from httpx_sse import EventSource
from PySide6.QtWidgets import QApplication

from benchmarks.answering import TOKEN, answering
from benchmarks.house import DISHES
from benchmarks.measure import Row, median, percentile
from benchmarks.paint_watch import PaintWatch
from benchmarks.serving import Served, serving
from benchmarks.tap import CATEGORY
from benchmarks.till import SIZE as TILL_SIZE
from demo.hands import Hands
from kds_client.marks import Marks, kitchen_actor
from kds_client.ticket_face import Step
from kds_client.window import Window as KitchenWindow
from pos_client.window import Window as TillWindow
from reference_server.storage.devices import DeviceKind
from shared.clock import SystemClock
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.terminal import Terminal
from shared.wire.events import EVENTS_PATH

SENDS: Final = 100
LIMIT_MS: Final = 300.0
PATIENCE_S: Final = 60.0
BOARD_SIZE: Final = (1920, 1080)


def run() -> list[Row]:
    """Each send is a new order: created, changed and sent. Beside it an event that a server only echoes."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    echoes = asyncio.run(_echoes())
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "server") as served,
        _house(app, served, Path(folder)) as house,
    ):
        found = [house.send() for _ in range(SENDS)]
    unit = f"ms, p95; median {median(found):.1f}, a bare echo {median(echoes):.1f}"
    return [Row("push", percentile(found, 0.95), LIMIT_MS, unit, 1.0, at_most=True)]


class House:
    """A till and a kitchen's board, both on show, with the server between them."""

    def __init__(
        self, app: QApplication, till: TillWindow, kitchen: KitchenWindow, terminals: tuple[Terminal, Terminal]
    ):
        self._app, self._till, self._kitchen = app, till, kitchen
        self._waiters, self._cooks = terminals
        self._hands = Hands(till)
        self._watch = PaintWatch(kitchen.board)
        cooks = self._cooks
        self._marks = Marks(
            new_id=cooks.new_id,
            at=cooks.at,
            actor=lambda: kitchen_actor(cooks.staff, device_id=cooks.settings.device_id),
        )

    def until(self, done: Callable[[], bool]) -> None:
        """Let both windows work until it is so."""
        clock = SystemClock()
        end_s = clock.monotonic_s() + PATIENCE_S
        while not done():
            self._app.processEvents()
            assert clock.monotonic_s() < end_s, "it did not come"

    def send(self) -> float:
        """Ring up one dish, press Send, and look at the board: ms until the ticket was painted. Then it is bumped."""
        terminal = self._waiters
        order_id = terminal.new_id()
        self._till.tables.order_wanted.emit(order_id, "")
        self._app.processEvents()
        if self._till.order.menu.tabs.current() != CATEGORY:
            self._hands.tap_on("categories", CATEGORY)
        self._hands.tap_on("tiles", DISHES[0])
        self.until(lambda: terminal.in_hand() == 0 and self._hands.sees("send"))
        board = self._kitchen.board
        began_s = SystemClock().monotonic_s()
        self._hands.tap("send")
        self.until(lambda: bool(board.faces_on_show))
        painted = self._watch.count
        self.until(lambda: self._watch.count > painted)
        took_ms = (self._watch.ended_s - began_s) * 1000
        for face in board.faces_on_show:
            self._cooks.submit(self._marks.step(face, Step.BUMP))
        self.until(lambda: not board.faces_on_show and not self._is_busy(order_id))
        return took_ms

    def _is_busy(self, order_id: str) -> bool:
        view = self._waiters.order(order_id)
        return self._cooks.in_hand() > 0 or view is None or view.waiting > 0


@contextmanager
def _house(app: QApplication, served: Served, folder: Path) -> Iterator[House]:
    """Both devices know the menu and the staff, and somebody is logged in."""
    ours = served.enrol(folder / "till"), served.enrol(folder / "kitchen", kind=DeviceKind.KDS)
    with closing(open_terminal(ours[0])) as waiters, closing(open_terminal(ours[1])) as cooks:
        till = TillWindow(make_holder(app, ours[0]), waiters, Bridge())
        kitchen = KitchenWindow(make_holder(app, ours[1]), cooks, Bridge(), SystemClock())
        house = House(app, till, kitchen, (waiters, cooks))
        for window, size in ((till, TILL_SIZE), (kitchen, BOARD_SIZE)):
            window.resize(*size)
            window.show()
        for terminal in (waiters, cooks):
            terminal.start()
        house.until(lambda: all(one.staff.staff and one.menu.items for one in (waiters, cooks)))
        till.session.log_in(waiters.staff.staff[0])
        try:
            yield house
        finally:
            till.screen_on_show.left()
            till.close()
            kitchen.close()


async def _echoes() -> list[float]:
    """Milliseconds from a request to the event that a server makes of it at once."""
    clock = SystemClock()
    found = []
    with answering() as url:
        async with (
            httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client,
            client.stream("GET", EVENTS_PATH, timeout=PATIENCE_S) as response,
        ):
            events = EventSource(response).aiter_sse()
            await anext(events)
            for _ in range(SENDS):
                began_s = clock.monotonic_s()
                await client.post("/pos/orders", json={"id": "01M80000000000000000000001"})
                await anext(events)
                found.append((clock.monotonic_s() - began_s) * 1000)
    return found
