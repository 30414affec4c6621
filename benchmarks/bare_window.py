"""The process that a till's is compared with: one empty window of the same toolkit, and nothing else."""

import os
import sys
from pathlib import Path

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from shared.clock import SystemClock


class BareWindow(QWidget):
    """Knows whether it was painted."""

    painted = False

    def paintEvent(self, _: QPaintEvent) -> None:
        """Nothing to paint."""
        self.painted = True


def resident_mb() -> float:
    """What this process has in memory, in millions of bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def main() -> None:
    """Show it, and say when it was painted and how large the process is then."""
    app = QApplication([])
    window = BareWindow()
    window.resize(1366, 768)
    window.show()
    while not window.painted:
        app.processEvents()
    sys.stdout.write(f"{SystemClock().monotonic_s()} {resident_mb()} 0\n")


if __name__ == "__main__":
    main()
