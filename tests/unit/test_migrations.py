"""Upgrading a database file: whole steps or none, a copy kept before, and a newer program's file left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from shared.database import Connection, open_reader, open_writer
from shared.disk import Disk
from shared.errors import DatabaseDamaged, DatabaseNewer, DiskFull
from shared.migrations import Migration, kept_copies, migrate

FIRST = Migration(1, "orders", "CREATE TABLE ord (id INTEGER PRIMARY KEY, total INTEGER) STRICT")
SECOND = Migration(2, "lines", "CREATE TABLE line (id INTEGER PRIMARY KEY, ord INTEGER NOT NULL REFERENCES ord (id))")


def fill(tx: Connection) -> None:
    tx.execute("INSERT INTO ord VALUES (3, 300)")


THIRD = Migration(3, "fill", fill)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "till.db"


@pytest.fixture
def connection(path: Path) -> Iterator[Connection]:
    with closing(open_writer(path)) as connection:
        yield connection


def names(path: Path) -> list[str]:
    return [file.name for file in kept_copies(path)]


def test_a_new_file_gets_all_steps_and_no_copy(connection: Connection, path: Path) -> None:
    assert migrate(connection, path, [FIRST, SECOND, THIRD]) == 3
    assert connection.pragma("user_version") == 3
    assert connection.execute("SELECT * FROM ord").fetchall() == [(3, 300)]
    assert connection.pragma("foreign_keys") == 1
    assert names(path) == []


def test_a_file_that_is_up_to_date_is_left_alone(connection: Connection, path: Path) -> None:
    migrate(connection, path, [FIRST])
    before = connection.pragma("data_version"), connection.total_changes()
    assert migrate(connection, path, [FIRST]) == 0
    assert (connection.pragma("data_version"), connection.total_changes()) == before
    assert names(path) == []


def test_an_upgrade_keeps_a_whole_copy_of_what_was_there(connection: Connection, path: Path) -> None:
    migrate(connection, path, [FIRST])
    connection.execute("INSERT INTO ord VALUES (1, 100)")
    assert migrate(connection, path, [FIRST, SECOND, THIRD]) == 2
    assert names(path) == ["till.db.copy-0001-of-v1"]
    with closing(open_reader(kept_copies(path)[0])) as copy:
        assert copy.pragma("user_version") == 1
        assert copy.execute("SELECT * FROM ord").fetchall() == [(1, 100)]
        assert copy.pragma("integrity_check") == "ok"
    assert connection.execute("SELECT id FROM ord ORDER BY id").fetchall() == [(1,), (3,)]


def test_a_step_that_fails_leaves_the_file_at_the_last_whole_step(connection: Connection, path: Path) -> None:
    broken = Migration(3, "broken", "CREATE TABLE extra (a); INSERT INTO ord VALUES (1, 'not a number')")
    migrate(connection, path, [FIRST])
    with pytest.raises(apsw.ConstraintError):
        migrate(connection, path, [FIRST, SECOND, broken])
    assert connection.pragma("user_version") == 2
    assert not connection.in_transaction
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    assert tables == [("line",), ("ord",)]
    assert connection.pragma("foreign_keys") == 1
    assert migrate(connection, path, [FIRST, SECOND, THIRD]) == 1


def test_a_table_can_be_rebuilt_although_others_refer_to_it(connection: Connection, path: Path) -> None:
    rebuilt = Migration(
        3,
        "currency",
        "CREATE TABLE fresh (id INTEGER PRIMARY KEY, total INTEGER, currency TEXT);"
        "INSERT INTO fresh SELECT id, total, 'EUR' FROM ord; DROP TABLE ord; ALTER TABLE fresh RENAME TO ord",
    )
    migrate(connection, path, [FIRST, SECOND])
    connection.execute("INSERT INTO ord VALUES (1, 100); INSERT INTO line VALUES (1, 1)")
    assert migrate(connection, path, [FIRST, SECOND, rebuilt]) == 1
    assert connection.execute("SELECT * FROM ord").fetchall() == [(1, 100, "EUR")]


def test_a_step_that_leaves_rows_without_what_they_refer_to_is_taken_back(connection: Connection, path: Path) -> None:
    migrate(connection, path, [FIRST, SECOND])
    connection.execute("INSERT INTO ord VALUES (1, 100); INSERT INTO line VALUES (1, 1)")
    with pytest.raises(DatabaseDamaged):
        migrate(connection, path, [FIRST, SECOND, Migration(3, "careless", "DELETE FROM ord")])
    assert connection.execute("SELECT * FROM ord").fetchall() == [(1, 100)]
    assert connection.pragma("user_version") == 2


def test_a_step_may_not_end_its_transaction(connection: Connection, path: Path) -> None:
    with pytest.raises(ValueError, match="ended its transaction"):
        migrate(connection, path, [Migration(1, "hasty", "CREATE TABLE a (b); COMMIT")])


def test_a_newer_program_s_file_stays_as_it_was(path: Path) -> None:
    with closing(open_writer(path)) as connection:
        migrate(connection, path, [FIRST, SECOND, THIRD])
    before = path.read_bytes()
    with closing(open_writer(path)) as connection, pytest.raises(DatabaseNewer) as caught:
        migrate(connection, path, [FIRST, SECOND])
    assert path.read_bytes() == before
    assert "schema 3" in caught.value.detail
    assert names(path) == []


def test_steps_must_be_numbered_without_a_gap(connection: Connection, path: Path) -> None:
    for wrong in ([SECOND], [FIRST, THIRD], [SECOND, FIRST], [FIRST, FIRST]):
        with pytest.raises(ValueError, match="numbered"):
            migrate(connection, path, wrong)
    assert connection.pragma("user_version") == 0


def test_copies_are_bounded_and_the_oldest_schemas_go_first(connection: Connection, path: Path) -> None:
    steps = [Migration(n, f"step {n}", f"CREATE TABLE t{n} (a)") for n in range(1, 8)]
    for upto in range(1, 8):
        migrate(connection, path, steps[:upto], keep_copies=3)
    assert names(path) == ["till.db.copy-0004-of-v4", "till.db.copy-0005-of-v5", "till.db.copy-0006-of-v6"]


def test_an_upgrade_that_dies_at_every_start_does_not_push_out_older_copies(connection: Connection, path: Path) -> None:
    migrate(connection, path, [FIRST])
    migrate(connection, path, [FIRST, SECOND])
    for _ in range(5):
        with pytest.raises(apsw.SQLError):
            migrate(connection, path, [FIRST, SECOND, Migration(3, "dies", "SELECT no_such_function()")])
    assert names(path) == ["till.db.copy-0001-of-v1", "till.db.copy-0006-of-v2"]


class SmallDisk(Disk):
    """A disk on which hardly anything is free."""

    def free_bytes(self, path: Path) -> int:
        return 10


def test_without_room_for_the_copy_nothing_is_upgraded(connection: Connection, path: Path) -> None:
    migrate(connection, path, [FIRST])
    with pytest.raises(DiskFull) as caught:
        migrate(connection, path, [FIRST, SECOND], disk=SmallDisk())
    assert "copy" in caught.value.title
    assert connection.pragma("user_version") == 1


def test_two_programs_that_start_at_once_upgrade_once(connection: Connection, path: Path) -> None:
    seen: list[int] = []

    def first(tx: Connection) -> None:
        seen.append(1)
        tx.execute("CREATE TABLE ord (id INTEGER PRIMARY KEY)")

    steps = [Migration(1, "orders", first)]
    with closing(open_writer(path)) as other:
        assert migrate(other, path, steps) == 1
        assert migrate(connection, path, steps) == 0
    assert seen == [1]


def test_a_file_upgraded_between_the_first_look_and_the_lock_is_not_upgraded_again(path: Path) -> None:
    """The second program reads the old number, waits for the first one's lock, and must look again inside it."""
    with closing(open_writer(path)) as first, closing(open_writer(path)) as second:
        pending = [True]

        def overtake(*_: object) -> bool:
            if pending:
                pending.clear()
                migrate(first, path, [FIRST])
            return True

        second.exec_trace = lambda cursor, sql, bindings: overtake() if sql == "BEGIN IMMEDIATE" else True
        assert migrate(second, path, [FIRST]) == 0
        assert not second.in_transaction
        assert second.pragma("user_version") == 1
