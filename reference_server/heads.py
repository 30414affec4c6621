"""The head of every answer, and how a whole one goes on the line."""

from __future__ import annotations

from typing import Final

from starlette.types import Message, Scope, Send

from reference_server.exchange import WHOLE, Response
from reference_server.protection.door import Visit
from shared.wire.events import EVENT_STREAM
from shared.wire.protocol import HEADER_OPERATION, HEADER_PROTOCOL, HEADER_REQUEST, PROTOCOL_VERSION

Fields = list[tuple[bytes, bytes]]

#: What every answer carries besides its own headers.
_ALWAYS: Final = (
    (b"content-type", b"application/json"),
    (HEADER_PROTOCOL.lower().encode(), PROTOCOL_VERSION.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
REQUEST_ID: Final = HEADER_REQUEST.lower().encode()
_OPERATION: Final = HEADER_OPERATION.lower().encode()
_NO_STORE: Final = (b"cache-control", b"no-store")
#: What a stream carries instead; the last one asks nginx not to hold it back.
STREAM: Final = (
    (b"content-type", EVENT_STREAM.encode()),
    *_ALWAYS[1:],
    _NO_STORE,
    (b"x-accel-buffering", b"no"),
)
#: An operation id of a client is echoed when it is no longer than a key may be.
_MAX_ECHO: Final = 255
NOT_MODIFIED: Final = 304


def _standing(visit: Visit | None) -> Fields:
    """How a caller stands, as each answer tells."""
    if visit is None or visit.standing is None:
        return []
    return [(name.lower().encode(), value.encode()) for name, value in visit.standing.headers]


def telling(send: Send, visit: Visit | None) -> Send:
    """The same line, on which each answer says how its caller stands."""
    told = _standing(visit)

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *told]}
        await send(message)

    return tell


def fields_of(response: Response, *, request_id: str, echo: str | None, visit: Visit | None) -> Fields:
    """The head of an answer; the client's operation id stands on it whatever the answer is."""
    own = [(name.lower().encode(), value.encode("latin-1")) for name, value in response.headers]
    echoed = echo if echo and len(echo) <= _MAX_ECHO and echo.isascii() and echo.isprintable() else None
    if echoed is not None:
        own = [*(field for field in own if field[0] != _OPERATION), (_OPERATION, echoed.encode())]
    names = [name for name, _ in own]
    return [
        *(_ALWAYS if b"content-type" not in names else _ALWAYS[1:]),
        # A 304 has no body, and one that is 0 bytes long would be another document.
        *(((b"content-length", b"%d" % len(response.body)),) if response.status != NOT_MODIFIED else ()),
        (REQUEST_ID, request_id.encode()),
        *own,
        *((_NO_STORE,) if b"cache-control" not in names else ()),
        *_standing(visit),
    ]


async def put(response: Response, fields: Fields, *, scope: Scope, send: Send) -> None:
    """Put a response on the line: in one piece where that can be."""
    whole = scope.get("extensions", {}).get(WHOLE)
    if whole is None:
        await send({"type": "http.response.start", "status": response.status, "headers": fields})
        await send({"type": "http.response.body", "body": response.body})
        return
    head = b"".join([b": ".join(field) + b"\r\n" for field in fields])
    if head.count(b"\n") != len(fields) or head.count(b"\r") != len(fields):
        raise ValueError("a field of the head has a line's end in it")
    await whole["put"](status=response.status, head=head, body=response.body)
