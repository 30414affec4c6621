"""A small restaurant for the tests: a menu, two tills that write commands, and names that are the same in every run."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from shared.domain.bill import Method
from shared.domain.closing import follow_up_id
from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    FireCourse,
    NewLine,
    NewPayment,
    OrderOperation,
    SendToKitchen,
    ServeOrder,
    SetGuests,
    SetNote,
    SetQuantity,
    SetSeat,
    VoidLine,
    VoidOrder,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.fold import fold_all
from shared.domain.lines import Author
from shared.domain.menu import Menu, MenuItem, Station, complete
from shared.domain.order import Modifier, Order
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.rules import apply
from shared.domain.totals import totals_of_order
from shared.ids import ChangeId, ItemId, LineId, OperationId, OrderId, PaymentId, StaffId, StationId, TableId

AT = "2015-11-27T19:41:05.250Z"
LATER = "2015-11-27T19:52:00.000Z"
KITCHEN, BAR = StationId("kitchen"), StationId("bar")
TABLE_5, TABLE_6 = TableId("table-5"), TableId("table-6")


def _item(name: str, price_minor: int, tax_bp: int, station: StationId = KITCHEN) -> MenuItem:
    return MenuItem(
        id=ItemId(name.lower()), name=name, category_id="all", price_minor=price_minor, tax_bp=tax_bp, station=station
    )


MENU = Menu(
    version="1",
    stations=(Station(id=KITCHEN, name="Kitchen"), Station(id=BAR, name="Bar")),
    items=(_item("Pizza", 1250, 1000), _item("Cake", 499, 700), _item("Beer", 333, 1900, BAR), _item("Bread", 1, 0)),
)
"""What is sold in the tests; a server that is to play their nights needs it as its menu."""

ACTORS = (StaffId("ann"), StaffId("ben"))
"""Who works at the first and at the second till."""


def ulid(number: int) -> str:
    """The ULID with this number."""
    return f"01ARZ3NDEK{number:016d}"


ORDER_ID = OrderId(ulid(0))


@dataclass
class Names:
    """Gives one ULID after the other; tills that share it never give the same."""

    count: int = 0

    def new(self) -> str:
        self.count += 1
        return ulid(self.count)


def new_line(line_id: str, item: str = "pizza", *, quantity: int = 1, extra_minor: int | None = None) -> NewLine:
    """A line as a till orders it, filled in from the menu; `extra_minor` is what a modifier adds to each piece."""
    modifiers = () if extra_minor is None else (Modifier(id="large", name="Large", price_minor=extra_minor),)
    bare = NewLine(id=LineId(line_id), item_id=ItemId(item), quantity=quantity, modifiers=modifiers)
    return complete(bare, MENU)


def discount(
    till: "Till",
    line_id: str | None = None,
    *,
    percent_bp: int | None = None,
    amount_minor: int | None = None,
    approved_by: str | None = None,
) -> ApplyDiscount:
    """Something off a line or off the till's whole order."""
    return ApplyDiscount(
        id=ChangeId(till.names.new()),
        line_id=None if line_id is None else LineId(line_id),
        percent_bp=percent_bp,
        amount_minor=amount_minor,
        reason="a regular",
        approved_by=None if approved_by is None else StaffId(approved_by),
    )


def undo(till: "Till", discount_id: str, line_id: str | None = None) -> RemoveDiscount:
    """Take a discount back."""
    named = None if line_id is None else LineId(line_id)
    return RemoveDiscount(id=ChangeId(till.names.new()), line_id=named, discount_id=ChangeId(discount_id))


@dataclass
class Till:
    """Writes the commands of one till about one order, mostly the one of the tests."""

    author: Author
    names: Names = field(default_factory=Names)
    order_id: OrderId = ORDER_ID

    @property
    def actor_id(self) -> StaffId:
        return StaffId(self.author.actor_name.lower())

    def operation_id(self) -> OperationId:
        return OperationId(self.names.new())

    def create(self, *items: NewLine, number: str | None = "A-1") -> CreateOrder:
        return CreateOrder(
            id=self.operation_id(),
            actor_id=self.actor_id,
            at=AT,
            order_id=self.order_id,
            number=number,
            table_id=TABLE_5,
            guests=2,
            items=items,
        )

    def change(self, base_version: int, *changes: Change) -> ChangeOrder:
        return ChangeOrder(
            id=self.operation_id(),
            actor_id=self.actor_id,
            at=AT,
            order_id=self.order_id,
            base_version=base_version,
            changes=changes,
        )

    def add(self, item: str = "pizza", *, quantity: int = 1, extra_minor: int | None = None) -> AddLine:
        return AddLine(line=new_line(self.names.new(), item, quantity=quantity, extra_minor=extra_minor))

    def quantity(self, line_id: str, quantity: int) -> SetQuantity:
        return SetQuantity(id=ChangeId(self.names.new()), line_id=LineId(line_id), quantity=quantity)

    def note(self, line_id: str, note: str) -> SetNote:
        return SetNote(id=ChangeId(self.names.new()), line_id=LineId(line_id), note=note)

    def seat(self, line_id: str, seat: int | None) -> SetSeat:
        return SetSeat(id=ChangeId(self.names.new()), line_id=LineId(line_id), seat=seat)

    def void_line(self, line_id: str, reason: str = "dropped") -> VoidLine:
        return VoidLine(id=ChangeId(self.names.new()), line_id=LineId(line_id), reason=reason)

    def guests(self, guests: int) -> SetGuests:
        return SetGuests(id=ChangeId(self.names.new()), guests=guests)

    def send(self, *line_ids: str, held: tuple[str, ...] = ()) -> SendToKitchen:
        return SendToKitchen(
            id=self.operation_id(),
            actor_id=self.actor_id,
            at=AT,
            order_id=self.order_id,
            line_ids=tuple(LineId(line_id) for line_id in line_ids),
            held_ids=tuple(LineId(line_id) for line_id in held) or None,
        )

    def fire(self, *line_ids: str) -> FireCourse:
        """Send these lines, which were held."""
        return FireCourse(**dict(self.send(*line_ids)))

    def serve(self, *line_ids: str) -> ServeOrder:
        """These lines, which are all that its screen showed, are at the table."""
        named = tuple(LineId(line_id) for line_id in line_ids)
        return ServeOrder(id=self.operation_id(), actor_id=self.actor_id, at=AT, order_id=self.order_id, line_ids=named)

    def void(self, *line_ids: str) -> VoidOrder:
        """Cancel the order with these lines, which are all that its screen showed."""
        named = tuple(LineId(line_id) for line_id in line_ids)
        return VoidOrder(
            id=self.operation_id(),
            actor_id=self.actor_id,
            at=LATER,
            order_id=self.order_id,
            reason="left",
            line_ids=named,
        )

    def refund(self, *line_ids: str, minor: tuple[int, ...] = (), reason: str = "cold") -> RefundOrder:
        """Take these lines back and give cash back, each of these sums; a manager approves."""
        return RefundOrder(
            id=self.operation_id(),
            actor_id=self.actor_id,
            at=LATER,
            order_id=self.order_id,
            line_ids=tuple(LineId(line_id) for line_id in line_ids),
            refunds=tuple(
                NewRefund(id=PaymentId(self.names.new()), method=Method.CASH, amount=amount, given_at=LATER)
                for amount in minor
            ),
            reason=reason,
            approved_by=StaffId("sara"),
        )

    def cash(
        self, amount_minor: int, *, tendered_minor: int | None = None, tip_minor: int = 0, method: Method = Method.CASH
    ) -> NewPayment:
        return NewPayment(
            id=PaymentId(self.names.new()),
            method=method,
            amount=amount_minor,
            tendered=amount_minor + tip_minor if tendered_minor is None else tendered_minor,
            tip=tip_minor,
            taken_at=LATER,
        )

    def close(self, seen: Order, *payments: NewPayment, total_minor: int | None = None) -> CloseOrder:
        """Take the money for what stands on the order as this till sees it; without payments, exactly that in cash."""
        due_minor = totals_of_order(seen).total_minor
        told_minor = due_minor if total_minor is None else total_minor
        return CloseOrder(
            id=self.operation_id(),
            actor_id=self.actor_id,
            at=LATER,
            order_id=self.order_id,
            line_ids=tuple(line.id for line in seen.standing_lines),
            total_minor=told_minor,
            payments=payments or (self.cash(told_minor),),
            receipt_number=f"{self.author.device_id}-000097",
        )


def tills(*, inclusive: bool = True) -> tuple[Till, Till]:
    """Two tills of one house, that share their names."""
    names = Names()
    first, second = (Author(f"till-{actor}", actor.title(), prices_include_tax=inclusive) for actor in ACTORS)
    return Till(first, names), Till(second, names)


def opened(till: Till, *items: str) -> Order:
    """An order of this till with these lines, none of them sent."""
    return apply(None, till.create(*(new_line(till.names.new(), item) for item in items)), till.author)


def refusal_of(order: Order | None, command: OrderOperation, till: Till) -> tuple[Refusal, str]:
    """How the rules refuse a command: they have to."""
    with pytest.raises(CommandRejected) as caught:
        apply(order, command, till.author)
    return caught.value.refusal, caught.value.message


def ids_of(order: Order) -> tuple[LineId, ...]:
    """The ids of all lines of an order."""
    return tuple(line.id for line in order.lines)


@dataclass(frozen=True)
class Folded:
    """One order as a device sees it, and what the rules could not apply."""

    order: Order | None
    skipped: tuple[str, ...]


def fold(server: Order | None, operations: Iterable[tuple[OrderOperation, Author]]) -> Folded:
    """The fold of one order and of nothing else."""
    given = list(operations)
    order_id = server.id if server is not None else given[0][0].order_id if given else None
    folded = fold_all({} if server is None else {server.id: server}, given)
    return Folded(None if order_id is None else folded.orders.get(order_id), folded.skipped)


def fold_follow_up(before: Order | None, close: CloseOrder, author: Author) -> Order | None:
    """The order that a close of `before` leaves over, as a till has it before the server has made it."""
    folded = fold_all({} if before is None else {before.id: before}, [(close, author)])
    return folded.orders.get(follow_up_id(close.order_id))
