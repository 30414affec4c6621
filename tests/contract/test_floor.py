"""The floor's editor writes over nobody, and who looks at a table is known for 90 seconds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.house import Answer, House, act
from tests.contract.test_discounts import manager_of


def floor(house: House) -> dict[str, Any]:
    return dict(house.call("GET", "/floor").json)


def put(house: House, shown: dict[str, Any], *, actor: str | None = None, **changed: Any) -> Answer:
    """Write this floor with some of it changed, as its editor does."""
    body = {"baseVersion": shown["version"], "rooms": shown["rooms"], "tables": shown["tables"], **changed}
    return house.call("PUT", "/floor", act(body, actor or manager_of(house)))


def look(house: House, table: str, *, who: str = "till", actor: str = "amina", leaves: bool = False) -> list[str]:
    answer = house.call("POST", f"/tables/{table}/presence", act({"leaves": leaves}, actor), who=who, key="")
    assert answer.status == 200, answer.json
    return [one["name"] for one in answer.json["others"]]


def test_a_manager_changes_the_floor_and_every_device_is_told(house: House) -> None:
    shown, before = floor(house), house.call("GET", "/health").json["catalogue"]
    fewer = shown["tables"][1:]
    answer = put(house, shown, tables=fewer)
    assert (answer.status, floor(house)) == (200, answer.json)
    assert (len(answer.json["tables"]), answer.json["version"] != shown["version"]) == (len(fewer), True)
    assert house.call("GET", "/health").json["catalogue"] != before


def test_of_two_editors_the_second_is_told_and_the_first_may_ask_twice(house: House) -> None:
    shown = floor(house)
    first = put(house, shown, tables=shown["tables"][1:])
    second = put(house, shown, tables=shown["tables"][2:])
    assert (second.status, second.json["conflictType"]) == (409, "STALE_WRITE")
    assert put(house, shown, tables=shown["tables"][1:]).body == first.body
    assert floor(house) == first.json


@pytest.mark.parametrize("wrong", ["a room that is not there", "a table that is there twice", "a table with no name"])
def test_a_floor_that_fits_nowhere_is_refused_in_words(house: House, wrong: str) -> None:
    shown = floor(house)
    tables = {
        "a room that is not there": [{**shown["tables"][0], "roomId": "attic"}],
        "a table that is there twice": [shown["tables"][0]] * 2,
        "a table with no name": [{**shown["tables"][0], "name": ""}],
    }[wrong]
    answer = put(house, shown, tables=tables)
    assert (answer.status, len(answer.json["errors"])) == (422, 1)
    assert floor(house) == shown


def test_a_waiter_moves_no_walls(house: House) -> None:
    assert put(house, floor(house), actor="amina").status == 403


def test_who_looks_at_a_table_is_known_for_90_seconds(house: House) -> None:
    assert look(house, "table-5") == []
    assert look(house, "table-5", who="till-2", actor="joel") == ["Amina K."]
    assert look(house, "table-6", who="kitchen") == []
    house.clock.ms += 89_000
    assert look(house, "table-5", who="till-2", actor="joel") == ["Amina K."]
    house.clock.ms += 1_001
    assert look(house, "table-5", who="till-2", actor="joel") == []


def test_a_device_is_at_one_table_and_leaves_no_row_behind(house: House) -> None:
    for table in ("table-5", "table-6", "table-5", "table-6"):
        look(house, table)
    assert look(house, "table-5", who="till-2", actor="joel") == []
    look(house, "table-5", leaves=True)
    assert look(house, "table-6", who="till-2", actor="joel") == ["Amina K."]
    look(house, "table-6", leaves=True)
    assert house.count("presence") == 1
    assert house.call("POST", "/tables/no-such/presence", act({}), key="").status == 404
