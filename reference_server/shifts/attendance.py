"""What a clocking makes of a person's hours, and who is at work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from reference_server.area import Wish
from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.exchange import Response
from reference_server.rows import Asked
from reference_server.storage import shifts
from reference_server.storage.seam import Connection
from shared.business_time import zone
from shared.domain.approvals import APPROVERS
from shared.domain.attendance import Attendance, Clocking, Hours, clocked, hours
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import Clock, Way
from shared.times import from_rfc3339, to_rfc3339

LOOKED_BACK_MS: Final = 40 * 24 * 3600 * 1000
"""So far back hours are looked at: a month, and who forgot something in it."""


def decide(tx: Connection, wish: Wish, *, command: Clock) -> Effect:
    """The effect of a clocking. It is kept whatever was known: what it means shows in the hours."""
    before = wish.entity
    assert before is None or isinstance(before, Clocking), "an attendance names a clocking"
    person = wish.restaurant.people.get(command.person_id)
    if command.person_id != command.actor_id and wish.judge is not None:
        if wish.judge.role_of(command.actor_id) not in APPROVERS:
            raise CommandRejected(Refusal.FORBIDDEN, "Only a manager writes down the hours of somebody else.")
        if person is None:
            raise CommandRejected(Refusal.INVALID, "Nobody with this name works here.")
    if before is not None and command.id not in before.applied:
        raise CommandRejected(Refusal.INVALID, "This clocking was told already, as another one.")
    name = wish.author.actor_name if person is None else person.name
    now = before or clocked(command, wish.author, name=name)
    since = to_rfc3339(max(0, from_rfc3339(now.at) - LOOKED_BACK_MS))
    known = {one.id: one for one in shifts.clockings(tx, since=since, staff_id=now.staff_id)} | {now.id: now}
    stays = hours(known.values(), now_ms=max(wish.now_ms, from_rfc3339(now.at)))
    said = _said(now, stays, timezone=wish.restaurant.business.timezone)
    return Effect(now, () if before is now else (now,), 201, said=said)


def present(tx: Connection, deps: Deps, _: Asked) -> Response:
    """`GET /attendance`: who is at work, and who forgot to say that they came or left."""
    now_ms = deps.clock.now_ms()
    found = shifts.clockings(tx, since=to_rfc3339(now_ms - LOOKED_BACK_MS))
    by_person: dict[str, list[Clocking]] = {}
    for one in found:
        by_person.setdefault(one.staff_id, []).append(one)
    stays = [stay for each in by_person.values() for stay in hours(each, now_ms=now_ms)]
    shown = sorted(
        (stay for stay in stays if stay.is_in or stay.is_forgotten),
        key=lambda stay: (not stay.is_in, stay.came_at or stay.left_at or ""),
    )
    return Response(200, Attendance(hours=tuple(shown)).to_json())


def _said(now: Clocking, stays: tuple[Hours, ...], *, timezone: str) -> dict[str, object]:
    """What it means, in words: a second coming is no fault, and a forgotten one is named."""
    name = now.staff_name or now.staff_id
    own = next((stay for stay in stays if now.at in (stay.came_at, stay.left_at)), None)
    last = stays[-1]
    if now.type is Way.IN:
        if own is not None:
            forgot = any(stay.is_forgotten and stay.left_at is None and stay is not own for stay in stays)
            words = f"{name} is at work." + (" An earlier clock-out was forgotten: tell a manager." if forgot else "")
        else:
            covering = next((stay for stay in stays if stay.came_at is not None and _covers(stay, now.at)), last)
            words = f"{name} is clocked in already, since {_clock(covering.came_at, timezone)}."
    elif own is None:
        words = f"{name} has clocked out already."
    elif own.came_at is None:
        words = f"{name} has left. When {name} came was not told: tell a manager."
    else:
        words = f"{name} has left, and was here since {_clock(own.came_at, timezone)}."
    return {"isIn": last.is_in, "since": last.came_at if last.is_in else None, "message": words}


def _covers(stay: Hours, at: str) -> bool:
    return stay.came_at is not None and stay.came_at <= at and (stay.left_at is None or at <= stay.left_at)


def _clock(at: str | None, timezone: str) -> str:
    """A moment as the clock on the wall shows it."""
    if at is None:
        return "?"
    return datetime.fromtimestamp(from_rfc3339(at) / 1000, UTC).astimezone(zone(timezone)).strftime("%H:%M")
