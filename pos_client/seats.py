"""Whose dish it is: one button for each seat of the table, and one for nobody in particular."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Label, Role, TouchButton

COLUMNS = 4
LEAST, MOST = 4, 20


class SeatSheet(QWidget):
    """`said` carries the seat, 0 for none. `chosen` is the one it is now."""

    said = Signal(int)

    def __init__(self, holder: ThemeHolder, *, seats: int, chosen: int | None) -> None:
        super().__init__()
        metrics = holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        column.addWidget(Label("Whose is it?", role=Role.TITLE))
        grid = QGridLayout()
        grid.setSpacing(metrics.space(2))
        for seat in range(min(max(seats, LEAST), MOST) + 1):
            button = TouchButton(holder, f"Seat {seat}" if seat else "Whole table", min_mm=(25, 14))
            button.setMinimumWidth(metrics.touch())
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # all columns alike
            button.setObjectName(f"seat:{seat}")
            button.setCheckable(True)
            button.setChecked(seat == (chosen or 0))
            button.clicked.connect(lambda _=False, asked=seat: self.said.emit(asked))
            grid.addWidget(button, seat // COLUMNS, seat % COLUMNS)
        for place in range(COLUMNS):
            grid.setColumnStretch(place, 1)
        column.addLayout(grid)
        column.addStretch(1)
