"""Pure: the state that an order has from its tickets, and what becomes of it when lines move on."""

from shared.domain.order import Line, Order, OrderState, TicketMark
from shared.domain.ticket import Stage


def kitchen_state(marks: tuple[TicketMark, ...]) -> OrderState:
    """The state that an open order has from its tickets: new without any, ready when all are, begun when one is."""
    if not marks:
        return OrderState.NEW
    ranks = [mark.stage.rank for mark in marks]
    if min(ranks) >= Stage.READY.rank:
        return OrderState.READY
    return OrderState.IN_PROGRESS if max(ranks) > Stage.QUEUED.rank else OrderState.SENT


def kitchen_without(order: Order, lines: tuple[Line, ...]) -> dict[str, object]:
    """Marks and state of an order when these are its lines: a ticket goes with the last of its lines that moves on."""
    here = {line.ticket_id for line in lines if line.moved_to is None}
    marks = tuple(mark for mark in order.tickets if mark.id in here)
    in_kitchen = order.is_open and order.state is not OrderState.SERVED
    return {"tickets": marks, "state": kitchen_state(marks) if in_kitchen else order.state}
