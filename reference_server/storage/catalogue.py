"""The catalogue as stored: one document a name, with its ETag; read anew only when it changed."""

from __future__ import annotations

import hashlib
from typing import Final, TypeVar

from shared.database import Connection
from shared.domain.menu import Business, Floor, Menu, StaffList, StaffMember
from shared.domain.model import Model

M = TypeVar("M", bound=Model)

MENU: Final = "menu"
FLOOR: Final = "floor"
SETTINGS: Final = "settings"
STAFF: Final = "staff"
STAFF_NAMES: Final = "staff-names"
"""The staff list without its PIN verifiers, for devices where nobody logs in."""


def put(tx: Connection, *, name: str, body: bytes, now_ms: int) -> None:
    """Store a document under its name; an equal one stays as it is, ETag and all."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    tx.execute(
        "INSERT INTO catalogue (name, etag, body, changed_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " etag = excluded.etag, body = excluded.body, changed_at = excluded.changed_at WHERE etag <> excluded.etag",
        (name, etag, body, now_ms),
    )


def put_menu(tx: Connection, menu: Menu, *, now_ms: int) -> None:
    """Store the menu, and remember for ever which items there were: a till may sell yesterday's menu for a while."""
    put(tx, name=MENU, body=menu.to_json(), now_ms=now_ms)
    tx.executemany("INSERT OR IGNORE INTO known_item (id) VALUES (?)", [(item.id,) for item in menu.items])


def put_staff(tx: Connection, staff: StaffList, *, now_ms: int) -> None:
    """Store the staff list, and the same without what only a till needs."""
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


class Catalogue:
    """The parsed documents, each kept until its ETag changes: another process may load a new menu at any time."""

    def __init__(self) -> None:
        self._parsed: dict[str, tuple[str, Model]] = {}

    def menu(self, tx: Connection) -> Menu:
        """The menu; an empty one before any was loaded."""
        return self._get(tx, MENU, model=Menu, empty=Menu(version=""))

    def floor(self, tx: Connection) -> Floor:
        """The floor plan; an empty one before any was loaded."""
        return self._get(tx, FLOOR, model=Floor, empty=Floor(version=""))

    def business(self, tx: Connection) -> Business:
        """How the business counts; plain defaults before any was loaded."""
        return self._get(tx, SETTINGS, model=Business, empty=Business(version="", name="Restaurant"))

    def person(self, tx: Connection, staff_id: str) -> StaffMember | None:
        """The person with this id, active or not."""
        return self._get(tx, STAFF, model=StaffList, empty=StaffList(version="")).member(staff_id)

    def _get(self, tx: Connection, name: str, *, model: type[M], empty: M) -> M:
        now = etag(tx, name)
        if now is None:
            return empty
        kept = self._parsed.get(name)
        if kept is not None and kept[0] == now and isinstance(kept[1], model):
            return kept[1]
        stored = body(tx, name)
        if stored is None:
            return empty
        parsed = model.model_validate_json(stored)
        self._parsed[name] = (now, parsed)
        return parsed
