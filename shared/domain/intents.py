"""Pure: which operations an intention at the till turns into. The same intention always gives the same operations."""

from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    NewPayment,
    OrderOperation,
    PayCash,
    SendDraft,
    SendToKitchen,
)
from shared.domain.draft import Draft
from shared.domain.order import Method, Order
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import OperationId, PaymentId, derived_id


def operations_of_send(
    intent: SendDraft | PayCash,
    *,
    order: Order | None,
    draft: Draft | None,
    base_version: int,
) -> tuple[OrderOperation, ...]:
    """Create (if new), one PATCH with the draft's lines, send-to-kitchen: what Send writes, in this order.

    `order` is the view without the draft, `base_version` the server's version that this till knows (0 for none). Only
    the lines that the intention names are touched.
    """
    named = set(intent.line_ids)
    drafted = (
        tuple(line for line in draft.lines if line.id in named)
        if draft is not None
        else ()
    )
    unsent = (
        {line.id for line in order.standing_lines if line.ticket_id is None}
        if order is not None
        else set()
    )
    to_send = tuple(
        i
        for i in intent.line_ids
        if i in unsent or any(line.id == i for line in drafted)
    )
    operations: list[OrderOperation] = []
    if order is None:
        if draft is None:
            raise CommandRejected(
                Refusal.NOT_FOUND, "This order is not on this till any more."
            )
        operations.append(
            CreateOrder(
                id=_derived(intent.id, "create"),
                actor_id=intent.actor_id,
                at=intent.at,
                order_id=draft.order_id,
                number=draft.number,
                table_id=draft.table_id,
                channel=draft.channel,
                guests=draft.guests,
            )
        )
    if drafted:
        operations.append(
            ChangeOrder(
                id=_derived(intent.id, "change"),
                actor_id=intent.actor_id,
                at=intent.at,
                order_id=intent.order_id,
                base_version=base_version,
                changes=tuple(AddLine(line=line) for line in drafted),
            )
        )
    if to_send:
        operations.append(
            SendToKitchen(
                id=_derived(intent.id, "send"),
                actor_id=intent.actor_id,
                at=intent.at,
                order_id=intent.order_id,
                line_ids=to_send,
            )
        )
    return tuple(operations)


def operations_of_payment(
    intent: PayCash,
    *,
    order: Order | None,
    draft: Draft | None,
    base_version: int,
    receipt_number: str,
) -> tuple[OrderOperation, ...]:
    """What Pay writes: the draft as Send would, then the close with its lines, its total and the money."""
    payment = NewPayment(
        id=PaymentId(derived_id(intent.id, "payment")),
        method=Method.CASH,
        amount=intent.total_minor,
        tendered=intent.tendered_minor,
        tip=intent.tip_minor,
        taken_at=intent.at,
    )
    if intent.tendered_minor < intent.total_minor + intent.tip_minor:
        raise CommandRejected(
            Refusal.INVALID, "The money given is less than the total."
        )
    close = CloseOrder(
        id=_derived(intent.id, "close"),
        actor_id=intent.actor_id,
        at=intent.at,
        order_id=intent.order_id,
        line_ids=intent.line_ids,
        total_minor=intent.total_minor,
        payments=(payment,),
        receipt_number=receipt_number,
    )
    return (
        *operations_of_send(
            intent, order=order, draft=draft, base_version=base_version
        ),
        close,
    )


def _derived(intent_id: str, label: str) -> OperationId:
    return OperationId(derived_id(intent_id, label))
