"""Clocking in and out over HTTP, and the end of the business day: kept as told, nothing lost, all in words."""

from __future__ import annotations

from typing import Any

from shared.times import to_rfc3339
from tests.contract.house import START_MS, Answer, House, act
from tests.unit.domain.restaurant import ulid

HOUR_MS = 3600 * 1000


def clock(house: House, way: str, hours: float, *, actor: str = "amina", **said: Any) -> Answer:
    """Somebody goes past the clock so many hours after the evening began; the server hears of it now."""
    at = to_rfc3339(START_MS + round(hours * HOUR_MS))
    house.clock.ms = max(house.clock.ms, START_MS + round(hours * HOUR_MS))
    key = said.pop("key", None)
    return house.call("POST", "/attendance", act({"type": way, "at": at, **said}, actor), key=key)


def at_work(house: House) -> list[dict[str, Any]]:
    return list(house.call("GET", "/attendance").json["hours"])


def test_who_comes_and_goes_is_told_so_in_words(house: House) -> None:
    came = clock(house, "IN", 0)
    assert (came.status, came.json["isIn"], came.json["message"]) == (201, True, "Amina K. is at work.")
    again = clock(house, "IN", 1)
    assert (again.status, again.json["message"]) == (201, "Amina K. is clocked in already, since 19:40.")
    left = clock(house, "OUT", 6)
    assert (left.json["isIn"], left.json["message"]) == (False, "Amina K. has left, and was here since 19:40.")
    assert clock(house, "OUT", 6.1).json["message"] == "Amina K. has clocked out already."
    assert at_work(house) == []


def test_a_clocking_is_done_once(house: House) -> None:
    first = clock(house, "IN", 0, id=ulid(5), key=ulid(6))
    again = clock(house, "IN", 0, id=ulid(5), key=ulid(6))
    assert (again.is_replay, again.json["id"]) == (True, first.json["id"])
    assert clock(house, "OUT", 0, id=ulid(5), key=ulid(7)).status == 422
    assert house.count("house_record", "kind = 'clocking'") == 1


def test_what_was_told_late_and_in_any_order_gives_the_same_hours(house: House) -> None:
    house.clock.ms = START_MS + 8 * HOUR_MS
    clock(house, "OUT", 6)
    clock(house, "IN", 7)
    assert clock(house, "IN", 0).json["message"] == "Amina K. is at work."
    (stay,) = at_work(house)
    assert (stay["isIn"], stay["cameAt"]) == (True, to_rfc3339(START_MS + 7 * HOUR_MS))


def test_who_forgot_to_clock_out_is_shown_to_a_manager(house: House) -> None:
    clock(house, "IN", 0)
    came = clock(house, "IN", 24)
    assert came.json["message"] == "Amina K. is at work. An earlier clock-out was forgotten: tell a manager."
    now, forgotten = at_work(house)
    assert (now["isIn"], now["cameAt"]) == (True, to_rfc3339(START_MS + 24 * HOUR_MS))
    assert (forgotten["isIn"], forgotten["cameAt"], forgotten["leftAt"]) == (False, to_rfc3339(START_MS), None)
    mended = clock(house, "OUT", 5, actor="nadia", staffId="amina")
    assert (mended.status, mended.json["by"]) == (201, "nadia")
    assert [stay["isIn"] for stay in at_work(house)] == [True]


def test_only_a_manager_writes_down_the_hours_of_somebody_else(house: House) -> None:
    assert clock(house, "IN", 0, actor="joel", staffId="amina").status == 403
    assert clock(house, "IN", 0, actor="nadia", staffId="nobody").status == 422
    assert clock(house, "IN", 0, actor="marco").json["staffName"] == "Marco", "a cook goes past the clock too"


def test_the_end_of_the_day_names_what_is_open_and_loses_nothing(house: House) -> None:
    order = house.order("table-5", "steak-bowl")
    house.call("POST", "/pos/shifts", act({"floatMinor": 10_000}))
    ended = house.call("POST", "/business-day/close", act({}, "nadia"), key=ulid(5))
    assert (ended.status, ended.json["day"], ended.json["openOrders"]) == (201, "2025-11-28", 1)
    words = "The day is closed. 1 order and 1 shift are still open: they go on, nothing is lost."
    assert ended.json["message"] == words
    assert ended.json["stillOpen"] == [{"id": order["id"], "what": f"Order {order['number']}, Table 5, € 11.75"}]
    assert ended.json["openShifts"][0]["what"] == "The shift of Amina K., opened with € 100.00"
    assert house.call("POST", "/business-day/close", act({}, "nadia"), key=ulid(5)).is_replay
    assert house.call("GET", f"/pos/orders/{order['id']}").json["version"] == order["version"]
    assert house.call("POST", "/business-day/close", act({})).status == 403


def test_a_day_on_which_nothing_is_open_says_so(house: House) -> None:
    ended = house.call("POST", "/business-day/close", act({}, "nadia"))
    assert ended.json["message"] == "The day is closed. Nothing is open."
