"""A kitchen of the night: the real program's terminal and board, and a cook who starts, readies and bumps tickets.

`python -m demo.kitchen FOLDER SEED`. Says how it stands on standard output, one JSON line twice a second.
"""

import faulthandler
import json
import os
import random
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from demo.cook import Cook
from demo.journal import Journal
from demo.stage import KITCHEN, as_hung, show
from kds_client.window import Window
from shared.clock import SystemClock
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.settings import load_settings

STEP_MS = 100
TELL_MS = 400


def main() -> int:
    """Open the kitchen and cook."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    night = folder.parent
    faulthandler.enable()  # a crash leaves its place in the log
    app = QApplication(sys.argv[:1])
    settings = load_settings(folder / "settings.toml")
    terminal = open_terminal(settings)
    window = Window(make_holder(app, as_hung(settings, app, KITCHEN)), terminal, Bridge(), SystemClock())
    show(window, KITCHEN)
    terminal.start()
    cook = Cook(
        window,
        terminal,
        pictures=night / "pictures",
        journal=Journal(night / "journal" / f"{folder.name}.jsonl", device=folder.name),
        chance=random.Random(seed),
    )

    def tell() -> None:
        waiting, attention = terminal.desk.counts()
        said = {"left": cook.left, "waiting": waiting, "attention": attention, "trouble": [], "band": cook.band}
        os.write(1, json.dumps(said).encode() + b"\n")

    timers = []
    for every_ms, act in ((STEP_MS, cook.step), (TELL_MS, tell)):
        timer = QTimer()
        timer.timeout.connect(act)
        timer.start(every_ms)
        timers.append(timer)
    signal.signal(signal.SIGTERM, lambda *_: app.quit())
    app.exec()
    terminal.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
