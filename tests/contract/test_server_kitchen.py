"""Marks on the server: the greatest (round, stage) wins, in any order and any number, and the orders follow."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.contract.house import Answer, House, act, pay


def mark(house: House, ticket_id: str, what: str, round_: int | None = None) -> Answer:
    body = {} if round_ is None else {"round": round_}
    return house.call("POST", f"/kds/tickets/{ticket_id}/{what}", body, who="kitchen")


def ticket_of(house: House) -> str:
    return str(house.sent_order("table-5", "chicken-bowl")["tickets"][0]["id"])


def test_start_ready_and_bump_carry_the_order_along(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl")
    ticket_id, path = order["tickets"][0]["id"], f"/pos/orders/{order['id']}"
    for what, status, state in (
        ("seen", "QUEUED", "SENT"),
        ("start", "IN_PROGRESS", "IN_PROGRESS"),
        ("mark-ready", "READY", "READY"),
        ("bump", "BUMPED", "READY"),
    ):
        marked = mark(house, ticket_id, what)
        assert (marked.status, marked.json["status"]) == (200, status)
        seen = house.call("GET", path).json
        assert (seen["state"], seen["tickets"][0]["stage"], seen["tickets"][0]["seen"]) == (state, status, True)


def test_a_mark_made_twice_by_two_screens_changes_nothing_the_second_time(house: House) -> None:
    ticket_id = ticket_of(house)
    first = mark(house, ticket_id, "mark-ready")
    second = mark(house, ticket_id, "mark-ready")
    assert (first.status, second.status) == (200, 200)
    assert second.json == first.json
    assert second.headers["x-cursor"] == first.headers["x-cursor"]


@pytest.mark.parametrize("row", list(permutations([("start", 0), ("bump", 0), ("recall", 0), ("mark-ready", 0)])))
def test_marks_end_in_the_same_state_whatever_their_order(house: House, row: list[tuple[str, int]]) -> None:
    ticket_id = ticket_of(house)
    for what, round_ in row:
        mark(house, ticket_id, what, round_)
    ticket = house.call("GET", "/kds/tickets").json["tickets"][0]
    assert (ticket["round"], ticket["status"]) == (1, "READY")


def test_a_plain_recall_means_the_round_that_the_server_knows(house: House) -> None:
    ticket_id = ticket_of(house)
    for round_ in (1, 2):
        mark(house, ticket_id, "bump")
        assert mark(house, ticket_id, "recall").json["round"] == round_


def test_one_line_of_a_ticket_can_be_done(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl", "steak-tacos")
    ticket_id, line_id = order["tickets"][0]["id"], order["lines"][1]["id"]
    done = mark(house, ticket_id, f"items/{line_id}/mark-ready")
    assert [item["done"] for item in done.json["items"]] == [False, True]
    assert mark(house, ticket_id, "items/01ARYZ6S410000000000000999/mark-ready").status == 404


def test_a_mark_reaches_every_follow_up_order_that_carries_the_ticket(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl", "steak-tacos", "fish-tacos")
    grill = order["tickets"][0]["id"]
    for shown in (0, 0):
        line = order["lines"][shown]
        body = act({"lineIds": [line["id"]], "totalMinor": 0, "payments": [pay(0, house.ids.new())]})
        order = house.call("POST", f"/pos/orders/{order['id']}/close", body).json["followUp"]
    mark(house, grill, "start")
    orders = house.call("GET", "/pos/orders").json["orders"]
    orders.sort(key=lambda found: len(found["number"]))
    stages = [{carried["station"]: carried["stage"] for carried in found["tickets"]} for found in orders]
    first, second, third = stages
    assert first == second == {"grill": "IN_PROGRESS", "fry": "QUEUED"}
    assert third == {"fry": "QUEUED"}


def test_a_kitchen_screen_acts_as_itself_and_opens_no_orders(house: House) -> None:
    assert mark(house, ticket_of(house), "start").status == 200
    assert house.call("POST", "/pos/orders", {}, who="kitchen").status == 403


def test_a_waiter_may_bump_a_drink(house: House) -> None:
    path = f"/kds/tickets/{ticket_of(house)}/bump"
    assert house.call("POST", path, act({})).json["status"] == "BUMPED"


def test_an_unknown_ticket_is_not_found(house: House) -> None:
    for ticket_id in ("01ARYZ6S410000000000000999", "nonsense"):
        assert mark(house, ticket_id, "bump").status == 404
