"""Pure: how things stand with the engine, as the snapshot that screens are given."""

from dataclasses import replace

from shared.sync.actions import LinkView, Standing


class Snapshots:
    """Turns the engine's moments into moments of the wall clock, so that the same moment always gives the same one.

    Otherwise two clocks that tick apart by a millisecond would look like news.
    """

    def __init__(self) -> None:
        self._moments: dict[str, tuple[float, int, int]] = {}
        self._last: tuple[tuple[Standing, int, str, bool], LinkView] | None = None

    def of(
        self, standing: Standing, *, now_s: float, now_ms: int, offset_ms: int, trouble: str, takes_cards: bool = False
    ) -> LinkView:
        """The view at `now_s`, which is `now_ms` by the corrected clock (ms since 1970). Equal ones are one."""
        key = (standing, offset_ms, trouble, takes_cards)
        if self._last is None or self._last[0] != key:
            seen = self._view(standing, now_s=now_s, now_ms=now_ms, offset_ms=offset_ms, trouble=trouble)
            self._last = (key, replace(seen, takes_cards=takes_cards))
        return self._last[1]

    def _view(self, standing: Standing, *, now_s: float, now_ms: int, offset_ms: int, trouble: str) -> LinkView:

        def moment_ms(name: str, moment_s: float) -> int:
            last = self._moments.get(name)
            if last is None or last[:2] != (moment_s, offset_ms):
                last = self._moments[name] = (moment_s, offset_ms, now_ms + round((moment_s - now_s) * 1000))
            return last[2]

        next_try_s, last_good_s = standing.next_try_s, standing.last_good_s
        return LinkView(
            state=standing.state,
            cause=standing.cause,
            since_ms=moment_ms("since", standing.since_s),
            next_try_at_ms=None if next_try_s is None else moment_ms("next try", next_try_s),
            last_good_ms=None if last_good_s is None else moment_ms("last good", last_good_s),
            in_flight=standing.in_flight,
            clock_offset_ms=offset_ms,
            delayed=standing.delayed,
            trouble=trouble,
        )
