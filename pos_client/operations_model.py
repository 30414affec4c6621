"""The operations of the sync panel as a table model: one row each, the state as a badge in words."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QDateTime, QModelIndex, QObject, QPersistentModelIndex, Qt

from pos_client import words
from shared.qt.widgets.table import STRONG_ROLE, TONE_ROLE
from shared.terminal import LinkView, OperationRow

TITLES = ("#", "Operation", "Order", "Taken", "Tries", "State")
STATE = len(TITLES) - 1
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class OperationsModel(QAbstractTableModel):
    """Read anew as a whole; rows that are the same are not painted again."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[tuple[str, ...], Any]] = []

    def show_rows(self, rows: Sequence[OperationRow], link: LinkView, *, now_ms: int) -> None:
        """Show these rows."""
        cells = [self._cells(row, link, now_ms=now_ms) for row in rows]
        if [row for row, _ in cells] == [row for row, _ in self._rows]:
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
        texts, tone = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return texts[index.column()]
        if role == TONE_ROLE and index.column() == STATE:
            return tone
        if role == STRONG_ROLE:
            return index.column() == 1
        return None

    def _cells(self, row: OperationRow, link: LinkView, *, now_ms: int) -> tuple[tuple[str, ...], Any]:
        state, tone = words.operation_state(row, link, now_ms=now_ms)
        taken = QDateTime.fromMSecsSinceEpoch(row.created_at_ms).toString("HH:mm:ss")
        what = f"{row.what} {row.detail}".strip()
        return (str(row.seq), what, row.entity, taken, str(row.sends), state), tone
