"""A kitchen screen without a window: `python -m tests.end_to_end.kitchen_process FOLDER SEED MODE`, until it is killed.

It says `open`, and then, `word name` a line: with `mark`, once it has tickets and no server, `tap` before it starts or
bumps one and `saved` when that is on the disk and journaled; with `look` one `QUEUED TICKET`, `IN_PROGRESS TICKET` or
`BUMPED TICKET` for each that it shows, then `looked`; with `drain` `settled` when nothing waits, and it ends when its
input is closed.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from demo.journal import Journal
from shared.domain.marks import BumpTicket, StartTicket
from shared.domain.ticket import Stage, Ticket
from shared.ids import OperationId, StaffId
from shared.opening import open_terminal
from shared.settings import load_settings
from shared.terminal import Terminal
from tests.end_to_end.news import News
from tests.end_to_end.watched_process import say


class Cook:
    """Marks the tickets of one screen while it has no server."""

    def __init__(self, terminal: Terminal, journal: Journal, chance: random.Random) -> None:
        self._terminal = terminal
        self._journal = journal
        self._chance = chance
        self._news = News(terminal)

    def wait_for_tickets(self) -> None:
        """Until the board shows something and the server is gone."""
        self._news.wait(lambda: bool(self._terminal.tickets()))
        say("tickets")
        self._news.wait(lambda: not self._terminal.link().state.is_up)

    def mark_all(self) -> None:
        """Start each ticket that is queued, in any order, and bump every second one."""
        rows = [row for row in self._terminal.tickets() if row.ticket.status is Stage.QUEUED]
        self._chance.shuffle(rows)
        for place, row in enumerate(rows):
            self._mark(StartTicket, "START", row.ticket)
            if place % 2:
                self._mark(BumpTicket, "BUMP", row.ticket)

    def look(self) -> None:
        """Say what the board shows, and what left it."""
        for row in (*self._terminal.tickets(), *self._terminal.recalled()):
            say(row.ticket.status, row.ticket.id)
        say("looked")

    def drain(self) -> None:
        """Until nothing waits."""
        self._news.wait(lambda: self._terminal.desk.counts()[0] == 0)
        say("settled")

    def _mark(self, kind: type[StartTicket] | type[BumpTicket], word: str, ticket: Ticket) -> None:
        mark = kind(
            id=OperationId(self._terminal.new_id()),
            actor_id=StaffId("marco"),
            at=self._terminal.at(),
            ticket_id=ticket.id,
            line_ids=tuple(item.line_id for item in ticket.items),
        )
        say("tap", mark.id)
        self._terminal.submit(mark)
        self._news.wait(lambda: self._terminal.in_hand() == 0)
        self._journal.write("marked", intent=mark.id, ticket=ticket.id, mark=word)
        say("saved", mark.id)


def main() -> None:
    """Do what the mode says, and wait for the killer."""
    folder, seed, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    terminal = open_terminal(load_settings(folder / "settings.toml"))
    journal = Journal(folder.parent / "journal" / f"{folder.name}.jsonl", device=folder.name)
    cook = Cook(terminal, journal, random.Random(seed))
    terminal.start()
    say("open")
    match mode:
        case "mark":
            cook.wait_for_tickets()
            cook.mark_all()
        case "look":
            cook.look()
        case _:
            terminal.try_now()
            cook.drain()
    sys.stdin.read()
    terminal.close()


if __name__ == "__main__":
    main()
