"""Whether a person may do alone what a command is about to do to orders; asked before it is written."""

from __future__ import annotations

from reference_server.effect import Effect
from reference_server.orders import moves
from reference_server.storage.seam import Connection
from shared.domain.approvals import Judge, refuse_unapproved
from shared.domain.commands import ChangeOrder, OrderOperation
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal


def refuse(tx: Connection, judge: Judge, *, command: OrderOperation, order: Order, effect: Effect) -> None:
    """Raises CommandRejected when it needs a manager's approval and has none.

    What was allowed on the version that the screen showed, and is too much with what came since, is stale.
    """
    if not effect.changed:
        return
    before = {order.id: order, **moves.others_of(tx, command, order)}
    after = {str(one.id): one for one in effect.changed if isinstance(one, Order)}
    try:
        refuse_unapproved(command, judge, before=before, after=after)
    except CommandRejected as error:
        if isinstance(command, ChangeOrder) and command.base_version < order.version:
            raise CommandRejected(Refusal.STALE_WRITE, error.message) from error
        raise
