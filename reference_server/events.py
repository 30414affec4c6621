"""The stream of changes as bytes: its opening, and one frame for each entity that changed behind a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reference_server.deps import Deps
from reference_server.exchange import Problem, Request, Response
from reference_server.healing import history
from reference_server.storage import changes, pages
from reference_server.storage.seam import Connection
from shared.wire.events import CHANGE, HEADER_LAST_ID, HELLO, HISTORY_LOST, PING, Hello, Ping
from shared.wire.protocol import HEADER_CURSOR


@dataclass(frozen=True, slots=True)
class Frames:
    """What follows on a stream: its bytes, the cursor behind them, and whether there is more to read at once."""

    body: bytes
    cursor: str
    has_more: bool


#: So much is read and handed to a line at a time; a slow reader never has more than this in memory.
FRAMES: Final = pages.PageSize(entities=50, size_bytes=64 * 1024)


def opening(tx: Connection, deps: Deps, request: Request) -> Response:
    """`GET /events`: `hello`, and `history-lost` where a pull from the cursor in `Last-Event-ID` would be.

    Its `X-Cursor` is where the stream goes on: behind that cursor, or, without one, from now.
    """
    asked = request.headers.get(HEADER_LAST_ID.lower(), "")
    head = changes.head_cursor(tx)
    body = _event(HELLO, Hello(head=head, capabilities=deps.capabilities).to_json())
    cursor = asked or head
    try:
        history.refuse_strangers(tx, asked)
    except Problem as problem:
        body += _event(HISTORY_LOST, problem.response(request.request_id).body)
        return Response(200, body)
    return Response(200, body, ((HEADER_CURSOR, cursor),))


def frames_after(tx: Connection, cursor: str) -> Frames:
    """What changed behind a cursor, oldest change first; when there is nothing, a ping.

    Raises the 409 when it is not of this history any more, or while the branch is being healed.
    """
    history.refuse_strangers(tx, cursor)
    revision = int(cursor.partition("-")[0] or 0)
    parts = []
    found = pages.entities_after(tx, revision, size=FRAMES)
    for change in found:
        data = b'{"after":"%b","%b":%b}' % (cursor.encode(), change.kind.encode(), change.body)
        parts.append(_event(CHANGE, data, cursor=change.cursor))
        cursor = change.cursor
    if not parts:
        return Frames(_event(PING, Ping(head=changes.head_cursor(tx)).to_json()), cursor, has_more=False)
    return Frames(b"".join(parts), cursor, has_more=True)


def _event(name: str, data: bytes, *, cursor: str = "") -> bytes:
    """One event. Our JSON has no line breaks, so it is one line."""
    named = b"id: %b\n" % cursor.encode() if cursor else b""
    return b"%bevent: %b\ndata: %b\n\n" % (named, name.encode(), data)
