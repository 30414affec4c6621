"""Says from a night's files alone whether anything was lost, doubled or differs: `python -m demo.check DIR`."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from demo.evidence import DeviceFile, Evidence, gather, lines_in, lines_named, payments_in
from demo.journal import Entry
from shared.domain.commands import CreateOrder
from shared.domain.order import Line
from shared.domain.ticket import Stage

RANK: Final = {"START": Stage.IN_PROGRESS.rank, "READY": Stage.READY.rank, "BUMP": Stage.BUMPED.rank}


@dataclass(slots=True)
class Findings:
    """The figures of a night; all but the first two have to be 0. `details` says in words what is wrong."""

    orders_rung: int = 0
    orders_on_server: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    payments_difference_minor: int = 0
    tickets_missing: int = 0
    views_unequal: int = 0
    told: int = 0
    """Lines that a conflict kept off the server and about which a person has an alert: not lost, not done either."""
    details: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether the promise was kept: and something was rung up at all, since an empty night proves nothing."""
        figures = (
            self.lost,
            self.doubled,
            self.out_of_order,
            self.payments_difference_minor,
            self.tickets_missing,
            self.views_unequal,
        )
        return self.orders_rung > 0 and self.orders_rung == self.orders_on_server and not any(figures)


def check(folder: Path) -> Findings:
    """Check a night. It knows nothing but the files: databases and the journals of what screens called saved."""
    evidence = gather(folder)
    findings = Findings()
    rung = {entry.text("order") for entry in evidence.journal if entry.event in ("sent", "paid")}
    findings.orders_rung = len(rung)
    findings.orders_on_server = len(rung & evidence.server.orders.keys())
    told = _told(evidence)
    findings.told = len(told)
    for name, problems in (
        ("lost", _lost(evidence, told)),
        ("doubled", _doubled(evidence)),
        ("out_of_order", _out_of_order(evidence)),
        ("tickets_missing", _tickets_missing(evidence)),
        ("views_unequal", _views_unequal(evidence)),
    ):
        found = list(problems)
        setattr(findings, name, len(found))
        findings.details += [f"{name}: {words}" for words in found]
    for order_id, tills, server in _payment_differences(evidence):
        findings.payments_difference_minor += abs(tills - server)
        findings.details.append(f"payments: order {order_id} has {tills} on the tills and {server} on the server")
    return findings


def _told(evidence: Evidence) -> frozenset[str]:
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


def _lost(evidence: Evidence, told: frozenset[str]) -> Iterator[str]:
    """Everything journaled that the server does not have as it was journaled, and that nobody was told of."""
    server = evidence.server
    yield from (f"row {key} holds another entity" for key in server.misfiled)
    payments = {payment.id for order in server.orders.values() for payment in order.payments}
    drafted = {line_id for till in evidence.tills for line_id in till.drafted}
    for entry in evidence.journal:
        match entry.event:
            case "sent":
                yield from _lost_lines(evidence, entry, told)
            case "paid" if entry.text("payment") not in payments:
                yield f"payment {entry.text('payment')} of order {entry.text('number')}"
            case "voided":
                for line_id in entry.fields["lines"]:
                    line = _line(evidence, entry.text("order"), line_id)
                    if line is None or not line.voided:
                        yield f"the void of line {line_id}"
            case "marked":
                ticket = server.tickets.get(entry.text("ticket"))
                if ticket is None or (ticket.round == 0 and ticket.status.rank < RANK[entry.text("mark")]):
                    yield f"{entry.text('mark')} of ticket {entry.text('ticket')}"
            case "drafted" if entry.text("line") not in drafted:
                if _line(evidence, entry.text("order"), entry.text("line")) is None:
                    yield f"line {entry.text('line')} that was in a draft"
            case _:
                continue


def _lost_lines(evidence: Evidence, entry: Entry, told: frozenset[str]) -> Iterator[str]:
    for sent in entry.fields["lines"]:
        if sent["id"] in told:
            continue
        line = _line(evidence, entry.text("order"), sent["id"])
        where = f"line {sent['id']} of order {entry.text('number')}"
        if line is None:
            yield where
            continue
        unit_minor = line.price_minor + sum(choice.price_minor for choice in line.modifiers)
        if (line.item_id, line.quantity, unit_minor) != (sent["item"], sent["quantity"], sent["unitMinor"]):
            yield f"{where} stands as {line.quantity} {line.item_id} at {unit_minor}"
        if line.ticket_id is None and not line.voided:
            yield f"the send of {where}"


def _line(evidence: Evidence, order_id: str, line_id: str) -> Line | None:
    """A line where it stands now: on its order, or on the follow-up order that it moved to."""
    order = evidence.server.orders.get(order_id)
    line = None if order is None else order.line(line_id)
    if line is not None and line.moved_to is not None:
        return _line(evidence, line.moved_to, line_id)
    return line


def _doubled(evidence: Evidence) -> Iterator[str]:
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


def _out_of_order(evidence: Evidence) -> Iterator[str]:
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


def _payment_differences(evidence: Evidence) -> Iterator[tuple[str, int, int]]:
    """Orders whose money on the tills (journals and outboxes) is not their money on the server."""
    taken: dict[str, tuple[str, int]] = {}
    for till in evidence.tills:
        for one in till.queued:
            for payment_id, amount_minor in payments_in(one.command).items():
                taken[payment_id] = (one.lane, amount_minor)
    for entry in evidence.journal:
        if entry.event == "paid":
            taken[entry.text("payment")] = (entry.text("order"), int(entry.fields["amountMinor"]))
    tills: Counter[str] = Counter()
    for order_id, amount_minor in taken.values():
        tills[order_id] += amount_minor
    for order_id in sorted(tills.keys() | evidence.server.orders.keys()):
        order = evidence.server.orders.get(order_id)
        server_minor = sum(payment.amount_minor for payment in order.payments) if order is not None else 0
        if server_minor != tills[order_id]:
            yield order_id, tills[order_id], server_minor


def _tickets_missing(evidence: Evidence) -> Iterator[str]:
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
            ticket = server.tickets.get(line.ticket_id or "")
            if line.ticket_id and (ticket is None or all(item.line_id != line.id for item in ticket.items)):
                yield f"line {line.id} is on no ticket"
    for kitchen in evidence.kitchens:
        for ticket_id in sorted(server.tickets.keys() | kitchen.tickets.keys()):
            known = server.tickets.get(ticket_id)
            if kitchen.tickets.get(ticket_id) != (None if known is None else known.to_json()):
                yield f"ticket {ticket_id} differs on {kitchen.name}"


def _views_unequal(evidence: Evidence) -> Iterator[str]:
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
        elif one.status == "FAILED" and not one.has_alert and one.reason != "CONFLICT":
            yield f"operation {one.seq} of {device.name} failed and nobody was told"


def main() -> int:
    """Check the night named on the command line; 0 when the promise was kept."""
    if len(sys.argv) != 2:
        print("Say which night: python -m demo.check DIR", file=sys.stderr)
        return 2
    try:
        findings = check(Path(sys.argv[1]))
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    for name, words in WORDS.items():
        print(f"{words:<46}{getattr(findings, name):>8}")
    for words in findings.details[:50]:
        print(f"  {words}")
    print("The promise was kept." if findings.is_clean else "THE PROMISE WAS BROKEN.")
    return 0 if findings.is_clean else 1


WORDS: Final = {
    "orders_rung": "orders rung up",
    "orders_on_server": "of these on the server",
    "lost": "lost",
    "doubled": "doubled",
    "out_of_order": "out of order within an order",
    "payments_difference_minor": "payments: tills against server, minor units",
    "tickets_missing": "tickets: kitchen against server",
    "views_unequal": "views that differ from the server",
    "told": "lines that conflicts left to a person",
}

if __name__ == "__main__":
    sys.exit(main())
