"""The server with one part spoiled, each in a way that somebody once found reasonable."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from reference_server.storage import changes, entities
from shared.database import Connection, run_inline
from shared.domain.ticket import Stage
from shared.store.outcomes import Flight
from shared.wire.requests import Kind
from tests.contract.house import House

DAY_MS = 24 * 3600 * 1000


@dataclass
class TakesAll:
    """A server that closes, or sends, what stands on the order when the request arrives, not the lines that it names.

    What it makes of an operation's body is the same at every retry.
    """

    house: House
    kind: Kind
    _made: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, flight: Flight) -> bytes:
        if flight.kind is not self.kind:
            return flight.body
        if flight.id not in self._made:
            order = run_inline(self.house.connection, lambda tx: entities.order(tx, flight.entity_id))
            lines = order.standing_lines if order is not None else ()
            body = json.loads(flight.body)
            if self.kind is Kind.SEND_TO_KITCHEN:
                ids = dict.fromkeys([*body["lineIds"], *(line.id for line in lines if line.ticket_id is None)])
            else:
                ids = dict.fromkeys(line.id for line in lines)
            self._made[flight.id] = json.dumps({**body, "lineIds": list(ids)}).encode()
        return self._made[flight.id]


def forgets_after_a_day(tx: Connection, deps: Deps, request: Request) -> Response:
    """Keeps the ids of operations for a day, as many servers keep their idempotency keys."""
    before_ms = deps.clock.now_ms() - DAY_MS
    old = [one for (one,) in tx.execute("SELECT operation_id FROM operation WHERE created_at < ?", (before_ms,))]
    if old:
        for table in ("pos_order", "ticket"):
            tx.execute(
                f"UPDATE {table} SET body = CAST(json_set(CAST(body AS TEXT), '$.applied', json('[]')) AS BLOB)"
                " WHERE changed_at < ?",
                (before_ms,),
            )
        tx.execute("DELETE FROM answer WHERE seq IN (SELECT seq FROM operation WHERE created_at < ?)", (before_ms,))
        tx.execute("DELETE FROM operation WHERE created_at < ?", (before_ms,))
    return handle(tx, deps, request)


def pages_by_time(tx: Connection, deps: Deps, request: Request) -> Response:
    """What changed since then, by the clock."""
    asked = re.fullmatch(r"cursor=(\d+)-.+", request.query)
    response = handle(tx, deps, request)
    table = {"/pos/orders": "pos_order", "/kds/queue": "ticket"}.get(request.path)
    if asked is None or table is None or response.status != 200:
        return response
    at = tx.execute("SELECT at FROM change WHERE revision = ?", (int(asked[1]),)).get
    found = tx.execute(
        f"SELECT body, revision FROM {table} WHERE changed_at > ? ORDER BY changed_at LIMIT 50",
        (at,),
    ).fetchall()
    told = json.loads(response.body)
    told[request.path.rpartition("/")[2].replace("queue", "tickets")] = [json.loads(bytes(body)) for body, _ in found]  # type: ignore[arg-type]
    told["cursor"] = changes.head_cursor(tx)
    told["hasMore"] = False
    return response._replace(body=json.dumps(told).encode())


def one_revision_for_all(tx: Connection, deps: Deps, request: Request) -> Response:
    """Whatever an operation changed has its revision, which a page may part."""
    table = {"/pos/orders": "pos_order", "/kds/queue": "ticket"}.get(request.path)
    asked = re.fullmatch(r"cursor=(\d+)-.+", request.query)
    response = handle(tx, deps, request)
    if asked is None or table is None or response.status != 200:
        return response
    told = json.loads(response.body)
    last = int(told["cursor"].partition("-")[0])
    by = tx.execute("SELECT operation_id FROM change WHERE revision = ?", (last,)).get
    last = int(tx.execute("SELECT max(revision) FROM change WHERE operation_id = ?", (by,)).get)
    told["cursor"] = changes.cursor_at(tx, last)
    return response._replace(body=json.dumps(told).encode())


def last_mark_wins(tx: Connection, deps: Deps, request: Request) -> Response:
    """A ticket is where the mark says that came last."""
    found = re.fullmatch(r"/kds/tickets/(\w+)/(start|mark-ready|bump)", request.path)
    ticket = None if found is None else entities.ticket(tx, found[1])
    if ticket is None or deps.operations.find(tx, request.headers["idempotency-key"]) is not None:
        return handle(tx, deps, request)
    back = ticket.model_copy(update={"round": json.loads(request.body)["round"], "status": Stage.QUEUED})
    tx.execute("UPDATE ticket SET body = ? WHERE id = ?", (back.to_json(), ticket.id))
    order = entities.order(tx, ticket.order_id)
    if order is not None:
        marks = [
            one.model_copy(update={"round": back.round, "stage": back.status}) if one.id == ticket.id else one
            for one in order.tickets
        ]
        reset = order.model_copy(update={"tickets": tuple(marks)})
        tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (reset.to_json(), order.id))
    return handle(tx, deps, request)
