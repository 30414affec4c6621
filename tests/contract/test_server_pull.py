"""Pulling: pages, cursors, stations, and a history that is not ours; many small pulls see what one whole pull sees."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server.catalogue.loading import Restaurant
from reference_server.deps import Limits
from reference_server.storage.pages import PageSize
from tests.contract.house import House, act, open_house, pay

DAY_MS = 24 * 60 * 60 * 1000
ACTS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), min_size=1, max_size=25)


def pull(house: House, path: str, cursor: str = "", name: str = "orders") -> tuple[list[dict[str, Any]], str, bool]:
    mark = "&" if "?" in path else "?"
    answer = house.call("GET", f"{path}{mark}cursor={cursor}" if cursor else path)
    assert answer.status == 200, answer.json
    return answer.json[name], answer.json["cursor"], answer.json["hasMore"]


def pull_on(house: House, path: str, cursor: str, name: str = "orders") -> tuple[dict[str, dict[str, Any]], str]:
    """Everything after a cursor, page by page: the entities by id, and the cursor to go on from."""
    found: dict[str, dict[str, Any]] = {}
    while True:
        rows, cursor, more = pull(house, path, cursor, name)
        found |= {row["id"]: row for row in rows}
        if not more:
            return found, cursor


def do(house: House, what: int, which: int) -> None:
    """One act of a busy evening, on whichever order there is; some of them are refused, as in life."""
    ids = [row[0] for row in house.connection.execute("SELECT id FROM pos_order ORDER BY id")]
    tickets = [row[0] for row in house.connection.execute("SELECT id FROM ticket ORDER BY id")]
    order = f"/pos/orders/{ids[which % len(ids)]}" if ids else ""
    match what:
        case 0 | 1:
            house.order(f"table-{which}", "chicken-bowl", "cola")
        case 2 if ids:
            house.call("POST", f"{order}/send-to-kitchen", act({}))
        case 3 if ids:
            add = {"type": "addLine", "line": {"itemId": "fish-tacos", "quantity": 1}}
            house.call("PATCH", order, act({"changes": [add]}), who="till-2")
        case 4 if ids:
            lines = house.call("GET", order).json["lines"]
            named = act({"lineIds": [lines[0]["id"]], "totalMinor": 1098, "payments": [pay(1098, house.ids.new())]})
            house.call("POST", f"{order}/close", named)
        case 5 if ids:
            house.call("POST", f"{order}/void", act({"reason": "left"}))
        case 6 | 7 if tickets:
            path = f"/kds/tickets/{tickets[which % len(tickets)]}/{('start', 'bump')[what - 6]}"
            house.call("POST", path, {}, who="kitchen")
        case _:
            house.clock.ms += 3 * 60 * 60 * 1000


@settings(max_examples=40)
@given(acts=ACTS, page=st.integers(1, 3))
def test_small_pulls_one_after_the_other_see_what_a_whole_pull_sees(
    restaurant: Restaurant, acts: list[tuple[int, int]], page: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Path(folder), restaurant, limits=Limits(page=PageSize(entities=page)))
        streams = {"/pos/orders": "orders", "/kds/queue": "tickets", "/kds/queue?station=bar": "tickets"}
        seen: dict[str, dict[str, dict[str, Any]]] = {path: {} for path in streams}
        cursors = dict.fromkeys(streams, "")
        for what, which in acts:
            do(house, what, which)
            for path, name in streams.items():
                found, cursors[path] = pull_on(house, path, cursors[path], name)
                for entity_id, entity in found.items():
                    before = seen[path].get(entity_id, {"version": 0})
                    assert entity["version"] >= before["version"]
                seen[path] |= found
        for path, name in streams.items():
            whole, cursor = pull_on(house, path, "", name)
            table = "pos_order" if name == "orders" else "ticket"
            every = house.count(table, "station = 'bar'" if "bar" in path else "1")
            assert cursor == cursors[path] == head(house)
            assert len(seen[path]) == every
            assert {one: seen[path][one] for one in whole} == whole
            gone = [entity for one, entity in seen[path].items() if one not in whole]
            assert all(entity.get("state") in ("CLOSED", "VOIDED", None) for entity in gone)
            assert all(entity.get("status") in ("BUMPED", None) for entity in gone)
        house.connection.close()


def head(house: House) -> str:
    return str(house.call("GET", "/health").json["head"])


def test_a_pull_of_nothing_new_covers_what_was_done_elsewhere(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl")
    _, cursor, _ = pull(house, "/pos/orders")
    house.call("POST", f"/kds/tickets/{order['tickets'][0]['id']}/items/{order['lines'][0]['id']}/mark-ready", act({}))
    rows, after, more = pull(house, "/pos/orders", cursor)
    assert (rows, more) == ([], False)
    assert after == head(house) != cursor
    rows, after_bar, _ = pull(house, "/kds/queue?station=bar", cursor, "tickets")
    assert (rows, after_bar) == ([], after)


@pytest.mark.sqlite
def test_a_page_has_at_most_five_hundred_and_says_that_there_is_more(house: House) -> None:
    for number in range(502):
        house.call("POST", "/pos/orders", act({"tableId": f"table-{number}"}))
    rows, cursor, more = pull(house, "/pos/orders")
    assert (len(rows), more) == (500, True)
    rest, cursor, more = pull(house, "/pos/orders", cursor)
    assert ([row["tableId"] for row in rest], more, cursor) == (["table-500", "table-501"], False, head(house))


def test_a_page_ends_early_when_its_orders_are_large(tmp_path: Path, restaurant: Restaurant) -> None:
    house = open_house(tmp_path, restaurant, limits=Limits(page=PageSize(size_bytes=1000)))
    for number in range(6):
        house.order(f"table-{number}", "cola")
    found, _ = pull_on(house, "/pos/orders", "")
    rows, _, more = pull(house, "/pos/orders")
    assert (len(found), len(rows) < 6, more) == (6, True, True)
    house.connection.close()


def test_everything_is_what_is_open_and_what_was_closed_in_this_business_day(house: House) -> None:
    old_open = house.order("table-1", "cola")
    old_closed = house.order("table-2", "cola")
    house.call("POST", f"/pos/orders/{old_closed['id']}/void", act({"reason": "left"}))
    house.clock.ms += DAY_MS
    closed = house.order("table-3", "cola")
    house.call("POST", f"/pos/orders/{closed['id']}/void", act({"reason": "left"}))
    assert {row["id"] for row in pull(house, "/pos/orders")[0]} == {old_open["id"], closed["id"]}


def test_the_business_day_ends_when_the_night_does(house: House) -> None:
    order = house.order("table-1", "cola")
    house.call("POST", f"/pos/orders/{order['id']}/void", act({"reason": "left"}))
    house.clock.ms += 9 * 60 * 60 * 1000
    assert len(pull(house, "/pos/orders")[0]) == 1
    house.clock.ms += 60 * 60 * 1000
    assert pull(house, "/pos/orders")[0] == []


def test_bumped_tickets_of_yesterday_leave_the_whole_pull(house: House) -> None:
    order = house.sent_order("table-5", "chicken-bowl", "cola")
    house.call("POST", f"/kds/tickets/{order['tickets'][0]['id']}/bump", {}, who="kitchen")
    assert len(pull(house, "/kds/queue", name="tickets")[0]) == 2
    house.clock.ms += DAY_MS
    assert [row["station"] for row in pull(house, "/kds/queue", name="tickets")[0]] == ["bar"]


@pytest.mark.parametrize(
    "cursor", ["99-01ARYZ6S410000000000000999", "1-01ARYZ6S410000000000000999", "nonsense", "-", "1"]
)
@pytest.mark.parametrize("path", ["/pos/orders", "/kds/queue", "/kds/tickets"])
def test_a_cursor_of_another_history_is_refused(house: House, path: str, cursor: str) -> None:
    house.order()
    answer = house.call("GET", f"{path}?cursor={cursor}")
    assert (answer.status, answer.json["conflictType"]) == (409, "HISTORY_LOST")


def test_a_write_from_another_history_does_nothing(house: House) -> None:
    seen = {"x-seen": "7-01ARYZ6S410000000000000999"}
    answer = house.call("POST", "/pos/orders", act({}), key="k", headers=seen)
    assert (answer.status, answer.json["conflictType"]) == (409, "HISTORY_LOST")
    assert house.count("pos_order") == house.count("operation") == 0
    made = house.call("POST", "/pos/orders", act({}), key="k")
    again = house.call("POST", "/pos/orders", act({}), headers={"x-seen": made.headers["x-cursor"]})
    assert (made.status, again.status) == (201, 201)


def test_clients_without_cursors_pull_tickets_since_a_moment(house: House) -> None:
    house.sent_order("table-5", "chicken-bowl")
    house.clock.ms += 60_000
    house.sent_order("table-6", "cola")
    since = "/kds/tickets?since=2025-11-28T19:40:30.000Z"
    assert [row["tableId"] for row in house.call("GET", since).json["tickets"]] == ["table-6"]
    for plus in ("%2B", "+"):
        both = house.call("GET", f"/kds/tickets?since=2025-11-28T20:40:00{plus}01:00").json["tickets"]
        assert [row["tableId"] for row in both] == ["table-5", "table-6"]
    by_cursor = house.call("GET", f"/kds/tickets?since={head(house)}").json["tickets"]
    assert by_cursor == []
    for no_moment in ("19:40", "2025-11-28", "1764358830", "nonsense"):
        refused = house.call("GET", f"/kds/tickets?since={no_moment}")
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, "since")


def test_an_empty_house_has_an_empty_cursor(house: House) -> None:
    assert pull(house, "/pos/orders") == ([], "", False)
    assert head(house) == ""


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("path", "index"),
    [
        ("/pos/orders?cursor={cursor}", "USING INDEX sqlite_autoindex_pos_order_2 (revision>?)"),
        ("/pos/orders", "USING COVERING INDEX pos_order_open"),
        ("/pos/orders", "USING INDEX pos_order_closed (changed_at>?)"),
        ("/kds/queue?cursor={cursor}", "USING INDEX sqlite_autoindex_ticket_2 (revision>?)"),
        ("/kds/queue?station=bar&cursor={cursor}", "USING INDEX ticket_by_station (station=? AND revision>?)"),
        ("/kds/queue?station=bar", "USING COVERING INDEX ticket_open"),
        ("/kds/tickets?since=2025-11-28T19:40:30.000Z", "USING INDEX ticket_by_time (changed_at>?)"),
    ],
)
def test_every_pull_goes_by_its_index(house: House, path: str, index: str) -> None:
    house.sent_order("table-5", "chicken-bowl")
    asked: list[tuple[str, Any]] = []

    def note(_: object, sql: str, bindings: Any) -> bool:
        asked.append((sql, bindings))
        return True

    path = path.format(cursor=head(house))
    house.connection.exec_trace = note
    house.call("GET", path)
    house.connection.exec_trace = None
    plans = [
        str(row[3])
        for sql, bindings in asked
        if "FROM pos_order" in sql or "FROM ticket" in sql
        for row in house.connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
    ]
    assert any(index in plan for plan in plans), plans
    assert not any(plan.startswith("SCAN ticket") and "INDEX" not in plan for plan in plans)
