"""A manager sees what waits for a person, page by page, and says once what was done about it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reference_server.deps import Limits
from reference_server.effect import Alert
from reference_server.healing.reasons import PUT_RIGHT
from reference_server.storage import alerts
from reference_server.storage.pages import PageSize
from shared.ids import OperationId, StaffId
from tests.contract.house import Answer, House, act, pay
from tests.contract.test_server_healing import FOREIGN, created, ended_healing

MANAGER = {"x-actor": "nadia"}


def raised(house: House, table: str = "table-5") -> dict[str, Any]:
    """An order that was paid too much, of which a person is told."""
    order = house.order(table, "cola")
    answer = house.call("POST", f"/pos/orders/{order['id']}/close", act({"payments": [pay(400, house.ids.new())]}))
    assert answer.status == 200, answer.json
    return order


def listed(house: House, query: str = "") -> Answer:
    return house.call("GET", f"/alerts{query}", headers=MANAGER)


def close(
    house: House, alert_id: str, choice: str = "refunded", *, by: str = "nadia", key: str | None = None
) -> Answer:
    return house.call("POST", f"/alerts/{alert_id}/close", act({"choice": choice}, by), key=key)


def test_what_a_person_has_to_know_is_listed_until_somebody_says_what_was_done(house: House) -> None:
    assert listed(house).json == {
        "alerts": [],
        "cursor": "",
        "serverTime": "2025-11-28T19:40:00.000Z",
        "hasMore": False,
        "open": 0,
    }
    order = raised(house)
    (alert,) = listed(house).json["alerts"]
    assert (alert["kind"], alert["entityId"], alert["choice"]) == ("surplus", order["id"], None)
    assert "was paid too much: refund € 0.90?" in alert["message"]
    done = close(house, alert["id"])
    assert (done.status, done.json["choice"], done.json["chosenBy"]) == (200, "refunded", "nadia")
    assert (listed(house).json["alerts"], listed(house).json["open"]) == ([], 0)
    assert listed(house, "?state=closed").json["alerts"] == [done.json]


def test_the_same_wish_twice_is_done_once_and_a_second_manager_hears_what_the_first_did(house: House) -> None:
    raised(house)
    (alert,) = listed(house).json["alerts"]
    first = close(house, alert["id"], key="once")
    again = close(house, alert["id"], key="once")
    assert (again.is_replay, again.body) == (True, first.body)
    second = close(house, alert["id"], "seen")
    assert (second.status, second.json["conflictType"]) == (409, "INVALID_STATE_TRANSITION")
    said = "Nadia has done something about this already: refunded. It was about: "
    assert second.json["message"] == said + alert["message"]
    assert second.json["currentState"] == first.json
    assert house.count("operation", "kind = 'close_alert'") == 2
    assert house.count("change", "entity_id = '1'") == 0, "no till pulls it"


def test_an_alert_of_lines_astray_is_closed_in_words_when_a_late_device_has_put_it_right(house: House) -> None:
    ended_healing(house)
    order = house.order("table-6", "cola")
    line, other_id = {**order["lines"][0], "id": house.ids.new()}, house.ids.new()
    first, second = created(house), created(house)
    for one, lines, order_id in (
        (first, [{**line, "movedTo": other_id}], house.ids.new()),
        (second, [line], other_id),
    ):
        one["answer"] = json.dumps({**order, "id": order_id, "lines": lines})
        one["body"] = json.dumps({**json.loads(str(one["body"])), "id": order_id})
    waiting = "SELECT message, choice, chosen_by, chosen_at FROM alert WHERE kind = 'healing'"
    for who, operation in (("till", first), ("till-2", second)):
        report = {"seen": FOREIGN, "isWhole": True, "operations": [operation]}
        assert house.call("POST", "/sync/heal", report, key="", who=who).json["phase"] == "DONE"
        ((message, *chosen),) = house.connection.execute(waiting).fetchall()
        assert str(message).startswith("Cola went from order")
        assert chosen == ([None] * 3 if who == "till" else [PUT_RIGHT, None, house.deps.clock.now_ms()])


def test_what_went_away_by_itself_is_told_again_when_it_comes_back_and_what_a_person_closed_is_not(
    house: House,
) -> None:
    tx, alert = house.connection, Alert("healing", "", "A line is astray.")
    for chosen_by in (None, StaffId("nadia")):
        alerts.raise_alert(tx, alert, by=OperationId(house.ids.new()), at_ms=house.deps.clock.now_ms())
        assert alerts.was_raised(tx, alert)
        (one,) = alerts.waiting(tx, kind="healing")
        assert alerts.waiting(tx, kind="surplus") == ()
        alerts.put(tx, one.model_copy(update={"choice": "over", "chosen_by": chosen_by, "chosen_at": one.raised_at}))
        assert alerts.was_raised(tx, alert) is (chosen_by is not None)
        assert alerts.waiting(tx, kind="healing") == ()


def test_pages_go_on_behind_the_cursor_until_all_were_told(house: House) -> None:
    house.deps = replace(house.deps, limits=Limits(page=PageSize(entities=2)))
    orders = [raised(house, f"table-{number}")["id"] for number in (5, 6, 7, 8, 9)]
    told, cursor, sizes = [], "", []
    while True:
        page = listed(house, f"?cursor={cursor}" if cursor else "").json
        told += [one["entityId"] for one in page["alerts"]]
        sizes.append(len(page["alerts"]))
        cursor = page["cursor"]
        assert page["open"] == 5
        if not page["hasMore"]:
            break
    assert (told, sizes) == (orders, [2, 2, 1])
    last = listed(house, f"?cursor={cursor}").json
    assert (last["alerts"], last["cursor"]) == ([], cursor)


@pytest.mark.parametrize("query", ["?state=all", "?cursor=7", "?cursor=1-01ARYZ6S410000000000000999", "?cursor=%00"])
def test_what_is_no_state_and_no_cursor_of_here_is_refused_in_words(house: House, query: str) -> None:
    raised(house)
    assert listed(house, query).status == 422


def test_an_alert_of_another_history_is_not_closed_by_its_number(house: House) -> None:
    """A server that was put back to an old copy gives the number again, to something else."""
    raised(house)
    (alert,) = listed(house).json["alerts"]
    for wrong in (f"1-{house.ids.new()}", "1", "1-", f"9{alert['id']}", "x"):
        assert close(house, wrong).status == 404
    assert listed(house).json["open"] == 1


def test_a_waiter_neither_reads_nor_closes_them(house: House) -> None:
    raised(house)
    (alert,) = listed(house).json["alerts"]
    assert house.call("GET", "/alerts", headers={"x-actor": "amina"}).status == 403
    assert close(house, alert["id"], by="amina").status == 403
    assert house.call("GET", "/alerts", who="script").status == 403


def give_back(house: House, order: dict[str, Any], minor: int) -> None:
    body = {"reason": "Paid twice", "lineIds": [], "refunds": [{"method": "CASH", "amount": minor}]}
    assert house.call("POST", f"/pos/orders/{order['id']}/refund", act(body, "nadia")).status == 200


def test_money_that_was_given_back_asks_nobody_to_give_it_back_again(house: House) -> None:
    """A second manager would read the same question, and take the same money out of another drawer."""
    first, second = raised(house), raised(house, "table-6")
    give_back(house, first, 60)
    assert listed(house).json["open"] == 2, "some of it waits still"
    give_back(house, first, 30)
    (left,) = listed(house).json["alerts"]
    assert left["entityId"] == second["id"]
    (done,) = listed(house, "?state=closed").json["alerts"]
    assert (done["entityId"], done["choice"], done["chosenBy"]) == (
        first["id"],
        "Given back as RET-202511-0002: Paid twice",
        "nadia",
    )


def test_what_is_no_question_about_money_stays_where_money_was_given_back(house: House) -> None:
    order = raised(house)
    house.connection.execute("UPDATE alert SET kind = 'told_price'")
    give_back(house, order, 90)
    assert listed(house).json["open"] == 1


@pytest.mark.parametrize("choice", [None, "", "x" * 201])
def test_it_has_to_be_said_what_was_done(house: House, choice: str | None) -> None:
    raised(house)
    (alert,) = listed(house).json["alerts"]
    answer = house.call(
        "POST", f"/alerts/{alert['id']}/close", act({} if choice is None else {"choice": choice}, "nadia")
    )
    assert answer.status == 422


def test_who_operates_the_server_sees_how_many_wait(house: House) -> None:
    def health() -> dict[str, Any]:
        return dict(house.call("GET", "/health/detailed", headers=MANAGER).json)

    assert health()["alerts"] == 0
    raised(house)
    raised(house, "table-6")
    assert (health()["alerts"], health()["status"]) == (2, "attention")
    assert "2 alerts wait for a manager: see /alerts." in health()["problems"]
    close(house, listed(house).json["alerts"][0]["id"])
    assert "1 alert waits for a manager: see /alerts." in health()["problems"]
