"""Pure: what a command does to all the orders that it is about, whole or not at all; `rules` knows of one only."""

import heapq
from collections.abc import Mapping, Sequence

from shared.domain.closing import follow_up
from shared.domain.commands import ChangeOrder, CloseOrder, OrderOperation
from shared.domain.discounts import parted, sparing
from shared.domain.heirs import heir_of, redirected
from shared.domain.kitchen_state import kitchen_state, kitchen_without
from shared.domain.lines import TOO_MANY_LINES, Author, refuse_too_dear
from shared.domain.model import MAX_LINES
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Line, Order, Orders, OrderState, Stamp, TicketMark
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.domain.rules import apply
from shared.ids import ChangeId, LineId, OrderId, TicketId, derived_id


def orders_of(command: OrderOperation) -> tuple[OrderId, ...]:
    """The orders that a command is about: its own first, then those that it carries lines to.

    What a close leaves over is not among them: that is made by it. Nor are the heirs of merged orders, see `heirs`.
    Each step of a fold asks, so types are compared here: a model that is another takes `isinstance` many times as long.
    """
    if type(command) is ChangeOrder:
        others = [one.to_order_id for one in command.changes if type(one) is TransferLines]
    elif type(command) is MergeOrder:
        others = [command.into_order_id]
    elif type(command) is SplitOrder:
        others = [command.new_order_id]
    else:
        others = []
    return tuple(dict.fromkeys((command.order_id, *others))) if others else (command.order_id,)


def apply_all(orders: Orders, command: OrderOperation, author: Author) -> dict[str, Order]:
    """The orders that the command changes or makes, as they are after it, its own first; none if it was in already.

    What comes late for a merged order is done on its heir. Raises CommandRejected, and then it changes none of them.
    """
    meant = redirected(orders, command, author)
    if meant is None:
        return {}
    command = meant
    if isinstance(command, MergeOrder):
        return _merged(orders, command, author)
    if isinstance(command, SplitOrder):
        return _split(orders, command, author)
    if isinstance(command, ChangeOrder) and (transfers := _transfers(command)):
        return _transferred(orders, command, transfers=transfers, author=author)
    before = orders.get(command.order_id)
    after = apply(before, command, author)
    if after is before:
        return {}
    changed: dict[str, Order] = {after.id: after}
    if isinstance(command, CloseOrder) and before is not None:
        late = follow_up(before, command, author)
        if late is not None and late.id not in orders:
            changed[late.id] = late
    return changed


def _transfers(command: OrderOperation) -> tuple[TransferLines, ...]:
    changes = command.changes if isinstance(command, ChangeOrder) else ()
    return tuple(one for one in changes if isinstance(one, TransferLines))


def _transferred(
    orders: Orders, command: ChangeOrder, *, transfers: Sequence[TransferLines], author: Author
) -> dict[str, Order]:
    """The order that the lines leave, and those that they come to.

    Each half is asked by itself whether it has the change: a device may hear of one order before it hears of the other.
    """
    source = orders.get(command.order_id)
    for one in transfers:
        target = orders.get(one.to_order_id)
        has_it = target is not None and one.id in target.applied
        if source is not None and not has_it and command.id not in source.applied and one.id not in source.applied:
            _refuse_target(source, target)
    after = apply(source, command, author)
    changed = {} if after is source else {str(after.id): after}
    for order_id in dict.fromkeys(one.to_order_id for one in transfers):
        target = orders.get(order_id)
        if target is None:
            continue
        new = [one for one in transfers if one.to_order_id == order_id and one.id not in target.applied]
        named = {line_id for one in new for line_id in one.line_ids}
        lines = [line for line in after.lines if line.id in named and line.moved_to == order_id]
        if new:
            by = tuple(one.id for one in new)
            changed[order_id] = _received(target, lines, source or after, by=by, author=author)
    return changed


def _split(orders: Orders, command: SplitOrder, author: Author) -> dict[str, Order]:
    """The order that lines leave, and the new one that they come to: a transfer to an order that is opened for it."""
    source, new = orders.get(command.order_id), orders.get(command.new_order_id)
    if source is None:
        raise CommandRejected(Refusal.NOT_FOUND, "This order is not known here.")
    if new is None:
        new = _opened(source, command, author)
    elif command.id not in new.applied:
        raise CommandRejected(Refusal.INVALID_STATE_TRANSITION, f"Order {new.number} exists already.")
    transfer = TransferLines(
        id=ChangeId(derived_id(command.id, "split")), line_ids=command.line_ids, to_order_id=command.new_order_id
    )
    change = ChangeOrder(
        id=command.id,
        actor_id=command.actor_id,
        at=command.at,
        order_id=command.order_id,
        base_version=command.base_version,
        changes=(transfer,),
    )
    return _transferred({**orders, new.id: new}, change, transfers=(transfer,), author=author)


def _opened(source: Order, command: SplitOrder, author: Author) -> Order:
    """The new order before its lines come: of the same guests' waiter, and counted like theirs."""
    if command.number is None:
        raise CommandRejected(Refusal.INVALID, "An order needs its number.")
    stamp = Stamp(version=1, device=author.device_id)
    return Order(
        id=command.new_order_id,
        number=command.number,
        table_id=source.table_id if command.table_id is None else command.table_id,
        channel=source.channel,
        guests=command.guests,
        waiter_id=source.waiter_id,
        waiter_name=source.waiter_name,
        opened_at=command.at,
        prices_include_tax=source.prices_include_tax,
        table_stamp=stamp,
        guests_stamp=stamp,
        applied=(command.id,),
    )


def _merged(orders: Orders, command: MergeOrder, author: Author) -> dict[str, Order]:
    """The order that was merged, and its heir with all that stood on it.

    Where two tills merge two orders into each other, the first one is done, and the second finds it so.
    """
    order = orders.get(command.order_id)
    if order is None:
        raise CommandRejected(Refusal.NOT_FOUND, "This order is not known here.")
    is_in = command.id in order.applied
    heir = heir_of(orders, order.merged_into or order.id) if is_in else heir_of(orders, command.into_order_id)
    if heir is not None and heir.id == order.id:
        return {} if is_in else {order.id: _with_applied(order, command.id)}
    if is_in and (heir is None or command.id in heir.applied):
        return {}
    if not is_in and (heir is None or command.id not in heir.applied):
        if not order.is_open:
            raise over(order)
        _refuse_target(order, heir)
    assert heir is not None, "an heir that is not known was refused"
    after = order if is_in else _left(order, command, heir)
    changed = {} if is_in else {str(after.id): after}
    if command.id not in heir.applied:
        lines = [line for line in after.lines if line.id in _came(order, heir, is_in=is_in)]
        by = (*(one for one in order.applied if one not in heir.applied), *(() if is_in else (command.id,)))
        received = _received(heir, lines, order, by=by, author=author)
        changed[heir.id] = _with_guests(received, order, author) if order.guests else received
    return changed


def _came(order: Order, heir: Order, *, is_in: bool) -> set[LineId]:
    """The lines that a merge brings. Lines that had gone to the heir before are its own affair."""
    if not is_in:
        return {line.id for line in order.standing_lines}
    here = {line.id: line.moved_to for line in heir.lines}
    return {line.id for line in order.lines if line.moved_to == heir.id and here.get(line.id, order.id) == order.id}


def _left(order: Order, command: MergeOrder, heir: Order) -> Order:
    """An order that was merged: its lines stay as they were when they went, so that what comes late is judged by them.

    A line that had gone elsewhere before stays gone there.
    """
    gone = {line.id for line in order.standing_lines}
    parts = parted(order.lines, order.discounts, order_id=order.id, gone=gone)
    lines = tuple(
        line.model_copy(update={"moved_to": heir.id, "discounts": (*line.discounts, *parts.taken[line.id])})
        if line.id in gone
        else line
        for line in order.lines
    )
    update = {
        **kitchen_without(order, lines),
        "lines": lines,
        "discounts": parts.stay,
        "state": OrderState.VOIDED,
        "merged_into": heir.id,
        "heir_version": heir.version + (command.id not in heir.applied),
        "closed_at": command.at,
        "applied": (*order.applied, command.id),
        "version": order.version + 1,
    }
    return order.model_copy(update=update)


def _with_guests(heir: Order, order: Order, author: Author) -> Order:
    """The guests of both sit together now."""
    stamp = Stamp(version=heir.version, device=author.device_id)
    return heir.model_copy(update={"guests": min(heir.guests + order.guests, 999), "guests_stamp": stamp})


def _with_applied(order: Order, command_id: str) -> Order:
    return order.model_copy(update={"applied": (*order.applied, command_id), "version": order.version + 1})


def _refuse_target(source: Order, target: Order | None) -> None:
    if target is None:
        raise CommandRejected(
            Refusal.INVALID_STATE_TRANSITION,
            f"The order that these lines were to go to was never opened. They stay on order {source.number}.",
        )
    if not target.is_open:
        raise over(target, f". The lines stay on order {source.number}.")
    if target.prices_include_tax != source.prices_include_tax:
        raise CommandRejected(
            Refusal.INVALID, f"Orders {source.number} and {target.number} count tax in different ways."
        )


def _received(target: Order, lines: Sequence[Line], source: Order, *, by: tuple[str, ...], author: Author) -> Order:
    """An order with lines that came from `source`, with their tickets; one that comes back takes its old place."""
    stamp = Stamp(version=target.version + 1, device=author.device_id)
    here = {line.id: line for line in target.lines}
    came = []
    for line in lines:
        if line.id not in here or not here[line.id].stands:
            came.append(line)
            here[line.id] = line.model_copy(update={"moved_to": None, "stamp": stamp})
    if len(here) > MAX_LINES:
        raise CommandRejected(Refusal.INVALID, TOO_MANY_LINES)
    refuse_too_dear(here.values(), prices_include_tax=target.prices_include_tax)
    sent = {line.ticket_id for line in lines}
    sent_at = {line.ticket_id: line.sent_at or "" for line in (*target.lines, *lines)}
    marks = _furthest(target.tickets, tuple(mark for mark in source.tickets if mark.id in sent), sent_at)
    update = {
        "lines": tuple(here.values()),
        "discounts": sparing(target.discounts, came),
        "tickets": marks,
        "state": _state_with(target, source, sent=sent, marks=marks),
        "applied": (*target.applied, *by),
        "version": target.version + 1,
    }
    return target.model_copy(update=update)


def _state_with(
    target: Order, source: Order, *, sent: set[TicketId | None], marks: tuple[TicketMark, ...]
) -> OrderState:
    """What comes unsent changes nothing; what was served stays so where nothing else is to come."""
    if not sent - {None} or not target.is_open:
        return target.state
    nothing_else = target.state is OrderState.SERVED or not target.standing_lines
    if source.state is OrderState.SERVED and nothing_else and None not in sent:
        return OrderState.SERVED
    return kitchen_state(marks)


def _furthest(
    own: tuple[TicketMark, ...], brought: tuple[TicketMark, ...], sent_at: Mapping[TicketId | None, str]
) -> tuple[TicketMark, ...]:
    """One mark for each ticket, the one that is further on. Each order's keep their order, as they were sent."""
    new = [mark for mark in brought if mark.id not in {one.id for one in own}]
    marks = {mark.id: mark for mark in heapq.merge(own, new, key=lambda mark: sent_at.get(mark.id, ""))}
    for mark in brought:
        known = marks.get(mark.id, mark)
        further = max(known, mark, key=lambda one: (one.round, one.stage.rank))
        marks[mark.id] = further.model_copy(update={"seen": known.seen or mark.seen})
    return tuple(marks.values())
