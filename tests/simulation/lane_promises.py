"""What the files of a night say about lanes, beside `demo.check`: who depends on whom, and what a send takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from shared.database import Connection, open_reader
from shared.domain.commands import AddLine, ChangeOrder, Operation, SendToKitchen
from shared.domain.ticket import Ticket
from shared.ids import derived_id
from shared.wire.requests import MONEY_KINDS, Kind, decode


def broken_in_lanes(folder: Path) -> list[str]:
    """In words what the files of this night break."""
    sends: dict[str, frozenset[str]] = {}
    broken: list[str] = []
    for path in sorted(folder.glob("till-*/pos.sqlite")):
        with closing(open_reader(path)) as reader:
            broken += went_all_the_same(reader)
            sends |= shown_by(reader)
    with closing(open_reader(folder / "server" / "server.sqlite")) as reader:
        broken += sent_unseen(reader, sends)
    return broken


def went_all_the_same(till: Connection) -> Iterator[str]:
    """Promise 3: what was meant on top of something that met a conflict does not happen without it; money does."""
    conflicts: Sequence[tuple[Any, ...]] = till.execute(
        "SELECT seq, entity_id, place, settled_at FROM operation WHERE reason = 'CONFLICT' AND last_status = 409"
    ).fetchall()
    for first, entity_id, place, settled_at in conflicts:
        touched = _touched(_command(till, first))
        later: Sequence[tuple[Any, ...]] = till.execute(
            "SELECT seq, kind FROM operation WHERE entity_id = ? AND (place, seq) > (?, ?) AND created_at < ?"
            " AND status = 'SUCCESS'",
            (entity_id, place, first, settled_at),
        ).fetchall()
        for seq, kind in later:
            if Kind(kind) not in MONEY_KINDS and touched & _touched(_command(till, seq)):
                yield f"3: operation {seq} happened without operation {first} on which it stood"


def shown_by(till: Connection) -> dict[str, frozenset[str]]:
    """For each send of this till the lines that its screen showed."""
    kinds = (Kind.SEND_TO_KITCHEN, Kind.FIRE_COURSE)
    rows = till.execute("SELECT seq, id FROM operation WHERE kind IN (?, ?)", kinds).fetchall()
    return {str(name): frozenset(_touched(_command(till, seq))) for seq, name in rows}


def sent_unseen(server: Connection, sends: dict[str, frozenset[str]]) -> Iterator[str]:
    """Promise 8: a send takes the lines that its screen showed, and nothing else."""
    for (body,) in server.execute("SELECT body FROM ticket").fetchall():
        ticket = Ticket.model_validate_json(bytes(body))  # type: ignore[arg-type]
        for name, shown in sends.items():
            if ticket.id == derived_id(name, ticket.station):
                yield from (
                    f"8: line {item.line_id} was sent by a screen that did not show it"
                    for item in ticket.items
                    if item.line_id not in shown
                )


def _command(till: Connection, seq: Any) -> Operation:
    row: Any = till.execute("SELECT kind, id, path, body FROM operation WHERE seq = ?", (seq,)).fetchone()
    kind, name, path, body = row
    return decode(Kind(kind), operation_id=name, path=path, body=body)


def _touched(command: Operation) -> set[str]:
    match command:
        case ChangeOrder():
            lines = (c.line.id if isinstance(c, AddLine) else getattr(c, "line_id", None) for c in command.changes)
            return set(filter(None, lines))  # what is taken off a whole order names none
        case SendToKitchen():
            return set(command.line_ids)
        case _:
            return set()
