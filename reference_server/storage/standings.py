"""Who works here as what, and since when: a row for each change of a person's role, in the server's time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reference_server.storage.seam import Connection
from shared.domain.menu import Role, StaffMember

STANDINGS: Final = """
-- What a person was from a moment on, in ms of the server's time. Whose role never changed has no row, and whose did
-- has one from 0 on for what was before. `role` is NULL for who does not work here.
CREATE TABLE standing (
    id INTEGER PRIMARY KEY,
    staff_id TEXT NOT NULL,
    since INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT
) STRICT;
"""

ALWAYS_MS: Final = 0
"""Since this moment is who had a role before anything was written down of it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person was from a moment on; without a role, who does not work here."""

    since_ms: int
    name: str
    role: Role | None


def keep(tx: Connection, *, before: Iterable[StaffMember], after: Iterable[StaffMember], now_ms: int) -> None:
    """Write down whose role is another from now on, in the transaction that changes the list."""
    were = {person.id: person for person in before}
    are = {person.id: person for person in after}
    known = {str(row[0]) for row in tx.execute("SELECT DISTINCT staff_id FROM standing").fetchall()}
    for staff_id in {**were, **are}:
        was, now = were.get(staff_id), are.get(staff_id)
        if _role(was) is _role(now):
            continue
        if was is not None and staff_id not in known:
            _add(tx, staff_id, Standing(ALWAYS_MS, was.name, _role(was)))
        named = now or was
        assert named is not None, "a name of one of the two lists"
        _add(tx, staff_id, Standing(now_ms, named.name, _role(now)))


def all_of(tx: Connection) -> Mapping[str, tuple[Standing, ...]]:
    """Whose role ever changed, each with what they were, in the order in which it was written."""
    found: dict[str, tuple[Standing, ...]] = {}
    for staff_id, since_ms, name, role in tx.execute("SELECT staff_id, since, name, role FROM standing ORDER BY id"):
        one = Standing(int(since_ms), str(name), None if role is None else Role(role))
        found[str(staff_id)] = (*found.get(str(staff_id), ()), one)
    return found


def count(tx: Connection) -> int:
    """How many were ever written down."""
    return int(tx.execute("SELECT count(*) FROM standing").get)


def _role(person: StaffMember | None) -> Role | None:
    return person.role if person is not None and person.active else None


def _add(tx: Connection, staff_id: str, one: Standing) -> None:
    tx.execute(
        "INSERT INTO standing (staff_id, since, name, role) VALUES (?, ?, ?, ?)",
        (staff_id, one.since_ms, one.name, None if one.role is None else one.role.value),
    )
