"""PostgreSQL's tables are those that SQLite's migrations come to: columns, what may be missing, what is unique."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reference_server.storage.file import FILE_NAME, open_server_file
from reference_server.storage.postgres_connection import PostgresConnection
from reference_server.storage.postgres_schema import NEWEST, OLDEST, bring_up, in_postgres, whole
from reference_server.storage.postgres_sessions import SessionMaker
from reference_server.storage.schema import MIGRATIONS
from shared.clock import SystemClock
from shared.database import Connection
from shared.errors import DatabaseForeign, DatabaseNewer
from tests.postgres import Cluster

TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}
COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable = 'YES', column_default IS NOT NULL OR is_identity = 'YES'
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'branch'
"""
INDEXES = """
SELECT tablename, indexname, indexdef LIKE 'CREATE UNIQUE%' FROM pg_indexes
WHERE schemaname = current_schema() AND tablename <> 'branch'
"""


def connected(url: str) -> PostgresConnection:
    return PostgresConnection(SessionMaker(url).open, SystemClock())


def columns_of_file(file: Connection) -> set[tuple[Any, ...]]:
    found = set()
    for table in tables_of_file(file):
        columns = file.execute(f"PRAGMA table_info({table})").fetchall()
        alone = sum(bool(row[5]) for row in columns) == 1
        for _, name, kind, not_null, default, key in columns:
            numbered = bool(key) and alone and kind == "INTEGER"
            found.add((table, name, TYPES[str(kind)], not (not_null or key), default is not None or numbered))
    return found


def tables_of_file(file: Connection) -> list[str]:
    rows = file.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [str(name) for (name,) in rows]


def unique_of_file(file: Connection) -> set[tuple[str, tuple[str, ...]]]:
    found = set()
    for table in tables_of_file(file):
        key = [str(row[1]) for row in file.execute(f"PRAGMA table_info({table})") if row[5]]
        found.add((table, tuple(sorted(key))))
        for _, index, is_unique, *_ in file.execute(f"PRAGMA index_list({table})").fetchall():
            if is_unique:
                names = [str(row[2]) for row in file.execute(f"PRAGMA index_info({index})")]
                found.add((table, tuple(sorted(names))))
    return found


def unique_of_postgres(tx: PostgresConnection) -> set[tuple[str, tuple[str, ...]]]:
    found = set()
    for table, index, is_unique in tx.execute(INDEXES).fetchall():
        if is_unique:
            names = tx.execute("SELECT attname FROM pg_attribute WHERE attrelid = CAST(? AS regclass)", (index,))
            found.add((str(table), tuple(sorted(str(name) for (name,) in names))))
    return found


def test_both_storages_have_the_same_tables(tmp_path: Path, postgres: Cluster) -> None:
    with closing(open_server_file(tmp_path / FILE_NAME)) as file, closing(connected(postgres.new_url())) as tx:
        assert bring_up(tx) == NEWEST
        assert bring_up(tx) == 0
        assert {tuple(row) for row in tx.execute(COLUMNS)} == columns_of_file(file)
        assert unique_of_postgres(tx) == unique_of_file(file)
        partial = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        made = {str(row[1]) for row in tx.execute(INDEXES)}
        assert {str(name) for (name,) in file.execute(partial)} <= made


@pytest.mark.parametrize("version", range(OLDEST, NEWEST + 1))
def test_a_database_of_every_schema_comes_to_the_same_tables(postgres: Cluster, version: int) -> None:
    """Where this fails a migration can't be translated: it needs a step in `OWN_WORDS`."""
    with closing(connected(postgres.new_url())) as old, closing(connected(postgres.new_url())) as new:
        bring_up(old, migrations=MIGRATIONS[:version])
        assert bring_up(old) == NEWEST - version
        bring_up(new)
        assert set(old.execute(COLUMNS)) == set(new.execute(COLUMNS))
        assert unique_of_postgres(old) == unique_of_postgres(new)
        assert {row[1] for row in old.execute(INDEXES)} == {row[1] for row in new.execute(INDEXES)}


def test_text_is_ordered_byte_by_byte_as_in_sqlite(postgres: Cluster) -> None:
    with closing(connected(postgres.new_url())) as tx:
        bring_up(tx)
        loose = "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()"
        assert tx.execute(f"{loose} AND data_type = 'text' AND collation_name <> 'C'").get == 0


def test_a_step_that_fails_leaves_the_database_as_it_was(postgres: Cluster) -> None:
    with closing(connected(postgres.new_url())) as tx:
        bring_up(tx)
        tx.execute("UPDATE branch SET schema_version = ?", (NEWEST - 1,))
        wrong = {NEWEST: "CREATE TABLE half (id BIGINT); SELECT 1 / 0"}
        with pytest.raises(psycopg.Error):
            bring_up(tx, own_words=wrong)
        assert tx.execute("SELECT schema_version FROM branch").get == NEWEST - 1
        assert tx.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'half'").get == 0
        assert bring_up(tx, own_words={NEWEST: "CREATE TABLE half (id BIGINT)"}) == 1


def test_a_database_of_a_newer_program_or_of_another_one_is_left_alone(postgres: Cluster) -> None:
    with closing(connected(postgres.new_url())) as tx:
        bring_up(tx)
        tx.execute("UPDATE branch SET schema_version = ?", (NEWEST + 1,))
        with pytest.raises(DatabaseNewer):
            bring_up(tx)
    with closing(connected(postgres.new_url())) as tx:
        tx.execute("CREATE TABLE customer (id BIGINT)")
        with pytest.raises(DatabaseForeign):
            bring_up(tx)


def test_a_table_comes_after_those_that_it_refers_to() -> None:
    made = whole(MIGRATIONS)
    places = {text.split()[2].strip('"'): place for place, text in enumerate(made) if text.startswith("CREATE TABLE")}
    assert places["operation"] < places["answer"]
    assert places["change"] < places["ticket"]


@pytest.mark.parametrize(
    ("sqlite", "postgres_says"),
    [
        (
            "CREATE TABLE a (b INTEGER PRIMARY KEY AUTOINCREMENT) STRICT",
            "GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)",
        ),
        ("CREATE TABLE a (b BLOB NOT NULL) STRICT, WITHOUT ROWID", "CREATE TABLE a (b BYTEA NOT NULL)"),
        (
            "ALTER TABLE a ADD COLUMN b TEXT DEFAULT 'INTEGER'",
            "ALTER TABLE a ADD COLUMN b TEXT COLLATE \"C\" DEFAULT 'INTEGER'",
        ),
        ("PRAGMA application_id = 7; -- BLOB", " -- BLOB"),
        ("CREATE INDEX a ON b (CAST(c AS TEXT))", "CREATE INDEX a ON b (CAST(c AS TEXT))"),
    ],
)
def test_a_statement_is_translated_and_nothing_in_quotes(sqlite: str, postgres_says: str) -> None:
    assert in_postgres(sqlite).endswith(postgres_says)
