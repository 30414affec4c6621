"""Keeps what today's program writes: `python -m tests.upgrade.freeze`, once for each operation version and schema.

What is there already is never written again: it was released.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from reference_server.deps import Deps, with_gateway
from reference_server.payments.simulated import SimulatedGateway
from reference_server.storage import schema as server_schema
from shared.database import Connection, open_writer, run_inline
from shared.domain.commands import CloseOrder, EditDraft
from shared.domain.lines import Author
from shared.ids import OrderId
from shared.migrations import migrate
from shared.store import meta, outbox, receipts, taps
from shared.store import schema as device_schema
from shared.store.outcomes import Accepted, Failed, FailReason
from shared.wire.requests import Kind, decode, encode
from tests.contract.house import FILE_NAME, START_MS, HandClock, House, Row, open_house
from tests.contract.test_fold_equals_server import restaurant
from tests.unit.domain.restaurant import AT, TABLE_5, tills, ulid
from tests.upgrade.evening import Asked, evening
from tests.upgrade.kept import KEPT, KeptRequest, as_sql, effect_on, requests

KNOWN_AT_FIRST: Final = 3
"""So many requests of the evening are in the kept file of a server; the others come after its upgrade."""
DONE, REFUSED, DRAFT = (OrderId(ulid(number)) for number in (901, 902, 903))
"""The orders of the kept till: one that the server has, one that it refused, one that was only tapped."""
WITH_RECEIPTS: Final = 4
"""The schema from which on a till's file has its receipts."""
TOKENS: Final = {who: f"the token of {who}" for who in ("till", "till-2", "kitchen")}


def kept_request(asked: Asked) -> KeptRequest:
    """The request as today's till freezes it."""
    encoded = encode(asked.command)
    return KeptRequest(asked.who, encoded.kind.value, encoded.method, encoded.path, asked.command.id, body=encoded.body)


def house_on(connection: Connection) -> House:
    """The house of a kept server file: its devices know their tokens."""
    clock = HandClock()
    deps = with_gateway(Deps(clock=clock, ulids=Row("01ARYZ6S47"), version="9.9"), SimulatedGateway(clock))
    return House(connection, deps, HandClock(), Row(), TOKENS)


def main() -> None:
    """Keep what is not kept yet."""
    folder = KEPT / f"requests-v{outbox.OP_VERSION}"
    if not folder.exists():
        _keep_requests(folder)
    for number in range(1, len(device_schema.MIGRATIONS) + 1):
        _keep(f"till-v{number}", partial(_till, number))
    for number in range(1, len(server_schema.MIGRATIONS) + 1):
        _keep(f"server-v{number}", partial(_server, number))


def _keep_requests(folder: Path) -> None:
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place, closing(_house(Path(place)).connection) as connection:
        house = house_on(connection)
        statuses = []
        for number, asked in enumerate(evening(), start=1):
            kept = kept_request(asked)
            (folder / f"{number:02d}-{kept.kind}.http").write_bytes(kept.to_bytes())
            statuses.append(kept.ask(house).status)
        told = {"statuses": statuses, **effect_on(connection)}
        (folder / "effect.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(f"kept {folder.name}: {len(statuses)} requests\n")


def _keep(name: str, made: Callable[[Path], str]) -> None:
    file = KEPT / f"{name}.sql"
    if file.exists():
        return
    with tempfile.TemporaryDirectory() as place:
        file.write_text(made(Path(place)))
    sys.stdout.write(f"kept {file.name}\n")


def _house(place: Path) -> House:
    """A server with fixed tokens."""
    house = open_house(place, restaurant(inclusive=True))
    for who, token in TOKENS.items():
        digest = hashlib.sha256(token.encode()).digest()
        house.connection.execute("UPDATE device SET token_sha256 = ? WHERE id = ?", (digest, house.device_ids[who]))
    return house


def _server(number: int, place: Path) -> str:
    """The file of a server of this schema in the middle of the evening."""
    with closing(_house(place).connection) as connection:
        house = house_on(connection)
        for kept in requests(1)[:KNOWN_AT_FIRST]:
            assert kept.ask(house).status in (200, 201)
        if number == 1:
            connection.execute("DROP TABLE used_id; PRAGMA user_version = 1")
        assert connection.pragma("user_version") == number, f"{FILE_NAME} of schema {number} can't be made any more"
        return as_sql(connection)


def _till(number: int, place: Path) -> str:
    """The file of a till of this schema that was killed in the evening, after days without a server."""
    path = place / "pos.sqlite"
    connection = open_writer(path, application_id=device_schema.APPLICATION_ID)
    with closing(connection):
        migrate(connection, path, device_schema.MIGRATIONS[:number])
        run_inline(connection, lambda tx: _fill(tx, number))
        return as_sql(connection)


def _fill(tx: Connection, number: int) -> None:
    ann, _ = tills()
    ann.names.count = 910
    meta.give_birth(tx, ulid(999))
    meta.give_kind(tx, "pos")
    for order_id in (DONE, REFUSED):
        outbox.append(tx, replace(ann, order_id=order_id).create(number=f"A-{order_id[-3:]}"), now_ms=START_MS)
        (flight,) = outbox.take(tx, limit=1, now_ms=START_MS).flights
        refused = Failed(FailReason.INVALID, 422, "The server's words.", b"{}", ())
        outcome = Accepted(201, b"{}", (), f"1-{flight.id}") if order_id == DONE else refused
        outbox.settle(tx, flight, outcome, now_ms=START_MS)
    for kept in requests(1):
        if kept.who == "till":
            owed = decode(Kind(kept.kind), operation_id=kept.key, path=kept.path, body=kept.body)
            outbox.append(tx, owed, now_ms=START_MS)
            if isinstance(owed, CloseOrder) and number >= WITH_RECEIPTS:
                paid = owed.model_copy(update={"receipt_number": f"A-{meta.next_number(tx, receipts.COUNT):06d}"})
                receipts.put(tx, paid, ())
    outbox.take(tx, limit=1, now_ms=START_MS)
    draft = EditDraft(
        id=ann.operation_id(),
        actor_id=ann.actor_id,
        at=AT,
        order_id=DRAFT,
        table_id=TABLE_5,
        changes=(ann.add(),),
    )
    teller = taps.Teller("A", lambda staff_id: Author("till", staff_id))
    taps.accept(tx, draft, teller=teller, now_ms=START_MS)


if __name__ == "__main__":
    main()
