"""When the server's failing is held against one operation, and how a sick server is probed without being trampled."""

from __future__ import annotations

import itertools
from pathlib import Path

from shared.store import outbox
from shared.store.outcomes import Flight
from shared.sync import backoff
from shared.sync.actions import Cause, LinkState
from shared.sync.circuit import OPENS_AFTER, Circuit
from shared.sync.evidence import MOST_KEPT, Evidence
from shared.sync.exchange import Exchange, TimedOut
from tests.unit.store.till import NOW_MS
from tests.unit.sync.flights import answer, error
from tests.unit.sync.night import Night

SICK = answer(500, error(500))


def reasons(night: Night) -> set[object]:
    return {reason for _, status, reason in night.till.statuses() if status == "FAILED"}


def failed_often(night: Night) -> None:
    """Eight attempts have spoken against whatever waits: a long evening in a line."""
    night.till.connection.execute("UPDATE operation SET attempts = 8 WHERE sends > 0 AND settled_at IS NULL")


def settled(night: Night) -> bool:
    return {status for _, status, _ in night.till.statuses()} == {"SUCCESS"}


def test_a_server_that_is_sick_for_everybody_gives_no_operation_to_a_person(tmp_path: Path) -> None:
    """Heartbeats pass, every write meets an error, and the server says itself that it is not ready."""
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: SICK
        night.server.read_fault = lambda name: answer(503, error(503)) if name == "ready" else None
        for _ in range(4):
            night.order()
        night.run(60)
        failed_often(night)
        night.run(600)
        assert reasons(night) == set()
        assert max(int(str(count)) for count in night.column("attempts")) == 9, "the tenth is not held against it"
        assert "ready" in night.server.asked

        night.server.fault_before = lambda flight, seen: None
        night.run(400)
        assert settled(night)


def test_silence_for_everybody_is_held_against_nobody(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: TimedOut()
        for _ in range(8):
            night.order()
        night.run(900)
        assert set(night.column("attempts")) == {0}
        assert reasons(night) == set()


def test_silence_for_one_while_others_are_answered_goes_to_a_person_after_ten(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        mute = night.order()
        night.server.fault_before = lambda flight, seen: TimedOut() if flight.entity_id == mute else None
        night.run(20)
        failed_often(night)
        for _ in range(50):
            night.order()
            night.run(4)
        assert night.till.statuses()[0] == ("create_order", "FAILED", "EXHAUSTED")
        assert all(status == "SUCCESS" for _, status, _ in night.till.statuses()[3:])


def test_one_that_fails_alone_is_given_to_a_person_when_the_server_says_that_it_is_ready(tmp_path: Path) -> None:
    """Nothing else was tapped since: there is no other operation to compare with."""
    with Night(tmp_path) as night:
        night.order()
        night.server.fault_before = lambda flight, seen: SICK
        night.run(1_500)
        assert night.till.statuses()[0] == ("create_order", "FAILED", "EXHAUSTED")
        assert night.server.asked.count("ready") == 1


def test_a_sick_server_gets_one_probe_at_a_time_at_growing_distances(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.server.fault_before = lambda flight, seen: SICK
        for _ in range(60):
            night.order()
        night.run(300)
        sent = [sent_s for sent_s, _ in night.server.sends]
        assert night.server.in_flight <= 1
        assert len(sent) < 5 + OPENS_AFTER + 300 / 1.0, "a closed circuit would send hundreds in the first seconds"
        later = [second - first for first, second in itertools.pairwise(sent[20:])]
        assert max(later) <= 5.5
        view = night.worker.link()
        assert (view.state, view.cause) == (LinkState.CONNECTED, Cause.SERVER_BUSY)


def test_a_server_is_not_called_busy_when_nothing_waits_for_it_any_more(tmp_path: Path) -> None:
    """The last two were given to a person after ten tries each: nobody is left to find out that it works."""
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: SICK
        night.order()
        night.order()
        night.run(60)
        assert night.worker.link().cause is Cause.SERVER_BUSY
        failed_often(night)
        night.run(900)
        assert [reason for _, _, reason in night.till.statuses()[::3]] == ["EXHAUSTED", "EXHAUSTED"]
        view = night.worker.link()
        assert (view.state, view.cause, view.next_try_at_ms) == (LinkState.CONNECTED, None, None)
        assert night.views[-1][1].cause is None, "the screens were told"


def test_the_probe_is_the_one_that_failed_least_so_that_poison_does_not_hold_the_door(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.server.fault_before = lambda flight, seen: SICK
        poison = night.order()
        others = [night.order() for _ in range(11)]
        night.run(60)
        night.server.fault_before = lambda flight, seen: SICK if flight.entity_id == poison else None
        night.run(150)
        assert all(len(night.server.effects_of(order)) == 3 for order in others)
        assert night.server.effects_of(poison) == []


def test_one_poisonous_operation_does_not_make_the_server_busy(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        poison = night.order()

        def fault(flight: Flight, seen: int) -> Exchange | None:
            return SICK if flight.entity_id == poison else None

        night.server.fault_before = fault
        night.run(300)
        assert night.worker.link().cause is None
        order = night.order()
        night.run(1)
        assert len(night.server.effects_of(order)) == 3


def test_a_circuit_opens_after_errors_of_more_than_one_operation_and_closes_at_the_first_verdict() -> None:
    circuit = Circuit(backoff)
    for _ in range(3 * OPENS_AFTER):
        circuit.failed("a", now_s=1.0, chance=1.0)
    assert circuit.next_probe_s == 0.0
    circuit.failed("b", now_s=1.0, chance=1.0)
    assert circuit.is_open
    assert 1.5 <= circuit.next_probe_s <= 6.0
    circuit.be_impatient(2.0)
    assert circuit.next_probe_s == 2.0
    circuit.forget()
    assert circuit.next_probe_s == 0.0
    circuit.failed("a", now_s=3.0, chance=1.0)
    circuit.failed("b", now_s=3.0, chance=1.0)
    assert circuit.next_probe_s == 0.0, "it counts anew"


def test_a_sick_server_is_probed_with_what_failed_least(tmp_path: Path) -> None:
    """Else the oldest, which may be poison, holds the door for all."""
    with Night(tmp_path) as night:
        night.order()
        other = night.order()
        night.till.connection.execute("UPDATE operation SET attempts = 3 WHERE seq = 1")
        taken = night.till.run(lambda tx: outbox.take(tx, limit=1, now_ms=NOW_MS, fewest_attempts=True))
        assert [flight.entity_id for flight in taken.flights] == [other]


def test_only_another_operation_that_passed_later_speaks_against_one() -> None:
    evidence = Evidence(lambda: True)
    evidence.passed("other", 1.0)
    evidence.failed("poison", 2.0)
    assert not evidence.others_pass("poison"), "it passed before"
    evidence.passed("other", 3.0)
    assert evidence.others_pass("poison")
    evidence.failed("poison", 4.0)
    assert evidence.others_pass("poison"), "since the first failure, not the last"
    evidence.passed("poison", 5.0)
    assert not evidence.others_pass("poison")


def test_what_is_remembered_of_failures_is_bounded() -> None:
    evidence = Evidence(lambda: True)
    for number in range(MOST_KEPT + 10):
        evidence.failed(f"{number}", 1.0)
    evidence.passed("other", 2.0)
    assert not evidence.others_pass("0")
    assert evidence.others_pass(f"{MOST_KEPT + 9}")
