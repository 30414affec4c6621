"""The two lists over the board: how much of what is to be cooked in all, and the tickets that can be called back."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kds_client.counts import all_day
from kds_client.ticket_face import items_in_short, table_words
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES
from shared.qt.widgets import EmptyState, Label, LineList, LineRow, Role
from shared.terminal import TicketRow

WIDE_MM, HIGH_MM = 180, 150


class AllDaySheet(QWidget):
    """Counts by item, with how they are wanted."""

    def __init__(self, holder: ThemeHolder, rows: Sequence[TicketRow]) -> None:
        super().__init__()
        self.setMinimumSize(holder.metrics.mm(WIDE_MM), holder.metrics.mm(HIGH_MM))
        column = QVBoxLayout(self)
        column.addWidget(Label("All day", role=Role.TITLE))
        counts = all_day(rows)
        if not counts:
            column.addWidget(
                EmptyState(holder, icon=IconName.CHECK, title="Nothing to cook", advice="All is ready."), 1
            )
            return
        self.lines = LineList(holder)
        column.addWidget(self.lines, 1)
        self.lines.set_rows(
            [
                LineRow(
                    key=count.name,
                    lead=f"{count.quantity}{TIMES}",
                    title=count.name,
                    detail=", ".join(f"{one.quantity} {one.words or 'plain'}" for one in count.variants),
                )
                for count in counts
            ]
        )


class RecallSheet(QWidget):
    """The last tickets that left the board; `chosen` carries the one to call back."""

    chosen = Signal(str)

    def __init__(self, holder: ThemeHolder, rows: Sequence[tuple[TicketRow, str]]) -> None:
        super().__init__()
        self.setMinimumSize(holder.metrics.mm(WIDE_MM), holder.metrics.mm(HIGH_MM))
        column = QVBoxLayout(self)
        column.addWidget(Label("Recall", role=Role.TITLE))
        if not rows:
            state = EmptyState(
                holder, icon=IconName.UNDO, title="Nothing to recall", advice="Bumped tickets stand here."
            )
            column.addWidget(state, 1)
            return
        self.lines = LineList(holder)
        self.lines.setObjectName("recall_list")
        self.lines.row_tapped.connect(self.chosen)
        column.addWidget(self.lines, 1)
        self.lines.set_rows(
            [
                LineRow(
                    key=row.ticket.id,
                    lead=table_words(row.table_name)[:8],
                    title=row.ticket.order_number,
                    amount=at,
                    detail=items_in_short(row.ticket),
                )
                for row, at in rows
            ]
        )
