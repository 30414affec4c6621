"""Pure: the numbers and names that client and server must agree on."""

from typing import Final

PROTOCOL_VERSION: Final = "1"
HEADER_PROTOCOL: Final = "Evertill-Protocol"
HEADER_KEY: Final = "Idempotency-Key"
HEADER_OPERATION: Final = "X-Operation-Id"
HEADER_REPLAY: Final = "X-Idempotent-Replay"
HEADER_SEEN: Final = "X-Seen"
HEADER_CURSOR: Final = "X-Cursor"
HEADER_REQUEST: Final = "X-Request-Id"
HEADER_ACTOR: Final = "X-Actor"
"""Who wants to read what not everybody may, at a device that has no role of its own."""

MAX_BODY_BYTES: Final = 256 * 1024
"""The largest body of one request that a server reads; a tap whose operation would pass it is refused at the till."""

SYNC: Final = "/sync/"
"""Below this the bodies are whole pages of operations."""

BATCH: Final = SYNC + "operations"
"""Where several operations go in one request."""

ENROL: Final = "/devices/enrol"
"""Where a device becomes known by a code."""

MAX_SYNC_BYTES: Final = 8 * 1024 * 1024
"""The largest body below `/sync/`: one operation with its whole first answer always fits."""

MAX_PAGE: Final = 500
"""The most entities in one page of a pull."""

BODY_KEY: Final = "_idempotencyKey"
"""The field by which a body may carry its idempotency key; the server removes it before it validates."""


def most_bytes(path: str) -> int:
    """The largest body that a server reads at this path."""
    return MAX_SYNC_BYTES if path.startswith(SYNC) else MAX_BODY_BYTES
