"""Pure: what carries requests to a server has to offer: the network, or in tests a part of this process."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol


class Reply(Protocol):
    """The answer to one request: its head, and its bytes as they come."""

    @property
    def status(self) -> int:
        """As HTTP counts."""
        ...

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """As they came."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The bytes."""
        ...

    async def close(self) -> None:
        """Let go of it, read to its end or not."""
        ...


class Carrier(Protocol):
    """What carries requests: the network, or in tests a part of this process."""

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None, connect_s: float
    ) -> Reply:
        """Send a request; gives the head of its answer, which has to be closed."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...
