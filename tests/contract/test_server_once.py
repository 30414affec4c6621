"""Every line, change and payment counts once for ever: on one order, whatever key, order or history it comes under."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from reference_server.storage.schema import MIGRATIONS
from shared.database import copy_database, open_writer
from shared.migrations import kept_copies, migrate
from tests.contract.house import FILE_NAME, House, act, pay

PAYMENT = "01ARYZ6S43000000000000000A"
LINE, LATE = "01ARYZ6S44000000000000000A", "01ARYZ6S44000000000000000B"
CHANGE = "01ARYZ6S45000000000000000A"
ORDERS = ("01ARYZ6S46000000000000000A", "01ARYZ6S46000000000000000B")

#: Forgets which ULIDs were used: the mutant. What was there before stays known.
FORGETS = "CREATE TRIGGER forgets BEFORE INSERT ON used_id BEGIN SELECT RAISE(IGNORE); END"


def add(line_id: str, item: str = "cola") -> dict[str, object]:
    return {"type": "addLine", "line": {"id": line_id, "itemId": item, "quantity": 1}}


def alerts(house: House) -> list[tuple[str, str]]:
    return list(house.connection.execute("SELECT kind, message FROM alert ORDER BY id"))


def used(house: House) -> list[tuple[str, str, str]]:
    return list(house.connection.execute("SELECT kind, id, order_id FROM used_id ORDER BY kind, id"))


def path_of(order: dict[str, Any], *rest: str) -> str:
    return "/".join(("/pos/orders", order["id"], *rest))


def change(house: House, order: dict[str, Any], *changes: dict[str, object]) -> Any:
    return house.call("PATCH", path_of(order), act({"changes": list(changes)}))


def close(house: House, order: dict[str, Any], *, total: int = 310) -> Any:
    return house.call("POST", path_of(order, "close"), act({"payments": [pay(total, PAYMENT)]}))


def counted_twice(house: House) -> list[str]:
    """Give two orders the same line, the same change and the same money; say in words what both of them have."""
    first, second = house.order("table-5", "cola"), house.order("table-6", "cola")
    for order in (first, second):
        change(house, order, add(LINE))
        change(house, order, {"type": "setGuests", "id": CHANGE, "guests": 3})
        close(house, order, total=620)
    both = [house.call("GET", path_of(order)).json for order in (first, second)]
    has = {
        "the line": [any(line["id"] == LINE for line in order["lines"]) for order in both],
        "the change": [order["guests"] == 3 for order in both],
        "the money": [bool(order["payments"]) for order in both],
    }
    assert all(on_first for on_first, _ in has.values())
    return [words for words, (_, on_second) in has.items() if on_second]


def test_a_second_order_gets_none_of_what_the_first_one_has(house: House) -> None:
    assert counted_twice(house) == []


@pytest.mark.sqlite
def test_a_server_that_forgets_what_was_used_is_caught(house: House) -> None:
    house.connection.execute(FORGETS)
    assert counted_twice(house) == ["the line", "the change", "the money"]


@pytest.mark.parametrize(
    ("what", "asked"), [("A line", add(LINE)), ("A change", {"type": "setGuests", "id": CHANGE, "guests": 3})]
)
def test_what_is_on_another_order_is_refused_in_words_and_changes_nothing(
    house: House, what: str, asked: dict[str, object]
) -> None:
    first, second = house.order("table-5", "cola"), house.order("table-6", "cola")
    assert change(house, first, asked).status == 200
    for _ in range(2):
        refused = change(house, second, asked, add(LATE))
        assert (refused.status, refused.json["message"]) == (
            422,
            f"{what} of this is on order S-1 already. It can't be on order S-2 too.",
        )
    assert house.call("GET", path_of(second)).json["version"] == 1
    assert change(house, second, add(LATE)).status == 200, "the refused one used up nothing"


def test_a_line_of_a_new_order_may_not_be_one_of_another(house: House) -> None:
    first = house.order("table-5", "cola")
    items = [{"id": first["lines"][0]["id"], "itemId": "cola", "quantity": 1}]
    assert house.call("POST", "/pos/orders", act({"items": items})).status == 422
    assert house.count("pos_order") == 1


def test_money_that_is_on_another_order_counts_there_only_and_a_person_hears_of_it(house: House) -> None:
    first, second = house.order("table-5", "cola"), house.order("table-6", "cola")
    assert close(house, first).json["payments"][0]["amountMinor"] == 310
    told = close(house, second)
    assert (told.status, told.json["state"], told.json["payments"]) == (200, "CLOSED", [])
    assert ("counted_elsewhere", second["id"]) in list(house.connection.execute("SELECT kind, entity_id FROM alert"))
    assert dict(alerts(house))["counted_elsewhere"] == (
        "Order S-2 (6): the payment of € 3.10 is on order S-1 already and counts there only. Was it taken twice?"
        f" (Payment {PAYMENT})"
    )
    again = close(house, second)
    assert (again.status, again.json["payments"]) == (200, [])
    assert close(house, first).json["payments"][0]["amountMinor"] == 310


def test_a_line_keeps_its_name_on_the_order_that_takes_it_over(house: House) -> None:
    order = house.sent_order("table-5", "cola")
    shown = [order["lines"][0]["id"]]
    change(house, order, add(LATE, "flan"))
    body = act({"lineIds": shown, "totalMinor": 310, "payments": [pay(310, PAYMENT)]})
    late = house.call("POST", path_of(order, "close"), body).json["followUp"]
    assert [line["id"] for line in late["lines"]] == [LATE]
    same = change(house, late, add(LATE, "flan"))
    assert (same.status, same.json["version"]) == (200, 1), "it is there already"
    noted = change(house, late, {"type": "setNote", "lineId": LATE, "note": "two spoons"})
    assert noted.json["lines"][0]["note"] == "two spoons"


@dataclass(frozen=True)
class Asked:
    """A request of a till as it froze it: the same bytes go at each retry."""

    method: str
    path: str
    body: dict[str, object]
    who: str = "till"


def evening() -> list[Asked]:
    """Two orders with names of their own, a change, a late line that a close leaves over, and money."""
    first = f"/pos/orders/{ORDERS[0]}"
    cola = {"id": LINE, "itemId": "cola", "quantity": 1}
    guests = {"type": "setGuests", "id": CHANGE, "guests": 3}
    paid = {"lineIds": [LINE], "totalMinor": 310, "payments": [pay(310, PAYMENT)]}
    return [
        Asked("POST", "/pos/orders", act({"id": ORDERS[0], "number": "C-1", "items": [cola]})),
        Asked("POST", "/pos/orders", act({"id": ORDERS[1], "number": "B-1"}), "till-2"),
        Asked("PATCH", first, act({"baseVersion": 1, "changes": [guests]})),
        Asked("PATCH", first, act({"baseVersion": 1, "changes": [add(LATE, "flan")]}), "till-2"),
        Asked("POST", f"{first}/close", act(paid)),
    ]


def played(house: House, asked: list[Asked], *, keys: str) -> list[int]:
    """Ask all of it under keys of this series."""
    return [
        house.call(one.method, one.path, one.body, key=f"{keys}-{place}", who=one.who).status
        for place, one in enumerate(asked)
    ]


def state(house: House) -> tuple[object, ...]:
    """The orders, what was used, the alerts, the invoices: what an evening comes to."""
    bodies = list(house.connection.execute("SELECT id, body FROM pos_order"))
    return (sorted(bodies), used(house), alerts(house), list(house.connection.execute("SELECT number FROM invoice")))


@pytest.mark.parametrize("keys", ["same", "new"])
def test_an_evening_that_comes_again_changes_nothing(house: House, keys: str) -> None:
    assert played(house, evening(), keys="same") == [201, 201, 200, 200, 200]
    before = state(house)
    played(house, evening(), keys=keys)
    assert state(house) == before


@pytest.mark.sqlite
@pytest.mark.parametrize("keys", ["same", "new"])
@pytest.mark.parametrize("known", [0, 2, 4, 5])
def test_a_server_restored_from_a_copy_gets_the_same_evening_from_its_tills_again(
    house: House, tmp_path: Path, known: int, keys: str
) -> None:
    """The copy has the first `known` requests; the tills retry those, under their keys or under new ones, and go on."""
    asked, copy = evening(), tmp_path / "copy.sqlite"
    played(house, asked[:known], keys="same")
    copy_database(tmp_path / FILE_NAME, copy)
    played(house, asked[known:], keys="rest")

    restored = replace(house, connection=open_writer(copy))
    played(restored, asked[:known], keys=keys)
    played(restored, asked[known:], keys="rest")
    assert state(restored) == state(house)
    assert restored.count("pos_order") == 3
    restored.connection.close()


@pytest.mark.sqlite
def test_a_file_of_schema_1_knows_after_its_upgrade_what_its_orders_have(house: House, tmp_path: Path) -> None:
    played(house, evening(), keys="same")
    counted = used(house)
    assert {kind for kind, _, _ in counted} == {"line", "change", "payment"}
    house.connection.execute("DROP TABLE used_id; PRAGMA user_version = 1")
    path = tmp_path / FILE_NAME
    assert migrate(house.connection, path, MIGRATIONS[:2]) == 1
    assert used(house) == counted
    assert [copy.name for copy in kept_copies(path)] == [f"{FILE_NAME}.copy-0001-of-v1"]
    twice = house.call("POST", "/pos/orders", act({"items": [{"id": LATE, "itemId": "flan", "quantity": 1}]}))
    assert twice.status == 422
