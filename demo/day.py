"""Pure: a shop's day as the night plays it: who came when, what they had, and the menu that this makes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

CATEGORY_LIMIT = 60
TABLES = 14
TAX_BP = 1000
STATIONS = ("oven", "pass")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a shop's records: what one guest had of one thing. `unit_minor` is the price of one piece."""

    order: str
    at_s: float
    item: str
    modifiers: tuple[str, ...]
    quantity: int
    unit_minor: int
    category: str = "Menu"


@dataclass(frozen=True, slots=True)
class Sale:
    """What is to be rung up: the item's id, the options' ids, how many, the price of one as it was sold."""

    item_id: str
    option_ids: tuple[str, ...]
    quantity: int
    unit_minor: int


@dataclass(frozen=True, slots=True)
class Guest:
    """One order of the day; `at_s` in seconds of that day."""

    key: str
    at_s: float
    sales: tuple[Sale, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day: its guests in the order in which they came, and the restaurant that they came to, as a server loads it."""

    name: str
    guests: tuple[Guest, ...]
    restaurant: dict[str, Any]
    dirty: tuple[str, ...] = field(default=())
    """What of the records could not be read, by line, in words."""

    def menu_price(self, item_id: str) -> int:
        """What one piece of a dish costs by the menu, without choices."""
        return next(int(item["priceMinor"]) for item in self.restaurant["menu"]["items"] if item["id"] == item_id)

    def can_be_tapped(self, sale: Sale) -> bool:
        """Whether the screens ring it up as it was sold: the menu's own price, and choices that the sheet asks for."""
        groups = {group["id"]: group["least"] for group in self.restaurant["menu"]["groups"]}
        asked = groups.get(f"{sale.item_id}-choices", 0) > 0
        return sale.unit_minor == self.menu_price(sale.item_id) and asked == bool(sale.option_ids)

    def busiest(self, orders: int) -> "Day":
        """The `orders` guests in a row that came in the shortest time; more than there are: as many times as dense.

        Then each guest comes again, and again, spread evenly until the next one of the records: the same hours and the
        same rush, with more people in them.
        """
        guests = list(self.guests)
        if orders > len(guests):
            return Day(self.name, tuple(_denser(guests, orders)), self.restaurant, self.dirty)
        spans = [guests[start + orders - 1].at_s - guests[start].at_s for start in range(len(guests) - orders + 1)]
        start = spans.index(min(spans))
        return Day(self.name, tuple(guests[start : start + orders]), self.restaurant, self.dirty)


def make_day(name: str, rows: Sequence[Row], *, forced: bool, dirty: Iterable[str] = ()) -> Day:
    """The day that these rows are. `forced`: each item's modifiers are sizes, of which one has to be chosen."""
    items: dict[str, list[Row]] = {}
    for row in rows:
        items.setdefault(row.item, []).append(row)
    base = {item: min(row.unit_minor for row in sold) if forced else _usual(sold) for item, sold in items.items()}
    options = {item: _options(sold, base[item], forced=forced) for item, sold in items.items()}
    guests: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.at_s):
        guests.setdefault(row.order, []).append(row)
    return Day(
        name,
        tuple(
            Guest(key, found[0].at_s, tuple(_sale(row, base[row.item], forced=forced) for row in found))
            for key, found in guests.items()
        ),
        _restaurant(name, items, base=base, options=options, forced=forced),
        tuple(dirty),
    )


def _denser(guests: Sequence[Guest], orders: int) -> list[Guest]:
    """So many guests in the hours of these: the first ones of the day come once more often when it does not divide."""
    often, more = divmod(orders, len(guests))
    found = []
    for place, guest in enumerate(guests):
        turns = often + (place < more)
        until_s = guests[place + 1].at_s if place + 1 < len(guests) else guest.at_s
        step_s = (until_s - guest.at_s) / turns
        found += [Guest(f"{guest.key}-{turn}", guest.at_s + turn * step_s, guest.sales) for turn in range(turns)]
    return found


def slug(text: str) -> str:
    """A name as an id of the contract: at most 64 characters."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in text.casefold()).strip("-")
    return (kept or "item")[:40]


def _usual(rows: Sequence[Row]) -> int:
    return Counter(row.unit_minor for row in rows).most_common(1)[0][0]


def _options(rows: Sequence[Row], base_minor: int, *, forced: bool) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        for modifier in row.modifiers:
            found.setdefault(modifier, row.unit_minor - base_minor if forced else 0)
    return found


def _sale(row: Row, base_minor: int, *, forced: bool) -> Sale:
    unit_minor = base_minor if forced else row.unit_minor
    return Sale(slug(row.item), tuple(slug(m) for m in row.modifiers), row.quantity, unit_minor)


def _restaurant(
    name: str,
    items: dict[str, list[Row]],
    *,
    base: dict[str, int],
    options: dict[str, dict[str, int]],
    forced: bool,
) -> dict[str, Any]:
    categories = list(dict.fromkeys(rows[0].category for rows in items.values()))
    groups = [
        {
            "id": f"{slug(item)}-choices",
            "name": "Size" if forced else "Choices",
            "least": 1 if forced else 0,
            "most": 1 if forced else max(1, len(found)),
            "options": [
                {"id": slug(option), "name": option[:80], "priceMinor": extra} for option, extra in found.items()
            ],
        }
        for item, found in options.items()
        if found
    ]
    menu_items = [
        {
            "id": slug(item),
            "name": item[:80],
            "categoryId": slug(rows[0].category),
            "priceMinor": base[item],
            "station": STATIONS[0],
            "taxBp": TAX_BP,
            "groupIds": [f"{slug(item)}-choices"] if options[item] else [],
        }
        for item, rows in sorted(items.items())
    ]
    tables = [
        {
            "id": f"table-{n}",
            "name": str(n),
            "roomId": "main",
            "x": (n - 1) % 5 * 4,
            "y": (n - 1) // 5 * 4,
            "width": 3,
            "height": 3,
            "seats": 4,
        }
        for n in range(1, TABLES + 1)
    ]
    people = [
        ("amina", "Amina K.", "WAITER", "1111"),
        ("joel", "Joel", "WAITER", "2222"),
        ("marco", "Marco", "CHEF", "4444"),
    ]
    return {
        "business": {
            "version": "1",
            "name": name[:80],
            "currencyCode": "EUR",
            "notesMinor": [500, 1000, 2000, 5000, 10000],
        },
        "menu": {
            "version": "1",
            "categories": [{"id": slug(c), "name": c[:80], "stripe": n % 5} for n, c in enumerate(categories)],
            "items": menu_items,
            "groups": groups,
            "stations": [{"id": station, "name": station.title()} for station in STATIONS],
        },
        "floor": {"version": "1", "rooms": [{"id": "main", "name": "Main room"}], "tables": tables},
        "staff": [{"id": i, "name": n, "role": r, "pin": p} for i, n, r, p in people],
    }
