"""The seam to where it is counted how often somebody asks; reference_server/protection fills it."""

from __future__ import annotations

from typing import Protocol


class Counts(Protocol):
    """Counts in fixed windows. Nothing here raises: who counts callers must not keep them out."""

    async def incr(self, key: str, expiry_s: int, amount: int = 1) -> int:
        """Count, in a window that begins now if none is open. Gives the count of the window."""

    async def get(self, key: str) -> int:
        """The count of the window that is open, or 0."""

    async def left_s(self, key: str) -> float:
        """So many seconds until the window ends; 0 or less where none is open."""

    async def close(self) -> None:
        """Let go of what it stands on, if anything."""
