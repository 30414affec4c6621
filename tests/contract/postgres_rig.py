"""What tests of PostgreSQL's storage share: opening one, orders to store in it, and questions beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from reference_server.storage import entities, pages
from reference_server.storage.pages import PageSize
from reference_server.storage.postgres import PostgresStorage
from reference_server.storage.seam import Connection
from shared.domain.order import Order, OrderState
from shared.ids import OperationId, OrderId
from tests.contract.house import HISTORY, START_MS, HandClock

PATIENCE_S = 30.0
LOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
END_WRITERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND application_name = 'evertill-server'"
)
EVERYTHING = PageSize(entities=100)


def opened(url: str, **more: Any) -> PostgresStorage:
    return PostgresStorage(url, clock=HandClock(), history=HISTORY, **more)


def order(number: int) -> Order:
    return Order(
        id=OrderId(f"01ARYZ6S4100000000000000{number:02d}"),
        number=f"C-{number}",
        state=OrderState.NEW,
        version=1,
        opened_at="2025-11-28T19:40:00.000Z",
    )


def storing(number: int) -> Callable[[Connection], str]:
    by = OperationId(f"01ARYZ6S4200000000000000{number:02d}")
    return lambda tx: entities.store(tx, [order(number)], by=by, at_ms=START_MS)[0]


def numbers(storage: PostgresStorage, *, after: int) -> list[str]:
    page = storage.read(lambda tx: pages.orders_after(tx, after, size=EVERYTHING))
    return [Order.model_validate_json(body).number for body in page.bodies]


def asked(url: str, statement: str) -> Any:
    with psycopg.connect(url, autocommit=True) as session:
        found = session.execute(statement.encode())
        row = found.fetchone() if found.description else None
        return None if row is None else row[0]
