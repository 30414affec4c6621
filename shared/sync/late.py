"""Syncing that is made when it starts, so that a window is up before what speaks to the network is even loaded."""

from collections.abc import Callable

from shared.sync.actions import LinkState, LinkView
from shared.sync.port import Sync


class LateSync:
    """Stands for what `make` will make: until `start` it looks for a server, and nothing needs to be said to it."""

    def __init__(self, make: Callable[[], Sync], *, now_ms: int, offset_ms: int) -> None:
        """`now_ms` is corrected by `offset_ms`, which is how far the server's clock was ahead when last heard of."""
        self._make = make
        self._made: Sync | None = None
        self._first_view = LinkView(
            state=LinkState.RECONNECTING,
            cause=None,
            since_ms=now_ms,
            next_try_at_ms=now_ms,
            last_good_ms=None,
            in_flight=0,
            clock_offset_ms=offset_ms,
        )

    def start(self) -> None:
        """Make it and let it begin. Raises what making raises."""
        made = self._make()
        made.start()
        self._made = made

    def wake(self) -> None:
        """What begins looks for itself."""
        if self._made is not None:
            self._made.wake()

    def try_now(self) -> None:
        """As above."""
        if self._made is not None:
            self._made.try_now()

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        """Nobody can say before the start."""
        if self._made is None:
            told(None)
        else:
            self._made.ask_known(operation_id, told)

    def stop(self, timeout_s: float) -> None:
        """What never began has nothing to end."""
        if self._made is not None:
            self._made.stop(timeout_s)

    def link(self) -> LinkView:
        """As it stands when the program begins, and then as it really does."""
        return self._first_view if self._made is None else self._made.link()
