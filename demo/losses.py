"""What of a night is lost: journaled, meant or queued, and not on the server as it was; in words, thing by thing."""

from collections.abc import Iterator
from typing import Final

from demo.doubles import meant_and_made
from demo.evidence import Evidence, lines_named, payments_in
from demo.journal import Entry
from shared.domain.commands import CloseOrder, CreateOrder, SendToKitchen
from shared.domain.marks import BumpTicket, ReadyTicket, StartTicket
from shared.domain.ticket import Stage

RANK: Final = {"START": Stage.IN_PROGRESS.rank, "READY": Stage.READY.rank, "BUMP": Stage.BUMPED.rank}


def told_to_a_person(evidence: Evidence) -> frozenset[str]:
    """The lines whose operation met a conflict, itself or by what it depended on, that somebody has an alert about."""
    told: set[str] = set()
    for till in evidence.tills:
        alerted: set[str] = set()
        for one in till.queued:
            if one.reason == "CONFLICT":
                # An order that a till makes under its own ULID can't be in anybody's way: that is no conflict.
                alerted |= {one.lane} if one.has_alert and not isinstance(one.command, CreateOrder) else set()
                told |= set(lines_named(one.command)) if one.lane in alerted else set()
    return frozenset(told)


def lost(evidence: Evidence, told: frozenset[str]) -> Iterator[str]:
    """Everything journaled that the server does not have as it was journaled, and that nobody was told of."""
    server = evidence.server
    yield from (f"row {key} holds another entity" for key in server.misfiled)
    payments = {payment.id for order in server.orders.values() for payment in order.payments}
    drafted = {line_id for till in evidence.tills for line_id in till.drafted}
    for entry in evidence.journal:
        match entry.event:
            case "sent":
                yield from _lost_lines(evidence, entry, told)
                yield from _lost_head(evidence, entry) if evidence.is_whole else ()
            case "paid":
                order = server.orders.get(entry.text("order"))
                if entry.text("payment") not in payments:
                    yield f"payment {entry.text('payment')} of order {entry.text('number')}"
                elif order is not None and order.is_open:
                    yield f"the close of order {entry.text('number')}"
            case "voided":
                for line_id in entry.fields["lines"]:
                    line = evidence.line(entry.text("order"), line_id)
                    if line is None or not line.voided:
                        yield f"the void of line {line_id}"
            case "marked":
                ticket = server.tickets.get(entry.text("ticket"))
                if ticket is None or (ticket.round == 0 and ticket.status.rank < RANK[entry.text("mark")]):
                    yield f"{entry.text('mark')} of ticket {entry.text('ticket')}"
            case "drafted" if entry.text("line") not in drafted:
                if evidence.line(entry.text("order"), entry.text("line")) is None:
                    yield f"line {entry.text('line')} that was in a draft"
            case _:
                continue
    yield from _lost_operations(evidence)
    yield from _misbilled(evidence)
    if evidence.is_whole:
        yield from _never_served(evidence)
        yield from _unjournaled(evidence)


def _lost_lines(evidence: Evidence, entry: Entry, told: frozenset[str]) -> Iterator[str]:
    for sent in entry.fields["lines"]:
        if sent["id"] in told:
            continue
        line = evidence.line(entry.text("order"), sent["id"])
        where = f"line {sent['id']} of order {entry.text('number')}"
        if line is None:
            yield where
            continue
        unit_minor = line.price_minor + sum(choice.price_minor for choice in line.modifiers)
        if (line.item_id, line.quantity, unit_minor) != (sent["item"], sent["quantity"], sent["unitMinor"]):
            yield f"{where} stands as {line.quantity} {line.item_id} at {unit_minor}"
        if sorted(choice.id for choice in line.modifiers) != sent.get("options", []) and "options" in sent:
            yield f"the choices of {where}"
        if line.ticket_id is None and not line.voided:
            yield f"the send of {where}"


def _lost_head(evidence: Evidence, entry: Entry) -> Iterator[str]:
    """The number and the table under which the order was rung up."""
    order = evidence.server.orders.get(entry.text("order"))
    if order is None:
        return
    if "number" in entry.fields and order.number != entry.text("number"):
        yield f"the number {entry.text('number')}: the order has {order.number}"
    if "table" in entry.fields and (order.table_id or "") != entry.text("table"):
        yield f"the table of order {order.number}: it stands at {order.table_id}"


def _lost_operations(evidence: Evidence) -> Iterator[str]:
    """What a till was told is done, and the server knows nothing of."""
    for till in evidence.tills:
        for one in till.queued:
            if one.status == "SUCCESS" and one.id not in evidence.server.places:
                yield f"operation {one.seq} of {till.name}, which the server had accepted"


def _misbilled(evidence: Evidence) -> Iterator[str]:
    """Lines that a close took along though the guest's bill did not name them, or left although it did."""
    for till in evidence.tills:
        for one in till.queued:
            if one.status != "SUCCESS" or not isinstance(one.command, CloseOrder):
                continue
            order = evidence.server.orders.get(one.lane)
            if order is None or not order.payments or order.payments[0].id not in payments_in(one.command):
                continue  # other money had closed it before
            named = set(one.command.line_ids)
            yield from (f"line {line.id} was closed unpaid" for line in order.standing_lines if line.id not in named)
            yield from (f"line {line.id} is owed again" for line in order.lines if line.moved_to and line.id in named)


def _never_served(evidence: Evidence) -> Iterator[str]:
    """What guests asked for and nobody rang up, and orders that nobody journaled as paid."""
    for order_id, meant, made in meant_and_made(evidence):
        for (item, *_), quantity in (meant - made).items():
            yield f"{quantity} {item} that the guest of order {order_id} asked for"
    served = {entry.text("order") for entry in evidence.journal if entry.event == "meant"}
    for order_id in sorted(served - {entry.text("order") for entry in evidence.journal if entry.event == "paid"}):
        yield f"the money of order {order_id}"


def _unjournaled(evidence: Evidence) -> Iterator[str]:
    """Operations of a whole night that no journal tells of, and files that are not there: the evidence has a hole."""
    for kind, devices in (("pos", evidence.tills), ("kds", evidence.kitchens)):
        if evidence.server.devices.count(kind) != len(devices):
            yield f"the file of a device: {evidence.server.devices.count(kind)} {kind} enrolled, {len(devices)} found"
    sent = {line["id"] for entry in evidence.journal if entry.event == "sent" for line in entry.fields["lines"]}
    paid = {entry.text("payment") for entry in evidence.journal if entry.event == "paid"}
    marked = {(entry.text("ticket"), entry.text("mark")) for entry in evidence.journal if entry.event == "marked"}
    for device in (*evidence.tills, *evidence.kitchens):
        for one in device.queued:
            match one.command:
                case SendToKitchen():
                    is_told = sent.issuperset(lines_named(one.command))
                case CloseOrder():
                    is_told = paid.issuperset(payments_in(one.command))
                case StartTicket(ticket_id=ticket_id):
                    is_told = (ticket_id, "START") in marked
                case ReadyTicket(ticket_id=ticket_id):
                    is_told = (ticket_id, "READY") in marked
                case BumpTicket(ticket_id=ticket_id):
                    is_told = (ticket_id, "BUMP") in marked
                case _:
                    is_told = True
            if not is_told:
                yield f"the journal's word on operation {one.seq} of {device.name}"
