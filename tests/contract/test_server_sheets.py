"""Menu and floor as sheets: read whole or not at all, whoever wrote them, each fault told by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_server.catalogue import floor_sheet, menu_sheets
from reference_server.catalogue.loading import BadRestaurant, Restaurant
from reference_server.main import main
from reference_server.storage.file import Storage
from shared.domain.menu import Floor, Menu
from shared.money import Currency

EURO = Currency("EUR", 2, "€")
DISHES = "name,category,price,station\nSoup,Starters,4.50,kitchen\nTea,Drinks,2,bar\n"


@pytest.fixture
def menu(restaurant: Restaurant) -> Menu:
    assert restaurant.menu is not None
    return restaurant.menu


@pytest.fixture
def floor(restaurant: Restaurant) -> Floor:
    assert restaurant.floor is not None
    return restaurant.floor


@pytest.fixture
def data(tmp_path: Path, restaurant: Restaurant) -> Path:
    """A folder with the demo restaurant in it."""
    folder = tmp_path / "data"
    with Storage(folder) as storage:
        from reference_server.catalogue import loading  # noqa: PLC0415 - beside the storage that it is for

        storage.write(lambda tx: loading.store(tx, restaurant, now_ms=1)).result()
    return folder


def faults(raw: str | bytes, menu: Menu) -> list[str]:
    with pytest.raises(BadRestaurant) as caught:
        menu_sheets.dishes(raw.encode() if isinstance(raw, str) else raw, menu, EURO)
    return list(caught.value.problems)


def test_what_was_exported_comes_back_as_it_was(menu: Menu, floor: Floor) -> None:
    assert menu_sheets.dishes(menu_sheets.dishes_sheet(menu, EURO), menu, EURO).items == menu.items
    assert menu_sheets.choices(menu_sheets.choices_sheet(menu, EURO), menu, EURO) == menu
    assert floor_sheet.tables(floor_sheet.tables_sheet(floor), floor) == floor


@pytest.mark.parametrize(
    "raw",
    [
        DISHES.encode(),
        b"\xef\xbb\xbf" + DISHES.replace(",", ";").replace("4.50", "4,50").encode(),
        DISHES.replace(",", "\t").encode("utf-16"),
        DISHES.replace("\n", "\r\n").encode(),
        DISHES.replace("\n", "\r\n\r\n").encode(),
        DISHES.replace("name,category", " Name , CATEGORY ").encode(),
        DISHES.replace("Soup", '"Soup"').replace("4.50", '" € 4,50 "').encode(),
    ],
    ids=["plain", "semicolons", "utf-16 tabs", "windows", "empty lines", "header by hand", "quotes"],
)
def test_a_sheet_is_read_however_its_program_wrote_it(raw: bytes, menu: Menu) -> None:
    found = menu_sheets.dishes(raw, menu, EURO)
    assert [(item.name, item.price_minor, item.id) for item in found.items] == [
        ("Soup", 450, "soup"),
        ("Tea", 200, "tea"),
    ]
    assert [category.name for category in found.categories] == ["Starters", "Drinks"]
    assert found.version != menu.version
    assert found.groups == menu.groups


def test_letters_of_an_old_windows_are_read(menu: Menu) -> None:
    found = menu_sheets.dishes(DISHES.replace("Soup", "Crème brûlée").encode("cp1252"), menu, EURO)
    assert (found.items[0].name, found.items[0].id) == ("Crème brûlée", "creme-brulee")


def test_a_dish_that_is_there_keeps_what_the_sheet_does_not_tell(menu: Menu) -> None:
    first = menu.items[0].model_copy(update={"sold_out": True, "remaining": 0})
    present = menu.model_copy(update={"items": (first, *menu.items[1:])})
    raw = menu_sheets.dishes_sheet(present, EURO).replace(first.id.encode() + b",", b",", 1)
    found = menu_sheets.dishes(raw, present, EURO)
    assert found.items[0] == first


def test_every_fault_is_told_by_line_and_column_and_none_hides_another(menu: Menu) -> None:
    raw = (
        "id,name,category,price,tax,station,course,choices\n"
        "a,Soup,Starters,4.5.0,18,kitchen,1,\n"
        "\n"
        'b,,Starters,4,200,kitchen,1,"no such; extras"\n'
        "a,Tea,Drinks,free,,bar,12,\n"
        "c,Two\n"
        "d,Cake,Sweets,3,18,kitchen,1,,surplus\n"
        f"e,{'x' * 81},Sweets,3,18.123,kitchen,1,\n"
    )
    assert faults(raw, menu) == [
        "line 2, price: 4.5.0 is no price in EUR, like 9.50",
        "line 4, name: it is empty",
        "line 4, choices: there is no group of choices no such; load the choices first",
        "line 4, tax: 200 is no percentage from 0 to 100 with at most two decimals",
        "line 5, price: free is no price in EUR, like 9.50",
        "line 5, course: 12 is no whole number from 1 to 9",
        "line 5, id: a is there twice",
        "line 6, price: nothing is no price in EUR, like 9.50",
        "line 6, category: it is empty",
        "line 6, station: it is empty",
        "line 7: it has 9 cells, and the header names 8 columns",
        "line 8, name: it has 81 characters, and 80 fit",
        "line 8, tax: 18.123 is no percentage from 0 to 100 with at most two decimals",
    ]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("name,category,price\n", "line 1: the column station is missing"),
        ("name,category,price,station,colour\n", "line 1: the column colour is not known here"),
        ("name,name,category,price,station\n", "line 1: the column name is there twice"),
        ("", "The file is empty"),
        ('name,category,price,station\n"Soup,Starters,1,kitchen\n', "The table can't be read"),
        (b"name,category,price,station\n" + b"x" * (6 * 1024**2), "The file has more than 5 MiB."),
        ("name,category,price,station\n" + "a,b,1,c\n" * 10_001, "at most 10000 are believed"),
    ],
)
def test_a_sheet_of_another_shape_is_refused_in_words(raw: str | bytes, said: str, menu: Menu) -> None:
    assert said in "\n".join(faults(raw, menu))


def test_faults_of_a_floor_and_of_choices_are_told_the_same_way(menu: Menu, floor: Floor) -> None:
    with pytest.raises(BadRestaurant) as tables:
        floor_sheet.tables(b"name,room,x,y,seats\n1,Main,17,0,4\n1,Main,0,0,none\n", floor)
    assert tables.value.problems == (
        "line 2, x: 17 is no whole number from 0 to 16",
        "line 3, name: table-1 is there twice",
        "line 3, seats: none is no whole number from 1 to 99",
    )
    with pytest.raises(BadRestaurant) as choices:
        menu_sheets.choices(b"group,least,most,option\nSize,1,1,Small\nSize,0,1,Small\n", menu, EURO)
    assert choices.value.problems[:2] == (
        "line 3, group: Size says another name, least or most than its first row",
        "line 3, option: Small is there twice in Size",
    )
    assert any("asks for base, which is not here" in problem for problem in choices.value.problems)


def test_a_manager_exports_the_menu_edits_it_looks_and_loads_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "menu.csv"
    assert main(["export-catalogue", "--data", str(data), "--part", "menu", "--to", str(sheet)]) == 0
    assert main(["export-catalogue", "--data", str(data), "--part", "menu", "--to", str(sheet)]) == 2
    assert "The sheet can't be written" in capsys.readouterr().err
    edited = sheet.read_text(encoding="utf-8-sig").splitlines()
    gone = edited.pop()
    sheet.write_text("\n".join((*edited, ",New dish,Mains,12.90,18,grill,1,")), encoding="utf-8")

    load = ["import-catalogue", "--data", str(data), "--file", str(sheet)]
    before = etag(data)
    assert main([*load, "--check"]) == 0
    looked = capsys.readouterr().out
    assert "of them 1 new and 0 changed; 1 gone" in looked
    assert "Nothing was changed: this was a look." in looked
    assert etag(data) == before
    assert main(load) == 0
    assert "of them 1 new" in capsys.readouterr().out
    assert etag(data) != before
    with Storage(data) as storage:
        body = storage.read(lambda tx: tx.execute("SELECT body FROM catalogue WHERE name = 'menu'").get)
    names = [item.name for item in Menu.model_validate_json(body).items]
    assert "New dish" in names
    assert gone.split(",")[1] not in names
    after = etag(data)
    assert main(load) == 0
    assert etag(data) == after


@pytest.mark.parametrize("part", ["choices", "floor"])
def test_the_other_sheets_are_known_by_their_columns(
    part: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, before = tmp_path / "sheet.csv", etag(data)
    assert main(["export-catalogue", "--data", str(data), "--part", part, "--to", str(sheet)]) == 0
    assert main(["import-catalogue", "--data", str(data), "--file", str(sheet)]) == 0
    assert "0 new and 0 changed; 0 gone" in capsys.readouterr().out
    assert etag(data) == before
    sheet.write_bytes(sheet.read_bytes() + b"x,y\n")
    assert main(["import-catalogue", "--data", str(data), "--file", str(sheet)]) == 2
    assert "line " in capsys.readouterr().err
    assert etag(data) == before


def etag(data: Path) -> str:
    """Of all documents together."""
    with Storage(data) as storage:
        return str(storage.read(lambda tx: tx.execute("SELECT etag FROM catalogue WHERE name = 'whole'").get))
