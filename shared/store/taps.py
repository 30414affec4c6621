"""The one transaction of a tap: rules on the view read here, operations, lanes and the draft together or not at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from shared.database import Connection
from shared.domain.approvals import Judge, needs_judging, refuse_unapproved
from shared.domain.commands import CloseOrder, EditDraft, Intent, PayCash, SendDraft
from shared.domain.heirs import heir_of
from shared.domain.intents import Expanded, Numbers, Scene, expand, ids_of, lines_of
from shared.domain.marks import TicketCommand
from shared.domain.moves import MergeOrder
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import HouseCommand
from shared.domain.ticket import Ticket
from shared.domain.tickets import mark
from shared.ids import OrderId
from shared.store import drafts, entities, heirs, left_over, meta, outbox, receipts, scenes, shifts
from shared.store.room import Bounds, require_room
from shared.store.scenes import AuthorOf
from shared.store.views import intent_order_ids
from shared.wire.requests import lanes_of, order_lane, ticket_lane

ORDER_COUNT: Final = "order_count"
RECEIPT_COUNT: Final = receipts.COUNT
"""The names of the till's two counters in `meta`."""


NEEDS_SERVER: Final = "Money can be given back only while the server is there: it knows what was paid. Give none now."


@dataclass(frozen=True, slots=True)
class Teller:
    """Who writes: the till's letter for its numbers, how people are known to the rules, and the bounds of its file."""

    letter: str
    author_of: AuthorOf
    bounds: Bounds = field(default_factory=Bounds)
    judge: Callable[[], Judge] | None = None
    """By what it is judged who may do a thing alone, before it is stored; the server judges again."""
    is_online: Callable[[], bool] = lambda: True


def accept(tx: Connection, intent: Intent, *, teller: Teller, now_ms: int) -> frozenset[str]:
    """Write an intention: everything that it means, in the caller's one transaction.

    Returns the ids that changed. An intention that is in already changes nothing. Raises CommandRejected when the
    rules refuse it on the view as it is now, DiskNearlyFull or QueueFull beyond the till's bounds; then nothing was
    written.
    """
    if isinstance(intent, TicketCommand):
        return _mark(tx, intent, now_ms=now_ms)
    if isinstance(intent, SendDraft | PayCash):
        if any(outbox.knows(tx, operation_id) for operation_id in ids_of(intent)):
            return frozenset()
    elif outbox.knows(tx, intent.id):
        return frozenset()
    if isinstance(intent, RefundOrder) and not teller.is_online():
        raise CommandRejected(Refusal.INVALID, NEEDS_SERVER)
    require_room(tx, intent, bounds=teller.bounds)
    if isinstance(intent, HouseCommand):
        return shifts.accept(tx, intent, letter=teller.letter, author_of=teller.author_of, now_ms=now_ms)
    seen = scenes.of_order(tx, intent.order_id, author_of=teller.author_of, also=intent_order_ids(intent)[1:])
    numbers = numbers_of(tx, teller.letter, drafted=intent.order_id if isinstance(intent, EditDraft) else None)
    try:
        expanded = expand(intent, seen.scene, author=teller.author_of(intent.actor_id), numbers=numbers)
    except CommandRejected as refused:
        about = None if refused.about is None else entities.order(tx, refused.about)
        raise refused if about is None else refused.naming(about.number) from None
    if teller.judge is not None:
        _refuse_unapproved(seen.scene, expanded, teller.judge())
    changed = {order_lane(intent.order_id)}
    for planned in expanded.operations:
        operation = shifts.in_shift(tx, planned)
        if isinstance(operation, CloseOrder) and planned is not intent:
            outbox.append(tx, receipts.put(tx, operation, lines_of(seen.scene)), now_ms=now_ms)
        else:
            outbox.append(tx, operation, now_ms=now_ms)
        changed |= set(lanes_of(operation))
    if isinstance(intent, MergeOrder):
        heir = heir_of(expanded.after.others, intent.into_order_id)
        if heir is not None:
            heirs.move_draft(tx, intent.order_id, heir, now_ms=now_ms)
        return frozenset(changed)
    after = expanded.after.draft
    if after != seen.scene.draft:
        if after is None or (isinstance(intent, EditDraft) and not after.lines):
            drafts.forget(tx, intent.order_id)
        else:
            drafts.put(tx, after, now_ms=now_ms)
    return frozenset(changed)


def _refuse_unapproved(scene: Scene, expanded: Expanded, judge: Judge) -> None:
    judged = [operation for operation in expanded.operations if needs_judging(operation)]
    before, after = (
        dict(one.others) if one.order is None else {**one.others, one.order.id: one.order}
        for one in (scene, expanded.after)
    )
    for operation in judged:
        refuse_unapproved(operation, judge, before=before, after=after)


def order_number(letter: str, count: int) -> str:
    """An order's number from birth: the till's letter and its counter, as C-128."""
    return f"{letter}-{count}"


def numbers_of(tx: Connection, letter: str, *, drafted: OrderId | None = None) -> Numbers:
    """This till's next numbers, taken in the caller's transaction and given back if that rolls back.

    `drafted` is the order that a draft is begun for: one that was foreseen is called as its maker would have called it.
    """

    def new_order() -> str:
        foreseen = None if drafted is None else left_over.number_of(tx, drafted)
        return foreseen or order_number(letter, _next_count(tx, letter, ORDER_COUNT))

    return Numbers(
        new_order,
        lambda: receipts.number(letter, _next_count(tx, letter, RECEIPT_COUNT)),
    )


def _next_count(tx: Connection, letter: str, counter: str) -> int:
    """The counter's next value. Raises CommandRejected where a number could come twice."""
    require_numbers(tx, letter)
    return meta.next_number(tx, counter)


def require_numbers(tx: Connection, letter: str) -> None:
    """Raises CommandRejected where a number under this letter could come twice."""
    if letter in meta.spent_letters(tx):
        raise CommandRejected(
            Refusal.INVALID,
            f"This till's file is new or salvaged, and no number under {letter} may come twice. Enrol this till again.",
        )


def _mark(tx: Connection, command: TicketCommand, *, now_ms: int) -> frozenset[str]:
    """Queue a mark; one that brings nothing new on the view of this screen is not worth an operation."""
    found = scenes.of_ticket(tx, command.ticket_id)
    if found is None:
        raise CommandRejected(Refusal.NOT_FOUND, "This ticket is not on this screen any more.")
    ticket: Ticket = found[0]
    if mark(ticket, command) is ticket:  # type: ignore[arg-type]
        return frozenset()
    outbox.append(tx, command, now_ms=now_ms)  # type: ignore[arg-type]
    return frozenset({ticket_lane(command.ticket_id)})
