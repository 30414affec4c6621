"""A restaurant for tests: the server's own dispatcher over a real file, a clock held by hand, names in a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from reference_server.catalogue import loading
from reference_server.deps import CAPABILITIES, Deps, Limits, with_gateway
from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from reference_server.main import DEMO_FILE
from reference_server.payments.simulated import SimulatedGateway
from reference_server.people import enrolment
from reference_server.storage import histories
from reference_server.storage.devices import DeviceKind
from reference_server.storage.operations import Operations
from reference_server.storage.postgres import PostgresWriter
from reference_server.storage.postgres_connection import PostgresConnection
from reference_server.storage.postgres_schema import bring_up
from reference_server.storage.postgres_sessions import SessionMaker
from reference_server.storage.schema import MIGRATIONS
from shared.clock import SystemClock
from shared.database import Connection, open_writer, run_inline
from shared.domain.menu import Role
from shared.migrations import migrate
from shared.wire.batch import CAPABILITY
from shared.wire.events import PUSH
from tests.contract.documented import require_documented

#: 2025-11-28T19:40:00Z, a Friday evening.
START_MS = 1_764_358_800_000
FILE_NAME = "server.sqlite"
#: The name of a house's history.
HISTORY = "01ARYZ6S4100000000000H0VSE"


class HandClock:
    """A clock that stands until somebody moves it."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms

    def monotonic_s(self) -> float:
        return self.ms / 1000


class Row:
    """ULIDs in a row, so that a test that fails fails again in the same words."""

    def __init__(self, prefix: str = "01ARYZ6S41") -> None:
        self._prefix = prefix
        self._last = 0

    def new(self) -> str:
        self._last += 1
        return f"{self._prefix}{self._last:016d}"


@dataclass(frozen=True)
class Answer:
    """A response as a test reads it."""

    status: int
    json: Any
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_replay(self) -> bool:
        return self.headers.get("x-idempotent-replay") == "true"


def answer_of(response: Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers}
    return Answer(response.status, json.loads(response.body or b"null"), headers, response.body)


@dataclass
class House:
    """One server without a web. `call` does what a request does, in one transaction of the real file."""

    connection: Connection
    deps: Deps
    clock: HandClock
    ids: Row
    tokens: dict[str, str] = field(default_factory=dict)
    device_ids: dict[str, str] = field(default_factory=dict)
    place: tuple[str, ...] = ()
    """The arguments by which a command of the server finds its storage."""

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        who: str = "till",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask as a device; a write without a key gets a new one. `body` is sent as it is when it is bytes."""
        request = self.request(method, path, body, key=key, who=who, headers=headers)
        answer = answer_of(run_inline(self.connection, lambda tx: handle(tx, self.deps, request)))
        require_documented(method, path, answer.status)
        return answer

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        who: str = "till",
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        """The request that `call` makes."""
        path, _, query = path.partition("?")
        sent = {"authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        if method in ("POST", "PATCH") and key != "":
            sent["idempotency-key"] = key if key is not None else self.ids.new()
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return Request(method, path, {**sent, **(headers or {})}, raw, query, request_id="request-1")

    def count(self, table: str, where: str = "1 = 1") -> int:
        """Rows in a table, for what no endpoint tells."""
        return int(self.connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").get)

    def asked(self, column: str = "kind") -> list[str]:
        """What managers are asked and nobody has answered, oldest first: by its kinds, or by another column."""
        rows = self.connection.execute(f"SELECT {column} FROM alert WHERE choice IS NULL ORDER BY id").fetchall()
        return [str(told) for (told,) in rows]

    def order(self, table: str = "table-5", *items: str, who: str = "till") -> dict[str, Any]:
        """Open an order with one of each of these items."""
        lines = [{"itemId": item, "quantity": 1} for item in items]
        made = self.call("POST", "/pos/orders", act({"tableId": table, "items": lines}), who=who)
        assert made.status == 201, made.json
        return dict(made.json)

    def sent_order(self, table: str = "table-5", *items: str) -> dict[str, Any]:
        """Open an order and send all of it."""
        order = self.order(table, *items)
        sent = self.call("POST", f"/pos/orders/{order['id']}/send-to-kitchen", act({}))
        assert sent.status == 200, sent.json
        return dict(sent.json)


def act(body: Mapping[str, object], actor: str = "amina") -> dict[str, object]:
    """A body with the person who wants it."""
    return {"actorId": actor, **body}


def pay(amount: int, payment_id: str) -> dict[str, object]:
    """Cash, exactly."""
    return {"id": payment_id, "method": "CASH", "amount": amount, "tendered": amount}


def demo_restaurant() -> loading.Restaurant:
    """The demo restaurant, read; takes a moment for the PINs, so do it once."""
    return loading.read(DEMO_FILE.read_bytes())


#: Who is called as a function does not stream.
WITHOUT_PUSH = tuple(name for name in CAPABILITIES if name != PUSH)
ONE_BY_ONE = tuple(name for name in WITHOUT_PUSH if name != CAPABILITY)


def open_house(
    folder: Path,
    restaurant: loading.Restaurant,
    *,
    operations: Operations | None = None,
    limits: Limits | None = None,
    history: str = HISTORY,
    database: str = "",
    writer: type[PostgresWriter] = PostgresWriter,
) -> House:
    """A house with two tills, a kitchen screen and a script, in this folder; the caller closes the connection.

    With an empty `history` it is a server of before histories had names. `database` is the address of a PostgreSQL,
    to which `writer` writes.
    """
    connection = postgres_writer(database, writer) if database else _file(folder / FILE_NAME)
    run_inline(connection, lambda tx: histories.give_name(tx, history))
    clock, ids = HandClock(), Row()
    deps = Deps(
        clock=clock,
        ulids=Row("01ARYZ6S42"),
        version="9.9",
        capabilities=WITHOUT_PUSH,
        limits=limits or Limits(),
        operations=operations or Operations(),
    )
    deps = with_gateway(deps, SimulatedGateway(clock))
    place = ("--data", str(folder), *(("--database", database) if database else ()))
    house = House(connection, deps, clock, ids, place=place)
    run_inline(connection, lambda tx: loading.store(tx, restaurant, now_ms=clock.ms))
    for name, kind in (("till", DeviceKind.POS), ("till-2", DeviceKind.POS), ("kitchen", DeviceKind.KDS)):
        made = run_inline(
            connection,
            lambda tx, kind=kind, name=name: enrolment.enrol(tx, deps, kind=kind, name=name, letter=None),  # type: ignore[misc]
        )
        house.tokens[name], house.device_ids[name] = made.token, made.device.id
    script = run_inline(connection, lambda tx: enrolment.script_token(tx, deps, role=Role.WAITER))
    house.tokens["script"], house.device_ids["script"] = script.token, script.device.id
    return house


def _file(path: Path) -> Connection:
    connection = open_writer(path)
    migrate(connection, path, MIGRATIONS)
    return connection


def postgres_writer(database: str, writer: type[PostgresWriter]) -> Connection:
    """A connection that writes there. It says that it is SQLite's, so that tests may look into a file where one is."""
    sessions = SessionMaker(database)
    with closing(PostgresConnection(sessions.open_in_words, SystemClock())) as first:
        bring_up(first)
    return cast(Connection, writer(sessions.open, SystemClock()))
