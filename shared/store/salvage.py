"""What can be taken out of a device's file, whole or damaged, into a new one: operations, drafts, alerts, payments.

The server's last words and the catalogue are not taken along: the server says them again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from shared.database import Connection
from shared.disk import Disk
from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, CreateOrder, Operation
from shared.domain.draft import Draft
from shared.ids import is_ulid
from shared.store import drafts, meta, receipts, salvaged_payments
from shared.store.carving import Record, Value, records
from shared.store.outcomes import Status
from shared.wal import committed_pages
from shared.wire.requests import BadRequest, Kind, decode, lanes_of

Row = Mapping[str, Value]

TABLES: Final = ("operation", "draft", "alert", "meta", "receipt", "payment_intent")
_PYTHON: Final = {"INTEGER": int, "TEXT": str, "BLOB": bytes}
_LETTER: Final = re.compile(r"([A-Z]{1,3})-\d+")
_PAGE_BYTES: Final = 4096
#: Facts of the old file alone: a new one has its own birth, and a person sends it to any server.
_OF_THE_FILE: Final = frozenset({"birth", "history"})
_SETTLED_MOST: Final = (Status.PENDING, Status.REPLAYING, Status.FAILED, Status.SUCCESS)


@dataclass(frozen=True, slots=True)
class Saved:
    """An operation that was read whole."""

    row: Row
    command: Operation

    @property
    def is_owed(self) -> bool:
        """Whether the server has not had the last word on it."""
        return self.row["settled_at"] is None

    @property
    def is_held(self) -> bool:
        """Whether it waits for a person."""
        return self.is_owed and self.row["status"] == Status.FAILED

    @property
    def seq(self) -> int:
        """When it was made, among the operations of its file."""
        return _number(self.row["seq"])


@dataclass(slots=True)
class Salvage:
    """What was found. `unreadable` has the places in the queue of which only a part was left."""

    operations: list[Saved] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)
    receipts: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    """By card and mobile money; of those in doubt the new file asks what became, and charges nobody."""
    facts: dict[str, str] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)

    @property
    def in_doubt(self) -> int:
        """Of how many payments by card or mobile money nobody knows yet what became."""
        return sum(row["settled_at"] is None for row in self.payments)

    @property
    def letters(self) -> frozenset[str]:
        """The letters under which this file gave numbers."""
        numbers: list[str | None] = [draft.number for draft in self.drafts]
        for saved in self.operations:
            if isinstance(saved.command, CreateOrder):
                numbers.append(saved.command.number)
            elif isinstance(saved.command, CloseOrder):
                numbers.append(saved.command.receipt_number)
        found = (_LETTER.fullmatch(number) for number in numbers if number)
        return frozenset({match[1] for match in found if match} | set(self.facts.get("spent_letters", "").split()))


@dataclass(frozen=True, slots=True)
class Column:
    """A column as today's program makes it."""

    name: str
    kind: type
    optional: bool
    is_rowid: bool


Shape = Mapping[str, tuple[Column, ...]]


def shape_of(connection: Connection) -> Shape:
    """The tables that are salvaged, as they are in a file of today's program."""
    shape = {}
    for table in TABLES:
        found = connection.execute(f"SELECT name, type, [notnull], pk FROM pragma_table_info('{table}')")  # noqa: S608
        shape[table] = tuple(
            Column(str(name), _PYTHON[str(kind)], not required and not key, bool(key) and kind == "INTEGER")
            for name, kind, required, key in found
        )
    return shape


def read_whole(connection: Connection) -> Salvage:
    """All of a file that SQLite reads. Raises what SQLite says of a file that it does not."""
    found: dict[str, list[Row]] = {table: [] for table in TABLES}
    there = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for table in (str(name) for (name,) in there if name in TABLES):
        cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own
        names = [name for name, _ in cursor.get_description()] if (first := cursor.fetchone()) is not None else []
        rows = [] if first is None else [first, *cursor.fetchall()]
        found[table] = [dict(zip(names, row, strict=True)) for row in rows]
    return _judged(found, {})


def carve(path: Path, shape: Shape, *, disk: Disk) -> Salvage:
    """What stands in the pages of a file that SQLite does not read, and in its log. Raises OSError.

    Each page counts as it was last, and where that is damaged as it was before too. Older states of other pages are
    looked into only for what is never taken back: there stand drafts that were changed since.
    """
    states: dict[int, list[bytes]] = {}
    for number, page in _pages(path, disk):
        states.setdefault(number, []).append(page)
    newest = {number: pages[-1] for number, pages in states.items()}
    now: dict[str, list[Row]] = {table: [] for table in shape}
    before: dict[str, list[Row]] = {table: [] for table in shape}
    for number, pages in states.items():
        is_told = False
        told: list[list[Record]] = []
        for page in reversed(pages):
            found, is_whole = records(page, is_first=number == 1, read_page=newest.get)
            if is_told:
                _sort(found, shape, into=before)
            else:
                told.append(found)
                is_told = is_whole
        for found in reversed(told):
            _sort(found, shape, into=now)
    return _judged(now, before)


def write(tx: Connection, salvage: Salvage, *, now_ms: int) -> None:
    """Put it into a new file, which gives no numbers under the letters of the old one."""
    seqs = {saved.seq for saved in salvage.operations}
    for saved in salvage.operations:
        row = {**saved.row, "replaces": saved.row["replaces"] if saved.row["replaces"] in seqs else None}
        _insert(tx, "operation", row)
        for lane in lanes_of(saved.command) if saved.is_owed else ():
            tx.execute(
                "INSERT INTO operation_lane (lane, place, seq) VALUES (?, ?, ?)", (lane, row["place"], saved.seq)
            )
    for alert in salvage.alerts:
        known = alert["operation_seq"] in seqs
        _insert(tx, "alert", {**alert, "operation_seq": alert["operation_seq"] if known else None})
    for draft in salvage.drafts:
        drafts.put(tx, draft, now_ms=now_ms)
    for receipt in salvage.receipts:
        _insert(tx, "receipt", receipt)
    for payment in salvage.payments:
        _insert(tx, "payment_intent", payment)
    for name, value in salvage.facts.items():
        meta.put(tx, name, value)
    if not salvage.receipts:
        meta.put(tx, receipts.COUNT_BEFORE, str(meta.number(tx, receipts.COUNT)))
    meta.spend_letters(tx, salvage.letters)


def _insert(tx: Connection, table: str, row: Row) -> None:
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    tx.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - our own


def _pages(path: Path, disk: Disk) -> Iterator[tuple[int, bytes]]:
    """Every state of every page in the file and its log, oldest first."""
    page_bytes, in_file = _PAGE_BYTES, b""
    if disk.size_bytes(path):
        with disk.read(path) as file:
            in_file = file.read()
        told = int.from_bytes(in_file[16:18], "big")
        page_bytes = told if told in (512, 1024, 2048, 4096, 8192, 16384, 32768) else _PAGE_BYTES
    copied, logged = committed_pages(path, disk, page_bytes=page_bytes)
    yield from copied
    for number, start in enumerate(range(0, len(in_file), page_bytes), start=1):
        yield number, in_file[start : start + page_bytes].ljust(page_bytes, b"\0")
    yield from logged


def _sort(found: Iterable[Record], shape: Shape, *, into: dict[str, list[Row]]) -> None:
    """The rows among these, each to its table."""
    for record in found:
        for table, columns in shape.items():
            if (row := _row(record, columns)) is not None:
                into[table].append(row)


def _row(record: Record, columns: tuple[Column, ...]) -> Row | None:
    """The record as a row of this table, or None when it is none of it."""
    if len(record.values) != len(columns) or any(one.is_rowid for one in columns) != (record.rowid is not None):
        return None
    row: dict[str, Value] = {}
    for column, value in zip(columns, record.values, strict=True):
        told = record.rowid if column.is_rowid else value
        if not (column.optional if told is None else isinstance(told, column.kind)):
            return None
        row[column.name] = told
    return row


def _judged(now: Mapping[str, Iterable[Row]], before: Mapping[str, Iterable[Row]]) -> Salvage:
    """What of it makes sense. What is gone `now` counts if nobody takes it back: receipts, and operations, since the
    server knows those that it has. Of two states of one operation the one that is further, of a draft the newer."""
    salvage = Salvage()
    unreadable: set[int] = set()
    operations = {saved.command.id: saved for saved in _furthest(before.get("operation", ()), set())}
    operations |= {saved.command.id: saved for saved in _furthest(now["operation"], unreadable)}
    salvage.operations = sorted(operations.values(), key=lambda saved: saved.seq)
    salvage.unreadable = sorted(unreadable - {saved.seq for saved in salvage.operations})
    salvage.facts = {str(row["name"]): str(row["value"]) for row in now["meta"] if row["name"] not in _OF_THE_FILE}
    printed = {row["number"]: row for row in (*before.get("receipt", ()), *now["receipt"])}
    salvage.receipts = sorted(printed.values(), key=lambda row: _number(row["seq"]))
    asked = (*before.get("payment_intent", ()), *now["payment_intent"])
    salvage.payments = salvaged_payments.judged(asked, frozenset(operations))
    alerts = {row["id"]: row for row in now["alert"]}
    salvage.alerts = [alerts[one] for one in sorted(alerts, key=str)]
    sent = {line.id for saved in salvage.operations for line in _new_lines(saved.command)}
    tapped = sorted(now["draft"], key=lambda row: _number(row["changed_at"]))
    newest = {draft.order_id: draft for draft in _readable(tapped)}
    for draft in (newest[one] for one in sorted(newest)):
        lines = tuple(line for line in draft.lines if line.id not in sent)
        if lines:
            salvage.drafts.append(draft.model_copy(update={"lines": lines}))
    return salvage


def _furthest(rows: Iterable[Row], unreadable: set[int]) -> Iterable[Saved]:
    """Each operation once; the places of those that can't be read are put into `unreadable`."""
    operations: dict[str, Saved] = {}
    for row in rows:
        saved = _operation(row)
        if saved is None:
            unreadable.add(_number(row["seq"]))
        elif (known := operations.get(saved.command.id)) is None or _further(saved) >= _further(known):
            operations[saved.command.id] = saved
    return operations.values()


def _operation(row: Row) -> Saved | None:
    try:
        kind, status = Kind(str(row["kind"])), Status(str(row["status"]))
        body = row["body"]
        assert isinstance(body, bytes), "the shape says so"
        command = decode(kind, operation_id=str(row["id"]), path=str(row["path"]), body=body)
    except (BadRequest, ValueError):
        return None
    is_whole = is_ulid(command.id) and (status is Status.FAILED) == (row["reason"] is not None)
    return Saved(row, command) if is_whole else None


def _number(value: Value) -> int:
    assert isinstance(value, int), "the shape says so"
    return value


def _further(saved: Saved) -> tuple[int, bool]:
    return _SETTLED_MOST.index(Status(str(saved.row["status"]))), not saved.is_owed


def _readable(rows: Iterable[Row]) -> Iterator[Draft]:
    for row in rows:
        try:
            yield Draft.model_validate_json(row["body"])  # type: ignore[arg-type]
        except ValidationError:
            continue


def _new_lines(command: Operation) -> Iterator[Any]:
    if isinstance(command, CreateOrder):
        yield from command.items
    elif isinstance(command, ChangeOrder):
        yield from (one.line for one in command.changes if isinstance(one, AddLine))
