"""A kitchen screen is SIGKILLed with marks that no server has: tickets and marks are there again, and arrive once."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

from demo.check import check
from demo.journal import read_all
from shared.database import open_reader
from tests.end_to_end.crash_rows import operations_in, remains_in
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.watched_process import WatchedProcess

SHOWN = {"START": "IN_PROGRESS", "BUMP": "BUMPED"}
LEAST_TICKETS = 4


def test_marks_made_without_a_server_survive_a_kill_and_arrive_once(tmp_path: Path) -> None:
    night = open_night(tmp_path, "till-1", "kitchen-1")
    try:
        tickets = ring_up(night)
        first = night.start("kitchen-1", "1", "mark")
        first.hear("tickets")
        night.server.kill()
        first.hear("saved", LEAST_TICKETS)
        first.kill()
        second = night.start("kitchen-1", "2", "look")
        second.hear("looked")
        second.kill()
        assert shown(second) == after_marks(night, tickets)
        assert {name for word, name in first.said if word == "saved"} <= remains_in(
            night.file_of("kitchen-1")
        ).unsettled
        night.server.start()
        night.drain("kitchen-1", "till-1")
        assert night.server.stop() == 0
    finally:
        night.close()

    findings = check(tmp_path)
    assert findings.is_clean, findings
    states = remains_in(night.file_of("kitchen-1")).states
    assert set(states.values()) == {"SUCCESS"}
    assert states.keys() <= operations_in(night.server_file)
    marks = Counter(ticket for _, ticket in marks_in(night))
    assert changes_of_tickets(night, tickets) == {ticket: 1 + marks[ticket] for ticket in tickets}


def ring_up(night: KillNight) -> set[str]:
    """Let a real till send some orders; the tickets that the server made of them."""
    till = night.start("till-1", "1")
    till.hear("answer", 20)
    till.kill()
    night.drain("till-1")
    with closing(open_reader(night.server_file)) as reader:
        tickets = {str(one) for (one,) in reader.execute("SELECT id FROM ticket").fetchall()}
    assert len(tickets) >= LEAST_TICKETS
    return tickets


def shown(kitchen: WatchedProcess) -> dict[str, str]:
    """What a kitchen said that its board shows: the stage of each ticket."""
    return {name: word for word, name in kitchen.said if word in ("QUEUED", *SHOWN.values())}


def after_marks(night: KillNight, tickets: set[str]) -> dict[str, str]:
    """What the board has to show: each ticket as its last mark in the file of the dead left it."""
    stages = dict.fromkeys(tickets, "QUEUED")
    for kind, ticket_id in marks_in(night):
        stages[ticket_id] = SHOWN["START" if kind == "start_ticket" else "BUMP"]
    for entry in read_all(night.folder / "journal"):
        if entry.event == "marked":
            assert stages[entry.text("ticket")] in (SHOWN[entry.text("mark")], "BUMPED")
    return stages


def marks_in(night: KillNight) -> list[tuple[str, str]]:
    """The marks in the kitchen's file, in their order: kind and ticket."""
    with closing(open_reader(night.file_of("kitchen-1"))) as reader:
        rows = reader.execute("SELECT kind, entity_id FROM operation ORDER BY seq").fetchall()
    return [(str(kind), str(ticket_id)) for kind, ticket_id in rows]


def changes_of_tickets(night: KillNight, tickets: set[str]) -> dict[str, int]:
    """How often the server changed each ticket, its making included."""
    with closing(open_reader(night.server_file)) as reader:
        rows = reader.execute("SELECT entity_id, count(*) FROM change GROUP BY entity_id").fetchall()
    return {str(entity): int(str(count)) for entity, count in rows if entity in tickets}
