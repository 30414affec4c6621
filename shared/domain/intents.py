"""Pure: what an intention at the till turns into: operations to queue and the draft as it is afterwards.

The same intention always gives the same operations, so a second tap, or a write that is tried again, adds nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from shared.domain.bill import Method
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    EditDraft,
    NewPayment,
    OrderOperation,
    PayCash,
    RemoveLine,
    SendDraft,
    SendToKitchen,
)
from shared.domain.draft import Draft, edit, without
from shared.domain.fold import step
from shared.domain.lines import TOO_MANY_LINES, Author, line_from
from shared.domain.model import MAX_LINES
from shared.domain.moves import SplitOrder
from shared.domain.order import Line, Order, Orders, Stamp
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.domain.totals import totals_of
from shared.ids import OperationId, PaymentId, derived_id

LABELS: Final = ("create", "change", "send", "close")
"""What an intention's operations are named after; their ids follow from its id and these."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One order as the till sees it at the moment of a tap: the fold without the draft, the draft, what the server had.

    `base_version` is the server's version of the order that this till knows, 0 for none; `others` are the orders that
    were folded with it, since lines went from one to the other.
    """

    order: Order | None
    draft: Draft | None
    base_version: int = 0
    others: Orders = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a till numbers what it makes. Both are called at most once an intention, and only when it is carried out."""

    new_order: Callable[[], str]
    new_receipt: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Expanded:
    """What an intention writes: operations in their order; and the scene after it."""

    operations: tuple[OrderOperation, ...]
    after: Scene


OrderIntent = EditDraft | SendDraft | PayCash | OrderOperation
"""The intentions about orders; those about tickets are operations as they are."""


def expand(intent: OrderIntent, scene: Scene, *, author: Author, numbers: Numbers) -> Expanded:
    """What the intention writes, given what the till sees now. Raises CommandRejected, and then it writes nothing."""
    match intent:
        case EditDraft():
            return Expanded((), _edited(intent, scene, numbers))
        case SendDraft():
            operations = _operations_of_send(intent, scene)
            draft = _sent(scene.draft, intent.line_ids)
        case PayCash():
            check_owed(intent.line_ids, intent.total_minor, scene, author=author)
            _check_given(intent)
            operations = (*_operations_of_send(intent, scene), _close(intent, receipt_number=numbers.new_receipt()))
            draft = _sent(scene.draft, intent.line_ids)
        case SplitOrder() if intent.number is None:
            operations, draft = (intent.model_copy(update={"number": numbers.new_order()}),), scene.draft
        case _:
            operations, draft = (intent,), scene.draft
    orders = dict(scene.others) if scene.order is None else {**scene.others, scene.order.id: scene.order}
    for operation in operations:
        orders |= step(orders, operation, author)
    order = orders.pop(intent.order_id, None)
    return Expanded(operations, replace(scene, order=order, draft=draft, others=orders))


def ids_of(intent: SendDraft | PayCash) -> tuple[OperationId, ...]:
    """The ids that the intention's operations have, whichever of them it needs."""
    return tuple(_derived(intent.id, label) for label in LABELS)


def lines_of(scene: Scene) -> tuple[Line, ...]:
    """All lines of the scene that the guest owes for: those of the order, then those of the draft."""
    drafted = scene.draft.lines if scene.draft is not None else ()
    standing = scene.order.standing_lines if scene.order is not None else ()
    known = {line.id for line in scene.order.lines} if scene.order is not None else set()
    return (*standing, *(line_from(line, Stamp()) for line in drafted if line.id not in known))


def _edited(intent: EditDraft, scene: Scene, numbers: Numbers) -> Scene:
    """The scene with the edit in its draft. A line may be taken out of a draft also when its order is closed by now."""
    taken_out = all(isinstance(change, RemoveLine) for change in intent.changes)
    if scene.order is not None and not scene.order.is_open and not (taken_out and scene.draft is not None):
        raise over(scene.order, ". Open a new one." if scene.order.merged_into is None else ".")
    draft = scene.draft
    if draft is None and scene.order is not None:
        draft = Draft(
            order_id=intent.order_id,
            number=scene.order.number,
            is_new=False,
            table_id=scene.order.table_id,
            channel=scene.order.channel,
            guests=scene.order.guests,
        )
    if draft is None:
        draft = Draft(
            order_id=intent.order_id,
            number=numbers.new_order(),
            table_id=intent.table_id,
            channel=intent.channel,
            guests=intent.guests,
        )
    return replace(scene, draft=edit(draft, intent))


def _sent(draft: Draft | None, line_ids: tuple[str, ...]) -> Draft | None:
    if draft is None:
        return None
    left = without(draft, frozenset(line_ids))
    return left if left.lines else None


def check_owed(line_ids: tuple[str, ...], total_minor: int, scene: Scene, *, author: Author) -> None:
    """Raises CommandRejected unless the bill that a screen showed, its lines and its total, is what is owed now."""
    if not line_ids:
        raise CommandRejected(Refusal.INVALID, "There is nothing to pay on this order.")
    if scene.order is not None and not scene.order.is_open:
        raise over(scene.order, " already.")
    named = set(line_ids)
    inclusive = scene.order.prices_include_tax if scene.order is not None else author.prices_include_tax
    owed = [line for line in lines_of(scene) if line.id in named]
    discounts, voided = (scene.order.discounts, scene.order.voided_lines) if scene.order is not None else ((), ())
    due_minor = totals_of((*owed, *voided), prices_include_tax=inclusive, discounts=discounts).total_minor
    if due_minor != total_minor or len(owed) != len(named):
        raise CommandRejected(
            Refusal.STALE_WRITE, "The bill changed just now. Look at the new total, then take the money."
        )


def _check_given(intent: PayCash) -> None:
    if intent.tendered_minor < intent.total_minor + intent.tip_minor:
        raise CommandRejected(Refusal.INVALID, "The money given is less than the total.")


def _operations_of_send(intent: SendDraft | PayCash, scene: Scene) -> tuple[OrderOperation, ...]:
    """Create (if new), one PATCH with the draft's lines, send-to-kitchen. Only the lines that the screen named."""
    order, draft = scene.order, scene.draft
    if len(intent.line_ids) > MAX_LINES:
        raise CommandRejected(Refusal.INVALID, TOO_MANY_LINES)
    named = set(intent.line_ids)
    drafted = tuple(line for line in draft.lines if line.id in named) if draft is not None else ()
    unsent = {line.id for line in order.standing_lines if line.ticket_id is None} if order is not None else set()
    to_send = tuple(i for i in intent.line_ids if i in unsent or any(line.id == i for line in drafted))
    held = tuple(i for i in to_send if isinstance(intent, SendDraft) and i in intent.held_ids)
    if to_send and len(held) == len(to_send):
        raise CommandRejected(Refusal.INVALID, "All of it would wait. Send what comes first, and hold the rest.")
    operations: list[OrderOperation] = []
    if order is None:
        if draft is None:
            raise CommandRejected(Refusal.NOT_FOUND, "This order is not on this till any more.")
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
                base_version=scene.base_version,
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
                line_ids=tuple(i for i in to_send if i not in held),
                held_ids=held or None,
            )
        )
    return tuple(operations)


def _close(intent: PayCash, *, receipt_number: str) -> CloseOrder:
    payment = NewPayment(
        id=PaymentId(derived_id(intent.id, "payment")),
        method=Method.CASH,
        amount=intent.total_minor,
        tendered=intent.tendered_minor,
        tip=intent.tip_minor,
        taken_at=intent.at,
    )
    return CloseOrder(
        id=_derived(intent.id, "close"),
        actor_id=intent.actor_id,
        at=intent.at,
        order_id=intent.order_id,
        line_ids=intent.line_ids,
        total_minor=intent.total_minor,
        payments=(payment,),
        receipt_number=receipt_number,
    )


def _derived(intent_id: str, label: str) -> OperationId:
    return OperationId(derived_id(intent_id, label))
