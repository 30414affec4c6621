"""One turn of the replay as plain functions on a transaction, the same for the worker's thread and for a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from shared.business_time import device_day_start_ms
from shared.database import Connection
from shared.store import catalog, entities, left_over, meta, outbox, retained, retention, together
from shared.store.outcomes import Accepted, Deferred, Failed, Flight, Outcome, Taken
from shared.store.retention import Tidied
from shared.sync import backoff
from shared.sync.actions import Take
from shared.sync.reads import Page
from shared.sync.verdicts import CheckEntity, Later, NoAnswer, Paused, Verdict


@dataclass(frozen=True, slots=True)
class Landed:
    """A flight that is over, and what is to be stored about it."""

    flight: Flight
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Turned:
    """What a turn did: the ids that changed, and what it took (None if it was not asked to)."""

    changed: frozenset[str]
    taken: Taken | None


@dataclass(frozen=True, slots=True)
class Begun:
    """What the file says at the start. `resumed` operations were on their way when the last sender ended."""

    resumed: int
    cursor: str | None
    seen: str | None
    history: str
    clock_offset_ms: int


def begin(tx: Connection, *, clock_ms: int) -> Begun:
    """The first thing after the sender lock was taken: what was on its way goes again, under the same ids.

    What the program before could not read of the server's changes is asked for again. `clock_ms` is what this device's
    own clock says.
    """
    entities.go_back(tx)
    offset_ms = meta.offset_at_start(tx, clock_ms=clock_ms)
    resumed = outbox.reset_replaying(tx, now_ms=clock_ms + offset_ms)
    return Begun(resumed, entities.cursor(tx), retained.highest_seen(tx), meta.history(tx), offset_ms)


def turn(tx: Connection, *, landed: Sequence[Landed], take: Take | None, now_ms: int) -> Turned:
    """Settle all that came back together and take what may go next, in the caller's one transaction.

    An unsettled answer is only a replay, so answers may wait for each other; what is taken is durably REPLAYING before
    it is sent. Times in corrected ms since 1970.
    """
    changed: set[str] = set()
    for each in in_order(landed):
        changed |= outbox.settle(tx, each.flight, each.outcome, now_ms=now_ms)
        changed |= left_over.after_a_close(tx, each.flight, each.outcome, now_ms=now_ms)
        changed |= left_over.after_a_split(tx, each.flight.seq, each.outcome, now_ms=now_ms)
    taken: Taken | None = None
    if take is not None:
        if take.release:
            outbox.release_unanswered(tx, now_ms=now_ms)
        if take.together:
            taken = together.take(tx, most=take.together, alone=take.limit - 1, now_ms=now_ms)
        if taken is None:
            taken = outbox.take(tx, limit=take.limit, now_ms=now_ms, fewest_attempts=take.probe)
        changed.update(lane for flight in taken.flights for lane in flight.lanes)
    return Turned(frozenset(changed), taken)


def in_order(landed: Sequence[Landed]) -> list[Landed]:
    """First what goes again: a conflict that is stored after it finds it waiting in its lane, and takes it along."""
    return sorted(landed, key=lambda each: not isinstance(each.outcome, Deferred))


def store_page(tx: Connection, *, asked_from: str | None, page: Page, now_ms: int) -> frozenset[str] | None:
    """Rows, cursor and its history's name in one transaction; None if the file's cursor is not the one asked from."""
    stored = entities.store_page(tx, asked_from=asked_from, cursor=page.cursor, entities=page.entities, now_ms=now_ms)
    if stored is not None and page.unreadable and page.cursor:
        entities.remember_unreadable(tx, asked_from)
    if stored is not None:
        meta.stand_on(tx, page.history)
    return stored


def store_whole(tx: Connection, *, page: Page) -> frozenset[str]:
    """Rows without a cursor: an entity is replaced only by a higher version, so they can't undo anything."""
    return frozenset(entities.put_all(tx, page.entities))


def store_offset(tx: Connection, *, offset_ms: int, now_ms: int) -> None:
    """How far the server's clock is ahead by now; what waits is judged by that from here on."""
    meta.set_clock_offset(tx, offset_ms=offset_ms)
    outbox.bring_near(tx, now_ms=now_ms)


def tidy(tx: Connection, *, now_ms: int) -> Tidied:
    """Forget what nobody needs any more, by the server's time; the business day is that of the house."""
    day_start_ms = device_day_start_ms(now_ms, catalog.business(tx).timezone)
    return retention.tidy(tx, now_ms=now_ms, day_start_ms=day_start_ms)


def outcome_of(verdict: Verdict, flight: Flight, *, now_ms: int, chance: float) -> Outcome:
    """What to store for a verdict; for what has to go again: when. `chance` (0 to 1) jitters our own delays."""
    match verdict:
        case Accepted() | Failed():
            return verdict
        case NoAnswer() | CheckEntity():
            counts = isinstance(verdict, NoAnswer) and verdict.counts
            return Deferred(now_ms + _ms(backoff.delay_s(flight.sends, chance)), counts, None, verdict.error)
        case Later():
            wait_s = backoff.told_delay_s(verdict.after_s or 0.0, chance)
            if verdict.grows:
                wait_s = max(wait_s, backoff.delay_s(flight.sends, chance))
            return Deferred(now_ms + _ms(wait_s), verdict.counts, verdict.status, verdict.error)
        case Paused():
            return Deferred(now_ms, False, verdict.status, verdict.error)
        case _:
            assert_never(verdict)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
