"""Pure: an order, its lines and payments, as server and tills both know it."""

from collections.abc import Mapping
from enum import StrEnum
from operator import itemgetter
from typing import Final

from shared.domain.bill import Discount, Payment, Return
from shared.domain.model import (
    ALineId,
    AnItemId,
    AnOrderId,
    AStationId,
    ATableId,
    ATicketId,
    Course,
    Guests,
    Minor,
    Model,
    Moment,
    Note,
    Quantity,
    Reason,
    Seat,
    TaxBasisPoints,
    Title,
)
from shared.domain.ticket import Stage


class OrderState(StrEnum):
    """Where an order stands. The first five are open."""

    NEW = "NEW"
    SENT = "SENT"
    IN_PROGRESS = "IN_PROGRESS"
    READY = "READY"
    SERVED = "SERVED"
    CLOSED = "CLOSED"
    REFUNDED = "REFUNDED"
    """Closed, and all of its lines were given back."""
    VOIDED = "VOIDED"


class Channel(StrEnum):
    """How the guest gets the food."""

    DINE_IN = "DINE_IN"
    TAKEAWAY = "TAKEAWAY"


class Stamp(Model):
    """Who changed a part of an order last, and which version of the order that made: staleness is judged by it."""

    version: int = 0
    device: str = ""


class Modifier(Model):
    """One choice on a line, with what it adds to the price of one piece."""

    id: Title
    name: Title
    price_minor: Minor = 0


class Line(Model):
    """One thing that was ordered. A line is marked, never removed, so that no late message brings it back."""

    id: ALineId
    item_id: AnItemId
    name: Title
    quantity: Quantity
    price_minor: Minor
    """Price of one piece without its modifiers, as told to the guest."""
    modifiers: tuple[Modifier, ...] = ()
    note: Note = ""
    seat: Seat | None = None
    course: Course = 1
    tax_bp: TaxBasisPoints = 0
    station: AStationId
    ticket_id: ATicketId | None = None
    sent_at: Moment | None = None
    held: bool = False
    """Of a later course: it was sent, and the kitchen gets it when it is fired."""
    voided: bool = False
    void_reason: Reason | None = None
    moved_to: AnOrderId | None = None
    discounts: tuple[Discount, ...] = ()
    """Its own ones: they go with it from one order to another."""
    stamp: Stamp = Stamp()

    @property
    def stands(self) -> bool:
        """Whether the guest owes for it here: neither voided nor moved to another order."""
        return not self.voided and self.moved_to is None

    @property
    def total_minor(self) -> int:
        """What the line costs in minor units, pieces and modifiers together, before any discount."""
        choices_minor = sum(choice.price_minor for choice in self.modifiers) if self.modifiers else 0
        return self.quantity * (self.price_minor + choices_minor)


class TicketMark(Model):
    """How far the kitchen is with one ticket of the order."""

    id: ATicketId
    station: AStationId
    round: int = 0
    stage: Stage = Stage.QUEUED
    seen: bool = False


FOLLOWS: Final = "+"
"""What the number of a follow-up order has behind that of the order before."""


class Order(Model):
    """An order with everything that ever happened to it, marks and voided lines included."""

    id: AnOrderId
    number: str
    """The till's letter and counter from birth, as C-128; it never changes."""
    state: OrderState = OrderState.NEW
    version: int = 0
    table_id: ATableId | None = None
    channel: Channel = Channel.DINE_IN
    guests: Guests = 0
    waiter_id: str = ""
    waiter_name: str = ""
    opened_at: Moment
    prices_include_tax: bool = True
    lines: tuple[Line, ...] = ()
    tickets: tuple[TicketMark, ...] = ()
    payments: tuple[Payment, ...] = ()
    discounts: tuple[Discount, ...] = ()
    """Those of the whole order: lines that leave it leave them."""
    returns: tuple[Return, ...] = ()
    told_total_minor: Minor | None = None
    receipt_number: str | None = None
    invoice_number: str | None = None
    closed_at: Moment | None = None
    void_reason: Reason | None = None
    follows: AnOrderId | None = None
    """The closed order whose late lines this one took over."""
    merged_into: AnOrderId | None = None
    """Its heir, where it was merged: a voided order of which nothing was cancelled, since all of it went there."""
    heir_version: int = 0
    """The heir's version that the merge made: later than that is what happened to its lines there."""
    table_stamp: Stamp = Stamp()
    guests_stamp: Stamp = Stamp()
    discounts_stamp: Stamp = Stamp()
    applied: tuple[str, ...] = ()
    """ULIDs of the changes that made it, other than its lines and payments, which carry their own."""

    @property
    def is_open(self) -> bool:
        """Whether the guest can still order on it."""
        return self.state not in (OrderState.CLOSED, OrderState.REFUNDED, OrderState.VOIDED)

    @property
    def was_foreseen(self) -> bool:
        """Whether more than one till can know its id before it is there: a follow-up order, by whoever it was made."""
        return self.follows is not None or self.number.endswith(FOLLOWS)

    def line(self, line_id: str) -> Line | None:
        """The line with this id, standing or not."""
        return next((line for line in self.lines if line.id == line_id), None)

    @property
    def voided_lines(self) -> tuple[Line, ...]:
        """What the guest does not owe for any more; it bears its part of what was taken off before."""
        return tuple(line for line in self.lines if line.voided)

    @property
    def standing_lines(self) -> tuple[Line, ...]:
        """The lines that the guest owes for."""
        return tuple(line for line in self.lines if line.stands)

    @property
    def next_course(self) -> tuple[Line, ...]:
        """The held lines of the lowest course: what is fired next."""
        held = [line for line in self.standing_lines if line.held]
        first = min((line.course for line in held), default=0)
        return tuple(line for line in held if line.course == first)

    @property
    def last_round(self) -> tuple[Line, ...]:
        """The lines that were sent together last and still stand: by their tickets, since clocks go back."""
        places = {mark.id: place for place, mark in enumerate(self.tickets)}
        sent = [(places[line.ticket_id], line) for line in self.standing_lines if line.ticket_id in places]
        if not sent:
            return ()
        _, last = max(sent, key=itemgetter(0))
        return tuple(line for _, line in sent if line.sent_at == last.sent_at)

    @property
    def applied_minor(self) -> int:
        """Money of its payments that counts for this order, in minor units, tips not included."""
        return sum(payment.amount_minor - payment.unapplied_minor for payment in self.payments)

    @property
    def unapplied_minor(self) -> int:
        """Money that was taken for it, that it could not use and that nobody gave back yet: a person has to.

        So is what was to go back for its lines, and was refused by the gateway.
        """
        return self.spare_minor - sum(one.surplus_minor for one in self.returns)

    @property
    def spare_minor(self) -> int:
        """All money that it ever had and could not use, given back since or not."""
        taken_minor = sum(payment.unapplied_minor for payment in self.payments)
        return taken_minor + sum(one.refused_minor for one in self.returns)

    @property
    def left_to_refund_minor(self) -> int:
        """Money that was taken for it, used or not, and that nobody gave back yet, tips not included."""
        taken_minor = sum(payment.amount_minor for payment in self.payments)
        return taken_minor - sum(one.amount_minor for one in self.returns)

    @property
    def returned_ids(self) -> frozenset[str]:
        """The lines that were taken back."""
        return frozenset(line_id for one in self.returns for line_id in one.line_ids)

    @property
    def receipt_numbers(self) -> tuple[str, ...]:
        """The receipts that were printed for its payments, oldest first, each once."""
        return tuple(dict.fromkeys(p.receipt_number for p in self.payments if p.receipt_number is not None))


Orders = Mapping[str, Order]
"""The orders that are known, by their ids."""


def follow_up_number(order: Order) -> str:
    """The number of the order that takes over an order's late lines: people see where it comes from."""
    return f"{order.number}{FOLLOWS}"
