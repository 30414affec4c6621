"""The till's process that `memory.hours` measures: hours of service by real taps, the clock put on between them."""

from shared.qt.prelude import prelude

prelude()

import sys
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from benchmarks.bare_window import resident_mb
from demo.hands import Hands, Steps
from pos_client.window import Window
from shared.clock import SystemClock
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.qt.sweeping import AT_THE_LATEST, Sweeper
from shared.settings import DeviceSettings
from shared.terminal import Terminal

HOUR_S: Final = 3600.0
LONGEST_S: Final = 60.0
DISHES: Final = ("chips-and-guacamole", "chips-and-salsa", "nachos", "chicken-wings", "jalapeno-poppers", "ceviche")
LOOK_AT_SYNC: Final = 10
"""Orders from one look at the screen of what waits to the next."""


class LaterClock(SystemClock):
    """The machine's stopwatch, put on by hand; the wall clock goes with it, since a till's goes by the stopwatch."""

    later_s = 0.0

    def monotonic_s(self) -> float:
        """The stopwatch, in seconds."""
        return super().monotonic_s() + self.later_s


class Service:
    """Somebody who rings up, sends and takes money at the till's window."""

    def __init__(self, app: QApplication, window: Window, terminal: Terminal) -> None:
        self._app, self._window, self._terminal = app, window, terminal
        self._hands = Hands(window)
        self._count = 0

    def hour(self, orders: int) -> None:
        """So many orders, each from its first dish to its money; then all is settled."""
        for _ in range(orders):
            self._count += 1
            self._play(self._order())
            if self._count % LOOK_AT_SYNC == 0:
                self._play(self._look())
        self.until(lambda: self._terminal.in_hand() == 0 and self._terminal.desk.counts()[0] == 0)

    def until(self, done: Callable[[], bool]) -> None:
        """Let the window work until it is so."""
        clock = SystemClock()
        latest_s = clock.monotonic_s() + LONGEST_S
        while not done():
            assert clock.monotonic_s() < latest_s, f"stuck on {type(self._window.screen_on_show).__name__}"
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def _play(self, steps: Steps) -> None:
        for done in steps:
            self.until(done)

    def _order(self) -> Steps:
        window, hands = self._window, self._hands
        yield from hands.to_tables()
        hands.tap("takeaway")
        yield lambda: window.screen_on_show is window.order
        if window.order.menu.tabs.current() != "starters":
            hands.tap_on("categories", "starters")
            yield lambda: DISHES[0] in hands.targets("tiles")
        for number in range(3):
            hands.tap_on("tiles", DISHES[(self._count + number) % len(DISHES)])
        yield lambda: hands.sees("send")
        hands.tap("send")
        yield lambda: hands.sees("pay")
        hands.tap("pay")
        yield lambda: window.screen_on_show is window.pay
        hands.tap("exact")
        yield lambda: hands.sees("take_money")
        hands.tap("take_money")
        yield lambda: hands.sees("done")
        hands.tap("done")
        yield lambda: window.screen_on_show is window.tables

    def _look(self) -> Steps:
        window, hands = self._window, self._hands
        hands.tap("pill")
        yield lambda: window.screen_on_show is window.sync
        hands.tap_on("sync_tabs", "sent")
        yield from hands.to_tables()


def main() -> None:
    """Open the till, let a person work at it, and say after each hour how large it is."""
    settings_json, hours, orders = sys.argv[1:]
    settings = DeviceSettings.model_validate_json(settings_json)
    app, clock = QApplication([]), LaterClock()
    terminal = open_terminal(settings, clock=clock)
    window = Window(make_holder(app, settings), terminal, Bridge())
    terminal.start()
    window.resize(1366, 768)
    window.show()
    sweeper = Sweeper(window)
    service = Service(app, window, terminal)
    service.until(lambda: window.is_built and bool(terminal.staff.staff) and bool(terminal.menu.items))
    for _ in range(int(hours)):
        service.hour(int(orders))
        for _ in range(AT_THE_LATEST):  # the window's timer would have come to the whole by itself
            sweeper.sweep()
        sys.stdout.write(f"{resident_mb()}\n")
        clock.later_s += HOUR_S
    sweeper.stop()
    window.screen_on_show.left()
    window.close()
    terminal.close()


if __name__ == "__main__":
    main()
