"""Shifts, clockings and business days as they stand, and the money that each shift took, once for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar, assert_never

from reference_server.effect import Booked, Ended
from reference_server.storage import parsed
from reference_server.storage.changes import Entity
from reference_server.storage.seam import Connection
from shared.domain.attendance import Clocking
from shared.domain.bill import Method
from shared.domain.business_day import BusinessDay
from shared.domain.model import Model
from shared.domain.shift import Figures, MethodSum, OrdersSum, Shift, figures
from shared.ids import derived_id
from shared.wire.agreement import AgreeAnswer

M = TypeVar("M", bound=Model)

_PUT: Final = """
INSERT INTO house_record (id, kind, revision, version, owner, is_open, at, changed_at, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, version = excluded.version, owner = excluded.owner,
    is_open = excluded.is_open, at = excluded.at, changed_at = excluded.changed_at, body = excluded.body
"""
_MOST: Final = 5000
"""So many clockings are looked through at once: some weeks of a large house."""


def put(tx: Connection, one: Shift | Clocking | BusinessDay, *, revision: int, at_ms: int, body: bytes) -> None:
    """Write its row, under the revision that its change has."""
    match one:
        case Shift():
            place = (Entity.SHIFT.value, revision, one.version, one.device_id, int(one.is_open), one.opened_at or "")
        case Clocking():
            place = (Entity.CLOCKING.value, revision, one.version, one.staff_id, 0, one.at)
        case BusinessDay():
            place = (Entity.DAY.value, revision, one.version, one.day, 0, one.closed_at)
        case _:
            assert_never(one)
    tx.execute(_PUT, (one.id, *place, at_ms, body))


def body(tx: Connection, record_id: str) -> bytes | None:
    """The record's JSON as it travels."""
    found = tx.execute("SELECT body FROM house_record WHERE id = ?", (record_id,)).get
    return None if found is None else bytes(found)


def shift(tx: Connection, shift_id: str) -> Shift | None:
    """The shift with this id."""
    return _read(tx, shift_id, kind=Entity.SHIFT, model=Shift)


def clocking(tx: Connection, clocking_id: str) -> Clocking | None:
    """The clocking with this id."""
    return _read(tx, clocking_id, kind=Entity.CLOCKING, model=Clocking)


def day(tx: Connection, day_id: str) -> BusinessDay | None:
    """The end of a business day with this id."""
    return _read(tx, day_id, kind=Entity.DAY, model=BusinessDay)


def last_day(tx: Connection) -> tuple[str, int]:
    """The business day that was ended last, and when (ms since 1970); an empty name and 0 before the first."""
    row = tx.execute(
        "SELECT id, changed_at FROM house_record WHERE kind = ? ORDER BY at DESC LIMIT 1", (Entity.DAY.value,)
    ).fetchone()
    return ("", 0) if row is None else (str(row[0]), int(row[1]))


def _read(tx: Connection, record_id: str, *, kind: Entity, model: type[M]) -> M | None:
    found = tx.execute("SELECT body FROM house_record WHERE id = ? AND kind = ?", (record_id, kind.value)).get
    return None if found is None else parsed.entity(model, bytes(found))


def open_shifts(tx: Connection, *, device: str | None = None) -> tuple[Shift, ...]:
    """The shifts that were not closed, of one device or of all, oldest first."""
    rows = tx.execute(
        "SELECT body FROM house_record WHERE kind = ?1 AND is_open = 1"
        " AND (CAST(?2 AS TEXT) IS NULL OR owner = ?2) ORDER BY at LIMIT 200",
        (Entity.SHIFT.value, device),
    )
    return tuple(Shift.model_validate_json(found) for (found,) in rows)


def clockings(tx: Connection, *, since: str, staff_id: str | None = None) -> tuple[Clocking, ...]:
    """Who came and went since a moment, the latest first: one person, or all."""
    if staff_id is None:
        rows = tx.execute(
            "SELECT body FROM house_record WHERE kind = ? AND at >= ? ORDER BY at DESC LIMIT ?",
            (Entity.CLOCKING.value, since, _MOST),
        )
    else:
        rows = tx.execute(
            "SELECT body FROM house_record WHERE kind = ? AND owner = ? AND at >= ? ORDER BY at DESC LIMIT ?",
            (Entity.CLOCKING.value, staff_id, since, _MOST),
        )
    return tuple(Clocking.model_validate_json(found) for (found,) in rows)


def book(tx: Connection, booked: Iterable[Booked], ended: Iterable[Ended], *, at_ms: int) -> None:
    """Write down what a shift took and which orders it ended. What is there already stays as it is."""
    for one in booked:
        tx.execute(
            "INSERT INTO shift_payment (id, shift_id, order_id, method, amount_minor, tip_minor, late, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (
                *(one.id, one.shift_id, one.order_id, one.method.value),
                *(one.amount_minor, one.tip_minor, int(one.late), at_ms),
            ),
        )
    for one_order in ended:
        order = one_order.order
        tx.execute(
            "INSERT INTO shift_order (order_id, shift_id, is_void, total_minor, voids, voided_minor, discounted_minor)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING",
            (
                *(order.order_id, one_order.shift_id, int(order.is_void), order.total_minor),
                *(order.voids, order.voided_minor, order.discounted_minor),
            ),
        )


def figures_of(tx: Connection, one: Shift) -> Figures:
    """What an X or a Z report of this shift adds up, of all that is known here now."""
    rows = tx.execute(
        "SELECT method, late, count(*), sum(amount_minor), sum(tip_minor) FROM shift_payment"
        " WHERE shift_id = ? GROUP BY method, late ORDER BY method",
        (one.id,),
    )
    taken: dict[int, list[MethodSum]] = {0: [], 1: []}
    for method, late, count, amount_minor, tip_minor in rows:
        taken[int(late)].append(
            MethodSum(method=Method(method), count=int(count), amount_minor=int(amount_minor), tip_minor=int(tip_minor))
        )
    return figures(one, taken[0], late=taken[1], orders=_orders(tx, one.id))


def _orders(tx: Connection, shift_id: str) -> OrdersSum:
    row = tx.execute(
        "SELECT count(*), coalesce(sum(is_void), 0), coalesce(sum(total_minor), 0), coalesce(sum(voids), 0),"
        " coalesce(sum(voided_minor), 0), coalesce(sum(discounted_minor), 0) FROM shift_order WHERE shift_id = ?",
        (shift_id,),
    ).fetchone()
    count, voided_orders, sales_minor, voids, voided_minor, discounted_minor = (int(one) for one in row)
    return OrdersSum(
        orders=count - voided_orders,
        sales_minor=sales_minor,
        voided_orders=voided_orders,
        voids=voids,
        voided_minor=voided_minor,
        discounted_minor=discounted_minor,
        refunded_minor=_refunded_minor(tx, shift_id),
    )


def _refunded_minor(tx: Connection, shift_id: str) -> int:
    """What went back in this shift, less what its gateway has refused to give back while it went on."""
    rows = tx.execute(
        "SELECT id, amount_minor FROM shift_payment"
        " WHERE shift_id = ? AND late = 0 AND (amount_minor < 0 OR method <> 'CASH')",
        (shift_id,),
    )
    moved = {str(one): int(amount_minor) for one, amount_minor in rows}
    given = (one for one, amount_minor in moved.items() if amount_minor < 0 and refused_id(one) not in moved)
    return -sum(moved[one] for one in given)


def refused_id(refund_id: str) -> str:
    """Under which id it is written down that a refund was not made after all."""
    return derived_id(refund_id, "refused")


def keep_agreement(tx: Connection, shift_id: str, told: AgreeAnswer, *, at_ms: int) -> None:
    """Remember the last comparison of a shift; the Z report prints it."""
    tx.execute(
        "INSERT INTO shift_agreement (shift_id, compared, differing, at, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (shift_id) DO UPDATE SET compared = excluded.compared, differing = excluded.differing,"
        " at = excluded.at, body = excluded.body",
        (shift_id, told.compared, told.count, at_ms, told.to_json()),
    )


def agreement(tx: Connection, shift_id: str) -> AgreeAnswer | None:
    """The last comparison of a shift; None before the first one."""
    found = tx.execute("SELECT body FROM shift_agreement WHERE shift_id = ?", (shift_id,)).get
    return None if found is None else AgreeAnswer.model_validate_json(found)
