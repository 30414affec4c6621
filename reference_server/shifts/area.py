"""The writes of the house: a till's drawer, working hours, and the end of the business day."""

from __future__ import annotations

from typing import Final

from reference_server.area import Area, Wish, Write
from reference_server.deps import Deps
from reference_server.effect import Alert, Effect
from reference_server.filling import Fields, Filler
from reference_server.shifts import attendance, days
from reference_server.storage import shifts
from reference_server.storage.seam import Connection
from shared.domain import shift as rules
from shared.domain.commands import Operation
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift import Shift
from shared.domain.shift_commands import CashMove, Clock, CloseDay, CloseShift, MoveCash, OpenShift, ShiftOperation
from shared.domain.versioned import Versioned
from shared.ids import is_ulid
from shared.money import Currency
from shared.wire.requests import DRAWER_KINDS, SHAPES, Kind, entity_of, kind_of


def _find(tx: Connection, asked: Write) -> Versioned | None:
    """What the path or the body names; None where nobody has heard of it, which is no fault here.

    A shift that is named before it is known is made empty, and filled by its opening.
    """
    wanted = asked.body.get("id") if asked.entity_id is None else asked.entity_id
    if not isinstance(wanted, str) or not is_ulid(wanted):
        if asked.entity_id is not None:
            raise CommandRejected(Refusal.NOT_FOUND, "This shift is not known here.")
        return None
    return _by_id(tx, asked.kind, wanted)


def _load(tx: Connection, command: Operation) -> Versioned | None:
    return _by_id(tx, kind_of(command), entity_of(command))


def _by_id(tx: Connection, kind: Kind, record_id: str) -> Versioned | None:
    if kind is Kind.CLOCK:
        return shifts.clocking(tx, record_id)
    return shifts.day(tx, record_id) if kind is Kind.CLOSE_DAY else shifts.shift(tx, record_id)


def _fill(filler: Filler, asked: Write, _: Versioned | None) -> Fields:
    alias = SHAPES[asked.kind].alias
    if asked.entity_id is not None:
        return filler.start(asked.body, **{alias: asked.entity_id})
    own = {name: value for name, value in asked.body.items() if name != "id"}
    wanted = asked.body.get("id")
    return filler.start(own, **{alias: filler.new_id() if wanted is None else wanted})


def _decide(tx: Connection, _: Deps, wish: Wish) -> Effect:
    command, entity = wish.command, wish.entity
    match command:
        case OpenShift() | MoveCash() | CloseShift():
            assert entity is None or isinstance(entity, Shift), "a shift's path names a shift"
            return _drawer(tx, wish, command=command, before=entity)
        case Clock():
            return attendance.decide(tx, wish, command=command)
        case CloseDay():
            return days.decide(tx, wish, command=command)
        case _:
            raise AssertionError("no other kind has a path here")


def _drawer(tx: Connection, wish: Wish, *, command: ShiftOperation, before: Shift | None) -> Effect:
    expected_minor = None
    if isinstance(command, CloseShift):
        known = before or rules.named(command.shift_id, wish.author)
        expected_minor = shifts.figures_of(tx, known).expected_minor
    after = rules.apply(before, command, wish.author, expected_minor=expected_minor)
    status = 201 if isinstance(command, OpenShift) else 200
    if after is before:
        return Effect(after, status=status)
    return Effect(after, (after,), status, alerts=_alerts(tx, wish, command=command, after=after))


def _alerts(tx: Connection, wish: Wish, *, command: ShiftOperation, after: Shift) -> tuple[Alert, ...]:
    """What a person has to know: a count that differs, money that came late, an older shift that was left open."""
    currency = wish.restaurant.business.currency
    match command:
        case CloseShift():
            return _difference(after, currency)
        case MoveCash() if not after.is_open and command.type is not CashMove.NO_SALE:
            amount = currency.text(command.amount_minor, symbol=True)
            words = f"{amount} ({command.reason}) was moved in a shift that was closed by then: it is recorded as late."
            return (Alert("shift_late", after.id, words),)
        case OpenShift():
            left = [one for one in shifts.open_shifts(tx, device=after.device_id) if one.id != after.id]
            words = "This till has opened a shift while an older one was not closed. Close that too."
            return (Alert("shift_left_open", left[0].id, words),) if left else ()
        case _:
            return ()


def _difference(after: Shift, currency: Currency) -> tuple[Alert, ...]:
    difference_minor = after.difference_minor
    if not difference_minor or after.counted_minor is None:
        return ()
    counted = currency.text(after.counted_minor, symbol=True)
    amount = currency.text(abs(difference_minor), symbol=True)
    short_or_over = "too little" if difference_minor < 0 else "too much"
    words = f"The drawer of {after.closed_by_name or 'a till'} was counted at {counted}: {amount} {short_or_over}."
    return (Alert("shift_count", after.id, words),)


AREA: Final = Area(
    kinds=DRAWER_KINDS | {Kind.CLOCK, Kind.CLOSE_DAY},
    find=_find,
    load=_load,
    body=shifts.body,
    fill=_fill,
    decide=_decide,
)
