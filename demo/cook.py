"""The cook at one kitchen screen: takes the oldest ticket, starts it, readies it, bumps it; journals what is saved."""

import random
from dataclasses import dataclass, field

from demo.journal import Journal
from shared.clock import SystemClock
from shared.domain.commands import BumpTicket, ReadyTicket, StartTicket
from shared.domain.ticket import Stage, Ticket
from shared.ids import LineId, OperationId, StaffId
from shared.terminal import Terminal, TicketRow

STEPS: dict[Stage, tuple[type[StartTicket] | type[ReadyTicket] | type[BumpTicket], str]] = {
    Stage.QUEUED: (StartTicket, "START"),
    Stage.IN_PROGRESS: (ReadyTicket, "READY"),
    Stage.READY: (BumpTicket, "BUMP"),
}
COOKING_S = (0.8, 3.0)


@dataclass
class Cook:
    """One of several: each takes the tickets that fall to it by their id, so that they seldom mark the same one."""

    terminal: Terminal
    journal: Journal
    chance: random.Random
    _due_s: dict[str, float] = field(default_factory=dict)
    _unsure: dict[str, tuple[str, str, Stage]] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Tickets on the board, and marks that no screen has called saved yet."""
        return len(self.terminal.tickets()) + len(self._unsure)

    def step(self) -> None:
        """Mark at most one ticket whose time has come, and journal the marks that are on the disk."""
        self._journal_saved()
        now_s = SystemClock().monotonic_s()
        for row in self.terminal.tickets():
            key = f"{row.ticket.id}:{row.ticket.status}"
            if now_s >= self._due_s.setdefault(key, now_s + self.chance.uniform(*COOKING_S)):
                self._mark(row)
                return

    def _mark(self, row: TicketRow) -> None:
        ticket: Ticket = row.ticket
        if ticket.id in self._unsure:
            return
        kind, word = STEPS[ticket.status]
        command = kind(
            id=OperationId(self.terminal.new_id()),
            actor_id=StaffId("marco"),
            at=self.terminal.at(),
            ticket_id=ticket.id,
            round=ticket.round,
            line_ids=tuple(LineId(item.line_id) for item in ticket.items),
        )
        self.terminal.submit(command)
        self._unsure[ticket.id] = (command.id, word, ticket.status)

    def _journal_saved(self) -> None:
        """A mark is saved when nothing is in hand any more."""
        if self._unsure and self.terminal.in_hand() == 0:
            for ticket_id, (intent, word, _) in self._unsure.items():
                self.journal.write("marked", intent=intent, ticket=ticket_id, mark=word)
            self._unsure.clear()
