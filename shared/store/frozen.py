"""Commands read back from frozen bytes: what is read again at every tap on its order is made once."""

from functools import lru_cache
from typing import Final

from shared.domain.commands import Operation
from shared.wire.requests import Kind, decode

COMMANDS_KEPT: Final = 512
MOST_KEPT_BYTES: Final = 4096
"""So many commands are kept, none of more bytes than this: 2 MiB at the most."""


def command_in(kind: Kind, operation_id: str, *, path: str, body: bytes) -> Operation:
    """The command of these bytes, which nobody can change: the same object again if it was asked for lately."""
    make = _made_once if len(body) <= MOST_KEPT_BYTES else _made
    return make(kind, operation_id, path=path, body=body)


def _made(kind: Kind, operation_id: str, *, path: str, body: bytes) -> Operation:
    return decode(kind, operation_id=operation_id, path=path, body=body)


_made_once: Final = lru_cache(maxsize=COMMANDS_KEPT)(_made)
