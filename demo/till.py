"""A till of the night: the real program's window and terminal, and a waiter who follows the plan with real taps.

`python -m demo.till FOLDER PLAN.json DOORS`: FOLDER holds the till's settings; the file DOORS, once it is there, says
when the doors open, in ms since 1970. Says how it stands on standard output, one JSON line twice a second. SIGTERM ends
it in order; after a SIGKILL it is started again with the same words and goes on where its notes and its own file say.
"""

import faulthandler
import json
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from demo.journal import Journal
from demo.notes import Notes
from demo.stage import TILL, as_hung, show
from demo.waiter import Waiter
from pos_client.window import Window
from shared.opening import open_terminal
from shared.qt.bridge import Bridge
from shared.qt.starting import make_holder
from shared.settings import load_settings

STEP_MS = 15
TELL_MS = 400


def main() -> int:
    """Open the till and play."""
    folder, plan, doors = (Path(word) for word in sys.argv[1:4])
    night = folder.parent
    faulthandler.enable()  # a crash leaves its place in the log
    app = QApplication(sys.argv[:1])
    settings = load_settings(folder / "settings.toml")
    terminal = open_terminal(settings)
    holder = make_holder(app, as_hung(settings, app, TILL))
    window = Window(holder, terminal, Bridge())
    show(window, TILL)
    terminal.start()
    waiter = Waiter(
        window,
        terminal,
        tasks=json.loads(plan.read_text())[folder.name],
        journal=Journal(night / "journal" / f"{folder.name}.jsonl", device=folder.name),
        notes=Notes(folder / "notes.jsonl"),
        pictures=night / "pictures",
        doors=doors,
    )

    def tell() -> None:
        waiting, attention = terminal.desk.counts()
        said = {
            "left": waiter.left,
            "waiting": waiting,
            "attention": attention,
            "trouble": waiter.troubles,
            "ready": waiter.is_ready,
            "pill": window.screen_on_show.pill.text(),
        }
        os.write(1, json.dumps(said).encode() + b"\n")

    timers = []
    for every_ms, act in ((STEP_MS, waiter.step), (TELL_MS, tell)):
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
