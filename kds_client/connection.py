"""Pure: what the kitchen is told about its link to the server: the pill always, the band when orders do not arrive."""

from dataclasses import dataclass
from typing import Final, assert_never

from kds_client.ages import age_text
from shared.terminal import Cause, LinkState, LinkView

_SECOND_MS: Final = 1000
_CAUSES: Final = {
    Cause.NO_NETWORK: "No network: look at the cable or the Wi-Fi",
    Cause.NO_SERVER: "The server does not answer",
    Cause.SERVER_BUSY: "The server is busy",
    Cause.DEVICE_UNKNOWN: "The server does not know this screen: it must be enrolled again",
    Cause.NEEDS_UPDATE: "This screen's program is too old for the server: it must be updated",
    Cause.HISTORY_LOST: "The server was restored from an older copy: ask the manager",
}
_STOPPED: Final = (Cause.DEVICE_UNKNOWN, Cause.NEEDS_UPDATE, Cause.HISTORY_LOST)
"""Causes for which nothing arrives although the server answers."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is known at one moment. Times in the server's ms since 1970; None where there was no such thing yet."""

    view: LinkView
    queued: int
    need_person: int
    now_ms: int
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


def standing(link: Link) -> Standing:
    """The words for this moment. A board that gets no orders must never look calm: it has the band."""
    view = link.view
    if view.trouble:
        return Standing(
            "This screen needs help", False, True, "New orders can't be shown", _joined(view.trouble, link), True
        )
    if view.cause in _STOPPED:
        title = f"No new orders for {_since(link)}"
        return Standing("Connected, but no orders", False, True, title, _joined(_CAUSES[view.cause], link), True)
    match view.state:
        case LinkState.CONNECTED | LinkState.SLOW:
            return _connected(link)
        case LinkState.RECONNECTING:
            return Standing(_with_queue("Reconnecting", link.queued), False, False)
        case LinkState.OFFLINE:
            why = "" if view.cause is None else _CAUSES[view.cause]
            title = f"Not connected for {_since(link)}"
            return Standing("Offline, showing cached tickets", False, True, title, _joined(why, link))
        case _:
            assert_never(view.state)


def _connected(link: Link) -> Standing:
    view = link.view
    if link.need_person:
        return Standing(f"Needs a manager, {link.need_person}", True, True, needs_person=True)
    if view.delayed:
        return Standing("Connected, orders come late", True, False)
    if view.state is LinkState.SLOW:
        return Standing(_with_queue("Connected, slow line", link.queued), True, False)
    if view.last_good_ms is None:
        return Standing("Connected", True, False)
    ago_s = max(0, link.now_ms - view.last_good_ms) // _SECOND_MS
    return Standing(f"Connected, last sync {ago_s} s ago", True, False)


def _with_queue(words: str, queued: int) -> str:
    return words if not queued else f"{words}, {_updates(queued)} queued"


def _updates(count: int) -> str:
    return "1 update" if count == 1 else f"{count} updates"


def _since(link: Link) -> str:
    """Since when nothing came: the last good answer, or the start of this state when there was none since the start."""
    since_ms = link.view.since_ms if link.view.last_good_ms is None else link.view.last_good_ms
    return age_text(link.now_ms - since_ms)


def _joined(why: str, link: Link) -> str:
    last = f"Last ticket {link.last_ticket}" if link.last_ticket else "No ticket so far"
    kept = f"{_updates(link.queued)} kept here" if link.queued else ""
    return " · ".join(part for part in (last, kept, why) if part)
