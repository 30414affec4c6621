"""The demo's pictures: a program that is killed while it takes one leaves none, and never half of one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from demo.hands import photograph

DIES_BEFORE_THE_LAST_BYTE = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QSaveFile
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QLabel
from demo import hands

class Dying(QPixmap):
    def save(self, where, *kind):
        whole = super().save(where, *kind)
        if isinstance(where, QSaveFile):
            where.flush()
        os.kill(os.getpid(), signal.SIGKILL)
        return whole

hands.QPixmap = Dying
application = QApplication([])
hands.photograph(QLabel("half"), Path(sys.argv[1]))
"""


def test_a_picture_is_what_the_screen_shows(qtbot: QtBot, tmp_path: Path) -> None:
    label = QLabel("Table 12")
    qtbot.addWidget(label)
    label.resize(200, 100)

    photograph(label, tmp_path / "pictures" / "label.png")

    picture = QImage(str(tmp_path / "pictures" / "label.png"))
    assert (picture.width(), picture.height()) == (200, 100)
    assert [one.name for one in (tmp_path / "pictures").iterdir()] == ["label.png"]


def test_a_program_that_dies_over_a_picture_leaves_none(tmp_path: Path) -> None:
    path = tmp_path / "pictures" / "half.png"

    died = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE_THE_LAST_BYTE, str(path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )

    assert died.returncode == -9
    assert path.parent.is_dir()
    assert not path.exists()
