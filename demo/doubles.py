"""What of a night stands twice, comes from nobody, or came out of its order; in words, thing by thing."""

from collections import Counter
from collections.abc import Iterator

from demo.evidence import Evidence, lines_in

Sold = tuple[str, tuple[str, ...], int]
"""An item, its choices, and the price of one piece in minor units."""


def doubled(evidence: Evidence) -> Iterator[str]:
    """Everything that stands twice, or that nobody on any till can explain."""
    server = evidence.server
    yield from (f"operation {operation_id} has two rows" for operation_id in server.repeated)
    orders = server.orders.values()
    lines = Counter(line.id for order in orders for line in order.lines if line.moved_to is None)
    yield from (f"line {line_id} stands {count} times" for line_id, count in lines.items() if count > 1)
    payments = Counter(payment.id for order in orders for payment in order.payments)
    yield from (f"payment {payment_id} stands {count} times" for payment_id, count in payments.items() if count > 1)
    numbers = Counter(order.number for order in orders)
    yield from (f"number {number} was given {count} times" for number, count in numbers.items() if count > 1)
    queued = [one.command for till in evidence.tills for one in till.queued]
    told = {line["id"] for entry in evidence.journal if entry.event == "sent" for line in entry.fields["lines"]}
    explained = told | {line_id for command in queued for line_id in lines_in(command)}
    yield from (f"line {line_id} comes from no till" for line_id in lines if line_id not in explained)
    known = {entry.text("order") for entry in evidence.journal} | {
        one.lane for till in evidence.tills for one in till.queued
    }
    for order in orders:
        if order.id not in known and (order.follows is None or order.follows not in server.orders):
            yield f"order {order.number} comes from no till"
    on_tickets = Counter(item.line_id for ticket in server.tickets.values() for item in ticket.items)
    yield from (f"line {line_id} is on {count} tickets" for line_id, count in on_tickets.items() if count > 1)
    yield from _numbers(evidence)
    if evidence.is_whole:
        yield from _more_than_meant(evidence)


def _numbers(evidence: Evidence) -> Iterator[str]:
    """Invoice and receipt numbers that were given twice, or left out."""
    orders = evidence.server.orders.values()
    for what in ("invoice_number", "receipt_number"):
        given = Counter(number for order in orders if (number := getattr(order, what)))
        yield from (f"{what} {number} was given {count} times" for number, count in given.items() if count > 1)
    serials: dict[str, int] = {}
    for month, serial, number, order_id in evidence.server.invoices:
        serials[month] = serials.get(month, 0) + 1
        if serial != serials[month]:
            missing = f"Invoice {number.rpartition('-')[0]}-{serials[month]:04d} "
            if not any(words.startswith(missing) for words in evidence.server.holes):
                yield f"invoice {number} does not follow the one before it"
            serials[month] = serial
        order = evidence.server.orders.get(order_id)
        if order is not None and order.invoice_number != number:
            yield f"invoice {number} was given to order {order.number}, which has {order.invoice_number}"


def meant_and_made(evidence: Evidence) -> Iterator[tuple[str, Counter[Sold], Counter[Sold]]]:
    """For each order what its guest asked for, and what stands on the server, pieces by item, choices and price."""
    meant: dict[str, Counter[Sold]] = {}
    intents: set[str] = set()
    for entry in evidence.journal:
        if entry.event == "meant" and entry.text("intent") not in intents:
            intents.add(entry.text("intent"))
            for sale in entry.fields["sales"]:
                what = (sale["item"], tuple(sale["options"]), sale["unitMinor"])
                meant.setdefault(entry.text("order"), Counter())[what] += sale["quantity"]
    for order_id, wanted in meant.items():
        made: Counter[Sold] = Counter()
        order = evidence.server.orders.get(order_id)
        for line in () if order is None else order.lines:
            unit_minor = line.price_minor + sum(choice.price_minor for choice in line.modifiers)
            if not line.voided:
                made[line.item_id, tuple(sorted(one.id for one in line.modifiers)), unit_minor] += line.quantity
        yield order_id, wanted, made


def _more_than_meant(evidence: Evidence) -> Iterator[str]:
    """Pieces that no guest asked for, orders without a guest, and operations that no device made."""
    server = evidence.server
    asked = set()
    for order_id, meant, made in meant_and_made(evidence):
        asked.add(order_id)
        for (item, *_), quantity in (made - meant).items():
            yield f"{quantity} {item} more on order {order_id} than its guest asked for"
        order = server.orders.get(order_id)
        if order is not None and len(order.payments) > 1:
            yield f"order {order.number} was paid {len(order.payments)} times"
    yield from (f"order {order_id} has no guest" for order_id in server.orders if order_id not in asked)
    made_by_devices = {one.id for device in (*evidence.tills, *evidence.kitchens) for one in device.queued}
    yield from (f"operation {one} comes from no device" for one in server.places if one not in made_by_devices)


def out_of_order(evidence: Evidence) -> Iterator[str]:
    """Operations of one lane that took effect in another order than the one in which they were made."""
    for device in (*evidence.tills, *evidence.kitchens):
        last: dict[str, int] = {}
        for one in device.queued:
            place = evidence.server.places.get(one.id)
            if place is None or one.status != "SUCCESS":
                continue
            if place < last.get(one.lane, 0):
                yield f"operation {one.seq} of {device.name} came before an earlier one of its order"
            last[one.lane] = place
