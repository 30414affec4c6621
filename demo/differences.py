"""What of a night differs between the devices and the server: money, tickets and views; in words, thing by thing."""

from collections.abc import Iterator

from demo.evidence import DeviceFile, Evidence, payments_in
from shared.domain.bill import Method

_WITH_ANOTHER = ("CONFLICT", "DISCARDED")
"""What met a conflict, or was discarded by a person, takes along what depends on it: that is told once."""


def payment_differences(evidence: Evidence) -> Iterator[tuple[str, int]]:
    """Payments that are not the same in journal, outbox and server, in words, with the minor units that they differ.

    A card whose approval came too late is on the server alone, applied to nothing.
    """
    server: dict[str, tuple[str, int]] = {
        payment.id: (order.id, payment.amount_minor)
        for order in evidence.server.orders.values()
        for payment in order.payments
    }
    late = {
        payment.id
        for order in evidence.server.orders.values()
        for payment in order.payments
        if payment.method is not Method.CASH and payment.unapplied_minor == payment.amount_minor
    }
    outboxes = {
        payment_id: (one.lane, amount_minor)
        for till in evidence.tills
        for one in till.queued
        for payment_id, amount_minor in payments_in(one.command).items()
    }
    journals = {
        entry.text("payment"): (entry.text("order"), int(entry.fields["amountMinor"]))
        for entry in evidence.journal
        if entry.event == "paid"
    }
    for payment_id in sorted({*server, *outboxes, *journals}):
        found = [known.get(payment_id) for known in (server, outboxes, journals)]
        told = [one for one in found[1:] if one is not None]
        if payment_id in late and not told:
            continue  # the server put it there and told a person: no till took it
        if found[0] is None or not told or any(one != found[0] for one in told):
            amounts = [amount_minor for _, amount_minor in (one for one in found if one is not None)]
            off_minor = max(amounts) - min(amounts) if found[0] is not None and told else max(amounts)
            off_minor = off_minor or max(amounts)  # the right sum on the wrong order
            yield f"payment {payment_id}: server {found[0]}, till {found[1]}, journal {found[2]}", off_minor


def tickets_missing(evidence: Evidence) -> Iterator[str]:
    """Sent lines without a ticket that names them, and kitchen screens that show other tickets than the server has."""
    server = evidence.server
    for order in server.orders.values():
        for mark in order.tickets:
            ticket = server.tickets.get(mark.id)
            if ticket is None:
                yield f"ticket {mark.id} of order {order.number} is not on the server"
            elif (ticket.round, ticket.status) != (mark.round, mark.stage):
                yield f"ticket {mark.id} is {ticket.status}, its order says {mark.stage}"
        for line in order.lines:
            if line.moved_to is not None:
                continue  # what becomes of it after that stands on the order that took it over
            ticket = server.tickets.get(line.ticket_id or "")
            cooked = [] if ticket is None else [item for item in ticket.items if item.line_id == line.id]
            if line.ticket_id and not cooked:
                yield f"line {line.id} is on no ticket"
            for item in cooked:
                if (item.quantity, item.name, item.voided) != (line.quantity, line.name, line.voided):
                    yield f"line {line.id} stands on its ticket as {item.quantity} {item.name}"
    for kitchen in evidence.kitchens:
        for ticket_id in sorted(server.tickets.keys() | kitchen.tickets.keys()):
            known = server.tickets.get(ticket_id)
            if kitchen.tickets.get(ticket_id) != (None if known is None else known.to_json()):
                yield f"ticket {ticket_id} differs on {kitchen.name}"


def views_unequal(evidence: Evidence) -> Iterator[str]:
    """Orders that a till would show otherwise than the server has them, and operations that nobody was told about."""
    for till in evidence.tills:
        for order_id in sorted(till.views.keys() | evidence.server.order_bytes.keys()):
            if till.views.get(order_id) != evidence.server.order_bytes.get(order_id):
                yield f"order {order_id} differs on {till.name}"
    for device in (*evidence.tills, *evidence.kitchens):
        yield from _left_behind(device)


def _left_behind(device: DeviceFile) -> Iterator[str]:
    for one in device.queued:
        if one.status in ("PENDING", "REPLAYING"):
            yield f"operation {one.seq} of {device.name} still waits"
        elif one.status == "FAILED" and not one.has_alert and one.reason not in _WITH_ANOTHER:
            yield f"operation {one.seq} of {device.name} failed and nobody was told"
