"""Pure: the fingerprint of a request: what two requests with one key have in common, on a device and on the server."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from shared.wire.protocol import BODY_KEY

#: Bodies come from JSON, so none holds itself: looking for that costs as much as the writing.
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)


def fingerprint(method: str, path: str, body: Mapping[str, object]) -> bytes:
    """SHA-256, 32 bytes, over method, path, and the body in any order of its fields, without a key that it carries."""
    asked = {name: value for name, value in body.items() if name != BODY_KEY} if BODY_KEY in body else body
    return hashlib.sha256(f"{method}\n{path}\n{_CANONICAL.encode(asked)}".encode()).digest()
