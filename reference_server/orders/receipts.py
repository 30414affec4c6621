"""A till's receipts as the server hears of them: whether each follows on the one before. The money counts either way.

Closes of several orders overtake each other, so that a number which is missing now may come in a moment: only one that
is still missing after a while is told. A receipt that was changed, or that stands twice, is told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from reference_server.effect import Alert, Effect, ReceiptNote, Used
from reference_server.storage import entities, receipt_links, used_ids
from reference_server.storage.seam import Connection
from shared.domain.commands import CloseOrder, Operation
from shared.domain.receipts import Content, holds, place_of

LATE_MS: Final = 15 * 60 * 1000
"""A close that is refused waits at its till for a person; most others come within seconds."""
MOST_MOVES: Final = 20
"""So often a line goes from order to order on one evening at most."""
_LOOK: Final = "Look through that till's receipts (evertill-doctor verify-receipts)."


def with_receipt(tx: Connection, told: Operation, effect: Effect, *, now_ms: int) -> Effect:
    """The effect with the receipt that it tells of, and with what a person has to know of it. Only reads.

    `told` is the close as its device froze it: a moment that was brought back from the future is another one.
    """
    place = place_of(told.receipt_number or "") if isinstance(told, CloseOrder) else None
    if not isinstance(told, CloseOrder) or place is None or told.receipt_number is None:
        return effect
    letter, serial = place
    link = told.receipt_link
    note = ReceiptNote(
        number=told.receipt_number,
        letter=letter,
        serial=serial,
        previous="" if link is None else link.previous,
        hash="" if link is None else link.hash,
        order_id=told.order_id,
    )
    known = receipt_links.of_number(tx, letter, serial)
    if any(one.hash == note.hash or not note.hash for one in known):
        return effect  # it came with another close: put on again, or moved
    note, alerts = _judged(tx, told, note, known=known)
    late = receipt_links.late(tx, letter, before_ms=now_ms - LATE_MS)
    alerts += [_missing(one) for one in late]
    return effect._replace(receipt=replace(note, settles=(*note.settles, *late)), alerts=(*effect.alerts, *alerts))


def _judged(
    tx: Connection, told: CloseOrder, note: ReceiptNote, *, known: tuple[ReceiptNote, ...]
) -> tuple[ReceiptNote, list[Alert]]:
    """The receipt with whether it waits for the one before it, and with those that waited for it."""
    alerts = []
    if not _holds(tx, told):
        alerts.append(_alert("receipt_changed", note, f"Receipt {note.number} does not give its own hash. {_LOOK}"))
    if any(one.hash for one in known):
        words = f"Receipt {note.number} came twice, with two contents. {_LOOK}"
        alerts.append(_alert("receipt_twice", note, words))
    before = receipt_links.of_number(tx, note.letter, note.serial - 1)
    if note.hash and before and all(one.hash and one.hash != note.previous for one in before):
        alerts.append(_torn(note))
    after = tuple(one for one in receipt_links.of_number(tx, note.letter, note.serial + 1) if one.awaits)
    if note.hash:
        alerts += [_torn(one) for one in after if one.hash and one.previous != note.hash]
    awaits = not before and receipt_links.begins_before(tx, note.letter, note.serial)
    return replace(note, awaits=awaits, settles=after), alerts


def _holds(tx: Connection, told: CloseOrder) -> bool:
    """Whether it gives its own hash. The paper of a bill that was moved names the order that it was paid for."""
    link, number = told.receipt_link, told.receipt_number
    if link is None or number is None:
        return True
    content = Content(number, told.order_id, told.at, told.total_minor, link.lines, payments="")
    if holds(link, content, told.payments):
        return True
    return any(holds(link, replace(content, order_id=one), told.payments) for one in _stood_on(tx, told))


def _stood_on(tx: Connection, told: CloseOrder) -> Iterator[str]:
    """The orders on which the first line of the bill has stood, from where it was born."""
    line_ids = told.line_ids[:1]
    place = next(iter(used_ids.orders_of(tx, Used.LINE, line_ids).values()), None)
    for _ in range(MOST_MOVES):
        order = None if place is None else entities.order(tx, place)
        line = None if order is None else order.line(line_ids[0])
        if order is None or line is None:
            return
        yield order.id
        place = line.moved_to


def _torn(note: ReceiptNote) -> Alert:
    words = f"Receipt {note.number} does not follow on the one before it, as that came here: {_EITHER}. {_LOOK}"
    return _alert("receipt_torn", note, words)


def _missing(note: ReceiptNote) -> Alert:
    number = f"{note.letter}-{note.serial - 1:06d}"
    words = f"Receipt {number} has not come, though {note.number} has: it waits on its till, or it is lost. {_LOOK}"
    return _alert("receipt_missing", note, words)


def _alert(kind: str, note: ReceiptNote, words: str) -> Alert:
    return Alert(kind, note.order_id, words)


_EITHER: Final = "its till has gone back to an older file, or one of them was changed"
