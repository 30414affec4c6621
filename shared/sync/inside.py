"""Pure: whether what a server shows of an order, a ticket or a shift has in it what was sent."""

from shared.domain.alerts import CloseAlert, HouseAlert
from shared.domain.cancelling import CancelIntent
from shared.domain.commands import CloseOrder, CreateOrder, VoidOrder
from shared.domain.lines import Author
from shared.domain.marks import TicketCommand
from shared.domain.moves import MergeOrder, SplitOrder
from shared.domain.order import Order, OrderState
from shared.domain.payment_intent import OpenIntent, PaymentIntent
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.domain.shift import Shift
from shared.domain.shift_commands import CloseShift, HouseCommand, MoveCash, OpenShift
from shared.domain.ticket import Ticket
from shared.domain.tickets import mark
from shared.domain.versioned import Versioned
from shared.store.outcomes import Flight
from shared.wire.requests import BadRequest, decode


def is_in(entity: Versioned, flight: Flight) -> bool:
    """Whether an entity is as the operation would make it: then the operation must be in, whoever keeps the ids."""
    if not isinstance(entity, PaymentIntent | HouseAlert) and flight.id in entity.applied:
        return True
    try:
        command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
        match entity, command:
            case Ticket(), TicketCommand():
                return mark(entity, command) is entity
            case Order(), CreateOrder():
                return all(entity.line(item.id) is not None for item in command.items)
            case Order(), VoidOrder():
                return entity.state is OrderState.VOIDED
            case Order(), MergeOrder():
                return entity.merged_into is not None
            case Order(), SplitOrder():
                gone = {line.id for line in entity.lines if line.moved_to is not None}
                return gone.issuperset(command.line_ids)
            case Order(), CloseOrder():
                known = {payment.id for payment in entity.payments}
                return not entity.is_open and all(payment.id in known for payment in command.payments)
            case Shift(), MoveCash():
                return any(one.id == command.id for one in entity.movements)
            case Shift(), CloseShift():
                return not entity.is_open
            case Shift(), OpenShift():
                return entity.opened_at is not None
            case HouseAlert(), CloseAlert():
                return (entity.choice, entity.chosen_by) == (command.choice, command.actor_id)
            case Order(), _ if not isinstance(command, TicketCommand | HouseCommand | OpenIntent | CancelIntent):
                return apply(entity, command, Author(device_id="")) is entity
            case _:
                return False
    except (BadRequest, CommandRejected):
        return False
