"""PySide6 must not lose a reference at each emit: 6.12.0 did on Python 3.11 and aborted after some 500 emits."""

from __future__ import annotations

import subprocess
import sys

EMITS = 100_000

# In a child, because an abort takes the whole process; a bool, because `True` was the object that ran out.
CHILD = f"""
from PySide6.QtCore import QObject, Signal

class Bell(QObject):
    rung = Signal(bool)

heard = 0

def hear(value):
    global heard
    heard += value

bell = Bell()
bell.rung.connect(hear)
for _ in range({EMITS}):
    bell.rung.emit(True)
print(heard)
"""


def test_a_signal_can_be_emitted_a_hundred_thousand_times() -> None:
    child = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=False, timeout=120)
    assert (child.returncode, child.stdout.strip(), child.stderr) == (0, str(EMITS), "")
