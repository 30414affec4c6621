"""What a device's file holds of a history that its server has lost, and how the file begins anew on the next one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from pydantic_core import from_json, to_json

from shared.database import Connection
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.store import entities, meta
from shared.store.agreement import LOOK_BACK_MS
from shared.wire.healing import Retained
from shared.wire.requests import Kind, order_lane, ticket_lane

_HEALED: Final = "healed"
#: More than are ever on their way at once: among so many that were settled last is the newest.
_LAST: Final = 20

_PAGE: Final = """
    SELECT seq, id, kind, method, path, body, last_status, first_answer, revision FROM operation
    WHERE status = 'SUCCESS' AND seq > ? ORDER BY seq LIMIT ?"""

#: Sent, and no answer of it is here. Few: what was on its way at the end.
_UNANSWERED: Final = """
    SELECT seq, id, kind, method, path, body, entity_id FROM operation
    WHERE status IN ('PENDING', 'REPLAYING') AND sends > 0 ORDER BY seq LIMIT ?"""
MOST_UNANSWERED: Final = 100
"""So many of these are told of: two requests of several."""

MOST_PAYMENTS: Final = 100
"""So many payments by card are told of, the newest: an evening of one till. Older ones stand on bills."""

#: What the server refused (no answer, and not on its way) was never charged.
_PAYMENTS: Final = """
    SELECT id, path, body, answer FROM payment_intent
    WHERE is_sent = 1 AND (answer IS NOT NULL OR settled_at IS NULL) ORDER BY created_at DESC LIMIT ?"""

#: The healed server has no comparison of these shifts any more, and all that was done in them is still here.
_COMPARED_LATELY: Final = """
    UPDATE server_shift SET agreed_at = NULL, agreement = NULL WHERE id IN (
        SELECT entity_id FROM operation WHERE kind = 'open_shift' AND settled_at >= ?)"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a report says beside its operations: see `wire.healing.HealRequest`."""

    healed: str | None
    base_versions: dict[str, int]


def page(tx: Connection, *, after_seq: int, limit: int) -> tuple[Retained, ...]:
    """The next accepted operations of this file, in its own order. They stay here for a week of the server's time.

    The first page begins with the payments by card: whatever was paid by them comes after. Then comes what was done and
    whose answer was lost.
    """
    found = [*_payments(tx), *_seen_done(tx)] if after_seq == 0 else []
    rows: Sequence[tuple[Any, ...]] = tx.execute(_PAGE, (after_seq, limit - len(found))).fetchall()
    for seq, operation_id, kind, method, path, body, status, answer, revision in rows:
        told, shown = _as_accepted(status or HTTPStatus.OK, bytes(answer or b""))
        found.append(
            Retained(
                id=operation_id,
                seq=seq,
                kind=kind,
                method=method,
                path=path,
                body=bytes(body).decode(),
                status=told,
                answer=shown.decode(errors="replace"),
                revision=revision,
            )
        )
    return tuple(found)


def _payments(tx: Connection) -> Iterator[Retained]:
    """What was asked for by card, with the server's last word on it, or none: then it asks the gateway by itself."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(_PAYMENTS, (MOST_PAYMENTS,)).fetchall()
    for payment_id, path, body, answer in rows:
        yield Retained(
            id=payment_id,
            seq=1,
            kind=Kind.OPEN_INTENT,
            method="POST",
            path=path,
            body=bytes(body).decode(),
            status=HTTPStatus.CREATED,
            answer=bytes(answer or b"").decode(),
        )


def _seen_done(tx: Connection) -> Iterator[Retained]:
    """What waits for its answer, and is in the order as the server has shown it since: that word is as good as one.

    The guest may hold the invoice number that this screen has shown; without a report the bill would get another.
    What did not make the newest change that we know was done before it, and has to be done again before it.
    """
    newest = entities.cursor(tx) or ""
    revision, _, by = newest.partition("-")
    before = f"{int(revision) - 1}-{by}" if revision.isdecimal() else newest
    rows: Sequence[tuple[Any, ...]] = tx.execute(_UNANSWERED, (MOST_UNANSWERED,)).fetchall()
    for seq, operation_id, kind, method, path, body, entity_id in rows:
        order = entities.order(tx, entity_id)
        if order is not None and operation_id in order.applied:
            yield Retained(
                id=operation_id,
                seq=seq,
                kind=kind,
                method=method,
                path=path,
                body=bytes(body).decode(),
                status=HTTPStatus.OK,
                answer=order.to_json().decode(),
                revision=newest if by == operation_id else before,
            )


def standing(tx: Connection) -> Standing:
    """The last healing that this file went through, and the order versions that its waiting changes were made on."""
    versions: dict[str, int] = {}
    rows = tx.execute(
        "SELECT entity_id, body FROM operation WHERE status IN ('PENDING', 'REPLAYING', 'FAILED')"
        " AND settled_at IS NULL AND kind = ?",
        (Kind.CHANGE_ORDER,),
    )
    for order_id, body in rows:
        version = from_json(bytes(body)).get("baseVersion", 0)
        versions[str(order_id)] = max(version, versions.get(str(order_id), 0))
    return Standing(meta.get(tx, _HEALED), versions)


def later(one: str | None, other: str | None) -> str | None:
    """Of two cursors the one with the higher revision; the first where they are alike."""
    return other if _revision(other) > _revision(one) else one


def highest_seen(tx: Connection) -> str | None:
    """The highest cursor that this file knows of: its own, or what an answer named that was not pulled yet."""
    rows = tx.execute(
        "SELECT revision FROM operation WHERE settled_at IS NOT NULL ORDER BY settled_at DESC LIMIT ?", (_LAST,)
    )
    seen = entities.cursor(tx)
    for (revision,) in rows:
        seen = later(seen, None if revision is None else str(revision))
    return seen


def begin_anew(
    tx: Connection, *, healed: str, rows: Iterable[Order | Ticket], cursor: str, history: str, now_ms: int
) -> frozenset[str]:
    """Forget what the lost history said and take what the healed one says, with cursor and name, in one transaction.

    What waits here to be sent, drafts and paper stay as they are. Returns the ids that changed.
    """
    gone = [order_lane(str(one)) for (one,) in tx.execute("DELETE FROM server_order RETURNING id").fetchall()]
    gone += [ticket_lane(str(one)) for (one,) in tx.execute("DELETE FROM server_ticket RETURNING id").fetchall()]
    tx.execute("UPDATE server_shift SET version = 0, body = NULL")
    tx.execute(_COMPARED_LATELY, (now_ms - LOOK_BACK_MS,))
    tx.execute("DELETE FROM cursor")
    new = entities.store_page(tx, asked_from=None, cursor=cursor, entities=tuple(rows), now_ms=now_ms)
    meta.put(tx, _HEALED, healed)
    meta.stand_on(tx, history)
    return frozenset([*gone, *(new or ())])


def _as_accepted(status: int, answer: bytes) -> tuple[int, bytes]:
    """Status and body of an acceptance. *Done already* (a 409) is one too, and shows the order or ticket within."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return status, answer
    try:
        told = from_json(answer)
    except ValueError:
        told = None
    shown = told.get("existingResource") if isinstance(told, dict) else None
    return HTTPStatus.OK, b"" if shown is None else to_json(shown)


def _revision(cursor: str | None) -> int:
    digits = (cursor or "").partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else -1
