"""A day from records: the pizza place to the cent, another shop's CSV with its dirt, and a night of ours."""

from pathlib import Path

import pytest

from demo.day import Day
from demo.records import BadRecords, own_night, pizza_friday, shop_day

SHOP = Path(__file__).parent.parent.parent / "data" / "shop.csv"


def total_minor(day: Day) -> int:
    """What all guests of a day pay, the options' prices included."""
    extra = {
        (group["id"], option["id"]): option["priceMinor"]
        for group in day.restaurant["menu"]["groups"]
        for option in group["options"]
    }
    return sum(
        sale.quantity * (sale.unit_minor + sum(extra[f"{sale.item_id}-choices", one] for one in sale.option_ids))
        for guest in day.guests
        for sale in guest.sales
    )


def test_the_busiest_friday_has_its_orders_its_pizzas_and_its_takings() -> None:
    day = pizza_friday()

    assert day is not None
    assert len(day.guests) == 115
    assert sum(sale.quantity for guest in day.guests for sale in guest.sales) == 264
    assert total_minor(day) == 442_245
    assert [guest.at_s for guest in day.guests] == sorted(guest.at_s for guest in day.guests)
    assert all(group["least"] == 1 for group in day.restaurant["menu"]["groups"])


def test_another_shops_day_is_played_and_its_dirty_rows_are_told_by_line() -> None:
    day = shop_day(SHOP)

    assert [guest.key for guest in day.guests] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]
    assert [words.split(":")[0] for words in day.dirty] == ["line 5", "line 7", "line 9", "line 11"]
    assert "'noon'" in day.dirty[0]
    assert total_minor(day) == 420 + 500 + 1000 + 380 + 300 + 650 + 450 + 760 + 300 + 250 + 1300


def test_a_price_that_does_not_divide_by_the_quantity_is_kept_to_the_cent() -> None:
    guest = next(guest for guest in shop_day(SHOP).guests if guest.key == "2")

    assert [(sale.quantity, sale.unit_minor) for sale in guest.sales] == [(1, 334), (2, 333)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("order,time,item\n1,12:00,Soup\n", "lacks modifiers, quantity, price"),
        ("order,time,item,modifiers,quantity,price\n", "no row"),
        ("order,time,item,modifiers,quantity,price\n1,12:00,Soup,,1,free\n", "line 2"),
    ],
)
def test_a_file_that_is_no_day_is_refused_in_words(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(content)

    with pytest.raises(BadRecords, match=words):
        shop_day(path)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match="No such file"):
        shop_day(tmp_path / "none.csv")


def test_a_night_of_ours_is_the_same_for_the_same_seed() -> None:
    assert own_night(3) == own_night(3)
    assert own_night(3) != own_night(4)
    assert len(own_night(3).guests) == 60


def test_the_busiest_hours_are_a_run_of_guests_and_more_than_all_repeats_them_under_new_names() -> None:
    day = own_night(1)

    assert len(day.busiest(20).guests) == 20
    many = day.busiest(600).guests
    assert len({guest.key for guest in many}) == 600
