"""The files of a night, read from copies: what the server, each till and each kitchen screen have."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.journal import Entry, read_all
from shared.database import Connection, open_reader, snapshot
from shared.domain.commands import AddLine, ChangeOrder, CloseOrder, CreateOrder, Operation, SendToKitchen
from shared.domain.lines import Author
from shared.domain.order import Line, Order
from shared.domain.ticket import Ticket
from shared.store import scenes
from shared.wire.requests import Kind, decode


@dataclass(frozen=True, slots=True)
class ServerFile:
    """What the server holds. `places` says for each operation as which it took effect; `repeated` ids stand twice."""

    orders: dict[str, Order]
    order_bytes: dict[str, bytes]
    tickets: dict[str, Ticket]
    places: dict[str, int]
    repeated: tuple[str, ...]
    misfiled: tuple[str, ...]
    """Rows whose key is not the id in their body."""
    devices: tuple[str, ...]
    """The kinds of the devices that were enrolled, pos and kds."""
    invoices: tuple[tuple[str, int, str, str], ...]
    """Month, serial, number and order of each invoice."""
    holes: tuple[str, ...] = ()
    """What a person was told of invoice numbers that are missing since a restore."""


@dataclass(frozen=True, slots=True)
class Queued:
    """One operation of a till's outbox. They stand as they were meant: a retry in the place of its first."""

    seq: int
    id: str
    lane: str
    status: str
    reason: str | None
    has_alert: bool
    command: Operation


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """What a till or kitchen screen holds. `views` are its orders as its screen would show them, as bytes."""

    name: str
    queued: tuple[Queued, ...]
    views: dict[str, bytes]
    tickets: dict[str, bytes]
    drafted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All files of one night."""

    server: ServerFile
    tills: tuple[DeviceFile, ...]
    kitchens: tuple[DeviceFile, ...]
    journal: tuple[Entry, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the journals tell all of a night: what each guest meant besides what the screens called saved."""
        return any(entry.event == "meant" for entry in self.journal)

    def line(self, order_id: str, line_id: str) -> Line | None:
        """A line where it stands now: on its order, or on the follow-up order that it moved to."""
        order = self.server.orders.get(order_id)
        line = None if order is None else order.line(line_id)
        if line is not None and line.moved_to is not None:
            return self.line(line.moved_to, line_id)
        return line


def gather(folder: Path) -> Evidence:
    """Read a night's folder without changing anything in it. Raises FileNotFoundError that names what is missing."""
    server_files = sorted((folder / "server").glob("*.sqlite"))
    if not server_files:
        raise FileNotFoundError(f"{folder / 'server'} holds no database of a server")
    with _copy(server_files[0]) as reader:
        server = snapshot(reader, _server)
    return Evidence(
        server,
        tuple(_device(path) for path in sorted(folder.glob("till-*/pos.sqlite"))),
        tuple(_device(path) for path in sorted(folder.glob("kitchen-*/kds.sqlite"))),
        read_all(folder / "journal"),
    )


@contextmanager
def _copy(path: Path) -> Iterator[Connection]:
    """A reader on a copy of the file and its log: the night's own files stay as they are."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (path.name, f"{path.name}-wal"):
            if (path.parent / name).exists():
                shutil.copyfile(path.parent / name, Path(folder) / name)
        reader = open_reader(Path(folder) / path.name)
        try:
            yield reader
        finally:
            reader.close()


def _server(tx: Connection) -> ServerFile:
    orders, order_bytes, tickets, misfiled = {}, {}, {}, []
    for key, body in _rows(tx, "SELECT id, body FROM pos_order"):
        order = Order.model_validate_json(body)
        orders[key], order_bytes[key] = order, order.to_json()
        misfiled += [key] if order.id != key else []
    for key, body in _rows(tx, "SELECT id, body FROM ticket"):
        ticket = Ticket.model_validate_json(body)
        tickets[key] = ticket
        misfiled += [key] if ticket.id != key else []
    places: dict[str, int] = {}
    repeated = []
    for operation_id, place in _rows(tx, "SELECT operation_id, rowid FROM operation ORDER BY rowid"):
        if operation_id in places:
            repeated.append(operation_id)
        places[operation_id] = place
    devices = tuple(kind for (kind,) in _rows(tx, "SELECT kind FROM device"))
    invoices = tuple(_rows(tx, "SELECT month, serial, number, order_id FROM invoice ORDER BY month, serial"))
    holes = tuple(str(words) for (words,) in _rows(tx, "SELECT message FROM alert WHERE kind = 'invoice_hole'"))
    return ServerFile(
        orders,
        order_bytes,
        tickets,
        places,
        tuple(repeated),
        tuple(misfiled),
        devices=devices,
        invoices=invoices,
        holes=holes,
    )


def _device(path: Path) -> DeviceFile:
    with _copy(path) as reader:
        return snapshot(reader, lambda tx: _device_file(tx, path.parent.name))


def _device_file(tx: Connection, name: str) -> DeviceFile:
    queued = tuple(
        Queued(
            seq=seq,
            id=operation_id,
            lane=entity_id,
            status=status,
            reason=reason,
            has_alert=bool(alerts),
            command=decode(Kind(kind), operation_id=operation_id, path=request_path, body=body),
        )
        for seq, operation_id, entity_id, status, reason, kind, request_path, body, alerts in _rows(
            tx,
            """WITH RECURSIVE made (seq, place) AS (
                   SELECT seq, place FROM operation WHERE replaces IS NULL
                   UNION ALL SELECT o.seq, made.place FROM operation AS o JOIN made ON o.replaces = made.seq)
               SELECT o.seq, id, entity_id, status, reason, kind, path, body,
               (SELECT count(*) FROM alert WHERE alert.operation_seq = o.seq)
               FROM operation AS o JOIN made USING (seq) ORDER BY made.place, o.seq""",
        )
    )
    ids = {key for (key,) in _rows(tx, "SELECT id FROM server_order")} | {
        one.lane for one in queued if one.lane and isinstance(one.command, CreateOrder)
    }
    views = {}
    for order_id in sorted(ids):
        order = scenes.of_order(tx, order_id, author_of=lambda staff_id: Author(name, staff_id)).scene.order
        views[order_id] = b"" if order is None else order.to_json()
    tickets = {}
    for (ticket_id,) in _rows(tx, "SELECT id FROM server_ticket"):
        found = scenes.of_ticket(tx, ticket_id)
        tickets[ticket_id] = b"" if found is None else found[0].to_json()
    drafted = frozenset(
        line_id
        for (line_id,) in _rows(
            tx, "SELECT json_extract(line.value, '$.id') FROM draft, json_each(draft.body, '$.lines') AS line"
        )
    )
    return DeviceFile(name, queued, views, tickets, drafted)


def lines_in(command: Operation) -> tuple[str, ...]:
    """The lines that an operation makes."""
    match command:
        case CreateOrder():
            return tuple(line.id for line in command.items)
        case ChangeOrder():
            return tuple(change.line.id for change in command.changes if isinstance(change, AddLine))
        case _:
            return ()


def lines_named(command: Operation) -> tuple[str, ...]:
    """The lines that an operation makes or sends."""
    return command.line_ids if isinstance(command, SendToKitchen) else lines_in(command)


def payments_in(command: Operation) -> dict[str, int]:
    """The payments that an operation carries: id and amount in minor units."""
    return {payment.id: payment.amount for payment in command.payments} if isinstance(command, CloseOrder) else {}


def _rows(tx: Connection, sql: str) -> Sequence[tuple[Any, ...]]:
    return tx.execute(sql).fetchall()
