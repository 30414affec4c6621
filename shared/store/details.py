"""What an operation is about, in the words of whoever tapped it: the sync panel shows it, and what was kept out."""

from collections.abc import Iterable
from typing import assert_never

from shared.database import Connection
from shared.domain.alerts import CloseAlert
from shared.domain.bill import Method
from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    CloseOrder,
    MoveTable,
    Operation,
    SendToKitchen,
    SetGuests,
    SetNote,
    SetQuantity,
    SetSeat,
    VoidLine,
    VoidOrder,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.menu import Floor
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Order
from shared.domain.refunds import RefundOrder
from shared.domain.shift_commands import CashMove, Clock, CloseShift, MoveCash, OpenShift, Way
from shared.money import Currency
from shared.store import entities

MOST_SAID = 2
"""So many changes of one operation are said; of the others only how many there are."""


def detail(tx: Connection, command: Operation, *, floor: Floor, currency: Currency) -> str:
    """What it is about beside its order; empty where its kind says it all."""
    match command:
        case ChangeOrder():
            order = entities.order(tx, command.order_id)
            said = [_change(tx, one, order, floor=floor, currency=currency) for one in command.changes[:MOST_SAID]]
            more = len(command.changes) - len(said)
            return ", ".join(said) + (f" and {more} more" if more else "")
        case CloseOrder():
            return _money(((one.method, one.amount) for one in command.payments), currency)
        case RefundOrder():
            given = _money(((one.method, one.amount) for one in command.refunds), currency)
            return f"{given}: {command.reason}" if given else command.reason
        case SendToKitchen() | MergeOrder() | SplitOrder():
            return _lines(len(command.line_ids))
        case VoidOrder():
            return command.reason
        case OpenShift():
            return f"float {currency.text(command.float_minor)}"
        case MoveCash() if command.type is CashMove.NO_SALE:
            return "drawer opened"
        case MoveCash():
            way = "in" if command.type is CashMove.PAY_IN else "out"
            return f"{currency.text(command.amount_minor)} {way}: {command.reason}"
        case CloseShift():
            return f"counted {currency.text(command.counted_minor)}"
        case Clock():
            return "in" if command.type is Way.IN else "out"
        case CloseAlert():
            return command.choice
        case _:
            return ""


def table_words(floor: Floor, table_id: str | None) -> str:
    """What people call a table; a number alone is no name."""
    name = floor.table_name(table_id)
    return name if table_id is None or not name[:1].isdigit() else f"Table {name}"


def _change(tx: Connection, one: Change, order: Order | None, *, floor: Floor, currency: Currency) -> str:
    """One change of an order, with the name of its line where the server has said it."""

    def name(line_id: str | None) -> str:
        line = None if order is None or line_id is None else order.line(line_id)
        return "a line" if line is None else line.name

    match one:
        case AddLine():
            return f"+{one.line.quantity} {one.line.name or one.line.item_id}"
        case VoidLine():
            return f"void {name(one.line_id)}: {one.reason}"
        case SetQuantity():
            return f"{one.quantity} x {name(one.line_id)}"
        case SetNote():
            return f"{name(one.line_id)}: {one.note or 'no note'}"
        case SetSeat():
            return f"{name(one.line_id)} for {'no seat' if one.seat is None else f'seat {one.seat}'}"
        case ApplyDiscount():
            off = currency.text(one.amount_minor or 0) if one.percent_bp is None else f"{one.percent_bp / 100:g} %"
            return f"{off} off {'the order' if one.line_id is None else name(one.line_id)}: {one.reason}"
        case RemoveDiscount():
            return f"no discount on {'the order' if one.line_id is None else name(one.line_id)}"
        case MoveTable():
            return f"to {table_words(floor, one.table_id)}"
        case SetGuests():
            return f"{one.guests} guests"
        case TransferLines():
            other = entities.order(tx, one.to_order_id)
            what = name(one.line_ids[0]) if len(one.line_ids) == 1 else _lines(len(one.line_ids))
            return f"{what} to {'another order' if other is None else other.number}"
        case _:
            assert_never(one)


def _money(parts: Iterable[tuple[Method, int]], currency: Currency) -> str:
    """How much by which way: whoever decides about it goes to the drawer for the one and to a gateway for the other."""
    sums: dict[Method, int] = {}
    for method, amount_minor in parts:
        sums[method] = sums.get(method, 0) + amount_minor
    return ", ".join(f"{method.lower().replace('_', ' ')} {currency.text(minor)}" for method, minor in sums.items())


def _lines(count: int) -> str:
    return f"{count} lines" if count > 1 else "1 line"
