"""Who went past this till's clock, read from its own operations; the server knows of the other tills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from shared.database import Connection
from shared.domain.attendance import Clocking, Hours, clocked, hours
from shared.domain.shift_commands import Clock
from shared.store.frozen import command_in
from shared.store.scenes import AuthorOf
from shared.wire.requests import Kind

_MOST: Final = 2000
#: What was refused for good or given up is nobody's hours.
_CLOCKED: Final = """
    SELECT id, path, body FROM operation WHERE kind = 'clock' AND (status <> 'FAILED' OR settled_at IS NULL)
    ORDER BY seq DESC LIMIT ?"""


def read(tx: Connection, *, now_ms: int, author_of: AuthorOf) -> tuple[Hours, ...]:
    """The stays of everybody who used this clock in the last days, each person's oldest first."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(_CLOCKED, (_MOST,)).fetchall()
    by_person: dict[str, list[Clocking]] = {}
    for operation_id, path, body in rows:
        command = command_in(Kind.CLOCK, operation_id, path=path, body=body)
        if isinstance(command, Clock):
            name = author_of(command.person_id).actor_name
            made = clocked(command, author_of(command.actor_id), name=name)
            by_person.setdefault(command.person_id, []).append(made)
    return tuple(stay for each in by_person.values() for stay in hours(each, now_ms=now_ms))
