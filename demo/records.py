"""Reads a day from records: the pizza place of the development dependency, another shop's CSV, or a night of ours."""

import csv
import random
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from demo.day import Day, Row, make_day
from shared.errors import EvertillError
from shared.money import BadAmount, Currency

FRIDAY = "2015-11-27"
COLUMNS = ("order", "time", "item", "modifiers", "quantity", "price")
EURO = Currency()
SYMBOLS = "€$£¥₹₺₽₦₵ "
_TIME = re.compile(r"(?:T|^|\s)(\d{1,2}):(\d{2})(?::(\d{2}))?")


class BadRecords(EvertillError):
    """A file of records that no day can be made of."""

    title = "This file can't be played"
    advice = f"It needs the columns {', '.join(COLUMNS)} in its first line, and at least one row that can be read."


def pizza_friday() -> Day | None:
    """The busiest Friday of the pizza place, or None where the development dependency is not installed."""
    if find_spec("great_tables") is None:
        return None
    text = (files("great_tables") / "data" / "05-pizzaplace.csv").read_text(encoding="utf-8")
    counts: dict[tuple[str, str, str, int], int] = {}
    prices: dict[tuple[str, str], int] = {}
    types: dict[str, str] = {}
    for found in csv.DictReader(text.splitlines()):
        name = found["name"].replace("_", " ").title()
        size = found["size"].strip().upper()
        price = round(float(found["price"]) * 100)
        prices[name, size] = price
        types[name] = found["type"].title()
        if found["date"] == FRIDAY:
            key = (found["id"], found["time"], f"{name}|{size}", price)
            counts[key] = counts.get(key, 0) + 1
    rows = []
    for (order, time, what, price), quantity in counts.items():
        name, size = what.split("|")
        rows.append(Row(order, _seconds(time), name, (size,), quantity, price, types[name]))
    return make_day("Pizza Place", rows, forced=True)


def own_night(seed: int) -> Day:
    """A night of ours, for machines without the records."""
    chance = random.Random(seed)
    dishes = (("Margherita", 950), ("Funghi", 1150), ("Diavola", 1250), ("Quattro Formaggi", 1350), ("Calzone", 1290))
    rows = []
    for order in range(60):
        at_s = 18 * 3600 + order * 180 + chance.randint(0, 100)
        for name, price in chance.sample(dishes, chance.randint(1, 3)):
            size, extra = chance.choice((("S", 0), ("M", 250), ("L", 500)))
            rows.append(Row(f"own-{order:03d}", at_s, name, (size,), chance.randint(1, 2), price + extra, "Pizza"))
    return make_day("Evertill House", rows, forced=True)


def shop_day(path: Path) -> Day:
    """Another shop's day from its CSV. Raises BadRecords; rows that can't be read are told by line and left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRecords(f"{path}: {error}") from error
    try:
        return _shop_day(path, csv.DictReader(text.splitlines()))
    except csv.Error as error:
        raise BadRecords(f"{path}: {error}") from error


def _shop_day(path: Path, reader: "csv.DictReader[str]") -> Day:
    names = [name.strip().casefold() for name in reader.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadRecords(f"{path} lacks {', '.join(missing)}")
    rows: list[Row] = []
    dirty: list[str] = []
    for found in reader:
        fields = {
            (key or "").strip().casefold(): (value or "").strip()
            for key, value in found.items()
            if isinstance(value, str)
        }
        try:
            rows.extend(_rows(fields))
        except (ValueError, BadAmount) as error:
            dirty.append(f"line {reader.line_num}: {error}")
    if not rows:
        raise BadRecords(f"{path} has no row that can be read; {'; '.join(dirty[:5])}")
    return make_day(path.stem.replace("_", " ").title(), rows, forced=False, dirty=dirty)


def _rows(fields: dict[str, str]) -> Iterator[Row]:
    """A record as rows: one, or two where the price does not divide by the quantity."""
    if not fields.get("order"):
        raise ValueError("no order")
    if not fields.get("item"):
        raise ValueError("no item")
    quantity = _quantity(fields.get("quantity", ""))
    total_minor = EURO.minor_from(fields.get("price", "").strip(SYMBOLS))
    modifiers = tuple(m.strip() for m in fields.get("modifiers", "").split(";") if m.strip())
    at_s = _seconds(fields.get("time", ""))
    each, left = divmod(total_minor, quantity)
    if left:
        yield Row(fields["order"], at_s, fields["item"], modifiers, 1, each + left)
        quantity -= 1
    yield Row(fields["order"], at_s, fields["item"], modifiers, quantity, each)


def _quantity(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 999:
        raise ValueError(f"the quantity {text!r} is no whole number from 1 to 999")
    return int(text)


def _seconds(text: str) -> float:
    found = _TIME.search(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"the time {text!r} is not ISO or HH:MM")
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
