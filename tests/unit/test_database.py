"""Opening a database file: a commit is a promise or the program says in plain words why it can't be one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from shared.database import copy_database, open_reader, open_writer, run_inline
from shared.database_errors import database_errors
from shared.disk import OUR_DISK, Disk
from shared.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseError,
    DatabaseReadOnly,
    DatabaseUnsafe,
    DiskFailing,
    DiskFull,
)


class StubbornFile(apsw.VFSFile):
    """A file whose VFS answers one pragma itself, as a VFS may."""

    def __init__(self, pragma: str, answer: str, filename: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", filename, flags)
        self._pragma = pragma
        self._answer = answer

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802 - SQLite's name
        if op == apsw.SQLITE_FCNTL_PRAGMA:
            asked = apsw.VFSFcntlPragma(ptr)
            if asked.name == self._pragma:
                asked.result = self._answer
                return True
        return super().xFileControl(op, ptr)


class StubbornVfs(apsw.VFS):
    def __init__(self, pragma: str, answer: str) -> None:
        super().__init__("stubborn", "")
        self._rule = (pragma, answer)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return StubbornFile(*self._rule, name, flags)


@pytest.fixture(params=[("journal_mode", "delete"), ("synchronous", "1")], ids=lambda rule: rule[0])
def stubborn(request: pytest.FixtureRequest) -> Iterator[StubbornVfs]:
    vfs = StubbornVfs(*request.param)
    yield vfs
    vfs.unregister()


def test_a_new_file_is_opened_for_promises(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "till.db")) as connection:
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == 2
        assert connection.pragma("foreign_keys") == 1
        assert connection.pragma("busy_timeout") == 5_000


def test_a_statement_is_planned_once_and_not_anew_for_each_value_of_its_parameters(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "till.db")) as writer, closing(open_reader(tmp_path / "till.db")) as reader:
        assert writer.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1) == 1
        assert reader.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, -1) == 1


def test_a_disk_that_does_not_take_the_settings_is_refused(tmp_path: Path, stubborn: StubbornVfs) -> None:
    with pytest.raises(DatabaseUnsafe) as caught:
        open_writer(tmp_path / "till.db", disk=Disk("stubborn"))
    assert "journal_mode is" in caught.value.detail


@pytest.mark.parametrize(("level", "number"), [("FULL", 2), ("NORMAL", 1), ("OFF", 0)])
def test_the_controls_of_the_power_cut_tests_open_with_the_level_they_ask_for(
    tmp_path: Path, level: str, number: int
) -> None:
    with closing(open_writer(tmp_path / "till.db", synchronous=level)) as connection:  # type: ignore[arg-type]
        assert connection.pragma("synchronous") == number


def test_only_its_user_may_read_the_file_its_log_and_its_index(tmp_path: Path) -> None:
    path = tmp_path / "data" / "till.db"
    with closing(open_writer(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        made = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert made == {"till.db": 0o600, "till.db-wal": 0o600, "till.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    open_writer(path).close()
    path.chmod(0o644)
    open_writer(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reader_sees_commits_and_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    with closing(open_writer(path)) as writer:
        writer.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        with closing(open_reader(path)) as reader:
            assert reader.execute("SELECT a FROM t").get == 1
            with pytest.raises(DatabaseReadOnly), database_errors(path):
                reader.execute("INSERT INTO t VALUES (2)")
            writer.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (3)")
            assert reader.execute("SELECT count(*) FROM t").get == 1
            writer.execute("COMMIT")
            assert reader.execute("SELECT count(*) FROM t").get == 2


def test_closing_a_reader_last_leaves_the_log_for_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    writer = open_writer(path)
    writer.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    writer.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    reader = open_reader(path)
    writer.close()
    log = path.with_name("till.db-wal")
    before = log.read_bytes()
    reader.close()
    assert log.read_bytes() == before
    with closing(open_reader(path)) as again:
        assert again.execute("SELECT a FROM t").get == 1


def test_reading_a_file_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(DatabaseReadOnly) as caught:
        open_reader(tmp_path / "till.db")
    assert caught.value.title == "The device's file can't be opened"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opened", [open_writer, open_reader])
def test_a_file_of_something_else_is_damaged_and_stays_as_it_was(tmp_path: Path, opened: object) -> None:
    path = tmp_path / "till.db"
    path.write_bytes(b"this is not a database " * 500)
    before = path.read_bytes()
    with pytest.raises(DatabaseDamaged):
        opened(path)  # type: ignore[operator]
    assert path.read_bytes() == before


def test_a_damaged_page_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    with closing(open_writer(path)) as connection:
        connection.execute("CREATE TABLE t (a TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,) for _ in range(50)])
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8 * 4096))
    with closing(open_writer(path)) as connection, pytest.raises(DatabaseDamaged):
        run_inline(connection, lambda tx: tx.execute("SELECT count(a) FROM t").fetchall())


def test_a_file_cut_short_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "till.db"
    with closing(open_writer(path)) as connection:
        connection.execute("CREATE TABLE t (a TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,) for _ in range(50)])
    os.truncate(path, 10_000)
    with pytest.raises(DatabaseDamaged):
        open_writer(path)


def test_a_folder_in_the_file_s_place_gets_words(tmp_path: Path) -> None:
    (tmp_path / "till.db").mkdir()
    with pytest.raises(DatabaseReadOnly):
        open_writer(tmp_path / "till.db")


def test_a_file_in_the_folder_s_place_gets_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(DatabaseError):
        open_writer(tmp_path / "data" / "till.db")


@pytest.mark.parametrize(
    ("raised", "ours"),
    [
        (apsw.FullError(), DiskFull),
        (apsw.IOError(), DiskFailing),
        (apsw.ReadOnlyError(), DatabaseReadOnly),
        (apsw.CantOpenError(), DatabaseReadOnly),
        (PermissionError(), DatabaseReadOnly),
        (apsw.CorruptError(), DatabaseDamaged),
        (apsw.NotADBError(), DatabaseDamaged),
        (apsw.BusyError(), DatabaseBusy),
        (OSError("odd"), DatabaseError),
    ],
)
def test_what_the_disk_says_gets_our_words(tmp_path: Path, raised: Exception, ours: type[DatabaseError]) -> None:
    with pytest.raises(DatabaseError) as caught, database_errors(tmp_path / "till.db"):
        raise raised
    assert type(caught.value) is ours
    assert caught.value.__cause__ is raised


def test_a_mistake_of_the_caller_stays_what_it_was(tmp_path: Path) -> None:
    for mistake in (apsw.ConstraintError("unique"), apsw.SQLError("no such table")):
        with pytest.raises(type(mistake)) as caught, database_errors(tmp_path / "till.db"):
            raise mistake
        assert caught.value is mistake


def test_the_free_room_is_known_before_the_file_is_made(tmp_path: Path) -> None:
    room = OUR_DISK.free_bytes(tmp_path / "not" / "yet" / "till.db")
    assert room == pytest.approx(OUR_DISK.free_bytes(tmp_path), rel=0.2)


def test_a_copy_holds_what_was_committed_and_nothing_else(tmp_path: Path) -> None:
    path, target = tmp_path / "till.db", tmp_path / "copy.db"
    with closing(open_writer(path)) as connection:
        connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        connection.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)")
        copy_database(path, target)
        connection.execute("COMMIT")
    with closing(open_reader(target)) as copy:
        assert copy.execute("SELECT a FROM t").fetchall() == [(1,)]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*unfinished*"))
