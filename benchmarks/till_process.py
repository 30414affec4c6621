"""The till's process that `start`, `memory` and `idle` measure: the program itself, and a look at it from inside."""

from shared.qt.prelude import prelude

prelude()

import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.bare_window import resident_mb
from benchmarks.paint_watch import PaintWatch
from pos_client.window import Window
from shared.clock import SystemClock
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder, when_painted
from shared.qt.sweeping import Sweeper
from shared.qt.warming import Warmer
from shared.settings import DeviceSettings


def main() -> None:
    """The till that is measured: show it, and say when it was painted, how large it is, how busy while left alone."""
    settings_json, idle_s = sys.argv[1:]
    settings = DeviceSettings.model_validate_json(settings_json)
    app = QApplication([])
    terminal = open_terminal(settings)
    window = Window(make_holder(app, settings), terminal, Bridge())
    window.resize(1366, 768)
    when_painted(window.screen_on_show, terminal.start)
    warmer = Warmer(window)
    when_painted(window.screen_on_show, warmer.start)
    window.show()
    watch = PaintWatch(window.screen_on_show)
    while not watch.count:
        app.processEvents()
    painted_s = watch.ended_s
    clock = SystemClock()
    window.screen_on_show.removeEventFilter(watch)
    window.screen_on_show.update()  # a paint that the window hears of too: with it the other screens begin to be built
    while not (window.is_built and warmer.is_done):
        app.processEvents()
    memory_mb = resident_mb()
    before_s, began_s = _spent_s(), clock.monotonic_s()
    sweeper = Sweeper(window)
    QTimer.singleShot(int(float(idle_s) * 1000), app.quit)
    app.exec()
    share = (_spent_s() - before_s) / (clock.monotonic_s() - began_s)
    sys.stdout.write(f"{painted_s} {memory_mb} {share}\n")
    sweeper.stop()
    window.screen_on_show.left()
    window.close()
    terminal.close()


def _spent_s() -> float:
    times = os.times()
    return times.user + times.system


if __name__ == "__main__":
    main()
