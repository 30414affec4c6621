"""Pure: what a write is going to change. Deciding makes one of these, recording writes it: no half effect can exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from shared.domain.bill import Method
from shared.domain.menu import MenuItem
from shared.domain.order import Order
from shared.domain.shift import OrderEnded
from shared.domain.versioned import Versioned


@dataclass(frozen=True, slots=True)
class Alert:
    """A sentence for a person about an entity.

    `kind` is for programs: `surplus`, `told_price`, `told_total`, `counted_elsewhere`, `sold_out`,
    `unknown_table`.
    """

    kind: str
    entity_id: str
    message: str


class Used(StrEnum):
    """What a ULID names inside an order. Orders, tickets and operations are rows of their own."""

    LINE = "line"
    CHANGE = "change"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Invoice:
    """The number that an order takes at its close, and the month of the business that it counts in."""

    number: str
    month: str
    order_id: str


@dataclass(frozen=True, slots=True)
class ReturnNote:
    """The number that a return takes, and the month of the business that it counts in."""

    number: str
    month: str
    order_id: str
    return_id: str


@dataclass(frozen=True, slots=True)
class ReceiptNote:
    """A receipt that a till printed: its place in the till's series, and its hash with that of the one before.

    Both are empty where it came without. `awaits`: the one before it has not come; `settles`: these wait no more.
    """

    number: str
    letter: str
    serial: int
    previous: str
    hash: str
    order_id: str
    awaits: bool = False
    settles: tuple[ReceiptNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Booked:
    """Money that a shift took, or gave back where it is below nothing; `late`: the shift was closed by then."""

    id: str
    shift_id: str
    order_id: str
    method: Method
    amount_minor: int
    tip_minor: int = 0
    late: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """An order that a shift ended, paid or voided."""

    shift_id: str
    order: OrderEnded


_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Effect(NamedTuple):
    """The outcome of a command: `primary` is answered, `changed` is written, one revision each, in this order."""

    primary: Versioned
    changed: tuple[Versioned, ...] = ()
    status: int = 200
    surplus_minor: int = 0
    follow_up: Order | None = None
    others: tuple[Order, ...] = ()
    """The orders that it is about besides, as they are after it."""
    invoice: Invoice | None = None
    return_notes: tuple[ReturnNote, ...] = ()
    receipt: ReceiptNote | None = None
    items: tuple[MenuItem, ...] = ()
    """The dishes of which something is left, as they are after it."""
    alerts: tuple[Alert, ...] = ()
    used: tuple[tuple[Used, str], ...] = ()
    """The ULIDs that it gives to an order, each for the first and only time."""
    booked: tuple[Booked, ...] = ()
    ended: tuple[Ended, ...] = ()
    said: Mapping[str, object] = _NOTHING
    """What the answer says beside the entity itself, by field."""
    used_by: str | None = None
    """That order, where it is not `primary`: the heir of one that was merged."""
