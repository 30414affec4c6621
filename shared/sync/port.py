"""Pure: what a terminal needs of whoever syncs for it: the worker or, in tests, one that never sends."""

from collections.abc import Callable
from typing import Protocol

from shared.sync.actions import LinkView

Announce = Callable[[frozenset[str]], None]
"""Called with the ids that changed, from any thread."""


class Sync(Protocol):
    """Sends and pulls in a thread of its own. All methods may be called from any thread."""

    def start(self) -> None:
        """Begin; called once."""

    def wake(self) -> None:
        """An operation was appended: look at the outbox now."""

    def try_now(self) -> None:
        """A person does not want to wait for the next probe."""

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """Ask the server whether it has done this operation; `told` hears it once, None when nobody can say now."""

    def stop(self, timeout_s: float) -> None:
        """End within the time; what is on its way goes again after the next start, under the same id."""

    def link(self) -> LinkView:
        """How the link stands now."""
        ...
