"""The server sees each receipt that a close tells of; whatever it finds, the money is recorded and a person hears."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.orders.receipts import LATE_MS
from shared.domain.receipts import Content, beginning, hash_of, lines_hash
from tests.contract.house import Answer, House, act

BIRTH, FUTURE, AT = "01ARYZ6S410000000000000B1R", "2035-01-01T00:00:00.000Z", "2025-11-28T19:39:00.000Z"


class Series:
    """A till's receipts, each behind the one before, as a till freezes them into its closes."""

    def __init__(self, house: House, *, letter: str = "A", birth: str = BIRTH) -> None:
        self.house, self.letter, self.birth = house, letter, birth
        self.count = 0
        self.last = beginning(birth, letter, 0)
        self.orders = 0

    def print(self, *, at: str = AT, older: bool = False) -> tuple[str, dict[str, Any]]:
        """The path and the body of the next close, which nobody has sent yet."""
        self.orders += 1
        order = self.house.order(f"table-{5 + self.orders % 5}", "cola")
        payment = {
            "id": self.house.ids.new(),
            "method": "CASH",
            "amount": 310,
            "tendered": 500,
            "tip": 0,
            "takenAt": at,
        }
        line = order["lines"][0]
        lines = lines_hash([(line["id"], line["itemId"], line["quantity"], line["priceMinor"], line["taxBp"])])
        hashed = {**payment, "reference": None} if older else payment
        text = json.dumps([hashed], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        self.count += 1
        number = f"{self.letter}-{self.count:06d}"
        previous, self.last = self.last, hash_of(self.last, Content(number, order["id"], at, 310, lines, text))
        link = {"previous": previous, "lines": lines, "hash": self.last}
        told = {"at": at, "lineIds": [line["id"]], "totalMinor": 310, "payments": [payment]}
        return f"/pos/orders/{order['id']}/close", act({**told, "receiptNumber": number, "receiptLink": link})

    def sell(self, *, at: str = AT, older: bool = False) -> None:
        """Print one and send it."""
        send(self.house, *self.print(at=at, older=older))


def send(house: House, path: str, body: dict[str, Any], *, key: str | None = None) -> Answer:
    """It is answered like any close: the money counts."""
    told = house.call("POST", path, body, key=key)
    assert (told.status, len(told.json["payments"])) == (200, 1), told.json
    return told


def alerts(house: House) -> list[str]:
    return [str(kind) for (kind,) in house.connection.execute("SELECT kind FROM alert ORDER BY id")]


def words(house: House) -> list[str]:
    return [str(message) for (message,) in house.connection.execute("SELECT message FROM alert ORDER BY id")]


@pytest.fixture
def series(house: House) -> Series:
    return Series(house)


@pytest.mark.parametrize("at", [AT, FUTURE], ids=["now", "by a clock that runs ahead"])
@pytest.mark.parametrize("older", [False, True], ids=["of today", "as it was hashed before"])
def test_a_series_that_goes_on_raises_no_doubt(series: Series, at: str, older: bool) -> None:
    for _ in range(3):
        series.sell(at=at, older=older)
    assert (alerts(series.house), series.house.count("receipt_link")) == ([], 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(receiptNumber="A-000009"),
        lambda told: told.update(at="2025-11-28T19:38:00.000Z"),
        lambda told: told["payments"][0].update(tendered=1000),
        lambda told: told["payments"][0].update(tip=20),
        lambda told: told["receiptLink"].update(previous="0" * 64),
        lambda told: told["receiptLink"].update(lines="0" * 64),
        lambda told: told["receiptLink"].update(hash="0" * 64),
    ],
    ids=["number", "moment", "tendered", "tip", "the one before", "lines", "hash"],
)
def test_a_receipt_that_was_changed_is_recorded_and_told(
    series: Series, change: Callable[[dict[str, Any]], None]
) -> None:
    path, told = series.print()
    change(told)
    for _ in range(2):
        send(series.house, path, told, key="once")
    assert alerts(series.house) == ["receipt_changed"]


def test_closes_that_overtake_each_other_raise_no_doubt(series: Series) -> None:
    series.sell()
    closes = [series.print() for _ in range(4)]
    for place in (2, 0, 3, 1):
        send(series.house, *closes[place])
    series.house.clock.ms += 2 * LATE_MS
    series.sell()
    assert alerts(series.house) == []
    assert series.house.count("receipt_link", "awaits = 1") == 0


def test_one_that_has_not_come_for_a_while_is_told_once(series: Series) -> None:
    series.sell()
    missing = series.print()
    series.sell()
    series.house.clock.ms += LATE_MS
    series.sell()
    assert alerts(series.house) == []
    series.house.clock.ms += 1
    for _ in range(3):
        series.sell()
    assert alerts(series.house) == ["receipt_missing"]
    assert words(series.house)[0].startswith("Receipt A-000002 has not come, though A-000003 has: it waits on its till")
    send(series.house, *missing)
    assert len(alerts(series.house)) == 1


def test_two_receipts_under_one_number_are_both_kept_and_told(series: Series) -> None:
    """A till's file was copied: both copies go on from the same receipt."""
    series.sell()
    copy = Series(series.house)
    copy.count, copy.last, copy.orders = series.count, series.last, 2
    series.sell()
    copy.sell()
    assert alerts(series.house) == ["receipt_twice"]
    assert series.house.count("receipt_link", "serial = 2") == 2
    copy.sell()
    series.sell()
    assert alerts(series.house) == ["receipt_twice"] * 2


@pytest.mark.parametrize("late", [False, True], ids=["in its turn", "overtaken"])
def test_one_that_follows_on_another_than_came_here_is_told(series: Series, late: bool) -> None:
    series.sell()
    second = series.print()
    series.last = hash_of(series.last, Content("A-000002", series.birth, AT, 1, "", ""))
    third = series.print()
    for path, body in (third, second) if late else (second, third):
        send(series.house, path, body)
    assert alerts(series.house) == ["receipt_torn"]
    assert words(series.house)[0].startswith("Receipt A-000003 does not follow on the one before it")


def test_a_receipt_that_goes_again_with_another_close_is_the_same_receipt(series: Series) -> None:
    path, told = series.print()
    send(series.house, path, told)
    send(series.house, path, told)
    assert alerts(series.house) == []
    assert series.house.count("receipt_link") == 1


def test_a_number_without_a_link_stands_in_its_place_and_proves_nothing(series: Series) -> None:
    series.sell()
    path, told = series.print()
    del told["receiptLink"]
    send(series.house, path, told)
    series.sell()
    series.house.clock.ms += 2 * LATE_MS
    series.sell()
    assert alerts(series.house) == []


def test_what_no_till_of_ours_numbered_is_no_receipt_of_a_series(house: House) -> None:
    order = house.order("table-5", "cola")
    paid = {"method": "CASH", "amount": 310}
    send(house, f"/pos/orders/{order['id']}/close", act({"payments": [paid], "receiptNumber": "2025/17"}))
    assert (house.count("receipt_link"), alerts(house)) == (0, [])


def test_a_till_that_goes_on_in_a_new_file_under_a_new_letter_raises_no_doubt(series: Series) -> None:
    """As after a salvage: the count goes on, and the chain begins anew."""
    for _ in range(2):
        series.sell()
    new = Series(series.house, letter="D", birth="01ARYZ6S410000000000000B2R")
    new.count, new.last, new.orders = 2, beginning(new.birth, "D", 2), 4
    for _ in range(2):
        new.sell()
    series.house.clock.ms += 2 * LATE_MS
    new.sell()
    assert alerts(series.house) == []


def test_a_till_that_lost_its_file_and_kept_its_letter_gives_numbers_twice_and_is_told_of(series: Series) -> None:
    """There is no series that could go on: two papers have one number, and nobody may keep that from the manager."""
    series.sell()
    lost = Series(series.house, birth="01ARYZ6S410000000000000B2R")
    lost.orders = 3
    lost.sell()
    assert alerts(series.house) == ["receipt_twice"]


def test_two_tills_have_a_series_each(house: House) -> None:
    first, second = Series(house), Series(house, letter="B", birth="01ARYZ6S410000000000000B2R")
    for one in (first, second, second, first):
        one.sell()
    assert (alerts(house), house.count("receipt_link")) == ([], 4)
