"""Pure: decides what the worker does next, and does nothing itself: no I/O, no clock, no chance of its own.

It is handed what happened (a tap was saved, an answer came, a beat was missed), each with the time, and `step` says
what to do now and until when to wait. It is level-triggered: `Take` asks the outbox, events only say that asking is
worth while, and a tick every 15 s asks in any case.
"""

import math
from collections.abc import Collection
from typing import Final

from shared.sync.actions import Action, Beat, Cause, LinkState, Listen, Pull, Standing, Take, WaitUntil
from shared.sync.batches import Batches
from shared.sync.chores import Chores
from shared.sync.circuit import Circuit
from shared.sync.ear import PULL_EVERY_S, Ear
from shared.sync.holds import Holds
from shared.sync.link import Delays, Link

MAX_IN_FLIGHT: Final = 5
TICK_EVERY_S: Final = 15.0
#: News that the server has had for so long and that is not here is late.
DELAYED_AFTER_S: Final = 3.0
#: The outbox is not asked more often than this on behalf of a due moment, whatever a clock did.
SHORTEST_DUE_S: Final = 0.05


class Engine:
    """All that goes on between one device and its server. Moments are monotonic seconds, chances between 0 and 1."""

    def __init__(self, now_s: float, *, delays: Delays, collects: bool = False) -> None:
        """`collects`: guests pay by card here. `delays` are those of `shared.sync.backoff`, or a test's own."""
        self._link = Link(now_s, delays)
        self._holds = Holds(now_s)
        self._circuit = Circuit(delays)
        self._ear = Ear(delays)
        self.batches = Batches()
        self._delays = delays
        self._cursor: str | None = None
        self._missed = ""
        self._look = True
        self._release = False
        self._taking = False
        self._in_flight = 0
        self._ask_s = now_s
        self._pulling = False
        self._next_pull_s = now_s
        self._asked_s: float | None = None
        self.chores = Chores(now_s, collects=collects)
        self._behind_s: float | None = None
        self._shown: tuple[LinkState, Cause | None] = (LinkState.RECONNECTING, None)
        self._since_s = now_s

    @property
    def link_up(self) -> bool:
        """Whether the server is otherwise well: only then is an error of its own held against an operation."""
        return self._link.is_up

    def step(self, now_s: float) -> tuple[Action, ...]:
        """What to do now. The last action says until when nothing else is to be done if nothing happens."""
        self._link.tick(now_s)
        actions: list[Action] = []
        if self._link.beat_due(now_s):
            self._link.sent(now_s)
            actions.append(Beat())
        if self._link.is_up and now_s >= self._holds.held_until_s:
            if not self._pulling and now_s >= self._next_pull_s:
                self._pulling = True
                self._asked_s = now_s if self._asked_s is None else self._asked_s
                actions.append(Pull(whole=self._ear.whole_due(now_s)))
            if self._may_listen() and now_s >= self._ear.next_s:
                self._ear.sent()
                actions.append(Listen())
            if self._holds.paused is None:
                actions += self.chores.due(now_s)
            if self._may_take() and now_s >= self._next_take_s():
                probe = self._circuit.is_open
                limit = 1 if probe else MAX_IN_FLIGHT - self._in_flight
                together = 0 if probe else self.batches.most(now_s)
                actions.append(Take(limit, release=self._release, probe=probe, together=together))
                self._taking = True
                self._look = self._release = False
                self._ask_s = now_s + TICK_EVERY_S
        actions.append(WaitUntil(self._wake_s(now_s)))
        return tuple(actions)

    def standing(self, now_s: float) -> Standing:
        """How things stand, for the people at the screens."""
        shown = self._state_and_cause(now_s)
        if shown != self._shown:
            self._shown = shown
            self._since_s = now_s
        return Standing(
            state=shown[0],
            cause=shown[1],
            since_s=self._since_s,
            next_try_s=self._next_try_s(now_s),
            last_good_s=self._link.last_good_s,
            in_flight=self._in_flight,
            delayed=self._link.is_up and now_s >= self._delayed_s(),
        )

    def woke(self) -> None:
        """A tap was saved: the outbox has something new."""
        self._look = True

    def took(self, now_s: float, *, count: int, limit: int, due_s: float | None) -> None:
        """The outbox gave `count` of at most `limit` operations, which are on their way from here on.

        `due_s` is when the next lane head that must still wait may go. A full hand means that there may be more. Where
        nothing waits (the last was given to a person) nobody would ever find out that a sick server is well again.
        """
        self._taking = False
        self._in_flight += count
        self._look = self._look or count >= limit
        if due_s is not None:
            self._ask_s = min(self._ask_s, max(due_s, now_s + SHORTEST_DUE_S))
        elif not (self._look or self._in_flight):
            self._circuit.forget()

    def take_failed(self, *, again_s: float, released: bool) -> None:
        """The outbox could not be asked (full disk), so nothing was taken or settled. Not again before `again_s`."""
        self._taking = False
        self._look = True
        self._release = self._release or released
        self._holds.calm(again_s)

    def answered(
        self,
        now_s: float,
        *,
        hold_s: float | None = None,
        busy: bool = False,
        pause: Cause | None = None,
        accepted: bool = False,
        failed_id: str | None = None,
        passed: bool = False,
        chance: float = 0.0,
    ) -> None:
        """An operation is no longer on its way; the next `Take` settles it in its own transaction.

        `hold_s`: the server asked us to stay away so long, `busy` since it has too much to do. `pause`: it takes no
        operation of ours before something is mended. `failed_id` names the operation on which the server met an error
        of its own, `passed` says that it gave a verdict; `chance` jitters the next probe and the end of a hold.
        """
        self._in_flight -= 1
        self._look = True
        self._holds.hold(now_s, hold_s, busy=busy, spread_s=self._delays.after_outage_s(chance))
        if accepted:
            self._holds.accepted()
        if failed_id is not None:
            self._circuit.failed(failed_id, now_s=now_s, chance=chance)
        if passed:
            self._circuit.forget()
        if pause is not None and pause is not self._holds.paused:
            self._next_pull_s = now_s + self._holds.pause(pause)

    def beat_passed(self, now_s: float, *, round_trip_s: float, head: str, chance: float, push: bool = False) -> None:
        """The server is well; `head` is the cursor of its newest change, empty if it tells none; `push`: it streams."""
        self._ear.offered = push
        was_up = self._link.is_up
        after_outage = self._link.passed(now_s, round_trip_s=round_trip_s)
        if self._link.is_up and not was_up:
            self._look = True
            self._next_pull_s = now_s
            self.chores.came_up(now_s)
        if after_outage:
            self._release = True
            self.batches.came_up()
            self._holds.calm(now_s + self._delays.after_outage_s(chance))
        if head in ("", self._cursor):
            self._behind_s = None
            return
        if self._behind_s is None:
            self._behind_s = now_s
        if self._holds.paused is None and not self._ear.covers(now_s, self._behind_s):
            self._next_pull_s = min(self._next_pull_s, now_s)

    def server_can(self, capabilities: Collection[str], *, server: str = "") -> None:
        """What the server said of itself at the last heartbeat."""
        self.batches.heard(capabilities, server=server)
        self.chores.heard(capabilities)

    def beat_missed(self, now_s: float, *, sent_s: float, cause: Cause, chance: float) -> None:
        """No good answer within its limit to the beat that was sent at `sent_s`."""
        self._link.missed(now_s, sent_s=sent_s, cause=cause, chance=chance)

    def pulled(self, now_s: float, *, cursor: str | None, has_more: bool, whole: bool = True) -> None:
        """A page is stored, `whole` if all came that was asked for. An authenticated read that passes ends a pause."""
        self._ear.pulled(now_s, whole=whole)
        self._pulling = False
        self._asked_s = None
        self._cursor = cursor
        self._next_pull_s = now_s if has_more else self._ear.next_pull_s(now_s)
        if not has_more:
            self._behind_s = None
        if self._holds.resume():
            self._look = self._release = True

    def heard(self, now_s: float, *, cursor: str | None, missed: str = "") -> None:
        """The stream lives, and all that it said until now is stored.

        `missed` is the server's head if the stream did not bring what leads to it. That is pulled at once, and once.
        """
        if self._ear.heard(now_s):
            self._next_pull_s = max(self._next_pull_s, self._ear.next_pull_s(now_s))
        self._behind_s = None
        if not missed:
            self._cursor = cursor
        elif missed not in (self._cursor, self._missed) and not self._pulling:
            self._missed = missed
            if self._holds.paused is None:
                self._next_pull_s = min(self._next_pull_s, now_s)

    def unheard(self, now_s: float, *, moved: bool, chance: float) -> None:
        """The stream is over, `moved` if only to begin anew. Why is not judged: the pull that now goes is told too."""
        self._ear.ended(now_s, moved=moved, chance=chance)
        if self._holds.paused is None:
            self._next_pull_s = min(self._next_pull_s, now_s)

    def pull_failed(
        self, now_s: float, *, hold_s: float | None = None, pause: Cause | None = None, chance: float = 0.0
    ) -> None:
        """No page came, or it could not be stored. The arguments mean what they mean in `answered`; a hold is busy."""
        self._ear.pulled(now_s, whole=False)
        self._pulling = False
        self._holds.hold(now_s, hold_s, busy=True, spread_s=self._delays.after_outage_s(chance))
        pause = pause or self._holds.paused
        self._next_pull_s = now_s + (PULL_EVERY_S if pause is None else self._holds.pause(pause))

    def network_changed(self, now_s: float) -> None:
        """The machine's network is another one: look for the server at once."""
        self._link.probe_at_once(now_s)

    def try_now(self, now_s: float) -> None:
        """A person asks for it: what waits only by our own patience goes now."""
        self._link.probe_at_once(now_s)
        self._holds.be_impatient(now_s)
        self._circuit.be_impatient(now_s)
        self._look = self._release = True
        self._next_pull_s = min(self._next_pull_s, now_s)

    def _may_take(self) -> bool:
        most = 1 if self._circuit.is_open else MAX_IN_FLIGHT
        return self._holds.paused is None and not self._taking and self._in_flight < most

    def _may_listen(self) -> bool:
        """Only from where the pulling has come to: nothing is asked for twice."""
        return self._holds.paused is None and not self._pulling

    def _next_take_s(self) -> float:
        """When the outbox is to be asked: at once if there is a reason, else when one is due, else by the tick."""
        patient_s = max(self._holds.calm_until_s, self._circuit.next_probe_s)
        return max(patient_s, -math.inf if self._look else self._ask_s)

    def _delayed_s(self) -> float:
        """When the server's news, if they stay away, are late: it has some, or no page came since one was asked for.

        The second is all that there is to go by with a server that names no head.
        """
        since_s = [moment_s for moment_s in (self._behind_s, self._asked_s) if moment_s is not None]
        return min(since_s, default=math.inf) + DELAYED_AFTER_S

    def _state_and_cause(self, now_s: float) -> tuple[LinkState, Cause | None]:
        """A pause is shown as offline, with its cause: nothing gets through, and no screen may look calm."""
        if not self._link.is_up:
            return self._link.state(now_s), self._link.cause
        if self._holds.paused is not None:
            return LinkState.OFFLINE, self._holds.paused
        is_busy = now_s < self._holds.busy_until_s or self._circuit.is_open
        return self._link.state(now_s), Cause.SERVER_BUSY if is_busy else None

    def _next_try_s(self, now_s: float) -> float | None:
        """When something is tried again, if nothing goes out now."""
        if not self._link.is_up:
            return self._link.next_beat_s
        if now_s < self._holds.held_until_s:
            return self._holds.held_until_s
        if self._holds.paused is not None:
            return self._next_pull_s
        patient_s = max(self._holds.calm_until_s, self._circuit.next_probe_s)
        return patient_s if now_s < patient_s else None

    def _wake_s(self, now_s: float) -> float:
        """The next moment at which time alone changes what to do or to show."""
        moments = [self._link.wake_s(now_s)]
        if self._link.is_up:
            moments += [moment for moment in (self._delayed_s(), self._holds.busy_until_s) if now_s < moment]
            if now_s < self._holds.held_until_s:
                moments.append(self._holds.held_until_s)
                return min(moments)
            if not self._pulling:
                moments.append(self._next_pull_s)
            if self._may_listen():
                moments.append(self._ear.next_s)
            if self._holds.paused is None:
                moments += self.chores.moments_s()
            if self._may_take():
                moments.append(self._next_take_s())
        return min(moments)
