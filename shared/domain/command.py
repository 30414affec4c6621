"""Pure: what all commands say, and those about orders."""

from shared.domain.model import AnOperationId, AnOrderId, AStaffId, Moment, Request


class Command(Request):
    """What all commands say: their own id, who wants it, and when that person wanted it (device's corrected time)."""

    id: AnOperationId
    actor_id: AStaffId
    at: Moment


class OrderCommand(Command):
    """A command about one order."""

    order_id: AnOrderId
