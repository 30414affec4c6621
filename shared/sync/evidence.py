"""Pure: what speaks against one operation rather than against the server or the line between."""

from collections.abc import Callable
from typing import Final

#: More operations than this never fail side by side; beyond it the oldest first failure is forgotten, and counts anew.
MOST_KEPT: Final = 1000


class Evidence:
    """An operation is given to a person only when the server is well for others. Moments are monotonic seconds.

    A time-out speaks against an operation when a request that was sent later was answered. Ten attempts speak against
    it only if another operation passed since the first of them; else the server is asked whether it is ready.
    """

    def __init__(self, link_up: Callable[[], bool]) -> None:
        """`link_up` says whether the heartbeats pass just now."""
        self.link_up = link_up
        self._answered_sent_s: float | None = None
        self._first_failed_s: dict[str, float] = {}
        self._passed: list[tuple[float, str]] = []

    def answered(self, sent_s: float) -> None:
        """A request that was sent at this moment was answered by our server, whatever it said."""
        self._answered_sent_s = sent_s if self._answered_sent_s is None else max(self._answered_sent_s, sent_s)

    def failed(self, operation_id: str, now_s: float) -> None:
        """An attempt counts against the operation."""
        if operation_id not in self._first_failed_s:
            if len(self._first_failed_s) >= MOST_KEPT:
                self._first_failed_s.pop(next(iter(self._first_failed_s)))
            self._first_failed_s[operation_id] = now_s

    def passed(self, operation_id: str, now_s: float) -> None:
        """The server gave its verdict on the operation: it works, for this one at least."""
        self._first_failed_s.pop(operation_id, None)
        self._passed = [*self._passed, (now_s, operation_id)][-2:]

    def overtaken(self, sent_s: float) -> bool:
        """Whether a request that was sent after this moment was answered."""
        return self._answered_sent_s is not None and self._answered_sent_s > sent_s

    def others_pass(self, operation_id: str) -> bool:
        """Whether another operation passed since the first attempt that counted against this one."""
        first_s = self._first_failed_s.get(operation_id)
        return first_s is not None and any(
            passed_s > first_s for passed_s, other in self._passed if other != operation_id
        )
