"""What is asked often goes through an index on PostgreSQL too, by its own plans of a branch with many orders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, cast

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.storage.postgres import PostgresWriter
from reference_server.storage.postgres_connection import PostgresRows
from tests.contract.house import House, open_house
from tests.contract.test_server_plans import evening

ORDERS: Final = 20_000
TICKETS: Final = 5_000
OPEN: Final = 40
#: Tables that grow with every order, all filled here: none may be read from its first row to its last.
GROW: Final = ("pos_order", "ticket", "operation", "change")

FILL: Final = f"""
CREATE FUNCTION pg_temp.name(kind text, i bigint) RETURNS text LANGUAGE sql
    AS $$ SELECT '01' || kind || lpad(i::text, 22, '0') $$;
INSERT INTO change (revision, kind, entity_id, operation_id, at)
    SELECT i, 'order', pg_temp.name('AX', i), pg_temp.name('BX', i), i FROM generate_series(1, {ORDERS}) AS i;
INSERT INTO pos_order (id, revision, version, state, is_open, table_id, changed_at, body)
    SELECT pg_temp.name('AX', i), i, 4, 'CLOSED', (i > {ORDERS - OPEN})::int, 'table-5', i, '{{}}'
    FROM generate_series(1, {ORDERS}) AS i;
INSERT INTO operation (id, operation_id, revision, device, kind, path, entity_id, body_sha256, verdict, created_at)
    SELECT pg_temp.name('BX', i), pg_temp.name('BX', i), i, 'pos-1', 'close_order', '/x', pg_temp.name('AX', i),
        decode(repeat('00', 32), 'hex'), 200, i FROM generate_series(1, {ORDERS}) AS i;
INSERT INTO change (revision, kind, entity_id, operation_id, at)
    SELECT {ORDERS} + i, 'ticket', pg_temp.name('AY', i), pg_temp.name('BY', i), i
    FROM generate_series(1, {TICKETS}) AS i;
INSERT INTO ticket (id, revision, version, order_id, station, stage, is_open, changed_at, body)
    SELECT pg_temp.name('AY', i), {ORDERS} + i, 3, pg_temp.name('AX', i), (ARRAY['grill', 'bar'])[1 + i % 2],
        'BUMPED', (i > {TICKETS - OPEN})::int, i, '{{}}' FROM generate_series(1, {TICKETS}) AS i;
ANALYZE;
"""


class Noting(PostgresWriter):
    """Notes every statement with what stood in its places."""

    asked: list[tuple[str, Sequence[Any] | None]]
    is_watched = False

    def execute(self, statements: str, bindings: Sequence[Any] | None = None) -> PostgresRows:
        if self.is_watched:
            self.asked.append((statements, bindings))
        return super().execute(statements, bindings)

    @contextmanager
    def watching(self) -> Iterator[None]:
        self.asked, self.is_watched = [], True
        yield
        self.is_watched = False

    def scans(self) -> list[str]:
        """What the plans read whole of a table that grows, each with its statement."""
        found = []
        for sql, bindings in self.asked:
            if sql.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                steps = [str(row[0]) for row in super().execute(f"EXPLAIN {sql}", bindings)]
                found += [f"{step.strip()}: {sql}" for step in steps if _reads_all(step)]
        return found


def _reads_all(step: str) -> bool:
    read = re.search(r"Seq Scan on (\w+)", step)
    return read is not None and read[1] in GROW


@pytest.fixture
def old_branch(tmp_path: Path, restaurant: Restaurant, url: str) -> Iterator[House]:
    house = open_house(tmp_path, restaurant, database=url, writer=Noting)
    with closing(house.connection):
        noting(house).run(FILL)
        yield house


def noting(house: House) -> Noting:
    return cast(Noting, house.connection)


def test_nothing_that_is_asked_often_reads_a_table_that_grows_from_end_to_end(old_branch: House) -> None:
    watch = noting(old_branch)
    assert {name: watch.scans() for name in evening(old_branch, watch) if watch.scans()} == {}


@pytest.mark.parametrize("sql", ["SELECT 1 FROM ticket WHERE version > 7", "SELECT 1 FROM operation WHERE kind = 'x'"])
def test_a_plan_without_an_index_is_seen(old_branch: House, sql: str) -> None:
    watch = noting(old_branch)
    with watch.watching():
        watch.execute(sql)
    assert len(watch.scans()) == 1
