"""Who somebody was when a till did something: what it did while it was cut off is judged by the roles of that time."""

from __future__ import annotations

from typing import Final, NamedTuple

from reference_server.storage.catalogue import Restaurant
from reference_server.storage.standings import Standing
from shared.domain.approvals import APPROVERS
from shared.domain.menu import Role
from shared.times import from_rfc3339

BELIEVED_MS: Final = 7 * 24 * 3600 * 1000
"""A moment that is longer ago proves nothing: such a request is judged by the roles of now.

As long as a device keeps what it did: no role that ended before can be used by a request that is dated back.
"""
EARLY_MS: Final = 60 * 1000
"""A right counts so long before it was given: a till that has heard of it may have a clock that is behind."""


class Member(NamedTuple):
    """What somebody of the staff was at a moment; without a role, who did not work here then."""

    id: str
    name: str
    role: Role | None
    is_to_come: bool = False
    """Whether somebody without a role had not begun yet; else has left."""


def member_at(restaurant: Restaurant, staff_id: str, *, at: object, now_ms: int) -> Member | None:
    """Who this was at the moment `at`, a moment's text; None for whom no list ever named.

    Judged by now is what tells no moment, one to come, or one that is too long ago.
    """
    career = restaurant.careers.get(staff_id)
    if career is not None:
        at_ms = _moment_ms(at)
        if at_ms is not None and now_ms - BELIEVED_MS <= at_ms < now_ms:
            return _then(staff_id, career, at_ms)
    person = restaurant.people.get(staff_id)
    if person is not None:
        return Member(staff_id, person.name, person.role if person.active else None)
    return None if career is None else Member(staff_id, career[-1].name, None)


def _then(staff_id: str, career: tuple[Standing, ...], at_ms: int) -> Member:
    then, before = None, None
    for one in career:
        early_ms = EARLY_MS if _gives_rights(before, one.role) else 0
        if one.since_ms - early_ms <= at_ms:
            then = one
        before = one.role
    if then is None:
        return Member(staff_id, career[0].name, None, is_to_come=True)
    return Member(staff_id, then.name, then.role)


def _gives_rights(before: Role | None, after: Role | None) -> bool:
    if after is None:
        return False
    return before is None or (after in APPROVERS and before not in APPROVERS)


def _moment_ms(at: object) -> int | None:
    try:
        return from_rfc3339(at) if isinstance(at, str) else None
    except ValueError:
        return None
