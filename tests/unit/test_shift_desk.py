"""The drawer at a terminal: seen at once, saved when the disk says so, and all of it without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.domain.shift_commands import CashMove, Clock, CloseShift, MoveCash, OpenShift, Way
from shared.ids import ClockingId, OperationId, ShiftId, StaffId
from shared.terminal import Terminal
from tests.unit.terminal_rig import Rig, open_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = open_rig(tmp_path)
    yield made
    made.terminal.close()


def said(terminal: Terminal, actor: str = "amina") -> dict[str, Any]:
    return {"id": OperationId(terminal.new_id()), "actor_id": StaffId(actor), "at": terminal.at()}


def test_a_shift_is_on_the_screen_before_it_is_saved_and_stays_there(rig: Rig) -> None:
    desk, shift = rig.terminal.shifts, ShiftId(rig.terminal.new_id())
    assert (desk.current(), desk.last(), desk.report(shift)) == (None, None, None)
    go_on = rig.hold_the_disk()
    rig.terminal.submit(OpenShift(shift_id=shift, float_minor=10_000, **said(rig.terminal)))
    out: dict[str, Any] = {"type": CashMove.PAY_OUT, "amount_minor": 700, "reason": "milk"}
    rig.terminal.submit(MoveCash(shift_id=shift, **out, **said(rig.terminal)))
    seen = desk.report(shift)
    assert (desk.current(), rig.operations()) == (shift, [])
    assert seen is not None
    assert seen.total.expected_minor == 9_300
    go_on.set()
    rig.settle()
    assert rig.operations() == ["open_shift", "move_cash"]
    saved = desk.report(shift)
    assert saved is not None
    assert (saved.shift, saved.total, saved.waiting) == (seen.shift, seen.total, seen.waiting)
    rig.terminal.submit(CloseShift(shift_id=shift, counted_minor=9_300, **said(rig.terminal)))
    assert (desk.current(), desk.last()) == (None, shift)
    rig.settle()
    closed = desk.report(shift)
    assert closed is not None
    assert (closed.shift.is_open, closed.shift.difference_minor, closed.waiting) == (False, 0, 3)


def test_what_the_rules_refuse_is_told_in_words(rig: Rig) -> None:
    shift = ShiftId(rig.terminal.new_id())
    rig.terminal.submit(CloseShift(shift_id=shift, counted_minor=1, **said(rig.terminal)))
    rig.settle()
    assert [one.title for one in rig.terminal.take_refusals()] == ["This till has no such shift."]


def test_people_clock_in_and_out_without_a_server(rig: Rig) -> None:
    def clock(way: Way, actor: str = "amina") -> None:
        clocking = ClockingId(rig.terminal.new_id())
        rig.terminal.submit(Clock(clocking_id=clocking, type=way, **said(rig.terminal, actor)))
        rig.settle()

    clock(Way.IN)
    clock(Way.IN)
    clock(Way.IN, "joel")
    assert sorted(stay.staff_id for stay in rig.terminal.shifts.at_work()) == ["amina", "joel"]
    clock(Way.OUT)
    assert [stay.staff_id for stay in rig.terminal.shifts.at_work()] == ["joel"]
