"""When the engine listens to a stream and when it polls, in virtual time."""

from __future__ import annotations

import itertools

import pytest

from shared.sync import backoff
from shared.sync.actions import Action, Beat, Cause, FetchCatalog, Listen, Pull, Take, WaitUntil
from shared.sync.engine import Engine

HEAD = "7-abc"


def connected(*, push: bool = True) -> Engine:
    """An engine at 0 s whose link is up, which has pulled everything up to HEAD."""
    engine = Engine(0.0, delays=backoff)
    engine.step(0.0)
    engine.beat_passed(0.0, round_trip_s=0.01, head="", chance=0.5, push=push)
    assert engine.step(0.0)[:-1] == (Pull(), FetchCatalog(), Take(5))
    engine.chores.fetched(0.0, whole=True)
    engine.took(0.0, count=0, limit=5, due_s=None)
    engine.pulled(0.0, cursor=HEAD, has_more=False)
    return engine


def wants(engine: Engine, until_s: float, *, from_s: float = 0.0, head: str = HEAD) -> list[tuple[float, Action]]:
    """What it wants of pulling and listening in a span, asked every half second; beats are good, pulls find nothing."""
    found: list[tuple[float, Action]] = []
    for half in range(round(from_s * 2), round(until_s * 2) + 1):
        now_s = half / 2
        for action in engine.step(now_s):
            if isinstance(action, Pull | Listen):
                found.append((now_s, action))
            if isinstance(action, Beat):
                engine.beat_passed(now_s, round_trip_s=0.01, head=head, chance=0.5, push=True)
            elif isinstance(action, Pull):
                engine.pulled(now_s, cursor=HEAD, has_more=False)
            elif isinstance(action, FetchCatalog):
                engine.chores.fetched(now_s, whole=True)
            elif isinstance(action, Take):
                engine.took(now_s, count=0, limit=5, due_s=None)
    return found


def test_it_listens_once_everything_was_pulled_and_only_where_the_server_streams() -> None:
    assert Listen() in connected().step(0.0)
    plain = connected(push=False)
    assert Listen() not in plain.step(0.0)
    assert wants(connected(), 0.0) == [(0.0, Listen())]


def test_while_a_stream_lives_it_asks_for_everything_once_a_minute_and_for_nothing_else() -> None:
    engine = connected()
    assert wants(engine, 0.0) == [(0.0, Listen())]
    engine.heard(0.0, cursor=HEAD)
    assert wants(engine, 130.0, from_s=0.5) == [(60.0, Pull(whole=True)), (120.0, Pull(whole=True))]


def test_until_a_stream_speaks_it_is_polled_every_four_seconds() -> None:
    assert wants(connected(), 9.0) == [(0.0, Listen()), (4.0, Pull()), (8.0, Pull())]


def test_a_stream_that_is_over_is_followed_by_a_pull_at_once_and_by_another_stream_soon() -> None:
    engine = connected()
    wants(engine, 0.0)
    engine.heard(0.0, cursor=HEAD)
    wants(engine, 10.0, from_s=0.5)
    engine.unheard(10.5, moved=False, chance=1.0)
    after = wants(engine, 20.0, from_s=10.5)
    assert after[0] == (10.5, Pull())
    assert [action for _, action in after].count(Listen()) == 1
    engine.heard(20.5, cursor=HEAD)
    engine.unheard(20.5, moved=True, chance=1.0)
    assert wants(engine, 20.5, from_s=20.5) == [(20.5, Pull())]
    assert wants(engine, 21.0, from_s=21.0) == [(21.0, Listen())]


def test_a_server_that_never_streams_is_tried_less_and_less_often() -> None:
    engine = connected()
    moments: list[float] = []
    for half in range(240):
        if any(isinstance(action, Listen) for _, action in wants(engine, half / 2, from_s=half / 2)):
            moments.append(half / 2)
            engine.unheard(half / 2, moved=False, chance=1.0)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert max(gaps) <= 6.0
    assert gaps[-1] >= 4.0
    assert gaps[0] <= 1.5


def test_news_that_a_heartbeat_tells_of_is_left_to_the_stream_for_a_moment_and_then_asked_for() -> None:
    engine = connected()
    wants(engine, 0.0)
    engine.heard(0.0, cursor=HEAD)
    pulls = [moment for moment, action in wants(engine, 6.0, from_s=0.5, head="8-new") if action == Pull()]
    assert pulls
    assert 2.0 <= pulls[0] <= 3.0


def test_nobody_listens_while_the_queue_is_paused() -> None:
    engine = connected()
    wants(engine, 0.0)
    engine.unheard(0.0, moved=False, chance=0.0)
    actions = engine.step(0.0)
    assert Pull() in actions
    engine.pull_failed(0.1, pause=Cause.HISTORY_LOST)
    later = engine.step(4.0)
    assert Listen() not in later
    assert isinstance(later[-1], WaitUntil)


def test_a_stream_that_goes_on_speaking_puts_no_pull_off_that_was_wanted() -> None:
    engine = connected()
    assert wants(engine, 0.0) == [(0.0, Listen())]
    engine.heard(0.0, cursor=HEAD)
    engine.try_now(1.0)
    engine.heard(1.0, cursor=HEAD)
    assert wants(engine, 1.0, from_s=1.0) == [(1.0, Pull())]


def test_a_stream_that_ends_while_the_server_takes_nothing_of_ours_brings_no_pull_forward() -> None:
    engine = connected()
    assert wants(engine, 0.0) == [(0.0, Listen())]
    engine.heard(0.0, cursor=HEAD)
    engine.pull_failed(1.0, pause=Cause.DEVICE_UNKNOWN)
    wake_s = engine.step(1.0)[-1]
    engine.unheard(1.0, moved=False, chance=0.5)
    assert engine.step(1.0) == (wake_s,)


@pytest.mark.parametrize("lives_s", [5.0, 30.0, 55.0])
def test_everything_is_asked_for_once_a_minute_however_short_a_stream_lives(lives_s: float) -> None:
    """Somebody on the way cuts each stream before its minute is over."""
    engine = connected()
    wants(engine, 0.0)
    whole: list[float] = []
    now_s = 0.0
    while now_s < 300:
        engine.heard(now_s, cursor=HEAD)
        found = wants(engine, now_s + lives_s, from_s=now_s + 0.5)
        now_s += lives_s + 0.5
        engine.unheard(now_s, moved=False, chance=0.0)
        found += wants(engine, now_s + 1.0, from_s=now_s)
        now_s += 1.5
        whole += [moment_s for moment_s, action in found if action == Pull(whole=True)]
    gaps = [later - before for before, later in itertools.pairwise([0.0, *whole])]
    assert len(whole) >= 4
    assert all(55 <= gap <= 70 for gap in gaps), gaps


def test_a_stream_that_comes_back_after_a_while_has_a_moment_before_everything_is_asked_for() -> None:
    engine = connected()
    wants(engine, 0.0)
    engine.heard(0.0, cursor=HEAD)
    engine.unheard(10.0, moved=False, chance=0.0)
    wants(engine, 200.0, from_s=10.0)
    engine.heard(200.0, cursor=HEAD)
    assert wants(engine, 203.5, from_s=200.5) == []
    assert [action for _, action in wants(engine, 205.0, from_s=204.0)] == [Pull(whole=True)]
