"""What the sync status panel shows: every operation with its state and reason, the alerts, and the figures."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from shared.database import Connection
from shared.domain.bill import Method
from shared.domain.commands import CreateOrder, Operation, SendToKitchen
from shared.domain.fixing import parts_of
from shared.domain.menu import Floor
from shared.money import Currency
from shared.store import entities, giving_back, money_moved, outbox
from shared.store.again import AGAIN_KINDS, kept_out
from shared.store.alerts import SURPLUS, WHAT_IT_WAS
from shared.store.details import detail, table_words
from shared.store.giving_back import Owed
from shared.store.outcomes import FailReason, Status
from shared.store.rows import AlertRow, Figures, OperationRow
from shared.wire.requests import MONEY_KINDS, Kind, decode

_COLUMNS: Final = """o.seq, o.id, o.kind, o.path, o.body, o.entity_id, o.created_at, o.sends, o.attempts, o.status,
    o.reason, o.last_error, o.not_before, o.settled_at,
    (SELECT min(other.seq) FROM operation_lane AS mine JOIN operation_lane AS other ON other.lane = mine.lane
     AND (other.place, other.seq) < (mine.place, mine.seq) WHERE mine.seq = o.seq),
    (SELECT choice FROM alert WHERE operation_seq = o.seq AND choice IS NOT NULL ORDER BY id DESC LIMIT 1)"""

WAY_BACK: Final = {Method.CASH: "in cash", Method.CARD: "to the card", Method.MOBILE_MONEY: "to the phone"}
"""How money goes back that came in this way."""

FIRST_PUT_ON: Final = " It was also for what was kept out: put that on again first, then count the money there."
"""The guest has had it: who gives all of the money back, gives that away."""

_TABS: Final = {
    "waiting": ("o.status IN ('PENDING', 'REPLAYING')", "o.place, o.seq"),
    "attention": ("o.status = 'FAILED' AND o.settled_at IS NULL", "o.place, o.seq"),
    "sent": ("o.settled_at IS NOT NULL", "o.settled_at DESC, o.seq DESC"),
}
"""Which operations stand on each tab, and in which order."""


def operations(
    tx: Connection, tab: str, *, floor: Floor, currency: Currency, limit: int = 200, offset: int = 0
) -> tuple[OperationRow, ...]:
    """A page of operations; `tab` is waiting, attention or sent."""
    which, order = _TABS[tab]
    sql = f"SELECT {_COLUMNS} FROM operation AS o WHERE {which} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608 - ours
    rows: Sequence[tuple[Any, ...]] = tx.execute(sql, (limit, offset)).fetchall()
    return tuple(_operation(tx, row, floor=floor, currency=currency) for row in rows)


def held(tx: Connection, operation_id: str, *, floor: Floor, currency: Currency) -> OperationRow | None:
    """One operation of the attention tab, wherever on it; None when it is not there any more."""
    sql = f"SELECT {_COLUMNS} FROM operation AS o WHERE o.id = ? AND {_TABS['attention'][0]}"  # noqa: S608 - ours
    row: tuple[Any, ...] | None = tx.execute(sql, (operation_id,)).fetchone()
    return None if row is None else _operation(tx, row, floor=floor, currency=currency)


def count(tx: Connection, tab: str) -> int:
    """How many operations stand on a tab."""
    number, _ = _two(tx, f"SELECT count(*), 0 FROM operation AS o WHERE {_TABS[tab][0]}")  # noqa: S608 - ours
    return int(number)


def open_alerts(tx: Connection, *, floor: Floor, currency: Currency, limit: int = 50) -> tuple[AlertRow, ...]:
    """The alerts that wait for somebody's choice, oldest first."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        """SELECT a.id, a.kind, a.title, a.detail, a.entity_id, a.raised_at, o.id, o.kind, o.reason, o.settled_at,
           (SELECT id FROM operation WHERE seq = a.operation_seq AND kind = 'close_order')
           FROM alert AS a LEFT JOIN operation AS o ON o.seq = a.operation_seq AND o.status = 'FAILED'
           WHERE a.choice IS NULL ORDER BY a.id LIMIT ?""",
        (limit,),
    ).fetchall()
    alerts = []
    for alert_id, kind, title, told, entity_id, raised_at, operation_id, what, reason, settled_at, bill_id in rows:
        entity = _entity_words(tx, entity_id, floor=floor)
        words, again_id, back, in_cash = told, "", "", False
        if kind == SURPLUS:
            owed = giving_back.of_bill(tx, bill_id)
            words, back = _surplus(tx, owed, bill_id, entity=entity, told_minor=int(told), currency=currency)
            in_cash = owed is not None and owed.has_cash
        elif reason == FailReason.CONFLICT and what in AGAIN_KINDS and (kept := kept_out(tx, operation_id)):
            again_id = operation_id
            words = f"{told} Not on it: {_kept_out(tx, kept, floor=floor, currency=currency)}."
        held_id = operation_id if reason is not None and settled_at is None else ""
        to = "" if held_id else _moves_to(tx, bill_id, floor=floor)
        ids = (held_id, again_id, bill_id if to else "", to, bill_id if back else "", back, in_cash)
        alerts.append(AlertRow(alert_id, kind, title, words, entity, raised_at, *ids))
    return tuple(alerts)


def _surplus(
    tx: Connection, owed: Owed | None, bill_id: str | None, *, entity: str, told_minor: int, currency: Currency
) -> tuple[str, str]:
    """What is asked about money that an order does not owe, and what of it can be given back from here."""
    if owed is not None and not owed.parts:
        return f"{entity} was paid {currency.text(told_minor)} more than it owes. That was given back meanwhile.", ""
    left_minor = told_minor if owed is None else sum(part.amount_minor for part in owed.parts)
    back = "" if owed is None else back_words(owed, currency)
    more = FIRST_PUT_ON if bill_id is not None and money_moved.is_for_more(tx, bill_id) else ""
    return f"{entity} was paid more than it owes: refund {currency.text(left_minor)}?{more}", back


def back_words(owed: Owed, currency: Currency) -> str:
    """How much goes back by which way; empty where nothing does."""
    return ", ".join(f"{currency.text(part.amount_minor)} {WAY_BACK[part.method]}" for part in owed.parts)


def figures(tx: Connection, *, day_start_ms: int) -> Figures:
    """The panel's figures; what was sent counts from the start of the business day."""
    waiting, oldest = _two(
        tx, "SELECT count(*), min(created_at) FROM operation WHERE status IN ('PENDING','REPLAYING')"
    )
    held, _ = _two(tx, "SELECT count(*), 0 FROM operation WHERE status = 'FAILED' AND settled_at IS NULL")
    alerts, _ = _two(tx, "SELECT count(*), 0 FROM alert WHERE choice IS NULL")
    row: tuple[Any, ...] = tx.execute(
        """SELECT count(*), count(*) FILTER (WHERE sends <= 1) FROM operation
           WHERE status = 'SUCCESS' AND settled_at >= ?""",
        (day_start_ms,),
    ).fetchone() or (0, 0)
    return Figures(
        waiting=int(waiting),
        oldest_ms=oldest,
        need_attention=max(int(held), int(alerts)),
        sent_today=row[0],
        first_try_share=row[1] / row[0] if row[0] else None,
    )


def counts(tx: Connection) -> tuple[int, int]:
    """How many operations wait, and how many things need a person: what the header's badge shows."""
    waiting, _ = _two(tx, "SELECT count(*), 0 FROM operation WHERE status IN ('PENDING', 'REPLAYING')")
    attention, _ = _two(
        tx,
        """SELECT max((SELECT count(*) FROM alert WHERE choice IS NULL),
           (SELECT count(*) FROM operation WHERE status = 'FAILED' AND settled_at IS NULL)), 0""",
    )
    return int(waiting), int(attention)


def _kept_out(tx: Connection, found: Sequence[Operation], *, floor: Floor, currency: Currency) -> str:
    """What a conflict kept out, as the waiter tapped it."""
    told = [command for command in found if not isinstance(command, SendToKitchen)] or found
    words = [detail(tx, command, floor=floor, currency=currency) for command in told]
    return "; ".join(one for one in words if one) or f"{len(found)} {'tap' if len(found) == 1 else 'taps'}"


def _two(tx: Connection, sql: str) -> tuple[Any, Any]:
    row: tuple[Any, ...] = tx.execute(sql).fetchone() or (0, None)
    return row[0], row[1]


def _operation(tx: Connection, row: tuple[Any, ...], *, floor: Floor, currency: Currency) -> OperationRow:
    (
        seq,
        operation_id,
        kind_text,
        path,
        body,
        entity_id,
        created_at,
        sends,
        attempts,
        status,
        reason,
        error,
        due,
        settled_at,
        behind,
        choice,
    ) = row
    kind = Kind(kind_text)
    command = decode(kind, operation_id=operation_id, path=path, body=body)
    needs_person = status == Status.FAILED and settled_at is None
    return OperationRow(
        seq=seq,
        id=operation_id,
        what=WHAT_IT_WAS[kind],
        detail=detail(tx, command, floor=floor, currency=currency),
        entity=_entity_words(tx, entity_id, floor=floor),
        entity_id=entity_id or "",
        created_at_ms=created_at,
        sends=sends,
        attempts=attempts,
        status=Status(status),
        reason=None if reason is None else FailReason(reason),
        error=error or "",
        not_before_ms=due,
        behind_seq=behind,
        carries_money=kind in MONEY_KINDS,
        is_settled=settled_at is not None,
        choice=choice or "",
        moves_to=_moves_to(tx, operation_id, floor=floor) if needs_person and kind in MONEY_KINDS else "",
        parts=parts_of(command) if needs_person else (),
        is_paid=needs_person and _is_paid(tx, seq),
        body_sha256=sha256(body).hexdigest() if needs_person else "",
    )


def _moves_to(tx: Connection, bill_id: str | None, *, floor: Floor) -> str:
    """The order on which this bill's money can be counted, in words; empty if there is none."""
    there = None if bill_id is None else money_moved.target(tx, bill_id)
    return "" if there is None else _entity_words(tx, there.id, floor=floor)


def _is_paid(tx: Connection, seq: int) -> bool:
    """Whether a bill waits behind an operation that is held."""
    return any(one.kind in MONEY_KINDS for one in outbox.behind(tx, seq))


def _entity_words(tx: Connection, entity_id: str | None, *, floor: Floor) -> str:
    """What people call an order or ticket: its number and table."""
    if entity_id is None:
        return ""
    order = entities.order(tx, entity_id)
    if order is not None:
        return f"{order.number} · {table_words(floor, order.table_id)}"
    ticket = entities.ticket(tx, entity_id)
    if ticket is not None:
        return f"{ticket.order_number} · {table_words(floor, ticket.table_id)}"
    row: tuple[Any, ...] | None = tx.execute(
        "SELECT id, path, body FROM operation WHERE entity_id = ? AND kind = 'create_order'", (entity_id,)
    ).fetchone()
    if row is None:
        return ""
    created = decode(Kind.CREATE_ORDER, operation_id=row[0], path=row[1], body=row[2])
    return f"{created.number} · {table_words(floor, created.table_id)}" if isinstance(created, CreateOrder) else ""
