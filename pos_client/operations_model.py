"""The operations of the sync panel as a table model: one row each, the state as a badge in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QDateTime, QModelIndex, QObject, QPersistentModelIndex, Qt

from pos_client import operation_words
from shared.qt.tokens import Tone
from shared.qt.widgets.table import AFTER_ROLE, STRONG_ROLE, TONE_ROLE
from shared.terminal import LinkView, OperationRow

TITLES = ("#", "Operation", "Order", "Taken", "Tries", "State")
STATE = len(TITLES) - 1
SHARES = {0: 0.06, 1: 0.26, 2: 0.14, 3: 0.09, 4: 0.07}
"""The least part of the width for each column but the last."""
Index = QModelIndex | QPersistentModelIndex
OPERATION = 1
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Cells:
    """A row as it is read; `detail` stands quietly after the operation, `tone` colours the state."""

    texts: tuple[str, ...]
    detail: str
    tone: Tone


class OperationsModel(QAbstractTableModel):
    """Read anew as a whole; rows that are the same are not painted again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Cells] = []

    def show_rows(self, rows: Sequence[OperationRow], link: LinkView, *, now_ms: int) -> None:
        """Show these rows."""
        cells = [self._cells(row, link, now_ms=now_ms) for row in rows]
        if cells == self._rows:
            return
        if len(cells) != len(self._rows):
            self.beginResetModel()
            self._rows = cells
            self.endResetModel()
            return
        self._rows = cells
        self.dataChanged.emit(self.index(0, 0), self.index(len(cells) - 1, STATE))

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[index.column()]
        if role == TONE_ROLE and index.column() == STATE:
            return row.tone
        if role == STRONG_ROLE:
            return index.column() == OPERATION
        if role == AFTER_ROLE and index.column() == OPERATION:
            return row.detail
        return None

    def words_of(self, row: int) -> str:
        """A whole row in words, for where a column is too narrow."""
        cells = self._rows[row]
        return " · ".join(
            text for text in (f"{cells.texts[OPERATION]} {cells.detail}".strip(), cells.texts[STATE]) if text
        )

    def _cells(self, row: OperationRow, link: LinkView, *, now_ms: int) -> Cells:
        state, tone = operation_words.operation_state(row, link, now_ms=now_ms)
        taken = QDateTime.fromMSecsSinceEpoch(row.created_at_ms).toString("HH:mm:ss")
        return Cells((str(row.seq), row.what, row.entity, taken, str(row.sends), state), row.detail, tone)
