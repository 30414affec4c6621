"""The menu, the floor, the people and the business as the server last gave them, so that the till starts without it."""

from typing import Any, TypeVar

from shared.database import Connection
from shared.domain.menu import Business, Floor, Menu, StaffList
from shared.domain.model import Model

M = TypeVar("M", bound=Model)


def etags(tx: Connection) -> dict[str, str]:
    """What is stored, by name, with the tag that the server gave it."""
    return {str(name): str(etag) for name, etag in tx.execute("SELECT name, etag FROM catalog")}


def put(tx: Connection, *, name: str, etag: str, body: bytes, now_ms: int) -> None:
    """Store one part of the catalogue in place of the last one."""
    tx.execute(
        """INSERT INTO catalog (name, etag, body, stored_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (name)
           DO UPDATE SET etag = excluded.etag, body = excluded.body, stored_at = excluded.stored_at""",
        (name, etag, body, now_ms),
    )


def menu(tx: Connection) -> Menu:
    """The menu, empty before the first connection."""
    return _read(tx, "menu", Menu) or Menu(version="")


def floor(tx: Connection) -> Floor:
    """The floor plan, empty before the first connection."""
    return _read(tx, "floor", Floor) or Floor(version="")


def staff(tx: Connection) -> StaffList:
    """The people, nobody before the first connection."""
    return _read(tx, "staff", StaffList) or StaffList(version="")


def business(tx: Connection) -> Business:
    """How the business counts; a nameless one in euros before the first connection."""
    return _read(tx, "settings", Business) or Business(version="", name="Evertill")


def _read(tx: Connection, name: str, model: type[M]) -> M | None:
    row: tuple[Any, ...] | None = tx.execute("SELECT body FROM catalog WHERE name = ?", (name,)).fetchone()
    return None if row is None else model.model_validate_json(row[0])
