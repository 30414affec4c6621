"""Pure: what the kitchen is told about its link to the server: the pill always, the band when orders do not arrive."""

from dataclasses import dataclass
from typing import Final

from kds_client.ages import age_text
from shared.terminal import Cause, LinkState, LinkView

_SECOND_MS: Final = 1000
_CAUSES: Final = {
    Cause.NO_NETWORK: "No network: look at the cable or the Wi-Fi",
    Cause.NO_SERVER: "The server does not answer",
    Cause.OTHER_SERVER: "Who answers is not our server: ask the manager",
    Cause.SERVER_BUSY: "The server is busy",
    Cause.DEVICE_UNKNOWN: "The server does not know this screen: it must be enrolled again",
    Cause.NEEDS_UPDATE: "This screen's program is too old for the server: it must be updated",
    Cause.HISTORY_LOST: "The server was restored from an older copy: ask the manager",
    Cause.OTHER_BRANCH: "This server is of another branch than this screen's file: enrol it at its own",
    Cause.TWO_SERVERS: "Two servers answer under one name: switch one of them off",
}
_STOPPED: Final = (
    Cause.DEVICE_UNKNOWN,
    Cause.NEEDS_UPDATE,
    Cause.HISTORY_LOST,
    Cause.OTHER_BRANCH,
    Cause.TWO_SERVERS,
)
"""Causes for which nothing arrives although the server answers."""
_NOBODY_LISTENS: Final = "This program no longer listens to the server: start it again"
SILENT_MS: Final = 2750
"""So long without a good heartbeat, and the board says so; with what painting takes that is within 3 s."""
OFFLINE_MS: Final = 10_000
"""So long, and it is called offline, whatever the program's own worker believes."""


class Silence:
    """How long this screen has heard nothing good, by a stopwatch of its own.

    What the link says of itself stands still when the thread behind it has died, and a wall clock can be set back.
    This notices both: only a heartbeat that is another one than the last counts as a sign of life.
    """

    def __init__(self, now_s: float) -> None:
        """`now_s` is the stopwatch in seconds, as everywhere here."""
        self._beat_s = self._fresh_s = self._heard_s = now_s
        self._last_good_ms: int | None = None

    def hear(self, view: LinkView, now_s: float, *, now_ms: int) -> None:
        """How the link stands now, and what the server's clock shows.

        A heartbeat that was not here the last time came since then, whatever the two wall clocks in it say.
        """
        heard_s, self._heard_s = self._heard_s, now_s
        if view.last_good_ms is None or view.last_good_ms == self._last_good_ms:
            return
        self._last_good_ms = view.last_good_ms
        if view.state.is_up:
            self._beat_s = min(now_s, max(heard_s, now_s - (now_ms - view.last_good_ms) / _SECOND_MS))
            if not (view.delayed or view.trouble or view.cause in _STOPPED):
                self._fresh_s = self._beat_s

    def silent_ms(self, now_s: float) -> int:
        """Since the last good heartbeat over a link that is up."""
        return round((now_s - self._beat_s) * 1000)

    def stale_ms(self, now_s: float) -> int:
        """Since the board was last known to show all that the server has."""
        return round((now_s - self._fresh_s) * 1000)


@dataclass(frozen=True, slots=True)
class Link:
    """What is known at one moment; `silent_ms` and `stale_ms` are those of `Silence`."""

    view: LinkView
    queued: int
    need_person: int
    silent_ms: int
    stale_ms: int
    last_ticket: str
    """When the newest ticket was sent, as the wall clock says it; empty when there was none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is shown: the pill's words with how bad it is, and the band's two texts, both empty for no band."""

    words: str
    is_connected: bool
    is_bad: bool
    title: str = ""
    text: str = ""
    needs_person: bool = False

    @property
    def empty_advice(self) -> str:
        """What an empty board says of new orders: with the band over it, not that they come."""
        return "New orders do not arrive just now." if self.title else "New orders appear here by themselves."


def standing(link: Link) -> Standing:
    """The words for this moment. A board that gets no orders must never look calm: it has the band."""
    view = link.view
    if view.trouble:
        return Standing(
            "This screen needs help", False, True, "New orders can't be shown", _joined(view.trouble, link), True
        )
    if view.cause in _STOPPED:
        return Standing(
            "Connected, but no orders", False, True, _no_orders(link), _joined(_CAUSES[view.cause], link), True
        )
    if view.state is LinkState.OFFLINE or link.silent_ms >= OFFLINE_MS:
        why = _NOBODY_LISTENS if view.state.is_up else "" if view.cause is None else _CAUSES[view.cause]
        return Standing("Offline, showing cached tickets", False, True, _not_connected(link), _joined(why, link))
    if view.state is LinkState.RECONNECTING or link.silent_ms >= SILENT_MS:
        title = _not_connected(link) if link.silent_ms >= SILENT_MS else ""
        return Standing(_with_queue("Reconnecting", link.queued), False, False, title, title and _joined("", link))
    return _connected(link)


def _connected(link: Link) -> Standing:
    view = link.view
    if view.delayed:
        return Standing("Connected, orders come late", True, False, _no_orders(link), _joined("", link))
    if link.need_person:
        return Standing(f"Needs you, {link.need_person}", True, True, needs_person=True)
    if view.state is LinkState.SLOW:
        return Standing(_with_queue("Connected, slow line", link.queued), True, False)
    return Standing(f"Connected, last sync {link.silent_ms // _SECOND_MS} s ago", True, False)


def _with_queue(words: str, queued: int) -> str:
    return words if not queued else f"{words}, {_updates(queued)} queued"


def _updates(count: int) -> str:
    return "1 update" if count == 1 else f"{count} updates"


def _not_connected(link: Link) -> str:
    return f"Not connected for {age_text(link.silent_ms)}"


def _no_orders(link: Link) -> str:
    return f"No new orders for {age_text(link.stale_ms)}"


def _joined(why: str, link: Link) -> str:
    last = f"Last ticket {link.last_ticket}" if link.last_ticket else "No ticket so far"
    kept = f"{_updates(link.queued)} kept here" if link.queued else ""
    return " · ".join(part for part in (last, kept, why) if part)
