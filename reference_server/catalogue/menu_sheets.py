"""The menu as two sheets, a row for each dish and a row for each choice, read on top of the menu that is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

from reference_server.catalogue import cells, sheets
from reference_server.catalogue.loading import BadRestaurant, version_of
from reference_server.catalogue.sheets import Faults, Line
from shared.domain.menu import Category, Menu, MenuItem, ModifierGroup, Option, Station
from shared.ids import ItemId, StationId
from shared.money import Currency

DISHES: Final = ("id", "name", "category", "price", "tax", "station", "course", "choices")
CHOICES: Final = ("group_id", "group", "least", "most", "option_id", "option", "price")
_DISHES_NEED: Final = ("name", "category", "price", "station")
_CHOICES_NEED: Final = ("group", "option")
_STRIPES: Final = 5


class Named(Protocol):
    """Something that people know by its name and programs by its id."""

    @property
    def id(self) -> str:
        """For programs."""

    @property
    def name(self) -> str:
        """For people."""


N = TypeVar("N", bound=Named)


def dishes(raw: bytes, present: Menu, currency: Currency) -> Menu:
    """The menu with exactly these dishes and their categories; choices and stations stay. Raises BadRestaurant.

    A dish that is there already, by its id or else its name, keeps what a sheet does not tell: what is left of it.
    """
    faults = Faults()
    rows = sheets.lines(raw, known=DISHES, needed=_DISHES_NEED, faults=faults)
    categories: dict[str, Category] = {}
    stations = list(present.stations)
    items: dict[str, MenuItem] = {}
    for row in rows:
        item = _dish(row, present, currency=currency, faults=faults)
        category = cells.text(row, "category", faults, most=80)
        station = cells.text(row, "station", faults)
        here = _found(category, (*categories.values(), *present.categories))
        if here is None:
            here = Category(id=cells.plain_id(category), name=category, stripe=len(categories) % _STRIPES)
        categories.setdefault(here.id, here)
        cooks = _found(station, stations)
        if cooks is None:
            cooks = Station(id=StationId(cells.plain_id(station)), name=station)
            stations.append(cooks)
        if item.id in items:
            faults.add(row.number, "id" if row["id"] else "name", f"{item.id} is there twice")
        items[item.id] = item.model_copy(update={"category_id": here.id, "station": cooks.id})
    _refuse(faults)
    update = {"categories": tuple(categories.values()), "stations": tuple(stations), "items": tuple(items.values())}
    return _with_version(present.model_copy(update=update), present)


def choices(raw: bytes, present: Menu, currency: Currency) -> Menu:
    """The menu with exactly these groups of choices. Raises BadRestaurant, also where a dish asks for another."""
    faults = Faults()
    rows = sheets.lines(raw, known=CHOICES, needed=_CHOICES_NEED, faults=faults)
    groups: dict[str, ModifierGroup] = {}
    for row in rows:
        name = cells.text(row, "group", faults)
        known = _found(row["group_id"] or name, present.groups)
        group_id = row["group_id"] or (known.id if known is not None else cells.plain_id(name))
        least = cells.whole(row, "least", faults, least=0, most=99, empty=0)
        most = cells.whole(row, "most", faults, least=1, most=99, empty=1)
        group = groups.setdefault(group_id, ModifierGroup(id=group_id, name=name, least=least, most=most, options=()))
        if (group.name, group.least, group.most) != (name, least, most):
            faults.add(row.number, "group", f"{name} says another name, least or most than its first row")
        option = _option(row, known, currency=currency, faults=faults)
        if any(one.id == option.id for one in group.options):
            faults.add(row.number, "option", f"{option.name} is there twice in {group.name}")
        groups[group_id] = group.model_copy(update={"options": (*group.options, option)})
    for item in present.items:
        for one in item.group_ids:
            if one not in groups:
                faults.of_all(f"{item.name} asks for {one}, which is not here")
    _refuse(faults)
    return _with_version(present.model_copy(update={"groups": tuple(groups.values())}), present)


def dishes_sheet(menu: Menu, currency: Currency) -> bytes:
    """The menu's dishes as a sheet that `dishes` reads."""
    categories = {category.id: category.name for category in menu.categories}
    stations = {station.id: station.name for station in menu.stations}
    rows = (
        (
            *(item.id, item.name, categories.get(item.category_id, item.category_id)),
            currency.text(item.price_minor).replace(",", ""),
            percent_text(item.tax_bp),
            stations.get(item.station, item.station),
            str(item.course),
            "; ".join(item.group_ids),
        )
        for item in menu.items
    )
    return sheets.written(DISHES, rows)


def choices_sheet(menu: Menu, currency: Currency) -> bytes:
    """The menu's choices as a sheet that `choices` reads."""
    rows = (
        (
            *(group.id, group.name, str(group.least), str(group.most), option.id, option.name),
            currency.text(option.price_minor).replace(",", ""),
        )
        for group in menu.groups
        for option in group.options
    )
    return sheets.written(CHOICES, rows)


def percent_text(basis_points: int) -> str:
    """1800 is 18, 1850 is 18.5."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")


def _dish(row: Line, present: Menu, *, currency: Currency, faults: Faults) -> MenuItem:
    name = cells.text(row, "name", faults, most=80)
    known = present.item(row["id"]) if row["id"] else _found(name, present.items)
    groups = []
    for part in cells.parts(row, "choices"):
        group = _found(part, present.groups)
        if group is None:
            faults.add(row.number, "choices", f"there is no group of choices {part}; load the choices first")
        else:
            groups.append(group.id)
    item_id = row["id"] or (known.id if known is not None else cells.plain_id(name))
    if len(item_id) > 64:
        faults.add(row.number, "id", f"it has {len(item_id)} characters, and 64 fit")
    told: dict[str, object] = {
        "name": name,
        "price_minor": cells.price_minor(row, "price", faults, currency=currency),
        "tax_bp": cells.percent_bp(row, "tax", faults),
        "course": cells.whole(row, "course", faults, least=1, most=9, empty=1),
        "group_ids": tuple(groups),
    }
    bare = MenuItem(id=ItemId(item_id), name="?", category_id="?", price_minor=0, station=StationId("?"))
    return (known or bare).model_copy(update=told)


def _option(row: Line, group: ModifierGroup | None, *, currency: Currency, faults: Faults) -> Option:
    name = cells.text(row, "option", faults)
    known = _found(row["option_id"] or name, group.options) if group is not None else None
    option_id = row["option_id"] or (known.id if known is not None else cells.plain_id(name))
    price_minor = cells.price_minor(row, "price", faults, currency=currency, empty=0)
    return Option(id=option_id, name=name, price_minor=price_minor)


def _found(word: str, ones: Iterable[N]) -> N | None:
    """The one that this word is the id of, or else the name, in whatever case."""
    ones = tuple(ones)
    by_id = next((one for one in ones if one.id == word), None)
    return by_id or next((one for one in ones if one.name.casefold() == word.casefold()), None)


def _refuse(faults: Faults) -> None:
    if faults.found:
        raise BadRestaurant(faults.told())


def _with_version(menu: Menu, present: Menu) -> Menu:
    if menu == present:
        return present
    return menu.model_copy(update={"version": version_of(menu.model_copy(update={"version": ""}).to_json().decode())})
