"""Pure: one operation at a time while the server answers nothing but errors, so that a sick one is not trampled."""

from typing import Final, Protocol

#: So many errors in a row, from whichever operations, are the server's and not an operation's.
OPENS_AFTER: Final = 5


class Delays(Protocol):
    """The delay that a circuit needs; `shared.sync.backoff` has it."""

    def probe_delay_s(self, misses: int, chance: float) -> float:
        """Seconds until the next probe after so many misses in a row, counted from 1."""
        ...


class Circuit:
    """Open after `OPENS_AFTER` errors in a row, if they met more than one operation: one alone may be poison.

    Then a single operation goes as the probe, at growing distances, until the first verdict of the server closes it,
    or until there is none left to probe with.
    Moments are monotonic seconds.
    """

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self._errors = 0
        self._struck: set[str] = set()
        self._next_probe_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether only probes may go."""
        return self._errors >= OPENS_AFTER and len(self._struck) > 1

    @property
    def next_probe_s(self) -> float:
        """When the next probe may go, while it is open."""
        return self._next_probe_s if self.is_open else 0.0

    def failed(self, operation_id: str, *, now_s: float, chance: float) -> None:
        """The server met an error of its own on this operation. `chance` (0 to 1) jitters the next probe."""
        self._errors += 1
        if len(self._struck) < 2:
            self._struck.add(operation_id)
        if self.is_open:
            self._next_probe_s = now_s + self._delays.probe_delay_s(self._errors - OPENS_AFTER + 1, chance)

    def forget(self) -> None:
        """The server gave a verdict, so it works; or nothing waits for it, and what it met is no more than the past."""
        self._errors = 0
        self._struck.clear()

    def be_impatient(self, now_s: float) -> None:
        """A person asks for it: the next probe goes now."""
        self._next_probe_s = now_s
