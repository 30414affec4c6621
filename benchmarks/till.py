"""A whole till for the measurements: the real window over a real file, and a server that never says a word."""

import random
import socket
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

from demo.hands import Hands
from pos_client.window import Window
from reference_server.catalogue import loading
from reference_server.main import DEMO_FILE
from shared.clock import SystemClock
from shared.connections import open_reader
from shared.database import Connection, Writer
from shared.opening import open_device_file
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.qt.sweeping import Sweeper
from shared.settings import DeviceSettings
from shared.store import catalog
from shared.store.house import House
from shared.sync.port import Announce, Sync
from shared.sync.transport import HttpTransport
from shared.sync.worker import Worker
from shared.terminal import Terminal
from shared.ulids import SystemUlids

SIZE: Final = (1366, 768)
PASSES: Final = 4
"""Turns of the event loop in which an announcement becomes a reading, a repaint and a paint."""
_RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Device:
    """A terminal with what is under it. `announce` is what its worker calls after a commit of its own."""

    terminal: Terminal
    writer: Writer
    connection: Connection
    announce: Announce


@dataclass(frozen=True, slots=True)
class Till:
    """The window on show over a device, and a hand that taps it."""

    app: QApplication
    device: Device
    window: Window
    hands: Hands

    def until(self, done: Callable[[], bool]) -> float:
        """Let the window work until it is so. Returns the longest that it was busy in one go, in ms."""
        clock = SystemClock()
        longest_s = 0.0
        while not done():
            began_s = clock.monotonic_s()
            self.app.processEvents()
            longest_s = max(longest_s, clock.monotonic_s() - began_s)
        return longest_s * 1000

    def settle(self) -> float:
        """Let the window do what is due now, paints included. Returns the longest that it was busy in one go, in ms."""
        passes = iter(range(PASSES))
        return self.until(lambda: next(passes, None) is None)

    def open_order(self) -> None:
        """A new takeaway order on the screen."""
        self.window.tables.order_wanted.emit(self.device.terminal.new_id(), "")
        self.app.processEvents()


@contextmanager
def open_till(*, loss: float = 0.0) -> Iterator[Till]:
    """A till on show, somebody logged in, its worker sending to a server that accepts and never answers."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    with hanging_server(loss=loss) as port, tempfile.TemporaryDirectory() as folder:
        device = open_device(Path(folder), port)
        terminal = device.terminal
        window = Window(make_holder(app, terminal.settings), terminal, Bridge())
        window.resize(*SIZE)
        window.show()
        window.session.log_in(terminal.staff.staff[0])
        terminal.start()
        sweeper = Sweeper(window)
        try:
            yield Till(app, device, window, Hands(window))
        finally:
            sweeper.stop()
            window.screen_on_show.left()
            window.close()
            terminal.close()


def open_device(folder: Path, port: int) -> Device:
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
    connection = open_device_file(settings.database_path, ulids=ulids)
    writer = Writer(connection)
    restaurant = loading.read(DEMO_FILE.read_bytes())
    parts = (("menu", restaurant.menu), ("floor", restaurant.floor), ("staff", restaurant.staff))

    def put(tx: Connection) -> None:
        for name, part in (*parts, ("settings", restaurant.business)):
            if part is not None:
                catalog.put(tx, name=name, etag="1", body=part.to_json(), now_ms=0)

    writer.submit(put).result()
    told: list[Announce] = []

    def make_sync(announce: Announce) -> Sync:
        told.append(announce)
        transport = HttpTransport(str(settings.server_url), settings.token, certificate=settings.server_certificate)
        return Worker(writer, transport, clock, random=random.Random(1), kind="pos", announce=announce)

    terminal = Terminal(
        settings=settings,
        writer=writer,
        reader=open_reader(settings.database_path),
        house=House(open_reader(settings.database_path), device_id="bench"),
        clock=clock,
        ulids=ulids,
        make_sync=make_sync,
    )
    return Device(terminal, writer, connection, told[0])


@contextmanager
def hanging_server(*, loss: float = 0.0) -> Iterator[int]:
    """Accepts everybody and never says a word; of the connections, the share `loss` is torn at once."""
    kept: list[socket.socket] = []
    chance = random.Random(1)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                if chance.random() < loss:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
                    connection.close()
                else:
                    kept.append(connection)

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
    for connection in kept:
        connection.close()
