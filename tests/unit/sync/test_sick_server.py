"""What the engine says of a sick server, and until when."""

from __future__ import annotations

from shared.sync.actions import Cause, Take
from tests.unit.sync.test_engine import connected, wants, wants_until


def test_a_sick_server_is_forgotten_when_nothing_waits_for_it_and_not_before() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=5, limit=5, due_s=None)
    for number in range(5):
        engine.answered(0.2, failed_id=f"{number}", chance=0.0)
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
