"""Pure: the rows of the order and kitchen screens, made from a scene and the taps that are still in hand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.bill import Discount
from shared.domain.commands import (
    ChangeOrder,
    EditDraft,
    Intent,
    NewLine,
    Operation,
    PayCash,
    SendDraft,
    SendToKitchen,
    TicketOperation,
    VoidOrder,
)
from shared.domain.intents import Numbers, OrderIntent, expand
from shared.domain.lines import Author, line_from
from shared.domain.marks import SeenTicket, TicketCommand
from shared.domain.menu import Floor, Menu
from shared.domain.order import Line, Order, OrderState, Stamp, TicketMark
from shared.domain.rejections import CommandRejected
from shared.domain.shift_commands import HouseCommand
from shared.domain.ticket import Stage, Ticket
from shared.domain.tickets import mark
from shared.domain.together import orders_of
from shared.domain.totals import totals_of
from shared.ids import TicketId
from shared.store.dependants import lines_named
from shared.store.outcomes import Status
from shared.store.rows import DiscountRow, LineRow, LineStage, OrderView, SyncBadge, TicketRow
from shared.store.scenes import OrderScene

_STAGES: Final = {
    Stage.QUEUED: LineStage.SENT,
    Stage.IN_PROGRESS: LineStage.STARTED,
    Stage.READY: LineStage.READY,
    Stage.BUMPED: LineStage.READY,
}
_NO_STAMP: Final = Stamp()


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
        if len(intent_order_ids(intent)) > 1:
            continue  # it shows on all its orders at once, when it is saved: no line is on none or on two of them
        try:
            scene = expand(intent, scene, author=author_of(intent.actor_id), numbers=numbers).after
        except CommandRejected:
            continue  # the writer will refuse it in words; the screen shows the truth meanwhile
    order, draft = scene.order, scene.draft
    if order is None and draft is None:
        return None
    known = {line.id for line in order.lines} if order is not None else set()
    drafted = tuple(line for line in draft.lines if line.id not in known) if draft is not None else ()
    told = _Told.by(seen)
    rows = [_order_line(told, line) for line in order.lines if line.moved_to is None] if order is not None else []
    as_lines = [line_from(line, _NO_STAMP) for line in drafted]
    rows += [_draft_line(told, line, as_line) for line, as_line in zip(drafted, as_lines, strict=True)]
    inclusive = order.prices_include_tax if order is not None else author_of("").prices_include_tax
    standing = (*(order.standing_lines if order is not None else ()), *as_lines)
    priced = standing if order is None else (*standing, *order.voided_lines)
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
        totals=totals_of(priced, prices_include_tax=inclusive, discounts=() if order is None else order.discounts),
        badge=_badge(seen, online=online),
        waiting=seen.waiting,
        saving=bool(in_hand),
        base_version=scene.base_version,
        receipt_number=order.receipt_number if order is not None else None,
        receipt_numbers=order.receipt_numbers if order is not None else (),
        invoice_number=order.invoice_number if order is not None else None,
        unapplied_minor=order.unapplied_minor if order is not None else 0,
        server_knows=seen.server is not None,
        discounts=() if order is None else _discounts(order),
        last_round_ids=() if order is None else tuple([line.id for line in order.last_round]),
        is_merged=order is not None and order.merged_into is not None,
        heir_id="" if order is None else order.merged_into or "",
    )


def _discounts(order: Order) -> tuple[DiscountRow, ...]:
    """What stands of them here. A line's part of what another order gave as a whole is not this order's to take."""
    marks: list[tuple[Line | None, Discount]] = [
        (line, mark) for line in order.standing_lines for mark in line.discounts if mark.of_order is None
    ]
    marks += [(None, mark) for mark in order.discounts]
    return tuple(
        DiscountRow(
            id=mark.id,
            line_id=None if line is None else line.id,
            line_name="" if line is None else line.name,
            percent_bp=mark.percent_bp,
            amount_minor=mark.amount_minor,
            reason=mark.reason,
        )
        for line, mark in marks
        if not mark.removed
    )


def ticket_row(
    ticket: Ticket, in_hand: Iterable[TicketOperation], *, queued: int, floor: Floor, menu: Menu
) -> TicketRow:
    """A ticket with the marks in hand on it."""
    for command in in_hand:
        marked = mark(ticket, command)
        queued += marked is not ticket and not isinstance(command, SeenTicket)
        ticket = marked
    station = next((one for one in menu.stations if one.id == ticket.station), None)
    limits = (8, 12) if station is None else (station.orange_after_min, station.red_after_min)
    elsewhere = None if station is None else station.taken_over_by
    taken_over = ("", "")
    if station is not None and elsewhere is not None:
        taken_over = station.name, next((one.name for one in menu.stations if one.id == elsewhere), elsewhere)
    others: tuple[str, ...] = ()
    if any(item.on is not None for item in ticket.items):
        others = tuple("" if item.on is None else floor.table_name(item.on.table_id) for item in ticket.items)
    return TicketRow(ticket, floor.table_name(ticket.table_id), queued, *limits, elsewhere, taken_over, others)


def intent_order_ids(intent: Intent) -> tuple[str, ...]:
    """The orders that an intention is about, its own first; none for one about something else."""
    match intent:
        case EditDraft() | SendDraft() | PayCash():
            return (intent.order_id,)
        case TicketCommand() | HouseCommand():
            return ()
        case _:
            return orders_of(intent)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the rows of an order are told by: its lines as they are on disk, the kitchen's marks, who needs a person."""

    on_disk: Mapping[str, NewLine | Line]
    marks: Mapping[TicketId, TicketMark]
    held: frozenset[str]
    voided: frozenset[str]
    """The lines that are voided by the server's own word."""

    @classmethod
    def by(cls, seen: OrderScene) -> "_Told":
        """Gathered once for all lines of a scene."""
        on_disk: dict[str, NewLine | Line] = {}
        if seen.scene.draft is not None:
            on_disk |= {line.id: line for line in seen.scene.draft.lines}
        if seen.scene.order is not None:
            on_disk |= {line.id: line for line in seen.scene.order.lines}
        marks = {mark.id: mark for mark in seen.marks}
        held = (_held_lines(one.command) for one in seen.unsettled if one.status is Status.FAILED)
        voided = () if seen.server is None else (line.id for line in seen.server.lines if line.voided)
        return cls(on_disk, marks, frozenset().union(*held), frozenset(voided))

    def is_saving(self, line: NewLine | Line) -> bool:
        """Whether the line as it is shown is not what the disk has. A line that no tap in hand touched is the same."""
        stored = self.on_disk.get(line.id)
        return stored is not line and stored != line


def _order_line(told: _Told, line: Line) -> LineRow:
    saving = told.is_saving(line)
    return LineRow(
        id=line.id,
        item_id=line.item_id,
        name=line.name,
        quantity=line.quantity,
        total_minor=line.total_minor,
        choices=", ".join([choice.name for choice in line.modifiers]),
        modifiers=line.modifiers,
        note=line.note,
        seat=line.seat,
        course=line.course,
        stage=_stage(told, line, saving=saving),
        sent_at=line.sent_at,
        saving=saving,
        voided=line.voided,
    )


def _stage(told: _Told, line: Line, *, saving: bool) -> LineStage:
    """What may be claimed of a line: *sent* and further only on the server's own word."""
    if line.id in told.held and line.id not in told.voided:
        return LineStage.NEEDS_YOU
    if line.voided:
        return LineStage.VOIDED
    if line.ticket_id is None:
        return LineStage.HELD if line.held else LineStage.NEW
    mark = told.marks.get(line.ticket_id)
    if mark is None:
        return LineStage.SAVING if saving else LineStage.SAVED
    stage = _STAGES[mark.stage]
    return LineStage.SEEN if stage is LineStage.SENT and mark.seen else stage


def _held_lines(command: Operation) -> set[str]:
    """The lines that a held operation is about: those that a send or void names, or that a change makes or touches."""
    return lines_named(command) if isinstance(command, ChangeOrder | SendToKitchen | VoidOrder) else set()


def _draft_line(told: _Told, line: NewLine, as_line: Line) -> LineRow:
    return LineRow(
        id=line.id,
        item_id=line.item_id,
        name=as_line.name,
        quantity=line.quantity,
        total_minor=as_line.total_minor,
        choices=", ".join([choice.name for choice in line.modifiers]),
        modifiers=line.modifiers,
        note=line.note,
        seat=line.seat,
        course=as_line.course,
        stage=LineStage.NEW,
        sent_at=None,
        saving=told.is_saving(line),
        in_draft=True,
    )


def _badge(seen: OrderScene, *, online: bool) -> SyncBadge:
    if seen.held:
        return SyncBadge.NEEDS_YOU
    if seen.waiting:
        return SyncBadge.SYNCING if online else SyncBadge.NOT_SYNCED
    return SyncBadge.SYNCED if seen.server is not None else SyncBadge.NOT_SYNCED
