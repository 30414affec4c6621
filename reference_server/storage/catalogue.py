"""The catalogue as stored: one document a name, with its ETag; read anew only when it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from reference_server.storage import standings
from reference_server.storage.seam import Connection
from reference_server.storage.standings import Standing
from shared.domain.menu import Business, Floor, Menu, MenuItem, StaffList, StaffMember, Station
from shared.domain.model import Model
from shared.ids import ItemId, StationId

M = TypeVar("M", bound=Model)

MENU: Final = "menu"
FLOOR: Final = "floor"
SETTINGS: Final = "settings"
STAFF: Final = "staff"
STAFF_NAMES: Final = "staff-names"
"""The staff list without its PIN verifiers, for devices where nobody logs in."""
_WHOLE: Final = "whole"
"""No document: the ETags of all others and the count of standings. One look-up tells whether anything changed."""


def put(tx: Connection, *, name: str, body: bytes, now_ms: int) -> None:
    """Store a document under its name; an equal one stays as it is, ETag and all."""
    _put(tx, name, body=body, now_ms=now_ms)
    etags = [row[0] for row in tx.execute("SELECT etag FROM catalogue WHERE name <> ? ORDER BY name", (_WHOLE,))]
    _put(tx, _WHOLE, body=f"{','.join(etags)},{standings.count(tx)}".encode(), now_ms=now_ms)


def _put(tx: Connection, name: str, *, body: bytes, now_ms: int) -> None:
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    tx.execute(
        "INSERT INTO catalogue (name, etag, body, changed_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " etag = excluded.etag, body = excluded.body, changed_at = excluded.changed_at"
        " WHERE catalogue.etag <> excluded.etag",
        (name, etag, body, now_ms),
    )


def put_menu(tx: Connection, menu: Menu, *, now_ms: int) -> None:
    """Store the menu, and remember for ever which items there were: a till may sell yesterday's menu for a while."""
    put(tx, name=MENU, body=menu.to_json(), now_ms=now_ms)
    tx.executemany(
        "INSERT INTO known_item (id) VALUES (?) ON CONFLICT (id) DO NOTHING", [(item.id,) for item in menu.items]
    )


def put_items(tx: Connection, items: Mapping[ItemId, MenuItem], *, now_ms: int) -> None:
    """Store these dishes of the menu anew; all else stays. Without any, which is most writes, no menu is read."""
    menu = _document(tx, MENU, model=Menu) if items else None
    if menu is not None:
        changed = {"items": tuple(items.get(item.id, item) for item in menu.items)}
        put(tx, name=MENU, body=menu.model_copy(update=changed).to_json(), now_ms=now_ms)


def put_stations(tx: Connection, stations: Mapping[StationId, Station], *, now_ms: int) -> None:
    """Store these stations of the menu anew; all else stays."""
    menu = _document(tx, MENU, model=Menu)
    if menu is not None:
        changed = {"stations": tuple(stations.get(one.id, one) for one in menu.stations)}
        put(tx, name=MENU, body=menu.model_copy(update=changed).to_json(), now_ms=now_ms)


def tag(tx: Connection) -> str:
    """What changes with every document: by it a client knows that it has to ask for them."""
    return etag(tx, _WHOLE) or ""


def put_staff(tx: Connection, staff: StaffList, *, now_ms: int) -> None:
    """Store the staff list, and the same without what only a till needs; whose role is another, from now on.

    Who is on a house's first list was always that: nobody was anything else here before.
    """
    before = _document(tx, STAFF, model=StaffList)
    if before is not None:
        standings.keep(tx, before=before.staff, after=staff.staff, now_ms=now_ms)
    put(tx, name=STAFF, body=staff.to_json(), now_ms=now_ms)
    names = tuple(person.model_copy(update={"pin_verifier": ""}) for person in staff.staff)
    put(tx, name=STAFF_NAMES, body=staff.model_copy(update={"staff": names}).to_json(), now_ms=now_ms)


def etag(tx: Connection, name: str) -> str | None:
    """The ETag of a document, None when there is none yet."""
    found = tx.execute("SELECT etag FROM catalogue WHERE name = ?", (name,)).get
    return None if found is None else str(found)


def body(tx: Connection, name: str) -> bytes | None:
    """A document as it travels."""
    found = tx.execute("SELECT body FROM catalogue WHERE name = ?", (name,)).get
    return None if found is None else bytes(found)


def was_sold(tx: Connection, item_id: str) -> bool:
    """Whether an item with this id was ever on the menu."""
    return tx.execute("SELECT 1 FROM known_item WHERE id = ?", (item_id,)).fetchone() is not None


@dataclass(frozen=True, slots=True)
class Restaurant:
    """All documents at one moment, parsed, with what is looked up by id."""

    menu: Menu
    floor: Floor
    business: Business
    items: Mapping[str, MenuItem]
    scarce: Mapping[str, MenuItem]
    """The dishes of which somebody counts what is left, and those of which nothing is."""
    people: Mapping[str, StaffMember]
    careers: Mapping[str, tuple[Standing, ...]]
    """What those were, in its order, whose role ever changed."""


class Catalogue:
    """The restaurant as last parsed, kept until one of its documents changes; another process may load a new menu."""

    def __init__(self) -> None:
        self._kept: tuple[str | None, Restaurant] | None = None

    def now(self, tx: Connection) -> Restaurant:
        """The restaurant as this transaction sees it; an empty one with plain defaults before any was loaded."""
        seen = etag(tx, _WHOLE)
        kept = self._kept
        if kept is not None and kept[0] == seen:
            return kept[1]
        parsed = _parsed(tx)
        self._kept = (seen, parsed)
        return parsed


def _parsed(tx: Connection) -> Restaurant:
    menu = _document(tx, MENU, model=Menu) or Menu(version="")
    staff = _document(tx, STAFF, model=StaffList) or StaffList(version="")
    return Restaurant(
        menu=menu,
        floor=_document(tx, FLOOR, model=Floor) or Floor(version=""),
        business=_document(tx, SETTINGS, model=Business) or Business(version="", name="Restaurant"),
        items={item.id: item for item in menu.items},
        scarce={item.id: item for item in menu.items if item.sold_out or item.remaining is not None},
        people={person.id: person for person in staff.staff},
        careers=standings.all_of(tx),
    )


def _document(tx: Connection, name: str, *, model: type[M]) -> M | None:
    stored = body(tx, name)
    return None if stored is None else model.model_validate_json(stored)
