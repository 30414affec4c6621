"""The only module that makes ULIDs: the names of intentions, orders, lines and operations."""

from typing import Protocol

from ulid import ULID

from shared.clock import Clock


class Ulids(Protocol):
    """Something that gives a new ULID at each call; tests and simulations pass one with a seed."""

    def new(self) -> str:
        """A ULID that nobody has used: 26 characters, upper case."""
        ...


class SystemUlids:
    """ULIDs from the clock that is passed in and the system's random bytes.

    A ULID names, it does not order: the clock may go back, and so may they.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self) -> str:
        """A ULID whose time part is the clock's present millisecond."""
        return str(ULID.from_timestamp(self._clock.now_ms() / 1000))
