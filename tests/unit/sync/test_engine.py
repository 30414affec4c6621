"""What the engine wants when: operations, pulls, holds and pauses, in virtual time."""

from __future__ import annotations

import pytest

from shared.sync import backoff
from shared.sync.actions import Action, Beat, Cause, FetchCatalog, LinkState, Pull, Take, WaitUntil
from shared.sync.engine import Engine
from tests.unit.sync.play import START_S, Play, broken, good, refused


def connected(now_s: float = 0.0) -> Engine:
    """An engine whose first beat was good and which has asked for everything once."""
    engine = Engine(now_s, delays=backoff)
    assert engine.step(now_s)[0] == Beat()
    engine.beat_passed(now_s, round_trip_s=0.01, head="", chance=0.5)
    assert engine.step(now_s)[:-1] == (Pull(), FetchCatalog(), Take(5))
    engine.pulled(now_s, cursor="1-a", has_more=False)
    engine.chores.fetched(now_s, whole=True)
    engine.took(now_s, count=0, limit=5, due_s=None)
    return engine


def wants(engine: Engine, now_s: float) -> list[Action]:
    """What it wants at a moment, heartbeats and waiting aside; beats are answered so that the link stays up."""
    actions = engine.step(now_s)
    if Beat() in actions:
        engine.beat_passed(now_s, round_trip_s=0.01, head="", chance=0.5)
    return [action for action in actions if not isinstance(action, Beat | WaitUntil)]


def wants_until(engine: Engine, from_s: float, until_s: float) -> list[tuple[float, Action]]:
    """All that it wants in a span, asked every half second."""
    moments = [from_s + half / 2 for half in range(int((until_s - from_s) * 2) + 1)]
    return [(moment_s, action) for moment_s in moments for action in wants(engine, moment_s)]


def wake_of(engine: Engine, now_s: float) -> float:
    last = engine.step(now_s)[-1]
    assert isinstance(last, WaitUntil)
    return last.s


def test_nothing_is_sent_before_the_first_good_beat() -> None:
    play = Play(refused, waiting=3)
    play.run(600)
    assert (play.takes, play.pulls, play.catalogs) == ([], [], [])


def test_a_tap_is_sent_at_once() -> None:
    engine = connected()
    assert wants(engine, 0.5) == []
    engine.woke()
    assert wants(engine, 0.5) == [Take(5)]


def test_at_most_five_are_on_their_way_and_each_answer_makes_room_for_one() -> None:
    play = Play(good(), waiting=100, answer_s=0.5)
    play.run(60)
    assert play.most_in_flight == 5
    assert len(play.sends) == 100


def test_one_answer_asks_for_one_more_and_an_empty_hand_for_none() -> None:
    engine = connected()
    engine.woke()
    assert wants(engine, 0.1) == [Take(5)]
    engine.took(0.1, count=5, limit=5, due_s=None)
    assert wants(engine, 0.1) == []
    engine.answered(0.2, accepted=True)
    assert wants(engine, 0.2) == [Take(1)]
    engine.took(0.2, count=0, limit=1, due_s=None)
    assert wants(engine, 0.3) == []


def test_a_tap_while_the_outbox_is_being_asked_is_not_missed() -> None:
    engine = connected()
    engine.woke()
    assert wants(engine, 0.1) == [Take(5)]
    engine.woke()
    assert wants(engine, 0.1) == []
    engine.took(0.1, count=1, limit=5, due_s=None)
    assert wants(engine, 0.1) == [Take(4)]


def test_what_waits_is_asked_for_when_it_is_due_and_not_before() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=0, limit=5, due_s=0.7)
    assert wake_of(engine, 0.1) == 0.7
    assert wants(engine, 0.6) == []
    assert wants(engine, 0.7) == [Take(5)]


def test_a_due_moment_in_the_past_does_not_make_it_spin() -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=0, limit=5, due_s=-5.0)
    assert wake_of(engine, 0.1) == pytest.approx(0.15)


def test_a_tick_asks_the_outbox_every_fifteen_seconds_without_any_event() -> None:
    play = Play(good())
    play.run(61)
    assert [round(taken_s - START_S) for taken_s, _ in play.takes] == [0, 15, 30, 45, 60]


@pytest.mark.parametrize(("chance", "calm_s"), [(0.0, 0.0), (0.5, 1.0), (1.0, 2.0)])
def test_after_an_outage_the_first_send_waits_up_to_two_seconds_and_releases_what_nobody_answered(
    chance: float, calm_s: float
) -> None:
    play = Play(broken(START_S + 5, START_S + 40, refused), chance=chance)
    play.run(20)
    play.tap(3)
    play.run(40)
    up_s = next(since_s for since_s, state, _ in play.states if since_s > START_S + 40 and state is LinkState.CONNECTED)
    first_s, first = next((taken_s, take) for taken_s, take in play.takes if taken_s > START_S + 6)
    assert first_s == pytest.approx(up_s + calm_s)
    assert first.release
    assert not any(take.release for taken_s, take in play.takes if taken_s > first_s)
    assert next(pull_s for pull_s in play.pulls if pull_s > START_S + 6) == pytest.approx(up_s)


def test_at_the_start_there_is_no_calm_and_nothing_to_release() -> None:
    play = Play(good(), waiting=1, chance=1.0)
    play.run(0.025)
    assert [take for _, take in play.takes] == [Take(5, release=False)]
    assert play.takes[0][0] == pytest.approx(START_S + 0.02)


def test_when_the_disk_does_not_take_it_it_is_asked_again_later_and_still_releases() -> None:
    engine = connected()
    engine.try_now(0.5)
    assert wants(engine, 0.5) == [Pull(), Take(5, release=True)]
    engine.take_failed(again_s=2.0, released=True)
    assert wants(engine, 1.9) == []
    assert Take(5, release=True) in wants(engine, 2.0)


@pytest.mark.parametrize("cause", [Cause.DEVICE_UNKNOWN, Cause.NEEDS_UPDATE, Cause.HISTORY_LOST])
def test_a_pause_is_shown_as_offline_and_ends_with_the_first_read_that_passes(cause: Cause) -> None:
    engine = connected()
    engine.woke()
    wants(engine, 0.1)
    engine.took(0.1, count=2, limit=5, due_s=None)
    engine.answered(1.0, pause=cause)
    engine.answered(1.1, pause=cause)
    standing = engine.standing(1.1)
    assert (standing.state, standing.cause, standing.since_s) == (LinkState.OFFLINE, cause, 1.1)
    assert standing.next_try_s == pytest.approx(6.0)
    engine.woke()
    assert [wants(engine, float(second)) for second in range(2, 6)] == [[]] * 4
    assert wants(engine, 6.0) == [Pull()]
    engine.pulled(6.1, cursor="1-a", has_more=False)
    assert wants(engine, 6.1) == [Take(5, release=True)]
    assert engine.standing(6.1).state is LinkState.CONNECTED


def test_a_pause_that_reads_lift_and_sends_bring_back_is_probed_ever_more_slowly() -> None:
    engine = connected()
    now_s, waits = 0.0, []
    for _ in range(6):
        engine.took(now_s, count=1, limit=5, due_s=None)
        engine.answered(now_s, pause=Cause.DEVICE_UNKNOWN)
        wake_s = engine.standing(now_s).next_try_s
        assert wake_s is not None
        waits.append(wake_s - now_s)
        assert [moment_s for moment_s, action in wants_until(engine, now_s, wake_s) if action == Pull()] == [wake_s]
        now_s = wake_s
        engine.pulled(now_s, cursor="1-a", has_more=False)
    assert waits == pytest.approx([5, 10, 20, 40, 60, 60])
    engine.took(now_s, count=1, limit=5, due_s=None)
    engine.answered(now_s, accepted=True)
    engine.pull_failed(now_s, pause=Cause.DEVICE_UNKNOWN)
    assert engine.standing(now_s).next_try_s == pytest.approx(now_s + 5)


def test_a_probe_of_a_pause_that_brings_nothing_leaves_it_as_it_was() -> None:
    engine = connected()
    engine.pull_failed(1.0, pause=Cause.NEEDS_UPDATE)
    assert wants_until(engine, 1.0, 6.0) == [(6.0, Pull())]
    engine.pull_failed(6.0)
    standing = engine.standing(6.0)
    assert standing.cause is Cause.NEEDS_UPDATE
    assert standing.next_try_s == pytest.approx(16.0)
    wants_until(engine, 6.0, 7.0)
    engine.try_now(7.0)
    assert wants(engine, 7.0) == [Pull()]


def test_it_pulls_every_four_seconds_and_the_next_page_at_once() -> None:
    play = Play(good(), head="")
    play.run(13)
    assert [round(pull_s - START_S) for pull_s in play.pulls] == [0, 4, 8, 12]
    engine = connected()
    assert wants_until(engine, 0.0, 4.0) == [(4.0, Pull())]
    engine.pulled(4.1, cursor="2-b", has_more=True)
    assert wants(engine, 4.1) == [Pull()]


def test_it_pulls_when_a_heartbeat_knows_of_something_newer() -> None:
    play = Play(good())
    play.run(1.5)
    play.head = "2-b"
    play.run(1)
    assert play.pulls[-1] == pytest.approx(START_S + 2.02)
    assert len(play.pulls) == 2


def test_a_pull_that_failed_is_tried_again_and_asks_for_no_pause_by_itself() -> None:
    engine = connected()
    assert wants_until(engine, 0.0, 5.0) == [(4.0, Pull())]
    engine.pull_failed(5.0)
    assert wants_until(engine, 5.0, 9.0) == [(9.0, Pull())]
    assert engine.standing(9.0).cause is None


def test_news_that_stay_away_for_three_seconds_are_called_delayed() -> None:
    engine = connected()
    engine.step(1.0)
    engine.beat_passed(1.0, round_trip_s=0.01, head="2-b", chance=0.5)
    assert wants(engine, 1.0) == [Pull()]
    engine.step(2.0)
    engine.beat_passed(2.0, round_trip_s=0.01, head="2-b", chance=0.5)
    engine.step(3.0)
    engine.beat_passed(3.0, round_trip_s=0.01, head="3-c", chance=0.5)
    assert not engine.standing(3.9).delayed
    assert wake_of(engine, 3.9) == 4.0
    assert engine.standing(4.0).delayed
    engine.pulled(4.0, cursor="2-b", has_more=True)
    assert engine.standing(4.0).delayed
    engine.pulled(4.0, cursor="3-c", has_more=False)
    assert not engine.standing(4.0).delayed


def test_a_server_with_no_head_is_never_behind() -> None:
    engine = connected()
    assert wants(engine, 1.0) == []
    assert not engine.standing(10.0).delayed


def test_the_catalogue_is_asked_for_on_connecting_and_every_thirty_seconds_or_soon_again() -> None:
    play = Play(good())
    play.run(61)
    assert [round(fetched_s - START_S) for fetched_s in play.catalogs] == [0, 30, 60]
    engine = connected()
    engine.chores.fetched(0.0, whole=False)
    assert (5.0, FetchCatalog()) in wants_until(engine, 0.0, 5.0)


def test_while_paused_news_do_not_hurry_the_probe() -> None:
    engine = connected()
    engine.pull_failed(0.5, pause=Cause.HISTORY_LOST)
    engine.step(1.0)
    engine.beat_passed(1.0, round_trip_s=0.01, head="2-b", chance=0.5)
    assert wants(engine, 1.0) == []
    assert engine.standing(1.0).next_try_s == pytest.approx(5.5)


def test_calm_and_outage_say_when_something_is_tried_next() -> None:
    play = Play(broken(START_S + 5, START_S + 30, refused), chance=1.0)
    play.run(20)
    assert play.engine.standing(play.now_s).next_try_s == pytest.approx(play.beats[-1] + 5.001)
    play.run(18)
    up_s = play.states[-1][0]
    assert play.engine.standing(up_s + 0.1).next_try_s == pytest.approx(up_s + 2)
    assert play.engine.standing(up_s + 2.1).next_try_s is None
    assert play.engine.link_up
