"""What the server makes of orders: merging by line, stale writes, closes, follow-up orders, money, invoice numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.house import House, act, pay

PAYMENT_1, PAYMENT_2 = "01ARYZ6S43000000000000000A", "01ARYZ6S43000000000000000B"


def path_of(order: dict[str, Any], *rest: str) -> str:
    return "/".join(("/pos/orders", order["id"], *rest))


def close(house: House, order: dict[str, Any], *, lines: list[str] | None = None, total: int, payment: str) -> Any:
    named = [line["id"] for line in order["lines"]] if lines is None else lines
    body = act({"lineIds": named, "totalMinor": total, "payments": [pay(total, payment)]})
    answer = house.call("POST", path_of(order, "close"), body)
    assert answer.status == 200, answer.json
    return answer.json


def alerts(house: House) -> list[tuple[str, str]]:
    return list(house.connection.execute("SELECT kind, message FROM alert ORDER BY id"))


def test_a_table_alone_is_a_valid_order(house: House) -> None:
    made = house.call("POST", "/pos/orders", {"tableId": "table-5"}, who="script").json
    assert (made["tableId"], made["state"], made["version"], made["number"]) == ("table-5", "NEW", 1, "S-1")
    assert made["waiterName"] == "Script (waiter)"
    assert house.call("POST", "/pos/orders", {}, who="script").json["number"] == "S-2"


def test_a_refused_order_takes_no_number(house: House) -> None:
    assert house.call("POST", "/pos/orders", act({"guests": -1})).status == 422
    assert house.order()["number"] == "S-1"


def test_a_till_s_own_ids_and_number_are_kept(house: House) -> None:
    order_id, line_id = house.ids.new(), house.ids.new()
    items = [{"id": line_id, "itemId": "cola", "quantity": 3}]
    made = house.call("POST", "/pos/orders", act({"id": order_id, "number": "C-128", "items": items})).json
    assert (made["id"], made["number"], made["lines"][0]["id"]) == (order_id, "C-128", line_id)
    assert made["waiterName"] == "Amina K."


def test_what_a_line_leaves_out_comes_from_the_menu(house: House) -> None:
    modifiers = [{"id": "guacamole"}, {"id": "no-onion", "name": "Without onion", "priceMinor": 0}]
    items = [{"itemId": "chicken-bowl", "quantity": 2, "modifiers": modifiers}]
    line = house.call("POST", "/pos/orders", act({"items": items})).json["lines"][0]
    assert (line["name"], line["priceMinor"], line["station"], line["taxBp"]) == ("Chicken Bowl", 1098, "grill", 1800)
    assert line["course"] == 2
    assert line["modifiers"][0] == {"id": "guacamole", "name": "Guacamole", "priceMinor": 195}
    assert line["modifiers"][1]["name"] == "Without onion"


def test_a_told_price_is_recorded_and_a_difference_reported(house: House) -> None:
    items = [{"itemId": "cola", "quantity": 1, "priceMinor": 300}, {"itemId": "flan", "quantity": 1}]
    made = house.call("POST", "/pos/orders", act({"items": items})).json
    assert made["lines"][0]["priceMinor"] == 300
    assert alerts(house) == [("told_price", "Order S-1: Cola was sold at 3.00, the menu says 3.10.")]


def test_an_item_that_left_the_menu_can_still_arrive_from_a_till_that_was_away(house: House) -> None:
    house.connection.execute("INSERT INTO known_item (id) VALUES ('old-soup')")
    told = {"name": "Old Soup", "priceMinor": 400, "taxBp": 1800, "station": "grill"}
    whole = [{"itemId": "old-soup", "quantity": 1, **told}]
    made = house.call("POST", "/pos/orders", act({"items": whole}))
    assert (made.status, made.json["lines"][0]["name"]) == (201, "Old Soup")
    assert alerts(house) == [("told_price", "Order S-1: Old Soup is not on the menu any more.")]
    never = [{"itemId": "never-sold", "quantity": 1, **told}]
    assert house.call("POST", "/pos/orders", act({"items": never})).status == 422


def test_changes_of_two_tills_to_different_lines_merge(house: House) -> None:
    order = house.order("table-5", "cola", "flan")
    first, second = (line["id"] for line in order["lines"])
    more = {"type": "setQuantity", "lineId": first, "quantity": 3}
    note = {"type": "setNote", "lineId": second, "note": "no sugar"}
    one = house.call("PATCH", path_of(order), act({"baseVersion": 1, "changes": [more]}))
    two = house.call("PATCH", path_of(order), act({"baseVersion": 1, "changes": [note]}), who="till-2")
    assert (one.status, two.status) == (200, 200)
    assert [line["quantity"] for line in two.json["lines"]] == [3, 1]
    assert [line["note"] for line in two.json["lines"]] == ["", "no sugar"]


def test_a_line_that_another_till_changed_since_is_stale_and_nothing_of_the_change_applies(house: House) -> None:
    order = house.order("table-5", "cola")
    line = order["lines"][0]["id"]
    change = {"type": "setQuantity", "lineId": line, "quantity": 2}
    house.call("PATCH", path_of(order), act({"baseVersion": 1, "changes": [change]}))
    add = {"type": "addLine", "line": {"itemId": "flan", "quantity": 1}}
    late = house.call("PATCH", path_of(order), act({"baseVersion": 1, "changes": [add, change]}), who="till-2")
    assert (late.status, late.json["conflictType"]) == (409, "STALE_WRITE")
    assert late.json["currentState"]["lines"][0]["quantity"] == 2
    assert len(late.json["currentState"]["lines"]) == 1
    same_till = house.call("PATCH", path_of(order), act({"baseVersion": 1, "changes": [{**change, "quantity": 5}]}))
    assert same_till.json["lines"][0]["quantity"] == 5


@pytest.mark.parametrize("base", [2, 10**30])
def test_a_version_that_this_server_never_gave_is_of_another_history_and_the_same_key_may_succeed_later(
    house: House, base: int
) -> None:
    order = house.order("table-5", "cola")
    change = {"id": house.ids.new(), "type": "setGuests", "guests": 4}
    ahead = house.call("PATCH", path_of(order), act({"baseVersion": base, "changes": [change]}), key="k", who="till-2")
    assert (ahead.status, ahead.json["conflictType"], "currentState" in ahead.json) == (409, "HISTORY_LOST", False)
    assert ahead.json["message"].startswith(f"This was changed on version {base} of order S-1, of which only 1 are")
    assert house.call("GET", path_of(order)).json["guests"] == 0
    assert house.count("operation", "id = 'k'") == 0
    note = {"type": "setNote", "lineId": order["lines"][0]["id"], "note": "cold"}
    house.call("PATCH", path_of(order), act({"changes": [note]}))
    known = house.call("PATCH", path_of(order), act({"baseVersion": 2, "changes": [change]}), key="k", who="till-2")
    assert (known.status, known.json["guests"]) == (200, 4)


def test_a_change_to_a_closed_order_is_refused_with_its_state(house: House) -> None:
    order = house.order("table-5", "cola")
    close(house, order, total=310, payment=PAYMENT_1)
    add = {"type": "addLine", "line": {"itemId": "flan", "quantity": 1}}
    late = house.call("PATCH", path_of(order), act({"changes": [add]}))
    assert (late.status, late.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    assert late.json["currentState"]["state"] == "CLOSED"


def test_an_order_id_that_exists_is_refused_with_the_order_that_has_it(house: House) -> None:
    order = house.order("table-5", "cola")
    again = house.call("POST", "/pos/orders", act({"id": order["id"], "number": "C-9"}), who="till-2")
    assert (again.status, again.json["currentState"]["number"]) == (409, order["number"])


def test_a_send_makes_one_ticket_a_station_with_one_revision_each(house: House) -> None:
    order = house.order("table-5", "chicken-bowl", "steak-tacos", "cola")
    sent = house.call("POST", path_of(order, "send-to-kitchen"), act({})).json
    assert (sent["state"], [mark["station"] for mark in sent["tickets"]]) == ("SENT", ["grill", "bar"])
    kinds = [row[0] for row in house.connection.execute("SELECT kind FROM change ORDER BY revision")]
    assert kinds == ["order", "order", "ticket", "ticket"]
    tickets = house.call("GET", "/kds/queue").json["tickets"]
    assert [len(ticket["items"]) for ticket in tickets] == [2, 1]


def test_a_send_touches_only_the_lines_that_it_names(house: House) -> None:
    order = house.order("table-5", "cola", "flan")
    named = [order["lines"][1]["id"]]
    sent = house.call("POST", path_of(order, "send-to-kitchen"), act({"lineIds": named})).json
    assert [line["ticketId"] is not None for line in sent["lines"]] == [False, True]


def test_voided_lines_and_a_new_table_show_on_the_kitchen_s_tickets(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl", "steak-tacos")
    void = {"type": "voidLine", "lineId": order["lines"][0]["id"], "reason": "dropped"}
    move = {"type": "moveTable", "tableId": "table-8"}
    house.call("PATCH", path_of(order), act({"changes": [void, move]}))
    ticket = house.call("GET", "/kds/queue").json["tickets"][0]
    assert (ticket["tableId"], [item["voided"] for item in ticket["items"]]) == ("table-8", [True, False])
    house.call("POST", path_of(order, "void"), act({"reason": "left"}))
    ticket = house.call("GET", "/kds/queue").json["tickets"][0]
    assert [item["voided"] for item in ticket["items"]] == [True, True]


def test_a_close_gives_the_invoice_number_and_settles_the_money(house: House) -> None:
    order = house.sent_order("table-5", "cola", "flan")
    closed = close(house, order, total=760, payment=PAYMENT_1)
    assert (closed["state"], closed["invoiceNumber"]) == ("CLOSED", "INV-202511-0001")
    assert (closed["surplusMinor"], closed["followUp"]) == (0, None)
    assert house.call("GET", path_of(order)).json["invoiceNumber"] == "INV-202511-0001"


def test_invoice_numbers_have_no_gap_and_begin_anew_with_the_month_of_arrival(house: House) -> None:
    numbers = []
    for number in range(3):
        order = house.order("table-5", "cola")
        if number == 1:
            too_little = act({"totalMinor": 310, "payments": [pay(1, PAYMENT_2)]})
            assert house.call("POST", path_of(order, "close"), too_little).status == 422
        numbers.append(close(house, order, total=310, payment=house.ids.new())["invoiceNumber"])
    house.clock.ms += 4 * 24 * 60 * 60 * 1000
    order = house.order("table-5", "cola")
    numbers.append(close(house, order, total=310, payment=house.ids.new())["invoiceNumber"])
    assert numbers == ["INV-202511-0001", "INV-202511-0002", "INV-202511-0003", "INV-202512-0001"]


def test_lines_that_a_close_does_not_name_move_to_a_follow_up_order(house: House) -> None:
    order = house.sent_order("table-5", "cola", "flan")
    shown = [order["lines"][0]["id"]]
    closed = close(house, order, lines=shown, total=310, payment=PAYMENT_1)
    late = closed["followUp"]
    assert (late["follows"], late["lines"][0]["name"], late["invoiceNumber"]) == (order["id"], "Flan", None)
    assert closed["lines"][1]["movedTo"] == late["id"]
    stored = house.call("GET", path_of(late)).json
    assert stored == late
    second = close(house, late, total=450, payment=PAYMENT_2)
    assert (second["invoiceNumber"], second["surplusMinor"]) == ("INV-202511-0002", 0)


def test_cash_taken_twice_is_recorded_twice_and_reported(house: House) -> None:
    order = house.order("table-12", "steak-bowl")
    close(house, order, total=1175, payment=PAYMENT_1)
    twice = close(house, order, total=1175, payment=PAYMENT_2)
    assert (twice["surplusMinor"], twice["invoiceNumber"]) == (1175, "INV-202511-0001")
    assert [payment["unappliedMinor"] for payment in twice["payments"]] == [0, 1175]
    assert alerts(house) == [("surplus", f"Order {order['number']} (12) was paid too much: refund € 11.75?")]
    same = close(house, order, total=1175, payment=PAYMENT_2)
    assert (same["surplusMinor"], len(same["payments"])) == (0, 2)
    assert len(alerts(house)) == 1


def test_both_receipts_of_an_order_that_two_tills_closed_are_recorded_with_their_money(house: House) -> None:
    order = house.order("table-12", "steak-bowl")
    for who, number, payment in (("till", "C-000097", PAYMENT_1), ("till-2", "B-000045", PAYMENT_2)):
        body = act({"payments": [pay(1175, payment)], "receiptNumber": number})
        assert house.call("POST", path_of(order, "close"), body, who=who).status == 200
    both = house.call("GET", path_of(order)).json
    assert both["receiptNumber"] == "C-000097"
    assert [(one["id"], one["receiptNumber"]) for one in both["payments"]] == [
        (PAYMENT_1, "C-000097"),
        (PAYMENT_2, "B-000045"),
    ]


def test_a_told_total_closes_the_order_and_what_its_lines_cost_more_by_then_is_reported(house: House) -> None:
    order = house.order("table-12", "cola")
    line = order["lines"][0]["id"]
    more = {"type": "setQuantity", "lineId": line, "quantity": 2}
    house.call("PATCH", path_of(order), act({"changes": [more]}), who="till-2")
    closed = close(house, order, lines=[line], total=310, payment=PAYMENT_1)
    assert (closed["state"], closed["toldTotalMinor"], closed["surplusMinor"]) == ("CLOSED", 310, 0)
    assert alerts(house) == [("told_total", "Order S-1 (12) was closed with € 3.10; by then its lines cost € 6.20.")]


def test_cash_for_a_voided_order_is_recorded_as_unapplied(house: House) -> None:
    order = house.order("table-5", "cola")
    house.call("POST", path_of(order, "void"), act({"reason": "mistake"}))
    paid = close(house, order, total=310, payment=PAYMENT_1)
    assert (paid["state"], paid["surplusMinor"], paid["invoiceNumber"]) == ("VOIDED", 310, None)


def test_a_plain_close_without_lines_or_total_means_all_of_it(house: House) -> None:
    order = house.order("table-5", "cola", "flan")
    body = act({"payments": [{"method": "CASH", "amount": 760}]})
    closed = house.call("POST", path_of(order, "close"), body).json
    assert (closed["state"], closed["toldTotalMinor"], closed["payments"][0]["tenderedMinor"]) == ("CLOSED", 760, 760)


def test_an_order_can_be_served(house: House) -> None:
    order = house.sent_order("table-5", "cola")
    assert house.call("POST", path_of(order, "serve"), act({})).json["state"] == "SERVED"


def test_a_void_and_a_serve_touch_only_what_their_screen_showed(house: House) -> None:
    order = house.sent_order("table-5", "cola")
    shown = {"lineIds": [order["lines"][0]["id"]]}
    add = {"type": "addLine", "line": {"itemId": "flan", "quantity": 1}}
    house.call("PATCH", path_of(order), act({"changes": [add]}), who="till-2")
    served = house.call("POST", path_of(order, "serve"), act(shown))
    assert (served.status, served.json["state"]) == (200, "SENT")
    void = house.call("POST", path_of(order, "void"), act({**shown, "reason": "left"}))
    assert (void.status, void.json["conflictType"]) == (409, "STALE_WRITE")
    assert void.json["message"] == "Flan was added on another device."
    assert [line["voided"] for line in void.json["currentState"]["lines"]] == [False, False]
    all_of_it = {"lineIds": [line["id"] for line in void.json["currentState"]["lines"]], "reason": "left"}
    assert house.call("POST", path_of(order, "void"), act(all_of_it)).json["state"] == "VOIDED"


@pytest.mark.parametrize("field", ["at", "takenAt", "paperAt"])
def test_a_clock_that_runs_ahead_is_brought_back_to_the_server_s(house: House, field: str) -> None:
    ahead, now = "2031-01-01T00:00:00.000Z", "2025-11-28T19:40:00.000Z"
    order = house.order("table-5", "cola")
    if field == "at":
        made = house.call("POST", "/pos/orders", act({"at": ahead})).json
        assert made["openedAt"] == now
    elif field == "paperAt":
        house.call("POST", path_of(order, "send-to-kitchen"), act({"paperAt": ahead}))
        assert house.call("GET", "/kds/queue").json["tickets"][0]["paperAt"] == now
    else:
        body = act({"payments": [{**pay(310, PAYMENT_1), "takenAt": ahead}]})
        assert house.call("POST", path_of(order, "close"), body).json["payments"][0]["takenAt"] == now


def test_a_moment_in_the_past_stays_as_the_till_told_it(house: House) -> None:
    made = house.call("POST", "/pos/orders", act({"at": "2025-11-28T18:00:00.000Z"})).json
    assert made["openedAt"] == "2025-11-28T18:00:00.000Z"


def test_the_stored_order_is_the_answered_one(house: House) -> None:
    made = house.call("POST", "/pos/orders", act({"items": [{"itemId": "cola", "quantity": 1}]}))
    stored = json.loads(house.connection.execute("SELECT body FROM pos_order").get)
    assert {**stored, "surplusMinor": 0, "followUp": None, "others": []} == made.json
