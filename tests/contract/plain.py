"""A server as somebody else would write it: it keeps the orders and the keys, and has none of our capabilities."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from reference_server.storage import entities
from shared.database import Connection, run_inline
from shared.times import to_rfc3339
from shared.wire.protocol import HEADER_OPERATION, HEADER_REPLAY, HEADER_SEEN
from tests.contract.house import House

_KNOWN: Final = ("/health", "/pos/orders", "/kds/", "/menu", "/floor", "/settings", "/staff", "/auth/login")
_UNHEARD: Final = frozenset({HEADER_SEEN.lower(), HEADER_OPERATION.lower(), "last-event-id"})
_OVER: Final = frozenset({"CLOSED", "VOIDED", "BUMPED"})


def serve_plainly(tx: Connection, deps: Deps, request: Request) -> Response:
    """No cursor, push, batch, healing or echo: open orders as a bare list, and 409 for a key that was used before."""
    if not request.path.startswith(_KNOWN):
        return Response(404, b"<html>Not here</html>", (("Content-Type", "text/html"),))
    if request.path.startswith("/health"):
        told = {"status": "ok", "version": "1", "serverTime": to_rfc3339(deps.clock.now_ms())}
        return Response(200, json.dumps(told).encode())
    heard = {name: value for name, value in request.headers.items() if name.lower() not in _UNHEARD}
    kept = "&".join(part for part in request.query.split("&") if not part.startswith("cursor="))
    answer = handle(tx, deps, replace(request, headers=heard, query=kept))
    if request.method == "GET":
        return _open_set(answer)
    if answer.header(HEADER_REPLAY) is not None and answer.status < 300:
        return _done_before(tx, answer)
    return Response(answer.status, answer.body)


def _open_set(answer: Response) -> Response:
    """A page as the bare list of what is open; anything else as it is, with its ETag."""
    etag = tuple((name, value) for name, value in answer.headers if name.lower() == "etag")
    told: Any = json.loads(answer.body or b"null")
    found = told.get("orders", told.get("tickets")) if isinstance(told, dict) and "cursor" in told else None
    if found is None:
        return Response(answer.status, answer.body, etag)
    open_ones = [one for one in found if one.get("state", one.get("status")) not in _OVER]
    return Response(200, json.dumps(open_ones).encode())


def _done_before(tx: Connection, answer: Response) -> Response:
    """It was done: what the thing is by now."""
    entity = str(json.loads(answer.body)["id"])
    now = entities.order_body(tx, entity) or entities.ticket_body(tx, entity) or b"null"
    head = {"statusCode": 409, "message": "This was done already.", "conflictType": "IDEMPOTENCY_DUPLICATE"}
    return Response(409, json.dumps(head).encode()[:-1] + b',"existingResource":' + now + b"}")


class PlainServer:
    """The same as an application: one request after the other, on the house's own file."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.paths: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(scope["method"], scope["path"], headers, body, scope["query_string"].decode("latin-1"))
        answer = run_inline(self.house.connection, lambda tx: serve_plainly(tx, self.house.deps, request))
        self.paths.add(scope["path"])
        named = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        named += [] if answer.header("content-type") else [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": answer.status, "headers": named})
        await send({"type": "http.response.body", "body": answer.body})
