"""Why nobody was reached: whether the machine has no network, or somebody else answers."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from shared.sync.actions import Cause

#: The machine itself has no way out. Everything else (refused, host unreachable, reset) speaks of the server.
_NO_NETWORK: Final = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
_MAX_CAUSES: Final = 20


def why(error: BaseException) -> Cause:
    """Whether the machine has no network, or somebody else answers, from the error somewhere below httpx's."""
    for below in _causes(error):
        if isinstance(below, ssl.SSLCertVerificationError):
            return Cause.OTHER_SERVER
        if isinstance(below, socket.gaierror):
            return Cause.NO_NETWORK if below.errno == socket.EAI_AGAIN else Cause.NO_SERVER
        if isinstance(below, OSError) and below.errno in _NO_NETWORK:
            return Cause.NO_NETWORK
    return Cause.NO_SERVER


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from; several addresses tried give a group."""
    todo: list[BaseException] = [error]
    for _ in range(_MAX_CAUSES):
        if not todo:
            return
        below = todo.pop()
        yield below
        if isinstance(below, BaseExceptionGroup):
            todo += below.exceptions
        todo += [found for found in (below.__cause__, below.__context__) if found is not None]
