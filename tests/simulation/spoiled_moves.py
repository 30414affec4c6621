"""The server with a part of its moves spoiled: what is carried from one order to another is there twice, or nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from reference_server.storage import entities
from shared.database import Connection
from shared.domain.order import Line, Order


def transfer_leaves_a_copy(tx: Connection, deps: Deps, request: Request) -> Response:
    """A line that goes to another order stays on its own one too."""
    response, order = _done(tx, deps, request, r"/pos/orders/(\w+)")
    if order is not None and b"transferLines" in request.body:
        named = {i for one in json.loads(request.body)["changes"] for i in one.get("lineIds", ())}
        copies = (
            line.model_copy(update={"moved_to": None}) if line.id in named and not line.voided else line
            for line in order.lines
        )
        _put(tx, order, copies)
    return response


def merge_forgets_what_comes_late(tx: Connection, deps: Deps, request: Request) -> Response:
    """What another device adds to an order that was merged is accepted, and stands on no bill."""
    response, order = _done(tx, deps, request, r"/pos/orders/(\w+)")
    if order is not None and order.merged_into is not None and b"addLine" in request.body:
        heir = entities.order(tx, order.merged_into)
        new = {one["line"]["id"] for one in json.loads(request.body)["changes"] if one["type"] == "addLine"}
        if heir is not None:
            _put(tx, heir, (line for line in heir.lines if line.id not in new))
    return response


def split_brings_nothing(tx: Connection, deps: Deps, request: Request) -> Response:
    """The order that a split opens stays empty."""
    response, order = _done(tx, deps, request, r"/pos/orders/(\w+)/split")
    if order is not None and response.status == 200:
        opened = entities.order(tx, json.loads(request.body)["newOrderId"])
        if opened is not None:
            _put(tx, opened, ())
    return response


def _done(tx: Connection, deps: Deps, request: Request, path: str) -> tuple[Response, Order | None]:
    """The real answer, and the order that this path names as it is after it."""
    response = handle(tx, deps, request)
    found = re.fullmatch(path, request.path)
    is_done = found is not None and request.method != "GET" and response.status == 200
    return response, entities.order(tx, found[1]) if found is not None and is_done else None


def _put(tx: Connection, order: Order, lines: Iterable[Line]) -> None:
    spoiled = order.model_copy(update={"lines": tuple(lines)})
    tx.execute("UPDATE pos_order SET body = ? WHERE id = ?", (spoiled.to_json(), order.id))
