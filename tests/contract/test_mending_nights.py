"""Evenings in which much is refused and people decide by chance: nothing is twice, no money goes without a word."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shared.database import Connection
from shared.domain.commands import AddLine, CloseOrder, MoveTable
from shared.domain.fixing import Correction, Part, TakeOut
from shared.domain.menu import Floor
from shared.domain.rejections import CommandRejected
from shared.ids import TableId
from shared.money import Currency
from shared.store import alerts, fixing, mending, outbox, panel
from shared.store.mending import NotMendable, Resolution
from shared.store.outcomes import Failed, FailReason
from shared.store.rows import OperationRow
from shared.sync import turns
from shared.sync.turns import Landed
from shared.wire.requests import MONEY_KINDS, Kind, decode
from tests.contract.house import House, open_house
from tests.contract.test_fold_equals_server import restaurant
from tests.contract.two_tills import ANN, StoreTill, server_order, two_tills
from tests.unit.store.test_fixing import at_the_end_of_the_lane
from tests.unit.store.test_taking_out import alone

ITEMS = ("pizza", "cake", "beer", "bread")
ACTS = 90
CALM_ROUNDS = 30
REFUSALS = (FailReason.INVALID, FailReason.REFUSED, FailReason.MISMATCH, FailReason.EXHAUSTED)
SHOW = partial(panel.operations, floor=Floor(version=""), currency=Currency("EUR", 2, ""), limit=500)


@dataclass
class Night:
    """One till, one server, and people who press what they like."""

    till: StoreTill
    house: House
    dice: random.Random
    fix: Callable[..., frozenset[str]] = fixing.fix
    asks: bool = True
    """Whether the server is asked before what it failed on is given up."""
    orders: list[str] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)
    """How often each decision was made."""

    def act(self) -> None:
        """One thing that happens on such an evening."""
        kind = self.dice.choice(("order", "more", "pay", "pay", "void", *["send"] * 6, *["decide"] * 3))
        open_ones = [one for one in self.orders if self._is_open(one)]
        if kind == "order":
            self.orders.append(self.till.order(*self._dishes()))
        elif kind == "send":
            self._send()
        elif kind == "decide":
            self._decide()
        elif open_ones:
            self._act_on(kind, self.dice.choice(open_ones))

    def calm_down(self) -> None:
        """The server takes what is right, and people go on deciding until nothing waits for them."""
        for _ in range(CALM_ROUNDS):
            self.till.deliver()
            held = self.held()
            if not held and not self.till.alerts():
                return
            for row in held:
                self._end(row) if row.error != "By chance." else self._retry(row)
            for alert in self.till.alerts():
                if not alert.operation_id:
                    self._write(partial(alerts.record_choice, alert_id=alert.id, choice="ok", actor_id=ANN, now_ms=0))
        raise AssertionError(f"this never ends: {self.held()}")

    def held(self) -> tuple[OperationRow, ...]:
        return self.till.run(partial(SHOW, tab="attention"))

    def _act_on(self, kind: str, order_id: str) -> None:
        standing = self.till.fold(order_id).standing_lines
        if kind == "more":
            self.till.more(order_id, *self._dishes())
        elif kind == "pay" and standing:
            self.till.pay(order_id)
        elif kind == "void" and standing:
            self.till.void_line(order_id, self.dice.choice(standing).id)

    def _is_open(self, order_id: str) -> bool:
        order = self.till.scene(order_id).scene.order
        return order is not None and order.is_open

    def _dishes(self) -> list[str]:
        return self.dice.choices(ITEMS, k=self.dice.randint(1, 2))

    def _send(self) -> None:
        flights = self.till.take(1)
        if not flights:
            return
        (flight,) = flights
        if self._knows(flight.id) or self.dice.random() < 0.6:
            self.till.send(flight, is_answer_lost=self.dice.random() < 0.3)
            return
        reason = self.dice.choice(REFUSALS)
        if reason is FailReason.EXHAUSTED and self.dice.random() < 0.5:
            self.till.send(flight, is_answer_lost=True)  # it has done it, and never says so
            (flight,) = self.till.take(1)
        failed = Failed(reason, 422, "By chance.", b"{}")
        landed = (Landed(flight, failed),)
        self._write(partial(turns.turn, landed=landed, take=None, now_ms=self.house.clock.ms))

    def _decide(self) -> None:
        held = self.held()
        if held:
            row = self.dice.choice(held)
            self.dice.choice((self._retry, self._fix, self._end))(row)

    def _retry(self, row: OperationRow) -> None:
        self._count("retry")
        new_id = self.till.ids.new()
        self._write(partial(mending.retry, operation_id=row.id, new_id=new_id, actor_id=ANN, now_ms=0))

    def _fix(self, row: OperationRow) -> None:
        if not row.can_fix or self._hears_that_it_happened(row):
            return
        parts: list[Correction] = [self._changed(part) for part in row.parts]
        if len(parts) > 1 and isinstance(last := parts[-1], AddLine) and self.dice.random() < 0.4:
            parts[-1] = TakeOut(last.id)
            self._count("take out")
        work = partial(
            self.fix, operation_id=row.id, parts=parts, new_id=self.till.ids.new(), actor_id=ANN,
            teller=self.till.teller, now_ms=0, is_unknown=True,
        )  # fmt: skip
        try:
            self._write(work)
            self._count("fix")
        except CommandRejected:
            self._count("not by the rules")

    def _changed(self, part: Part) -> Part:
        match part:
            case AddLine():
                return AddLine(line=part.line.model_copy(update={"quantity": self.dice.randint(1, 3)}))
            case MoveTable():
                return part.model_copy(update={"table_id": TableId(f"table-{self.dice.randint(1, 5)}")})
            case _:
                return part

    def _end(self, row: OperationRow) -> None:
        """Give it up, or say what became of the money; what the server has goes again under its own id."""
        if row.may_have_happened and self._hears_that_it_happened(row):
            self._retry(row)
            return
        said: dict[str, Any] = {"operation_id": row.id, "actor_id": ANN, "now_ms": 0, "is_unknown": True}
        if row.carries_money:
            self._count("resolve")
            resolution = self.dice.choice((Resolution.REFUNDED, Resolution.RECORDED))
            self._write(partial(mending.resolve, resolution=resolution, **said))
            return
        try:
            self._write(partial(mending.discard, **said))
            self._count("discard")
        except NotMendable:
            self._count("money stands behind it")
            self._retry(row)

    def _knows(self, operation_id: str) -> bool:
        return bool(self.house.count("operation", f"id = '{operation_id}'"))

    def _hears_that_it_happened(self, row: OperationRow) -> bool:
        return self.asks and self._knows(row.id)

    def _count(self, what: str) -> None:
        self.decided[what] = self.decided.get(what, 0) + 1

    def _write(self, work: object) -> None:
        self.till.run(lambda tx: work(tx))  # type: ignore[operator]


def payments_of(till: StoreTill) -> dict[str, set[str]]:
    """Every payment that was taken here, with what became of the operations that carried it."""

    def read(tx: Connection) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        rows: list[tuple[Any, ...]] = tx.execute("SELECT id, kind, path, body, status FROM operation").fetchall()
        for operation_id, kind, path, body, status in rows:
            if kind in MONEY_KINDS:
                close = decode(Kind(kind), operation_id=operation_id, path=path, body=body)
                assert isinstance(close, CloseOrder)
                choice = tx.execute(
                    """SELECT choice FROM alert JOIN operation AS o ON o.seq = operation_seq
                       WHERE o.id = ? ORDER BY alert.id DESC LIMIT 1""",
                    (operation_id,),
                ).get
                found.setdefault(close.payments[0].id, set()).add(str(choice) if status == "FAILED" else str(status))
        return found

    return till.run(read)


def play(night: Night) -> None:
    """An evening and what has to be so when all is decided and sent."""
    ann, small_house = night.till, night.house
    for _ in range(ACTS):
        night.act()
    night.calm_down()

    refused = "reason IS NOT NULL AND reason <> 'DISCARDED' AND last_error <> 'By chance.'"
    assert ann.run(lambda tx: tx.execute(f"SELECT count(*) FROM operation WHERE {refused}").get) == 0, (
        "in its place nothing is refused by the server itself: no other device was there"
    )
    ann.pull()
    assert ann.run(outbox.waiting) == 0
    known = [one for one in night.orders if small_house.count("pos_order", f"id = '{one}'")]
    served = {one: server_order(small_house, one) for one in known}
    for order_id, order in served.items():
        assert ann.fold(order_id).to_json() == order.to_json(), "what the till shows is what the server has"
    taken = [payment.id for order in served.values() for payment in order.payments]
    lines = [line.id for order in served.values() for line in order.lines if line.moved_to is None]
    assert len(set(taken)) == len(taken)
    assert len(set(lines)) == len(lines)
    for payment_id, ends in payments_of(ann).items():
        is_resolved = not ends.isdisjoint({"refunded", "recorded"})
        assert (payment_id in taken) is not is_resolved, (payment_id, ends)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_people_decide_nothing_is_twice_and_no_money_goes_without_a_word(
    ann: StoreTill, small_house: House, seed: int
) -> None:
    night = Night(ann, small_house, random.Random(seed))
    play(night)
    assert night.decided, "somebody had to decide"


def first_caught(folder: Path, seeds: Sequence[int], **mutant: Any) -> str:
    """What breaks on the first of these evenings that a mutant does not survive; empty when it survives them all."""
    for seed in seeds:
        place = folder / f"seed-{seed}"
        place.mkdir()
        house = open_house(place, restaurant(inclusive=True))
        ann, ben = two_tills(house, place)
        with closing(house.connection), closing(ann.connection), closing(ben.connection):
            try:
                play(Night(ann, house, random.Random(seed), **mutant))
            except AssertionError as broken:
                return str(broken)
    return ""


def test_a_fix_at_the_end_of_the_lane_is_caught(tmp_path: Path) -> None:
    assert "in its place" in first_caught(tmp_path, range(12), fix=at_the_end_of_the_lane)


def test_a_line_that_what_follows_goes_on_asking_for_is_caught(tmp_path: Path) -> None:
    assert "in its place" in first_caught(tmp_path, (5, 7, 8), fix=partial(fixing.fix, less=alone))


def test_giving_up_what_the_server_has_is_caught(tmp_path: Path) -> None:
    """Money that is settled by hand and is on the server too, or a line that is gone here and there all the same."""
    assert first_caught(tmp_path, (8, 18, 34, *range(20, 33)), asks=False)
