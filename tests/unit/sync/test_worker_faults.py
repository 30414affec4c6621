"""The worker when server, disk or our own code misbehave: it says so, waits where it must, and goes on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NoReturn

import pytest

from shared.errors import DatabaseBusy, DiskFull
from shared.store import catalog, entities
from shared.store.outcomes import Accepted, Flight, Status
from shared.sync.actions import Cause, LinkState
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.sync.verdicts import Verdict, judge
from tests.unit.sync.fake_server import CATALOG
from tests.unit.sync.flights import answer, error
from tests.unit.sync.night import Night


def settled(night: Night) -> bool:
    return set(night.column("status")) == {Status.SUCCESS}


def test_a_duplicate_without_its_resource_is_settled_by_the_order_itself(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_after = lambda flight, seen: answer(409, error(409, "IDEMPOTENCY_DUPLICATE"))
        order = night.order()
        night.run(10)
        assert settled(night)
        assert night.server.asked.count("order") == 3
        assert night.till.run(lambda tx: entities.order(tx, order)) == night.server.orders[order]


def test_a_duplicate_that_the_server_does_not_hold_goes_to_a_person_in_the_end(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: answer(409, error(409, "IDEMPOTENCY_DUPLICATE"))
        night.server.read_fault = lambda name: answer(404, error(404)) if name == "order" else None
        night.order()
        night.run(1_500)
        assert night.till.statuses()[0] == ("create_order", "FAILED", "EXHAUSTED")


@pytest.mark.parametrize(
    ("refusal", "cause"),
    [
        (answer(401, error(401)), Cause.DEVICE_UNKNOWN),
        (answer(426, error(426)), Cause.NEEDS_UPDATE),
        (answer(409, error(409, "HISTORY_LOST")), Cause.HISTORY_LOST),
    ],
)
def test_a_device_that_is_not_served_pauses_says_so_and_goes_on_when_it_is(
    tmp_path: Path, refusal: Answered, cause: Cause
) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.server.fault_before = lambda flight, seen: refusal
        night.server.read_fault = lambda name: refusal if name == "orders" else None
        orders = [night.order() for _ in range(10)]
        night.run(600)
        link = night.worker.link()
        assert (link.state, link.cause) == (LinkState.OFFLINE, cause)
        assert link.next_try_at_ms is not None
        assert len(night.server.sends) == 5
        assert set(night.column("attempts")) == {0}
        night.server.fault_before = lambda flight, seen: None
        night.server.read_fault = lambda name: None
        night.run(70)
        assert settled(night)
        assert len(night.server.orders) == len(orders)
        assert night.worker.link().state is LinkState.CONNECTED


def test_a_read_that_is_refused_pauses_before_anything_is_sent(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.server.read_fault = lambda name: answer(401, error(401)) if name == "orders" else None
        night.run(10)
        night.order()
        night.run(60)
        assert night.server.sends == []
        night.worker.try_now()
        night.run(0.1)
        assert night.server.sends == []


def test_a_server_that_asks_for_a_pause_gets_it(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.run(1)
        night.server.fault_before = lambda flight, seen: (
            answer(503, error(503), retry_after="40") if len(night.server.sends) == 1 else None
        )
        night.order()
        night.run(0.5)
        for _ in range(3):
            night.order()
        asked = night.server.asked.count("orders")
        night.run(39)
        assert len(night.server.sends) == 1
        assert night.server.asked.count("orders") == asked
        assert night.worker.link().cause is Cause.SERVER_BUSY
        night.run(20)
        assert settled(night)


def test_a_pull_that_is_told_to_wait_holds_the_sends_too(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.read_fault = lambda name: answer(429, error(429), retry_after="30") if name == "orders" else None
        night.run(2)
        night.order()
        night.run(20)
        assert night.server.sends == []


def test_try_now_does_not_wait_for_our_own_patience(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: Unreachable(Cause.NO_SERVER, "cut")
        night.order()
        night.run(90)
        night.server.fault_before = lambda flight, seen: None
        night.run(1)
        assert night.waiting() == 3
        night.worker.try_now()
        night.run(1)
        assert settled(night)


def test_a_network_change_is_noticed_at_once(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.up = False
        night.run(300)
        night.server.up = True
        night.run(0.01)
        night.worker.network_changed()
        night.run(1)
        assert night.worker.link().state is LinkState.CONNECTED


def test_the_catalogue_is_stored_with_its_tag_and_announced_once(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.read_fault = lambda name: answer(200, b"<html>") if name == "menu" else None
        night.run(2)
        assert set(night.till.run(catalog.etags)) == {"floor", "settings", "staff"}
        night.server.read_fault = lambda name: None
        night.run(100)
        assert set(night.till.run(catalog.etags)) == set(CATALOG)
        assert sum("catalog" in ids for ids in night.told) == 2


def test_a_kitchen_pulls_tickets_and_asks_again_when_its_cache_was_cleared_meanwhile(tmp_path: Path) -> None:
    with Night(tmp_path, kind="kds") as night:
        cleared: list[int] = []

        def clear_during_a_pull(name: str) -> Exchange | None:
            if name == "tickets" and not cleared:
                cleared.append(1)
                night.till.connection.execute("INSERT INTO cursor (one, seen, stored_at) VALUES (1, '4-d', 0)")
                return answer(200, {"tickets": [], "cursor": "5-e", "serverTime": ""})
            return None

        night.server.read_fault = clear_during_a_pull
        night.run(0.2)
        assert night.server.asked.count("tickets") == 2
        assert night.till.run(entities.cursor) == "4-d"


def test_a_disk_that_is_full_at_the_start_only_delays_it(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.writer.failing = lambda: DiskFull("no room")
        night.order()
        night.run(30)
        assert night.server.asked == []
        night.writer.failing = lambda: None
        night.run(30)
        assert settled(night)


def test_a_disk_that_is_full_at_the_end_ends_it_all_the_same(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.order()
        night.run(0.05)
        night.writer.failing = lambda: DatabaseBusy("a backup")
        night.run(0.2)
        night.stop()
        assert night.server.closed
        night.writer.failing = lambda: None
        night.run(10)
        assert settled(night)


def test_one_answer_that_cannot_be_stored_does_not_keep_the_others_from_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    odd: Any = object()
    poison: list[str] = []

    def judge_oddly(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
        if flight.entity_id in poison and flight.sends == 1:
            return Accepted(200, odd, (), None)
        return judge(flight, answer, link_up=link_up)

    with Night(tmp_path, judge=judge_oddly) as night, caplog.at_level(logging.CRITICAL):
        night.run(1)
        poison.append(night.order())
        night.order()
        night.run(2)
        assert night.column("status") == ["PENDING", "PENDING", "PENDING", "SUCCESS", "SUCCESS", "SUCCESS"]
        assert "could not be stored" in str(night.column("last_error")[0])
        night.run(60)
        assert settled(night)


def test_a_disk_that_fails_between_two_answers_keeps_both_in_hand(tmp_path: Path) -> None:
    odd: Any = object()

    def judge_oddly(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
        return Accepted(200, odd, (), None) if flight.sends == 1 else judge(flight, answer, link_up=link_up)

    with Night(tmp_path, judge=judge_oddly) as night:
        night.order()
        night.run(0.06)
        calls: list[int] = []

        def failing() -> Exception | None:
            calls.append(1)
            return DiskFull("no room") if len(calls) > 1 else None

        night.writer.failing = failing
        night.run(5)
        assert night.worker.link().trouble == "The disk is full"
        night.writer.failing = lambda: None
        night.run(60)
        assert settled(night)


@pytest.mark.parametrize("name", ["send", "beat", "pull_orders", "catalogue"])
def test_a_mistake_of_our_own_on_the_way_is_logged_and_not_the_end(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def mistake(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("a bug")

    with Night(tmp_path) as night:
        night.run(1)
        monkeypatch.setattr(night.server, name, mistake)
        night.order()
        night.run(31)
        monkeypatch.undo()
        night.run(90)
        assert settled(night)
    assert "a bug" in caplog.text


def test_a_listener_that_fails_is_logged_and_not_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Night(tmp_path) as night:
        told = night._announced
        failures: list[int] = []

        def fails_twice(ids: frozenset[str]) -> None:
            failures.append(1)
            if len(failures) <= 2:
                raise RuntimeError("a screen's bug")
            told(ids)

        night._announced = fails_twice  # type: ignore[method-assign]
        night.order()
        night.run(20)
        assert settled(night)
    assert "a screen's bug" in caplog.text


def test_a_late_answer_after_a_restart_changes_nothing_twice(tmp_path: Path) -> None:
    """The first life's request arrives at the server while the second life sends the same operation again."""
    with Night(tmp_path) as night:
        night.server.fault_before = lambda flight, seen: (
            TimedOut() if seen == 0 and len(night.server.sends) < 3 else None
        )
        for _ in range(2):
            night.order()
        night.run(3)
        night.die()
        night.run(60)
        assert settled(night)
        assert len(night.server.effects) == len(night.till.statuses())
