"""The kept things of older programs: requests as text, files of devices and servers as SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from shared.database import Connection
from tests.contract.house import Answer, House

KEPT: Final = Path(__file__).parent / "kept"


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request with the bytes that its till froze, and the device that sent it."""

    who: str
    kind: str
    method: str
    path: str
    key: str
    body: bytes

    def to_bytes(self) -> bytes:
        """As it is kept: two lines of head, one empty, then the body to the end of the file."""
        head = f"{self.method} {self.path}\n{self.who} {self.kind} {self.key}\n\n"
        return head.encode() + self.body

    @classmethod
    def from_bytes(cls, kept: bytes) -> KeptRequest:
        head, _, body = kept.partition(b"\n\n")
        method, path, who, kind, key = head.decode().split()
        return cls(who, kind, method, path, key, body)

    def ask(self, house: House) -> Answer:
        """Send it as its till does, now and at each retry."""
        sent = {"x-operation-id": self.key}
        return house.call(self.method, self.path, self.body, key=self.key, who=self.who, headers=sent)


def requests(version: int) -> tuple[KeptRequest, ...]:
    """The evening that the tills of this operation version froze, in its order."""
    files = sorted((KEPT / f"requests-v{version}").glob("*.http"))
    return tuple(KeptRequest.from_bytes(file.read_bytes()) for file in files)


def effect(version: int) -> Any:
    """What the server of that time made of the evening."""
    return json.loads((KEPT / f"requests-v{version}" / "effect.json").read_bytes())


def effect_on(connection: Connection) -> dict[str, Any]:
    """What a server's file has: orders, tickets and alerts, as JSON."""
    tables = {"orders": "pos_order", "tickets": "ticket", "house": "house_record"}
    found = {
        name: {str(one): json.loads(bytes(body)) for one, body in connection.execute(f"SELECT id, body FROM {table}")}
        for name, table in tables.items()
    }
    return {**found, "alerts": [list(row) for row in connection.execute("SELECT kind, message FROM alert ORDER BY id")]}


def differences(kept: object, now: object, *, at: str = "") -> list[str]:
    """Where today's effect is not the kept one. What a later version says besides is no difference."""
    if isinstance(kept, Mapping) and isinstance(now, Mapping):
        found = []
        for name in kept:
            found += differences(kept[name], now[name], at=f"{at}.{name}") if name in now else [f"{at}.{name} is gone"]
        return found
    if isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        pairs = enumerate(zip(kept, now, strict=True))
        return [words for place, (old, new) in pairs for words in differences(old, new, at=f"{at}[{place}]")]
    return [] if kept == now else [f"{at}: {kept!r} became {now!r}"]


def as_sql(connection: Connection) -> str:
    """A whole database as text that makes it again. JSON stays readable."""
    lines = [
        f"PRAGMA application_id = {connection.pragma('application_id')};",
        f"PRAGMA user_version = {connection.pragma('user_version')};",
    ]
    made = list(connection.execute("SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"))
    lines += [f"{sql};" for name, _, sql in made if not str(name).startswith("sqlite_")]
    for table in (str(name) for name, kind, _ in made if kind == "table"):
        if table == "sqlite_sequence":
            lines.append("DELETE FROM sqlite_sequence;")
        for row in connection.execute(f"SELECT * FROM {table}"):
            lines.append(f"INSERT INTO {table} VALUES ({', '.join(map(_value, row))});")
    return "\n".join(lines) + "\n"


def make_file(path: Path, name: str) -> int:
    """Make the kept file of this name at `path`, as its program left it; returns its schema."""
    connection = apsw.Connection(str(path))
    connection.execute((KEPT / f"{name}.sql").read_text())
    version = connection.pragma("user_version")
    connection.close()
    assert isinstance(version, int)
    return version


def schema_of(connection: apsw.Connection) -> list[tuple[object, ...]]:
    """Every table and index, word by word."""
    return sorted(connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))


def _value(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return f"CAST({apsw.format_sql_value(value.decode())} AS BLOB)"
        except UnicodeDecodeError:
            pass
    return apsw.format_sql_value(value)
