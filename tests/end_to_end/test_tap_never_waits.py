"""A tap waits for nobody: not for a server that accepts and never answers, not for a disk that stands still."""

from pathlib import Path
from threading import Event

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.till import hanging_server, open_device
from demo.hands import Hands
from pos_client.window import Window
from shared.clock import SystemClock
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.terminal import LineStage

DISH = "soup-of-the-day"
TAPS = 12
SOON_S = 20.0


def test_every_tap_is_on_the_screen_while_disk_and_server_hang_and_saved_while_the_server_still_hangs(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    with hanging_server() as port:
        device = open_device(tmp_path, port)
        terminal = device.terminal
        window = Window(make_holder(qapp, terminal.settings), terminal, Bridge())
        window.resize(1366, 768)
        window.show()
        qtbot.waitExposed(window)
        window.session.log_in(terminal.staff.staff[0])
        terminal.start()
        window.tables.order_wanted.emit(terminal.new_id(), "")
        hands, clock = Hands(window), SystemClock()
        go_on = Event()
        device.writer.submit(lambda _: go_on.wait(timeout=SOON_S))

        for number in range(TAPS):
            hands.tap_on("tiles", DISH)
            view = window.order.taps.view
            assert view is not None
            assert view.saving
            assert sum(line.quantity for line in view.lines) == number + 1
        hands.tap("send")
        shown = window.order.taps.view
        assert shown is not None
        assert [line.stage for line in shown.lines] == [LineStage.SAVING]
        assert terminal.in_hand() == TAPS + 1

        go_on.set()
        until_s = clock.monotonic_s() + SOON_S
        while terminal.in_hand() and clock.monotonic_s() < until_s:
            qapp.processEvents()
        saved = window.order.taps.view
        assert saved is not None
        assert [line.stage for line in saved.lines] == [LineStage.SAVED]
        assert saved.waiting == 3
        window.screen_on_show.left()
        window.close()
        terminal.close()
