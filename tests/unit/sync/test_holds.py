"""A pause that the server asked for: nobody comes sooner, and not all of a house in the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.sync.actions import Cause, FetchCatalog, LinkState, Pull, Take
from tests.unit.sync.flights import answer, error
from tests.unit.sync.night import Night
from tests.unit.sync.test_engine import connected, wants, wants_until
from tests.unit.sync.test_worker_faults import settled


def test_retry_after_holds_everything_but_the_heartbeat() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=1, limit=5, due_s=None)
    engine.answered(0.2, hold_s=30.0, busy=True)
    assert [wants(engine, 0.2 + second) for second in range(30)] == [[]] * 30
    standing = engine.standing(20.0)
    assert (standing.state, standing.cause) == (LinkState.CONNECTED, Cause.SERVER_BUSY)
    assert standing.next_try_s == pytest.approx(30.2)
    assert {type(action) for action in wants(engine, 30.2)} == {Pull, FetchCatalog, Take}
    assert engine.standing(30.2).cause is None


def test_no_hold_is_longer_than_five_minutes_and_a_shorter_one_does_not_cut_it() -> None:
    engine = connected()
    engine.pull_failed(1.0, hold_s=86_400.0)
    engine.pull_failed(1.0, hold_s=1.0)
    assert engine.standing(2.0).next_try_s == pytest.approx(301.0)
    assert engine.standing(2.0).cause is Cause.SERVER_BUSY


@pytest.mark.parametrize(("chance", "until_s"), [(0.0, 30.2), (0.5, 31.2), (1.0, 32.2)])
def test_devices_that_were_told_to_stay_away_do_not_come_back_together_and_none_too_early(
    chance: float, until_s: float
) -> None:
    """Whether it was a send or a read that was told; the first answer decides, not the latest of several."""
    for is_read in (False, True):
        engine = connected()
        engine.woke()
        wants(engine, 0.1)
        engine.took(0.1, count=3, limit=5, due_s=None)
        if is_read:
            engine.pull_failed(0.2, hold_s=30.0, chance=chance)
        for each in (chance, 1.0, 0.0):
            engine.answered(0.2, hold_s=30.0, busy=True, chance=each)
        assert wants_until(engine, 0.2, until_s - 0.1) == []
        assert engine.standing(20.0).next_try_s == pytest.approx(until_s)
        assert {type(action) for action in wants(engine, until_s)} == {Pull, FetchCatalog, Take}


def test_each_hold_ends_at_a_moment_of_its_own() -> None:
    engine = connected()
    for now_s, chance in ((1.0, 1.0), (60.0, 0.5)):
        engine.pull_failed(now_s, hold_s=10.0, chance=chance)
        assert engine.standing(now_s).next_try_s == pytest.approx(now_s + 10.0 + 2.0 * chance)


@pytest.mark.parametrize(("hold_s", "longest_s"), [(0.5, 1.0), (1.0, 2.0), (2.0, 4.0), (3.0, 5.0)])
def test_a_short_hold_is_at_most_doubled(hold_s: float, longest_s: float) -> None:
    engine = connected()
    engine.pull_failed(1.0, hold_s=hold_s, chance=1.0)
    assert engine.standing(1.0).next_try_s == pytest.approx(1.0 + longest_s)


def test_who_may_come_back_at_once_does() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=1, limit=5, due_s=None)
    engine.answered(0.2, hold_s=0.0, busy=True, chance=1.0)
    assert engine.standing(0.2).cause is None
    assert Take in {type(action) for action in wants(engine, 0.2)}


def test_an_operation_that_is_in_hand_on_the_server_is_asked_about_exactly_when_it_said() -> None:
    """That is this device's own matter: nobody else comes at that moment."""
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=1, limit=5, due_s=None)
    engine.answered(0.2, hold_s=1.0, chance=1.0)
    assert engine.standing(0.5).next_try_s == pytest.approx(1.2)


@pytest.mark.parametrize("is_read", [False, True], ids=["a send", "a read"])
def test_tills_that_were_told_to_wait_come_back_one_by_one(tmp_path: Path, is_read: bool) -> None:
    """Nobody before the moment that the server named, and not all of them in it."""
    busy = answer(503, error(503), retry_after="40")
    back_s = []
    for seed in range(8):
        (folder := tmp_path / str(seed)).mkdir()
        with Night(folder, seed=seed) as night:
            night.run(5)
            if is_read:
                night.server.read_fault = lambda name: busy if name == "orders" else None
            else:
                night.server.fault_before = lambda flight, seen: busy
                night.order()
            while night.worker.link().cause is not Cause.SERVER_BUSY:
                night.run(0.01)
            told_s = night.clock.monotonic_s()
            night.order()
            night.server.sends.clear()
            night.server.read_fault = lambda name: None
            night.server.fault_before = lambda flight, seen: None
            night.run(60)
            back_s.append(night.server.sends[0][0] - told_s)
            assert settled(night)
    assert min(back_s) >= 39.9
    assert max(back_s) <= 42.2
    assert max(back_s) - min(back_s) > 1.0
    assert len({round(each_s, 1) for each_s in back_s}) > 4
