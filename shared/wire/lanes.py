"""Pure: the lanes of a request: what it keeps its place with, while everything else may overtake it."""

from __future__ import annotations

from shared.domain.alerts import CloseAlert
from shared.domain.cancelling import CancelIntent
from shared.domain.closing import follow_up_id
from shared.domain.commands import CloseOrder, Operation
from shared.domain.marks import TicketCommand
from shared.domain.payment_intent import OpenIntent
from shared.domain.shift_commands import Clock, CloseDay, ShiftCommand
from shared.domain.together import orders_of


def lanes_of(command: Operation) -> tuple[str, ...]:
    """The lanes that a command keeps its place in, its own first.

    They are those of all orders that it carries lines to; for a close, that of the order which it may leave over, since
    what is done to that order goes after the close that makes it.
    """
    match command:
        case TicketCommand():
            return (ticket_lane(command.ticket_id),)
        case OpenIntent():
            return (order_lane(command.order_id),)
        case CancelIntent():
            return (f"payment:{command.intent_id}",)
        case ShiftCommand():
            return (shift_lane(command.shift_id),)
        case Clock():
            return (f"person:{command.person_id}",)
        case CloseDay():
            return (f"day:{command.day_id}",)
        case CloseAlert():
            return (f"alert:{command.alert_id}",)
        case CloseOrder():
            return (order_lane(command.order_id), order_lane(follow_up_id(command.order_id)))
        case _:
            return tuple(map(order_lane, orders_of(command)))


def order_lane(order_id: str) -> str:
    """The name of an order's lane."""
    return f"order:{order_id}"


def shift_lane(shift_id: str) -> str:
    """The name of a shift's lane."""
    return f"shift:{shift_id}"


def ticket_lane(ticket_id: str) -> str:
    """The name of a ticket's lane."""
    return f"ticket:{ticket_id}"
