"""The list of the last tickets that left the board; a tap on one brings it back."""

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kds_client.ages import clock_text
from kds_client.ticket_face import items_in_short, table_words
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import EmptyState, Ink, Label, LineList, LineRow, Role
from shared.terminal import TicketRow
from shared.times import from_rfc3339

_WIDE_MM, _HIGH_MM = 180, 150


class BumpedSheet(QWidget):
    """Goes on a sheet over the board. `chosen` carries the ticket to bring back."""

    chosen = Signal(str)

    def __init__(self, holder: ThemeHolder, rows: Sequence[TicketRow], *, zone: tzinfo) -> None:
        super().__init__()
        self.setMinimumSize(holder.metrics.mm(_WIDE_MM), holder.metrics.mm(_HIGH_MM))
        column = QVBoxLayout(self)
        column.addWidget(Label(self.tr("Bumped"), role=Role.TITLE))
        if not rows:
            title, advice = self.tr("Nothing was bumped yet"), self.tr("Tickets that leave the board stand here.")
            column.addWidget(EmptyState(holder, icon=IconName.UNDO, title=title, advice=advice), 1)
            return
        column.addWidget(Label(self.tr("Tap a ticket to bring it back to the board."), ink=Ink.MUTED))
        self.lines = LineList(holder)
        self.lines.setObjectName("bumped_list")
        self.lines.row_tapped.connect(self.chosen)
        column.addWidget(self.lines, 1)
        self.setFocusProxy(self.lines)
        self.lines.set_rows([_row(row, zone) for row in rows])


def _row(row: TicketRow, zone: tzinfo) -> LineRow:
    ticket = row.ticket
    who = " · ".join(
        part for part in (table_words(row.table_name), f"#{ticket.order_number}", ticket.waiter_name) if part
    )
    at = clock_text(from_rfc3339(ticket.updated_at), zone)
    return LineRow(key=ticket.id, lead="", title=who, amount=at, detail=items_in_short(ticket))
