"""`tap`: from a finger's press to the painted line, with a server that accepts and never answers."""

import random
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.measure import Row, percentile
from demo.hands import Hands
from pos_client.window import Window
from reference_server.catalogue import loading
from reference_server.main import DEMO_FILE
from shared.clock import SystemClock
from shared.database import Connection, Writer, open_reader
from shared.opening import open_device_file
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.settings import DeviceSettings
from shared.store import catalog, meta
from shared.store.house import House
from shared.sync.transport import HttpTransport
from shared.sync.worker import Worker
from shared.terminal import Terminal
from shared.ulids import SystemUlids

TAPS: Final = 1_000
TAPS_AN_ORDER: Final = 20
FRAME_MS: Final = 1000 / 60
STALL_TAPS: Final = 200
SLOW_COMMIT_S: Final = 0.05
DISH: Final = "soup-of-the-day"


class Painted(QObject):
    """Notes when a widget was last painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Counts paint events."""
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return super().eventFilter(watched, event)


def run() -> list[Row]:
    """A thousand presses on a tile of the real window, then two hundred with a slow disk."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    with hanging_server() as port, tempfile.TemporaryDirectory() as folder:
        terminal, writer = open_device(Path(folder), port)
        window = Window(make_holder(app, terminal.settings), terminal, Bridge())
        window.resize(1366, 768)
        window.show()
        window.session.log_in(terminal.staff.staff[0])
        terminal.start()
        paints, saves = _tap_often(app, window, TAPS)
        commits = _commits(writer)
        stalls = _stalls(app, window, writer)
        window.screen_on_show.left()
        window.close()
        terminal.close()
    return [
        Row("tap.paint", percentile(paints, 0.99), 3 * FRAME_MS, "ms, p99", 1.0, at_most=True),
        Row(
            "tap.saved", percentile(saves, 0.99), percentile(commits, 0.99) + 3 * FRAME_MS, "ms, p99", 1.0, at_most=True
        ),
        Row("tap.stall", percentile(stalls, 0.99), FRAME_MS, "ms, p99", 1.0, at_most=True),
    ]


def _tap_often(app: QApplication, window: Window, taps: int) -> tuple[list[float], list[float]]:
    """Milliseconds from each press to the end of the paint that shows it, and to the paint that shows it saved."""
    clock, hands = SystemClock(), Hands(window)
    painted = Painted()
    window.order.side.lines.area.installEventFilter(painted)
    paints, saves = [], []
    for number in range(taps):
        if number % TAPS_AN_ORDER == 0:
            window.tables.order_wanted.emit(window.order.terminal.new_id(), "")
            app.processEvents()
        before = painted.count
        began_s = clock.monotonic_s()
        hands.tap_on("tiles", DISH)
        while painted.count == before:
            app.processEvents()
        paints.append((clock.monotonic_s() - began_s) * 1000)
        while (view := window.order.taps.view) is None or view.saving:
            app.processEvents()
        app.processEvents()
        saves.append((clock.monotonic_s() - began_s) * 1000)
    return paints, saves


def _commits(writer: Writer) -> list[float]:
    """Milliseconds of a bare write through the same writer, as the limit for *saved*."""
    clock = SystemClock()
    found = []
    for number in range(300):
        began_s = clock.monotonic_s()
        writer.submit(lambda tx, n=number: meta.put(tx, "benchmark", str(n))).result()  # type: ignore[misc]
        found.append((clock.monotonic_s() - began_s) * 1000)
    return found


def _stalls(app: QApplication, window: Window, writer: Writer) -> list[float]:
    """How long the GUI's loop was busy in one go, with 50 ms in front of every commit and nobody answering."""
    clock, hands = SystemClock(), Hands(window)
    gaps: list[float] = []
    last = [clock.monotonic_s()]
    stop = threading.Event()

    def slow_disk() -> None:
        while not stop.is_set():
            writer.submit(lambda _: stop.wait(SLOW_COMMIT_S)).result()

    def tick() -> None:
        now_s = clock.monotonic_s()
        gaps.append((now_s - last[0]) * 1000)
        last[0] = now_s

    thread = threading.Thread(target=slow_disk, daemon=True)
    thread.start()
    timer = QTimer()
    timer.timeout.connect(tick)
    timer.start(0)
    for number in range(STALL_TAPS):
        if number % TAPS_AN_ORDER == 0:
            window.tables.order_wanted.emit(window.order.terminal.new_id(), "")
        hands.tap_on("tiles", DISH)
        for _ in range(20):
            app.processEvents()
    timer.stop()
    stop.set()
    thread.join()
    return gaps


def open_device(folder: Path, port: int) -> tuple[Terminal, Writer]:
    """A real device on a new file, with the real worker and the demo restaurant."""
    clock = SystemClock()
    ulids = SystemUlids(clock)
    settings = DeviceSettings.model_validate(
        {
            "server_url": f"http://127.0.0.1:{port}",
            "device_id": "bench",
            "token": "x" * 32,
            "letter": "B",
            "data_dir": folder,
        }
    )
    writer = Writer(open_device_file(settings.database_path, ulids=ulids))
    restaurant = loading.read(DEMO_FILE.read_bytes())
    parts = (("menu", restaurant.menu), ("floor", restaurant.floor), ("staff", restaurant.staff))

    def put(tx: Connection) -> None:
        for name, part in (*parts, ("settings", restaurant.business)):
            if part is not None:
                catalog.put(tx, name=name, etag="1", body=part.to_json(), now_ms=0)

    writer.submit(put).result()
    transport = HttpTransport(str(settings.server_url), settings.token)
    chance = random.Random(1)
    terminal = Terminal(
        settings=settings,
        writer=writer,
        reader=open_reader(settings.database_path),
        house=House(open_reader(settings.database_path), device_id="bench"),
        clock=clock,
        ulids=ulids,
        make_sync=lambda announce: Worker(writer, transport, clock, random=chance, kind="pos", announce=announce),
    )
    return terminal, writer


@contextmanager
def hanging_server() -> Iterator[int]:
    """Accepts everybody and never says a word."""
    kept: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
    for connection, _ in kept:
        connection.close()
