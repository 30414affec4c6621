"""What the engine says of a sick server, and until when."""

from __future__ import annotations

from shared.sync.actions import Cause, LinkState, Take
from shared.sync.batches import Came
from shared.sync.engine import Engine
from tests.unit.sync.test_engine import connected, wants, wants_until


def sicken(engine: Engine, now_s: float, *, chance: float) -> None:
    """Five go, and the server meets an error of its own on each."""
    engine.woke()
    wants(engine, now_s)
    engine.took(now_s, count=5, limit=5, due_s=None)
    for number in range(5):
        engine.answered(now_s, failed_id=f"{number}", chance=chance)


def takes(engine: Engine, now_s: float) -> list[Take]:
    return [action for action in wants(engine, now_s) if isinstance(action, Take)]


def test_errors_on_one_operation_alone_are_no_sick_server() -> None:
    """It may be poison, and the others go on. What was met before the last verdict is over."""
    engine = connected()
    sicken(engine, 0.0, chance=0.0)
    engine.took(0.0, count=1, limit=1, due_s=None)
    engine.answered(0.0, passed=True)
    engine.woke()
    wants(engine, 0.1)
    for _ in range(20):
        engine.took(0.1, count=1, limit=5, due_s=None)
        engine.answered(0.1, failed_id="poison", chance=1.0)
    assert takes(engine, 0.2) == [Take(5)]
    assert engine.standing(0.2).cause is None


def test_a_pause_that_the_server_asked_for_is_kept_whoever_is_impatient() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=1, limit=5, due_s=None)
    engine.answered(0.1, hold_s=60.0, busy=True)
    engine.try_now(0.2)
    assert wants_until(engine, 0.2, 59.8) == []
    assert takes(engine, 60.1) == [Take(5, release=True)]


def test_a_disk_that_is_full_is_not_asked_sooner_since_the_link_came_back() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.take_failed(again_s=15.0, released=False)
    engine.beat_missed(1.0, sent_s=0.5, cause=Cause.NO_SERVER, chance=0.0)
    engine.step(2.6)
    for now_s in (3.0, 3.5):
        engine.beat_passed(now_s, round_trip_s=0.01, head="", chance=0.0)
    assert [moment_s for moment_s, action in wants_until(engine, 3.5, 16.0) if isinstance(action, Take)] == [15.0]


def test_a_sick_server_is_probed_with_one_operation_although_it_takes_several_together() -> None:
    engine = connected()
    engine.server_can(("batch",))
    sicken(engine, 0.1, chance=0.0)
    assert takes(engine, 0.5) == [Take(1, probe=True, together=0)]


def test_who_wants_it_tried_now_does_not_wait_for_the_next_probe_of_a_sick_server() -> None:
    engine = connected()
    sicken(engine, 0.1, chance=1.0)
    assert takes(engine, 0.2) == []
    engine.try_now(0.2)
    assert takes(engine, 0.2) == [Take(1, probe=True, release=True)]


def test_after_an_outage_several_go_together_again_although_the_last_request_got_no_answer() -> None:
    engine = connected()
    engine.server_can(("batch",))
    engine.batches.back(0.1, count=50, came=Came.SILENT)
    engine.woke()
    assert takes(engine, 0.1) == [Take(5)]
    engine.took(0.1, count=0, limit=5, due_s=None)
    engine.beat_missed(1.0, sent_s=0.5, cause=Cause.NO_SERVER, chance=0.0)
    engine.step(2.6)
    assert engine.standing(2.6).state is LinkState.RECONNECTING
    for now_s in (3.0, 3.5):
        engine.beat_passed(now_s, round_trip_s=0.01, head="", chance=0.0)
    assert takes(engine, 3.5) == [Take(5, release=True, together=25)]


def test_a_sick_server_is_forgotten_when_nothing_waits_for_it_and_not_before() -> None:
    engine = connected()
    sicken(engine, 0.1, chance=0.0)
    assert engine.standing(0.2).cause is Cause.SERVER_BUSY

    def probed(from_s: float) -> float:
        asked = wants_until(engine, from_s, from_s + 10)
        return next(moment_s for moment_s, action in asked if action == Take(1, probe=True))

    now_s = probed(0.5)
    engine.took(now_s, count=0, limit=1, due_s=now_s + 1)
    assert engine.standing(now_s).cause is Cause.SERVER_BUSY, "one waits for its moment"
    now_s = probed(now_s + 0.5)
    engine.woke()
    engine.took(now_s, count=0, limit=1, due_s=None)
    assert engine.standing(now_s).cause is Cause.SERVER_BUSY, "one was tapped meanwhile"
    now_s = probed(now_s)
    engine.took(now_s, count=0, limit=1, due_s=None)
    assert engine.standing(now_s).cause is None
    engine.woke()
    assert Take(5) in wants(engine, now_s)
