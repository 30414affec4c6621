"""What people do with drawers and the clock in any world, noted as they did it, and held against the server's books."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, TypeAlias

from reference_server.storage import shifts as served
from shared.database import Connection, run_inline
from shared.domain.attendance import Clocking
from shared.domain.commands import CloseOrder, PayCash, SendDraft
from shared.domain.rejections import CommandRejected
from shared.domain.shift import Shift, ShiftState
from shared.domain.shift_commands import CashMove, Clock, CloseShift, HouseOperation, MoveCash, OpenShift, Way
from shared.errors import DatabaseError
from shared.ids import ShiftId
from shared.store import shifts
from shared.store.mending import Resolution
from shared.wire.requests import Kind, decode
from tests.simulation.promises import Watched
from tests.simulation.world import DOUBLE_TAPS, World

MOVES = ((CashMove.PAY_IN, 5_000), (CashMove.PAY_OUT, 700), (CashMove.NO_SALE, 0))
FLOAT_MINOR = 10_000
ENDS = 0.2
"""So many acts at an open drawer count it and end the shift; so many others are somebody at the clock."""

BY_HAND = "by hand"
"""What somebody booked or gave back by hand: the till knows of it, and the server does not."""

Button: TypeAlias = Callable[[], None]
"""What is tapped, and tapped again where the till went dark. Raises DatabaseError then."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What somebody did at a till; `minor` is what it moved. Not `is_sure` if the till went dark under the finger."""

    id: str
    kind: str
    shift_id: str
    minor: int
    is_sure: bool


@dataclass
class Drawers:
    """The drawers of a world's tills. `chance` is their own, so that the world goes on as it would without them."""

    world: Watched
    chance: Random
    facts: dict[str, Fact] = field(default_factory=dict)
    _asked: dict[str, tuple[str, tuple[Fact, ...]]] = field(default_factory=dict)
    """By operation what goes out of a drawer when the server has said yes to it, and at which till."""
    _resolved: dict[str, str] = field(default_factory=dict)
    """By bill the till at which somebody said what becomes of its money."""

    def act(self, name: str) -> None:
        """Open a drawer that nobody has opened; else put in, take out, clock in or out, or count it and end the shift.

        Raises DatabaseError where the till goes dark.
        """
        device = self.world.devices[name]
        now = device.read(shifts.current)
        roll = self.chance.random()
        if now is None:
            self.open(name)()
        elif roll < ENDS:
            self.close(name, now.shift_id, short_minor=self.chance.choice((0, 0, 100)))()
        elif roll < 2 * ENDS:
            self.clock(name, self.chance.choice((Way.IN, Way.OUT)))()
        else:
            self.move(name, now.shift_id, *self.chance.choice(MOVES))()

    def open(self, name: str) -> Button:
        """Begin a shift."""
        shift_id = ShiftId(self.world.ids.new())
        opening = self.world._made(OpenShift, shift_id=shift_id, float_minor=FLOAT_MINOR)
        return self._button(name, opening, shift_id=shift_id, minor=FLOAT_MINOR)

    def move(self, name: str, shift_id: str, kind: CashMove, amount_minor: int) -> Button:
        """Put something in or take something out."""
        fields: dict[str, Any] = {"type": kind, "amount_minor": amount_minor, "reason": "milk" if amount_minor else ""}
        signed = -amount_minor if kind is CashMove.PAY_OUT else amount_minor
        return self._button(
            name, self.world._made(MoveCash, shift_id=shift_id, **fields), shift_id=shift_id, minor=signed
        )

    def clock(self, name: str, way: Way) -> Button:
        """Somebody comes or goes."""
        clocking = self.world._made(Clock, clocking_id=self.world.ids.new(), type=way)
        return self._button(name, clocking, shift_id="", minor=0)

    def close(self, name: str, shift_id: str, *, short_minor: int = 0) -> Button:
        """Count what has to be there by these notes, less what somebody lost, and end the shift."""
        counted = max(0, self.noted_minor(shift_id) - short_minor)
        return self._button(
            name,
            self.world._made(CloseShift, shift_id=shift_id, counted_minor=counted),
            shift_id=shift_id,
            minor=0,
            kind=f"counted {counted}",
        )

    def took(self, name: str, payment_id: str, minor: int, tap: Callable[[], None]) -> None:
        """Tap a bill whose cash goes into the drawer that is open, if one is. Raises what the tap raises."""
        now = self.world.devices[name].read(shifts.current)
        self._note(Fact(payment_id, "cash", "" if now is None else now.shift_id, minor, is_sure=True), tap)

    def when_it_is_done(self, name: str, operation_id: str, facts: tuple[Fact, ...]) -> None:
        """This money is given out when the screen says that the server has done this."""
        self._asked[operation_id] = (name, facts)

    def when_it_is_resolved(self, name: str, operation_id: str) -> None:
        """The cash of this bill is given out, or written into the books by hand, when the screen says so."""
        self._resolved[operation_id] = name

    def by_hand(self) -> frozenset[str]:
        """The bills that were resolved by hand, and their payments: the server has nothing of them."""
        self._look()
        return frozenset(one.id for one in self.facts.values() if one.kind == BY_HAND)

    def _look(self) -> None:
        """Read on the screens what became of what somebody waits for."""
        for operation_id, (name, facts) in tuple(self._asked.items()):
            if self.world.devices[name].read(partial(_status, operation_id=operation_id)) == "SUCCESS":
                del self._asked[operation_id]
                self.facts |= {one.id: one for one in facts}
        for operation_id, name in tuple(self._resolved.items()):
            found = self.world.devices[name].read(partial(_resolution, operation_id=operation_id))
            if found is None:
                continue
            del self._resolved[operation_id]
            choice, payment_ids = found
            for one in payment_ids:
                fact = self.facts[one]
                minor = 0 if choice == Resolution.REFUNDED else fact.minor
                self.facts[one] = replace(fact, kind=BY_HAND, minor=minor)

    def noted_minor(self, shift_id: str) -> int:
        """What has to be in the drawer of this shift by these notes, in minor units."""
        self._look()
        return sum(one.minor for one in self._of(shift_id))

    def broken(self) -> list[str]:
        """Promises 2 and 5, by drawers: the server has each fact once, in its shift, and adds up what was noted."""
        self._look()
        return run_inline(self.world.watch.house.connection, lambda tx: list(self._broken(tx)))

    def _broken(self, tx: Connection) -> Iterator[str]:
        yield from self._differing("clockings", "", _clockings(tx), "Clock")
        shift_ids = {one.shift_id for one in self.facts.values()} - {""}
        for shift_id in sorted(shift_ids):
            there = served.shift(tx, shift_id)
            if there is None:
                if any(one.is_sure for one in self._of(shift_id)):
                    yield f"2: the server has no shift {shift_id}"
                continue
            movements = [
                (one.id, -one.amount_minor if one.type is CashMove.PAY_OUT else one.amount_minor)
                for one in there.movements
            ]
            yield from self._differing("movements", shift_id, movements, "MoveCash")
            taken = tx.execute(
                "SELECT id, amount_minor + tip_minor FROM shift_payment WHERE shift_id = ? AND method = 'CASH'",
                (shift_id,),
            ).fetchall()
            payments = [(str(one), int(str(minor))) for one, minor in taken]
            yield from self._differing("payments", shift_id, payments, "cash")
            yield from self._wrong_sum(tx, there, dict((*movements, *payments)))
            yield from self._wrong_end(there)

    def _differing(self, what: str, shift_id: str, found: Sequence[tuple[str, int]], kind: str) -> Iterator[str]:
        """What is there twice, never happened, or is missing."""
        noted = {one.id: one for one in self._of(shift_id) if one.kind == kind}
        ids = [one for one, _ in found]
        yield from (
            f"2: {what} {one} is in shift {shift_id} twice" for one in sorted({i for i in ids if ids.count(i) > 1})
        )
        yield from (f"2: {what} {one} in shift {shift_id} never was" for one in sorted(set(ids) - noted.keys()))
        sure = {one.id for one in noted.values() if one.is_sure}
        yield from (f"5: {what} {one} is not in shift {shift_id}" for one in sorted(sure - set(ids)))
        for one, minor in found:
            if one in noted and noted[one].minor != minor:
                yield f"5: {what} {one} moved {noted[one].minor} and the server says {minor}"

    def _wrong_sum(self, tx: Connection, there: Shift, known: Mapping[str, int]) -> Iterator[str]:
        if there.state is ShiftState.NAMED:
            yield f"2: shift {there.id} was never opened"
        adds_up = served.figures_of(tx, there)
        late = sum(one.amount_minor + one.tip_minor for one in adds_up.late if one.method == "CASH")
        late += sum(known[one.id] for one in there.movements if one.late)
        if late and not self.world.watch.was_restored:
            yield f"5: {late} came when shift {there.id} was closed, which goes after all that its till did before"
        expected = FLOAT_MINOR + sum(known.values())
        if adds_up.expected_minor + late != expected:
            yield f"5: the drawer of shift {there.id} has {expected}, the server says {adds_up.expected_minor} + {late}"

    def _wrong_end(self, there: Shift) -> Iterator[str]:
        """A count is a fact too: what was counted is what is written down."""
        counts = [one for one in self._of(there.id) if one.kind.startswith("counted")]
        said = f"counted {there.counted_minor}"
        if any(one.is_sure for one in counts) and there.is_open:
            yield f"2: shift {there.id} was ended and is open"
        if not there.is_open and all(one.kind != said for one in counts):
            yield f"5: shift {there.id} {[one.kind for one in counts]}, the server says {said}"

    def _of(self, shift_id: str) -> list[Fact]:
        return [one for one in self.facts.values() if one.shift_id == shift_id]

    def _button(self, name: str, intent: HouseOperation, *, shift_id: str, minor: int, kind: str = "") -> Button:
        """One intention. It is touched by one finger, which now and then touches twice."""
        fact_id = intent.clocking_id if isinstance(intent, Clock) else intent.id
        fact = Fact(fact_id, kind or type(intent).__name__, shift_id, minor, is_sure=True)
        taps = 1 + (self.chance.random() < DOUBLE_TAPS)

        def tap() -> None:
            device = self.world.devices[name]
            for _ in range(taps):
                device.tap(intent)
            self.world.watch.saved(name, device)

        return partial(self._note, fact, tap)

    def _note(self, fact: Fact, tap: Callable[[], None]) -> None:
        """Note what was done; what the rules refused was not, and what a till died of may have been."""
        try:
            tap()
        except CommandRejected:
            raise
        except DatabaseError:
            self.facts.setdefault(fact.id, replace(fact, is_sure=False))
            raise
        self.facts[fact.id] = fact


@dataclass
class WithDrawers(World):
    """A world in which each till has a shift, and somebody is at its drawer now and then."""

    drawers: Drawers = field(init=False)
    drawer_pause_s: tuple[float, float] = (3, 12)
    """How long nobody is at the drawer of a till."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.drawers = Drawers(self, Random(f"drawers {self.seed}"))

    def _lives(self) -> Iterator[Coroutine[None, None, None]]:
        yield from super()._lives()
        yield from (self._at_the_drawer(name) for name in self.who if name.startswith("till"))

    async def _at_the_drawer(self, name: str) -> None:
        while self.loop.time() < self.night_s:
            await asyncio.sleep(self.drawers.chance.uniform(*self.drawer_pause_s))
            with suppress(DatabaseError):  # it went dark under the finger: whether it was done is seen at the end
                self.drawers.act(name)

    def _tap(self, name: str, intent: SendDraft | PayCash, *, payment: str = "") -> None:
        if isinstance(intent, PayCash):
            tap = partial(super()._tap, name, intent, payment=payment)
            self.drawers.took(name, payment, intent.total_minor, tap)
        else:
            super()._tap(name, intent, payment=payment)

    def carry_home(self) -> None:
        """At the end, when all is on the server that anybody was told of."""
        self.watch.broken += self.drawers.broken()
        super().carry_home()


def _status(tx: Connection, *, operation_id: str) -> str:
    return str(tx.execute("SELECT status FROM operation WHERE id = ?", (operation_id,)).get)


def _resolution(tx: Connection, *, operation_id: str) -> tuple[str, tuple[str, ...]] | None:
    """What a person said of this bill's money, and its payments; None where that was not stored."""
    row = tx.execute(
        "SELECT choice, path, body FROM operation AS o JOIN alert ON operation_seq = seq"
        " WHERE o.id = ? AND o.settled_at IS NOT NULL AND choice IN (?, ?)",
        (operation_id, Resolution.REFUNDED, Resolution.RECORDED),
    ).fetchone()
    if row is None:
        return None
    close = decode(Kind.CLOSE_ORDER, operation_id=operation_id, path=str(row[1]), body=bytes(row[2]))
    assert isinstance(close, CloseOrder), "only a bill is resolved here"
    return str(row[0]), tuple(str(one.id) for one in close.payments)


def _clockings(tx: Connection) -> list[tuple[str, int]]:
    rows = tx.execute("SELECT body FROM house_record WHERE kind = 'clocking'").fetchall()
    found = [Clocking.model_validate_json(bytes(body)) for (body,) in rows]  # type: ignore[arg-type]
    return [(one.id, 0) for one in found]
