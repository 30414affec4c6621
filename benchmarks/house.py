"""A house to measure in: orders with many lines on the till, and many open orders of other tills in its file."""

from typing import Final

from benchmarks.till import Till
from shared.domain.commands import AddLine, ChangeOrder, CreateOrder, EditDraft, NewLine, SendDraft, SendToKitchen
from shared.domain.lines import Author
from shared.domain.menu import complete
from shared.domain.order import Order
from shared.domain.rules import apply
from shared.ids import ItemId, LineId, OperationId, OrderId, StaffId
from shared.store import entities
from shared.terminal import Terminal

ACTOR: Final = StaffId("amina")
DISHES: Final = ("chips-and-guacamole", "chips-and-salsa", "nachos", "chicken-wings", "jalapeno-poppers", "ceviche")
"""Dishes without a choice that has to be made, side by side on the first page of the starters."""


def new_lines(terminal: Terminal, count: int) -> tuple[NewLine, ...]:
    """So many lines of different dishes, every third with a note."""
    bare = (
        NewLine(
            id=LineId(terminal.new_id()),
            item_id=ItemId(DISHES[number % len(DISHES)]),
            quantity=1 + number % 3,
            note="no onions, sauce apart" if number % 3 == 0 else "",
        )
        for number in range(count)
    )
    return tuple(complete(line, terminal.menu) for line in bare)


def fill_order(till: Till, count: int) -> None:
    """Put so many lines on the order that is open: two thirds sent and not settled, the rest not sent."""
    terminal, order_id = till.device.terminal, till.window.order.taps.order_id
    lines = new_lines(terminal, count)
    sent = tuple(line.id for line in lines[: count * 2 // 3])
    adds = tuple(AddLine(line=line) for line in lines)
    new_id = terminal.new_id
    terminal.submit(
        EditDraft(id=OperationId(new_id()), actor_id=ACTOR, at=terminal.at(), order_id=order_id, changes=adds)
    )
    terminal.submit(
        SendDraft(id=OperationId(new_id()), actor_id=ACTOR, at=terminal.at(), order_id=order_id, line_ids=sent)
    )
    till.until(lambda: terminal.in_hand() == 0)
    till.app.processEvents()


def crowd(till: Till, count: int, *, lines: int = 8) -> list[Order]:
    """Put so many open orders of another till, already sent, into this till's file, and say so."""
    terminal = till.device.terminal
    tables = terminal.floor.tables
    author = Author(device_id="till-2", actor_name="Amina")

    def one(number: int) -> Order:
        order_id = OrderId(terminal.new_id())
        new = new_lines(terminal, lines)
        create = CreateOrder(
            id=OperationId(terminal.new_id()),
            actor_id=ACTOR,
            at=terminal.at(),
            order_id=order_id,
            number=f"D-{number}",
            table_id=tables[number % len(tables)].id,
        )
        change = ChangeOrder(
            id=OperationId(terminal.new_id()),
            actor_id=ACTOR,
            at=terminal.at(),
            order_id=order_id,
            base_version=1,
            changes=tuple(AddLine(line=line) for line in new),
        )
        send = SendToKitchen(
            id=OperationId(terminal.new_id()),
            actor_id=ACTOR,
            at=terminal.at(),
            order_id=order_id,
            line_ids=tuple(line.id for line in new),
        )
        return apply(apply(apply(None, create, author), change, author), send, author)

    orders = [one(number) for number in range(count)]
    tell(till, *orders)
    return orders


def tell(till: Till, *orders: Order) -> None:
    """The server's word on these orders comes in, as when the worker has pulled it."""
    changed = till.device.writer.submit(lambda tx: frozenset(entities.put_all(tx, orders))).result()
    till.device.announce(changed)
