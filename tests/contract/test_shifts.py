"""Shifts over HTTP: one drawer, one till, once for ever; what a report adds up, and what comes late."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server import events
from shared.database import run_inline
from shared.wire.events import Change
from tests.contract.house import Answer, House, act, pay
from tests.unit.domain.restaurant import ulid

SHIFT = ulid(500)
DAY_MS = 24 * 3600 * 1000


def open_shift(house: House, shift: str = SHIFT, *, float_minor: int = 10_000, **said: Any) -> Answer:
    body = act({"id": shift, "floatMinor": float_minor})
    return house.call("POST", "/pos/shifts", body, **said)


def move(
    house: House, kind: str, amount: int = 0, *, shift: str = SHIFT, reason: str = "change", **said: Any
) -> Answer:
    body = act({"type": kind, "amountMinor": amount, "reason": reason if amount else ""})
    return house.call("POST", f"/pos/shifts/{shift}/movements", body, **said)


def close_shift(house: House, counted: int, *, shift: str = SHIFT, **said: Any) -> Answer:
    return house.call("POST", f"/pos/shifts/{shift}/close", act({"countedMinor": counted}), **said)


def report(house: House, shift: str = SHIFT) -> dict[str, Any]:
    answer = house.call("GET", f"/pos/shifts/{shift}/report", headers={"x-actor": "amina"})
    assert answer.status == 200, answer.json
    return dict(answer.json)


def sell(house: House, *, payment: str, shift: str | None = SHIFT, tip: int = 0, who: str = "till") -> int:
    """An order of two dishes, paid in cash; gives what it cost."""
    order = house.order("table-5", "steak-bowl", "cola", who=who)
    total = int(sum(line["priceMinor"] for line in order["lines"]))
    paid = {**pay(total, payment), "tip": tip, "tendered": total + tip}
    named = {} if shift is None else {"shiftId": shift}
    closed = house.call("POST", f"/pos/orders/{order['id']}/close", act({"payments": [paid], **named}), who=who)
    assert closed.status == 200, closed.json
    return total


def test_a_shift_adds_up_what_went_through_its_drawer(house: House) -> None:
    opened = open_shift(house)
    assert (opened.status, opened.json["state"], opened.json["floatMinor"]) == (201, "OPEN", 10_000)
    assert move(house, "PAY_IN", 5_000).status == 200
    assert move(house, "PAY_OUT", 2_000, reason="milk").status == 200
    assert move(house, "NO_SALE").status == 200
    total = sell(house, payment=ulid(1), tip=300) + sell(house, payment=ulid(2))
    assert sell(house, payment=ulid(3), shift=None) > 0, "what names no shift is in none"
    found = report(house)
    figures = found["figures"]
    assert (found["kind"], figures["orders"], figures["salesMinor"]) == ("X", 2, total)
    assert figures["payments"] == [{"method": "CASH", "count": 2, "amountMinor": total, "tipMinor": 300}]
    assert (figures["paidInMinor"], figures["paidOutMinor"], figures["noSales"]) == (5_000, 2_000, 1)
    assert figures["expectedMinor"] == 10_000 + 5_000 - 2_000 + total + 300
    closed = close_shift(house, figures["expectedMinor"])
    assert (closed.status, closed.json["state"], closed.json["countedMinor"]) == (
        200,
        "CLOSED",
        figures["expectedMinor"],
    )
    assert (report(house)["kind"], report(house)["differenceMinor"]) == ("Z", 0)
    assert house.count("alert") == 0


def test_what_is_voided_and_taken_off_is_in_the_report(house: House) -> None:
    open_shift(house)
    order = house.order("table-5", "steak-bowl", "cola", "cola")
    steak, cola, other = order["lines"]
    changes = [
        {"type": "voidLine", "lineId": cola["id"], "reason": "spilled"},
        {"type": "applyDiscount", "id": ulid(7), "percentBp": 1000, "reason": "a regular"},
    ]
    changed = house.call("PATCH", f"/pos/orders/{order['id']}", act({"baseVersion": 1, "changes": changes}))
    assert changed.status == 200, changed.json
    gross = steak["priceMinor"] + other["priceMinor"]
    paid = {"payments": [pay(gross, ulid(1))], "shiftId": SHIFT}
    closed = house.call("POST", f"/pos/orders/{order['id']}/close", act(paid))
    due = closed.json["toldTotalMinor"]
    left = house.order("table-6", "cola")
    assert house.call("POST", f"/pos/orders/{left['id']}/void", act({"reason": "left", "shiftId": SHIFT})).status == 200
    figures = report(house)["figures"]
    assert (figures["orders"], figures["salesMinor"], figures["voidedOrders"]) == (1, due, 1)
    assert (figures["voids"], figures["voidedMinor"]) == (2, cola["priceMinor"] * 2)
    assert figures["discountedMinor"] == gross - due
    assert figures["expectedMinor"] == 10_000 + gross, "the surplus lies in the drawer until somebody gives it back"


def test_a_shift_that_a_bill_names_first_is_filled_by_its_opening(house: House) -> None:
    total = sell(house, payment=ulid(1))
    before = report(house)
    assert (before["shift"]["state"], before["shift"]["openedAt"], before["figures"]["floatMinor"]) == (
        "NAMED",
        None,
        0,
    )
    opened = open_shift(house)
    assert (opened.status, opened.json["state"], opened.json["openedByName"]) == (201, "OPEN", "Amina K.")
    assert report(house)["figures"]["expectedMinor"] == 10_000 + total


def test_a_shift_that_was_closed_before_it_was_known_is_filled_all_the_same(house: House) -> None:
    total = sell(house, payment=ulid(1))
    assert close_shift(house, 10_000 + total).json["expectedMinor"] == total
    opened = open_shift(house)
    assert (opened.status, opened.json["state"]) == (201, "CLOSED")
    assert report(house)["differenceMinor"] == 0


def test_money_for_a_closed_shift_is_recorded_as_late_and_told(house: House) -> None:
    open_shift(house)
    total = sell(house, payment=ulid(1))
    assert close_shift(house, 10_000 + total).status == 200
    late = sell(house, payment=ulid(2))
    assert move(house, "PAY_OUT", 700, reason="milk").json["movements"][0]["late"] is True
    found = report(house)
    assert found["figures"]["payments"][0]["amountMinor"] == total
    assert found["figures"]["late"] == [{"method": "CASH", "count": 1, "amountMinor": late, "tipMinor": 0}]
    assert (found["figures"]["expectedMinor"], found["differenceMinor"]) == (10_000 + total, 0), "the Z report stands"
    assert house.count("alert", "kind = 'shift_late'") == 2


def test_a_count_that_differs_is_told_in_words(house: House) -> None:
    open_shift(house)
    total = sell(house, payment=ulid(1))
    closed = close_shift(house, 10_000 + total - 450)
    assert (closed.status, closed.json["expectedMinor"] - closed.json["countedMinor"]) == (200, 450)
    message = str(house.connection.execute("SELECT message FROM alert").get)
    assert message.endswith("too little.")
    assert "Amina K." in message


def test_a_close_is_done_once_also_when_its_answer_is_gone(house: House) -> None:
    open_shift(house)
    first = close_shift(house, 10_000, key=ulid(9))
    again = close_shift(house, 10_000, key=ulid(9))
    assert (first.status, again.is_replay, again.body) == (200, True, first.body)
    house.clock.ms += DAY_MS + 1
    house.connection.execute("DELETE FROM answer")
    late = close_shift(house, 10_000, key=ulid(9))
    assert (late.status, late.json["conflictType"]) == (409, "IDEMPOTENCY_DUPLICATE")
    assert late.json["existingResource"]["version"] == first.json["version"]
    other = close_shift(house, 9_000, key=ulid(10))
    assert (other.status, other.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    assert other.json["message"] == "Amina K. has closed this shift already."
    assert other.json["currentState"]["countedMinor"] == 10_000


def test_movements_and_openings_are_done_once(house: House) -> None:
    for _ in range(3):
        assert open_shift(house, key=ulid(9)).status == 201
        assert move(house, "PAY_OUT", 700, reason="milk", key=ulid(10)).status == 200
    house.clock.ms += DAY_MS + 1
    house.connection.execute("DELETE FROM answer")
    assert move(house, "PAY_OUT", 700, reason="milk", key=ulid(10)).json["conflictType"] == "IDEMPOTENCY_DUPLICATE"
    assert open_shift(house, key=ulid(11)).json["conflictType"] == "INVALID_STATE_TRANSITION"
    assert report(house)["figures"]["expectedMinor"] == 9_300


def test_two_tills_have_two_shifts(house: House) -> None:
    other = ulid(501)
    assert open_shift(house).status == 201
    assert open_shift(house, other, float_minor=2_000, who="till-2").status == 201
    total = sell(house, payment=ulid(1))
    late = sell(house, payment=ulid(2), shift=other, who="till-2")
    assert report(house)["figures"]["expectedMinor"] == 10_000 + total
    assert report(house, other)["figures"]["expectedMinor"] == 2_000 + late
    assert house.count("alert") == 0


def test_a_shift_that_was_left_open_is_told_of(house: House) -> None:
    open_shift(house)
    assert open_shift(house, ulid(501)).status == 201
    assert house.count("alert", f"kind = 'shift_left_open' AND entity_id = '{SHIFT}'") == 1


def test_a_shift_has_revisions_so_that_a_server_that_lost_it_is_noticed(house: House) -> None:
    opened = open_shift(house)
    cursor = opened.headers["x-cursor"]
    assert cursor.startswith("1-")
    house.connection.execute("DELETE FROM house_record")
    house.connection.execute("DELETE FROM change")
    asked = house.call("GET", f"/pos/orders?cursor={cursor}")
    assert (asked.status, asked.json["conflictType"]) == (409, "HISTORY_LOST")


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "words"),
    [
        ("NO_SALE", 5, "", "A drawer that is only opened moves no money."),
        ("PAY_IN", 0, "change", "Say how much it is."),
        ("PAY_OUT", 5, " ", "Say what it is for."),
    ],
)
def test_a_movement_that_makes_no_sense_is_refused(
    house: House, kind: str, amount: int, reason: str, words: str
) -> None:
    open_shift(house)
    body = act({"type": kind, "amountMinor": amount, "reason": reason})
    refused = house.call("POST", f"/pos/shifts/{SHIFT}/movements", body)
    assert (refused.status, refused.json["message"]) == (422, words)


def test_a_plain_caller_needs_no_id_and_the_kitchen_may_not(house: House) -> None:
    made = house.call("POST", "/pos/shifts", act({"floatMinor": 100}))
    assert (made.status, made.json["state"]) == (201, "OPEN")
    assert house.call("POST", "/pos/shifts", act({"floatMinor": 100}, "marco")).status == 403
    assert house.call("GET", f"/pos/shifts/{ulid(999)}/report", headers={"x-actor": "amina"}).status == 404
    assert house.call("POST", "/pos/shifts/none/close", act({"countedMinor": 1})).status == 404


def test_the_stream_carries_shifts_and_goes_on_behind_them(house: House) -> None:
    house.order("table-5", "cola")
    cursor = str(house.call("GET", "/pos/orders").json["cursor"])
    opened = open_shift(house)
    frames = run_inline(house.connection, lambda tx: events.frames_after(tx, cursor))
    assert frames.cursor == opened.headers["x-cursor"]
    told = Change.model_validate_json(frames.body.partition(b"data: ")[2])
    assert told.shift is not None
    assert (told.after, told.shift.id, told.order) == (cursor, SHIFT, None)
