"""Loading a restaurant: what the demo serves, what a wrong file is told, and that a running server takes a new menu."""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from reference_server.catalogue import loading
from reference_server.catalogue.loading import BadRestaurant
from reference_server.main import DEMO_FILE
from shared.database import run_inline
from shared.domain.menu import Business, Floor, Menu, Role, missing_choices
from tests.contract.house import House, act


def demo() -> dict[str, Any]:
    return dict(json.loads(DEMO_FILE.read_bytes()))


def test_the_demo_is_a_whole_restaurant(house: House) -> None:
    menu = Menu.model_validate_json(house.call("GET", "/menu").body)
    floor = Floor.model_validate_json(house.call("GET", "/floor").body)
    business = Business.model_validate_json(house.call("GET", "/settings").body)
    tabs = [category.name for category in menu.categories]
    assert tabs == ["Mains", "Starters", "Sides", "Desserts", "Drinks", "Bar"]
    assert len(menu.items) >= 45
    assert {item.station for item in menu.items} == {station.id for station in menu.stations}
    assert {item.tax_bp for item in menu.items} == {1800}
    assert any(missing_choices(menu, item, ()) for item in menu.items)
    assert [room.name for room in floor.rooms] == ["Main room", "Terrace", "Bar"]
    assert {f"table-{number}" for number in range(1, 15)} <= {table.id for table in floor.tables}
    assert (business.currency_decimals, business.prices_include_tax, business.notes_minor[0]) == (2, True, 500)
    staff = house.call("GET", "/staff").json["staff"]
    assert {Role.WAITER, Role.CHEF, Role.MANAGER} <= {person["role"] for person in staff}


def test_no_two_tables_of_a_room_stand_on_each_other() -> None:
    taken: dict[tuple[str, int, int], str] = {}
    for table in demo()["floor"]["tables"]:
        for x in range(table["x"], table["x"] + table["width"]):
            for y in range(table["y"], table["y"] + table["height"]):
                assert (0 <= x < 18, 0 <= y < 12) == (True, True), table["id"]
                assert taken.setdefault((table["roomId"], x, y), table["id"]) == table["id"]


def test_a_new_menu_counts_from_the_next_order_on(house: House) -> None:
    assert house.order("table-5", "cola")["lines"][0]["priceMinor"] == 310
    etag = house.call("GET", "/menu").headers["etag"]
    changed = demo()
    next(item for item in changed["menu"]["items"] if item["id"] == "cola")["priceMinor"] = 333
    restaurant = loading.read(json.dumps({"menu": changed["menu"]}))
    run_inline(house.connection, lambda tx: loading.store(tx, restaurant, now_ms=house.clock.ms))
    assert house.order("table-5", "cola")["lines"][0]["priceMinor"] == 333
    assert house.call("GET", "/menu").headers["etag"] != etag
    assert house.call("POST", "/auth/login", {"staffId": "amina", "pin": "1111"}, key="").status == 200


def test_loading_the_same_again_changes_no_etag(house: House) -> None:
    def etags() -> list[str]:
        return [house.call("GET", path).headers["etag"] for path in ("/menu", "/floor", "/settings")]

    before = etags()
    restaurant = loading.read(json.dumps({name: demo()[name] for name in ("menu", "floor", "business")}))
    run_inline(house.connection, lambda tx: loading.store(tx, restaurant, now_ms=house.clock.ms))
    assert etags() == before


def test_a_file_s_own_version_is_kept() -> None:
    restaurant = loading.read(json.dumps({"floor": {**demo()["floor"], "version": "spring"}}))
    assert restaurant.floor is not None
    assert restaurant.floor.version == "spring"


def test_an_empty_house_sells_nothing_and_says_why(house: House) -> None:
    house.connection.execute("DELETE FROM catalogue")
    answer = house.call("GET", "/menu")
    assert (answer.status, "No menu has been loaded" in answer.json["message"]) == (404, True)
    house.connection.execute("DELETE FROM known_item")
    items = [{"itemId": "cola", "quantity": 1}]
    assert house.call("POST", "/pos/orders", {"items": items}, who="script").status == 422
    assert house.call("POST", "/pos/orders", act({})).status == 403


def wrong(change: Any) -> list[str]:
    file = demo()
    change(file)
    with pytest.raises(BadRestaurant) as caught:
        loading.read(json.dumps(file))
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda f: f["menu"]["items"][0].update(station="sushi"),
            "menu.items.0 (Chicken Bowl): there is no station sushi",
        ),
        (lambda f: f["menu"]["items"][1].update(categoryId="x"), "menu.items.1 (Steak Bowl): there is no category x"),
        (
            lambda f: f["menu"]["items"][1].update(groupIds=["y"]),
            "menu.items.1 (Steak Bowl): there is no modifier group y",
        ),
        (lambda f: f["menu"]["items"][1].update(id="chicken-bowl"), "menu.items.1: chicken-bowl is there twice"),
        (
            lambda f: f["menu"]["groups"][0].update(least=9),
            "menu.groups.0 (Base): least 9 and most 1 of 3 can't be met",
        ),
        (lambda f: f["menu"]["items"][0].update(priceMinor=-1), "menu.items.0.priceMinor: It has to be at least 0."),
        (lambda f: f["floor"]["tables"][0].update(roomId="attic"), "floor.tables.0 (1): there is no room attic"),
        (lambda f: f["staff"][1].update(name="Amina K."), "staff.1: Amina K. is there twice"),
        (lambda f: f["staff"][0].update(pin="12a4"), "staff.0.pin: A PIN has 4 to 8 digits."),
        (lambda f: f.update(extra=1), "extra: This field is not known here."),
        (lambda f: f["business"].update(timezone="Mars/Base"), "business.timezone: The time zone is not known"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_in_words(change: Any, said: str) -> None:
    assert any(problem.startswith(f"line 1, {said}") for problem in wrong(change)), wrong(change)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"priceMinor": 1098', '"priceMinor": -1', "menu.items.0.priceMinor: It has to be at least 0."),
        ('"priceMinor": 1098,', "", "menu.items.0.priceMinor: This field is missing."),
        ('"station": "grill"', '"station": "sushi"', "menu.items.0 (Bowl): there is no station sushi"),
        ('"id": "large"', '"id": "small"', "menu.groups.0 (Size).options.1: small is there twice"),
        ('"pin": "1111"', '"pin": "1"', "staff.0.pin: A PIN has 4 to 8 digits."),
        ('"roomId": "main"', '"roomId": "a,}]\\"b"', 'floor.tables.0 (1): there is no room a,}]"b'),
        ('"timezone": "UTC"', '"timezone": "Mars"', "business.timezone: The time zone is not known"),
        ('{"business"', '{"extra": 1, "business"', "extra: This field is not known here."),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_each_fault_is_told_with_the_line_on_which_it_stands(before: str, after: str, said: str, encoding: str) -> None:
    text = example()
    line = text[: text.index(before)].count("\n") + 1
    if after == "" or "(" in said:  # what is missing, or does not fit together, is told where the whole of it begins
        begins = {"menu.items": '{"id": "bowl"', "menu.groups": '{"id": "size"', "floor.tables": '{"id": "table-1"'}
        mark = next(mark for path, mark in begins.items() if said.startswith(path))
        line = text[: text.index(mark)].count("\n") + 1
    with pytest.raises(BadRestaurant) as caught:
        loading.read(text.replace(before, after, 1).encode(encoding))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"line {line}, {said}"), caught.value.problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "The file is not JSON"),
        (b"\xff\xfe\x00", "The file is not JSON"),
        ("[]", "The file has to be one JSON object"),
    ],
)
def test_a_file_that_is_no_restaurant_is_told_so(text: str | bytes, said: str) -> None:
    with pytest.raises(BadRestaurant, match=said):
        loading.read(text)


def example() -> str:
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    lines = page[page.index('    {"business"') :].splitlines()
    return "\n".join(takewhile(lambda line: line.startswith("    "), lines))


def test_the_example_of_the_operating_page_can_be_loaded() -> None:
    restaurant = loading.read(example())
    assert None not in (restaurant.menu, restaurant.floor, restaurant.business, restaurant.staff)
