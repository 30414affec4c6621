"""The link in virtual time: offline shows within 3 s, nothing flickers, and only beats move it."""

from __future__ import annotations

import random

import pytest

from shared.sync import backoff
from shared.sync.actions import Cause, LinkState
from shared.sync.link import Link
from tests.unit.sync.play import START_S, Net, Play, broken, good, refused, silent

UP = {LinkState.CONNECTED, LinkState.SLOW}


def test_the_first_good_beat_is_enough_to_begin() -> None:
    play = Play(good(0.02), waiting=3)
    play.run(0.1)
    assert [state for _, state, _ in play.states] == [LinkState.RECONNECTING, LinkState.CONNECTED]
    assert play.states[-1][0] == pytest.approx(START_S + 0.02)
    assert len(play.sends) == 3


def test_while_connected_a_beat_goes_every_second() -> None:
    play = Play(good(0.2))
    play.run(10.05)
    assert play.beats == pytest.approx([START_S + second for second in range(11)])


@pytest.mark.parametrize("how", [refused, silent])
@pytest.mark.parametrize("cut_s", [0.0, 0.1, 0.5, 0.98, 1.0])
def test_offline_shows_within_three_seconds_and_its_word_after_ten(how: Net, cut_s: float) -> None:
    gone_s = START_S + 5 + cut_s
    play = Play(broken(gone_s, 1e9, how))
    play.run(60)
    assert play.state_at(gone_s) is LinkState.CONNECTED
    assert play.state_at(gone_s + 3.0) is LinkState.RECONNECTING
    assert play.state_at(gone_s + 9.0 - 0.02) is LinkState.RECONNECTING
    assert play.state_at(gone_s + 10.02) is LinkState.OFFLINE
    assert [state for _, state, _ in play.states][-3:] == [
        LinkState.CONNECTED,
        LinkState.RECONNECTING,
        LinkState.OFFLINE,
    ]


def test_a_blink_shorter_than_the_limit_is_not_shown() -> None:
    play = Play(broken(START_S + 5.5, START_S + 6.5, refused))
    play.run(20)
    assert [state for _, state, _ in play.states] == [LinkState.RECONNECTING, LinkState.CONNECTED]


def test_one_good_beat_in_an_outage_brings_nothing_back() -> None:
    lucky_s = START_S + 30

    def net(now_s: float) -> tuple[float, Cause | None]:
        if now_s < START_S + 5:
            return 0.02, None
        if now_s >= lucky_s and not lucky:
            lucky.append(now_s)
            return 0.02, None
        return 0.001, Cause.NO_SERVER

    lucky: list[float] = []
    play = Play(net)
    play.run(120)
    assert len(lucky) == 1
    assert [state for since_s, state, _ in play.states if since_s > START_S + 1] == [
        LinkState.RECONNECTING,
        LinkState.OFFLINE,
    ]


@pytest.mark.parametrize("seed", range(20))
def test_a_line_that_loses_half_of_its_beats_never_flickers(seed: int) -> None:
    dice = random.Random(seed)

    def net(now_s: float) -> tuple[float, Cause | None]:
        return (0.02, None) if dice.random() < 0.5 else (2.0, Cause.NO_SERVER)

    play = Play(net, chance=0.9)
    play.run(600)
    later = [shown for shown in play.states if shown[0] > START_S + 30]
    lost = [since_s for since_s, state, _ in later if state is LinkState.RECONNECTING]
    came_back = [since_s for since_s, state, _ in later if state in UP]
    assert len(lost) > 10
    assert all(back_s - lost_s > 0.5 for lost_s in lost for back_s in came_back if back_s > lost_s)
    offline_spells = [
        (before, after) for (_, before, _), (_, after, _) in zip(play.states, play.states[1:], strict=False)
    ]
    assert (LinkState.OFFLINE, LinkState.RECONNECTING) not in offline_spells


def test_back_online_two_good_beats_are_needed_and_come_soon() -> None:
    back_s = START_S + 40
    play = Play(broken(START_S + 5, back_s, refused), chance=1.0)
    play.run(60)
    up_again_s = next(since_s for since_s, state, _ in play.states if since_s > START_S + 5 and state in UP)
    beats = [beat_s for beat_s in play.beats if back_s <= beat_s < up_again_s]
    assert len(beats) == 2
    assert beats[1] - beats[0] == pytest.approx(0.52)
    assert up_again_s <= back_s + 5 + 0.52 + 0.02


def test_probes_grow_from_half_a_second_to_five_with_full_jitter() -> None:
    gaps: dict[float, list[float]] = {}
    for chance in (0.0, 1.0):
        play = Play(refused, chance=chance)
        play.run(60)
        gaps[chance] = [
            round(later - earlier - 0.001, 3) for earlier, later in zip(play.beats, play.beats[1:], strict=False)
        ]
    assert gaps[1.0][:6] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert gaps[0.0][:3] == [0.1, 0.1, 0.1]


def test_a_network_change_and_try_now_probe_at_once_beside_a_beat_that_hangs() -> None:
    play = Play(silent)
    play.run(30)
    outstanding = [beat_s for beat_s in play.beats if beat_s > play.now_s - 2]
    play.engine.network_changed(play.now_s)
    play.run(0.001)
    assert play.beats[-1] == pytest.approx(START_S + 30)
    play.engine.try_now(play.now_s)
    play.run(0.001)
    assert len([beat_s for beat_s in play.beats if beat_s > play.now_s - 2]) <= max(2, len(outstanding))


def test_after_try_now_the_probes_start_from_short_delays_again() -> None:
    play = Play(refused, chance=1.0)
    play.run(60)
    play.engine.try_now(play.now_s)
    play.run(4)
    late = [beat_s - START_S - 60 for beat_s in play.beats if beat_s >= START_S + 60]
    assert late == pytest.approx([0.0, 0.501, 1.502, 3.503])


def test_the_line_is_called_slow_and_fast_again_without_flicker() -> None:
    def net(now_s: float) -> tuple[float, Cause | None]:
        if START_S + 10 <= now_s < START_S + 30:
            return 0.4, None
        return (0.25 if START_S + 30 <= now_s < START_S + 50 else 0.05), None

    play = Play(net)
    play.run(70)
    shown = [(round(since_s - START_S), state) for since_s, state, _ in play.states][1:]
    assert shown == [(0, LinkState.CONNECTED), (11, LinkState.SLOW), (51, LinkState.CONNECTED)]


def test_one_slow_beat_is_no_slow_line() -> None:
    play = Play(broken(START_S + 10, START_S + 11, good(0.9)))
    play.run(30)
    assert LinkState.SLOW not in [state for _, state, _ in play.states]


def test_the_cause_is_what_the_last_beat_said() -> None:
    def net(now_s: float) -> tuple[float, Cause | None]:
        if now_s < START_S + 5:
            return 0.02, None
        return 0.001, Cause.NO_NETWORK if now_s < START_S + 20 else Cause.SERVER_BUSY

    play = Play(net)
    play.run(60)
    down = [(state, cause) for since_s, state, cause in play.states if since_s > START_S + 1]
    assert down == [
        (LinkState.RECONNECTING, Cause.NO_NETWORK),
        (LinkState.OFFLINE, Cause.NO_NETWORK),
        (LinkState.OFFLINE, Cause.SERVER_BUSY),
    ]


def test_a_machine_that_was_asleep_sees_at_once_that_it_lost_the_server() -> None:
    link = Link(0.0, backoff)
    link.sent(0.0)
    assert link.passed(0.1, round_trip_s=0.1) is False
    link.tick(3600.0)
    assert not link.is_up
    assert link.cause is Cause.NO_SERVER
    assert link.state(3600.0) is LinkState.OFFLINE
    assert link.beat_due(3600.0)


def test_time_outs_of_operations_do_not_move_the_link() -> None:
    play = Play(good(), waiting=20, answer_s=10.0)
    play.run(60)
    assert [state for _, state, _ in play.states] == [LinkState.RECONNECTING, LinkState.CONNECTED]


def test_a_beat_that_hung_in_the_old_network_does_not_spoil_the_new_one() -> None:
    play = Play(broken(START_S, START_S + 30, silent))
    play.run(30)
    play.engine.network_changed(play.now_s)
    play.run(1)
    assert play.states[-1][1] is LinkState.CONNECTED
    assert play.states[-1][0] == pytest.approx(START_S + 30.54)
