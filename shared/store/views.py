"""Pure: the rows of the order and kitchen screens, made from a scene and the taps that are still in hand."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from shared.domain.commands import (
    EditDraft,
    NewLine,
    Operation,
    OrderCommand,
    PayCash,
    SeenTicket,
    SendDraft,
    SendToKitchen,
    TicketOperation,
)
from shared.domain.intents import Numbers, OrderIntent, expand
from shared.domain.lines import Author, line_from
from shared.domain.menu import Floor, Menu
from shared.domain.order import Line, Order, OrderState, Stamp, TicketMark
from shared.domain.rejections import CommandRejected
from shared.domain.ticket import Stage, Ticket
from shared.domain.tickets import mark
from shared.domain.totals import totals_of
from shared.store.outcomes import Status
from shared.store.rows import LineRow, LineStage, OrderView, SyncBadge, TicketRow
from shared.store.scenes import OrderScene

_STAGES: Final = {
    Stage.QUEUED: LineStage.SENT,
    Stage.IN_PROGRESS: LineStage.STARTED,
    Stage.READY: LineStage.READY,
    Stage.BUMPED: LineStage.READY,
}


def order_view(
    seen: OrderScene,
    in_hand: Sequence[OrderIntent],
    *,
    author_of: Callable[[str], Author],
    numbers: Numbers,
    floor: Floor,
    online: bool,
) -> OrderView | None:
    """An order with the taps in hand on it; None when neither disk nor hand knows it. Never raises: it is painted."""
    scene = seen.scene
    for intent in in_hand:
        try:
            scene = expand(intent, scene, author=author_of(intent.actor_id), numbers=numbers).after
        except CommandRejected:
            continue  # the writer will refuse it in words; the screen shows the truth meanwhile
    order, draft = scene.order, scene.draft
    if order is None and draft is None:
        return None
    known = {line.id for line in order.lines} if order is not None else set()
    drafted = tuple(line for line in draft.lines if line.id not in known) if draft is not None else ()
    disk_lines = _lines_on_disk(seen)
    rows = [_order_line(seen, line, disk_lines) for line in order.lines if line.moved_to is None] if order else []
    rows += [_draft_line(line, saving=disk_lines.get(line.id) != line) for line in drafted]
    inclusive = order.prices_include_tax if order is not None else author_of("").prices_include_tax
    standing = (*(order.standing_lines if order is not None else ()), *(line_from(line, Stamp()) for line in drafted))
    about = order if order is not None else draft
    assert about is not None
    return OrderView(
        id=order.id if order is not None else draft.order_id if draft is not None else "",
        number=about.number,
        state=order.state if order is not None else OrderState.NEW,
        table_id=about.table_id,
        table_name=floor.table_name(about.table_id),
        channel=about.channel,
        guests=about.guests,
        waiter_name=order.waiter_name if order is not None else "",
        opened_at=order.opened_at if order is not None else "",
        lines=tuple(rows),
        totals=totals_of(standing, prices_include_tax=inclusive),
        badge=_badge(seen, online=online),
        waiting=seen.waiting,
        saving=bool(in_hand),
        base_version=scene.base_version,
        receipt_number=order.receipt_number if order is not None else None,
        receipt_numbers=order.receipt_numbers if order is not None else (),
        invoice_number=order.invoice_number if order is not None else None,
        unapplied_minor=order.unapplied_minor if order is not None else 0,
        server_knows=seen.server is not None,
    )


def ticket_row(
    ticket: Ticket, in_hand: Iterable[TicketOperation], *, queued: int, floor: Floor, menu: Menu
) -> TicketRow:
    """A ticket with the marks in hand on it."""
    for command in in_hand:
        marked = mark(ticket, command)
        queued += marked is not ticket and not isinstance(command, SeenTicket)
        ticket = marked
    limits = next(((s.orange_after_min, s.red_after_min) for s in menu.stations if s.id == ticket.station), (8, 12))
    return TicketRow(ticket, floor.table_name(ticket.table_id), queued, *limits)


def intent_order_id(intent: EditDraft | SendDraft | PayCash | Operation) -> str | None:
    """The order that an intention is about, or None for one about a ticket."""
    return intent.order_id if isinstance(intent, EditDraft | SendDraft | PayCash | OrderCommand) else None


def _lines_on_disk(seen: OrderScene) -> dict[str, NewLine | Line]:
    found: dict[str, NewLine | Line] = {}
    if seen.scene.draft is not None:
        found |= {line.id: line for line in seen.scene.draft.lines}
    if seen.scene.order is not None:
        found |= {line.id: line for line in seen.scene.order.lines}
    return found


def _order_line(seen: OrderScene, line: Line, disk_lines: dict[str, NewLine | Line]) -> LineRow:
    saving = disk_lines.get(line.id) != line
    return LineRow(
        id=line.id,
        item_id=line.item_id,
        name=line.name,
        quantity=line.quantity,
        total_minor=line.total_minor,
        choices=", ".join(choice.name for choice in line.modifiers),
        modifiers=line.modifiers,
        note=line.note,
        seat=line.seat,
        course=line.course,
        stage=_stage(seen, line, saving=saving),
        sent_at=line.sent_at,
        saving=saving,
    )


def _stage(seen: OrderScene, line: Line, *, saving: bool) -> LineStage:
    """What may be claimed of a line: *sent* and further only on the server's own word."""
    if line.voided:
        return LineStage.VOIDED
    if any(_names(one.command, line.id) for one in seen.unsettled if one.status is Status.FAILED):
        return LineStage.NEEDS_YOU
    if line.ticket_id is None:
        return LineStage.NEW
    told = _mark_of(seen.server, line.ticket_id)
    if told is None:
        return LineStage.SAVING if saving else LineStage.SAVED
    stage = _STAGES[told.stage]
    return LineStage.SEEN if stage is LineStage.SENT and told.seen else stage


def _names(command: Operation, line_id: str) -> bool:
    """Whether a held operation is about this line: a send that names it, or a change that makes or touches it."""
    if isinstance(command, SendToKitchen):
        return line_id in command.line_ids
    changes = getattr(command, "changes", ())
    return any(line_id in (getattr(change, "line_id", ""), change.id) for change in changes)


def _mark_of(server: Order | None, ticket_id: str) -> TicketMark | None:
    return None if server is None else next((one for one in server.tickets if one.id == ticket_id), None)


def _draft_line(line: NewLine, *, saving: bool) -> LineRow:
    as_line = line_from(line, Stamp())
    return LineRow(
        id=line.id,
        item_id=line.item_id,
        name=as_line.name,
        quantity=line.quantity,
        total_minor=as_line.total_minor,
        choices=", ".join(choice.name for choice in line.modifiers),
        modifiers=line.modifiers,
        note=line.note,
        seat=line.seat,
        course=as_line.course,
        stage=LineStage.NEW,
        sent_at=None,
        saving=saving,
    )


def _badge(seen: OrderScene, *, online: bool) -> SyncBadge:
    if seen.held:
        return SyncBadge.NEEDS_YOU
    if seen.waiting:
        return SyncBadge.SYNCING if online else SyncBadge.NOT_SYNCED
    return SyncBadge.SYNCED if seen.server is not None else SyncBadge.NOT_SYNCED
