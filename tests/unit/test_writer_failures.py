"""The writer thread when things fail: nobody is told a lie, and one caller's failure is nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from shared.database import Connection, Writer, apart, open_reader, open_writer
from shared.disk import Disk
from shared.errors import DatabaseBusy, DiskFailing, DiskFull
from tests.unit.writer_gate import PATIENCE_S, Gate, WeakDisk, put, stored


def put_much(size_bytes: int) -> Callable[[Connection], None]:
    """A write that a nearly full disk can't take: SQLite then ends the whole transaction itself."""

    def work(tx: Connection) -> None:
        tx.execute("INSERT INTO big VALUES (zeroblob(?))", (size_bytes,))

    return work


@pytest.fixture
def weak_disk() -> Iterator[WeakDisk]:
    disk = WeakDisk()
    yield disk
    disk.unregister()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "till.db"


@pytest.fixture
def connection(path: Path) -> Connection:
    connection = open_writer(path)
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT; CREATE TABLE big (b BLOB)")
    return connection


@pytest.fixture
def writer(connection: Connection) -> Iterator[Writer]:
    with Writer(connection) as writer:
        yield writer


@pytest.fixture
def reader(path: Path, writer: Writer) -> Iterator[Connection]:
    with closing(open_reader(path)) as reader:
        yield reader


def test_a_failing_member_rolls_back_alone(writer: Writer, reader: Connection) -> None:
    def fail_late(tx: Connection) -> None:
        tx.execute("INSERT INTO t VALUES (99)")
        raise LookupError("unknown item")

    with Gate(writer):
        before, failing, taken, after = (
            writer.submit(put(1)),
            writer.submit(fail_late),
            writer.submit(put(1)),
            writer.submit(put(2)),
        )
    assert (before.result(PATIENCE_S), after.result(PATIENCE_S)) == (1, 2)
    assert isinstance(failing.exception(), LookupError)
    assert isinstance(taken.exception(), apsw.ConstraintError)
    assert stored(reader) == [1, 2]


def test_a_part_that_fails_is_undone_alone(writer: Writer, reader: Connection) -> None:
    def half(tx: Connection) -> None:
        tx.execute("INSERT INTO t VALUES (99)")
        raise LookupError("unknown item")

    def whole(tx: Connection) -> list[object]:
        return [apart(tx, put(1)), apart(tx, half), apart(tx, put(1)), apart(tx, put(2))]

    first, unknown, taken, last = writer.submit(whole).result(PATIENCE_S)
    assert (first, last) == (1, 2)
    assert isinstance(unknown, LookupError)
    assert isinstance(taken, apsw.ConstraintError)
    assert stored(reader) == [1, 2]


@pytest.mark.parametrize("raised", [DiskFull("full"), KeyboardInterrupt()])
def test_what_is_not_a_part_s_own_fault_ends_the_whole(
    writer: Writer, reader: Connection, raised: BaseException
) -> None:
    def part(_: Connection) -> None:
        raise raised

    def whole(tx: Connection) -> None:
        apart(tx, put(1))
        apart(tx, part)

    assert writer.submit(whole).exception(PATIENCE_S) is raised
    assert stored(reader) == []


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_nothing_that_work_raises_ends_the_thread(writer: Writer, raised: type[BaseException]) -> None:
    def work(_: Connection) -> None:
        raise raised

    with Gate(writer):
        futures = [writer.submit(work), writer.submit(work)]
    assert [type(future.exception(PATIENCE_S)) for future in futures] == [raised, raised]
    assert type(writer.submit(work).exception(PATIENCE_S)) is raised
    assert writer.submit(put(1)).result(PATIENCE_S) == 1


def test_a_member_that_takes_the_group_s_transaction_down_costs_no_other_its_write(
    writer: Writer, reader: Connection
) -> None:
    def take_down(tx: Connection) -> None:
        tx.execute("INSERT OR ROLLBACK INTO t VALUES (1)")

    with Gate(writer):
        kept = [writer.submit(put(1)), writer.submit(put(2))]
        taken_down = writer.submit(take_down)
        kept.append(writer.submit(put(3)))
    assert [future.result(PATIENCE_S) for future in kept] == [1, 2, 3]
    assert isinstance(taken_down.exception(), apsw.ConstraintError)
    assert stored(reader) == [1, 2, 3]


def test_on_a_full_disk_each_learns_its_own_fate_and_the_writer_goes_on(connection: Connection, path: Path) -> None:
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages + 4)
    with Writer(connection) as writer, closing(open_reader(path)) as reader:
        with Gate(writer):
            small, much, late = writer.submit(put(1)), writer.submit(put_much(1_000_000)), writer.submit(put(2))
        assert (small.result(PATIENCE_S), late.result(PATIENCE_S)) == (1, 2)
        error = much.exception()
        assert isinstance(error, DiskFull)
        assert isinstance(error.__cause__, apsw.FullError)
        assert isinstance(writer.submit(put_much(1_000_000)).exception(PATIENCE_S), DiskFull)
        assert stored(reader) == [1, 2]
        writer.submit(lambda tx: tx.pragma("max_page_count", 10_000)).result(PATIENCE_S)
        writer.submit(put_much(1_000_000)).result(PATIENCE_S)
        assert reader.execute("SELECT count(*) FROM big").get == 1


def test_a_commit_that_fails_for_the_group_is_tried_for_each_alone(connection: Connection, path: Path) -> None:
    commits: list[int] = []

    def fail_the_second() -> bool:
        commits.append(1)
        return len(commits) == 2

    connection.set_commit_hook(fail_the_second)
    with Writer(connection) as writer, closing(open_reader(path)) as reader:
        with Gate(writer):
            futures = [writer.submit(put(value)) for value in (1, 2, 3)]
        assert [future.result(PATIENCE_S) for future in futures] == [1, 2, 3]
        assert stored(reader) == [1, 2, 3]
    assert len(commits) == 5


def test_a_commit_that_keeps_failing_is_never_told_as_stored(connection: Connection, path: Path) -> None:
    broken = threading.Event()
    connection.set_commit_hook(broken.is_set)
    with Writer(connection) as writer, closing(open_reader(path)) as reader:
        with Gate(writer) as gate:
            broken.set()
            futures = [writer.submit(put(value)) for value in (1, 2)]
        assert isinstance(gate.future.exception(PATIENCE_S), apsw.ConstraintError)
        assert all(isinstance(future.exception(PATIENCE_S), apsw.ConstraintError) for future in futures)
        assert isinstance(writer.submit(put(3)).exception(PATIENCE_S), apsw.ConstraintError)
        assert stored(reader) == []
        broken.clear()
        assert writer.submit(put(4)).result(PATIENCE_S) == 4
        assert stored(reader) == [4]


def test_a_log_that_cannot_be_made_durable_is_told_to_each_and_nothing_is_there(
    path: Path, weak_disk: WeakDisk
) -> None:
    connection = open_writer(path, disk=Disk("weak"))
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    with Writer(connection) as writer:
        with Gate(writer):
            weak_disk.broken.set()
            futures = [writer.submit(put(value)) for value in (1, 2)]
        assert [type(future.exception(PATIENCE_S)) for future in futures] == [DiskFailing, DiskFailing]
        weak_disk.broken.clear()
        assert writer.submit(lambda tx: stored(tx)).result(PATIENCE_S) == []
        assert writer.submit(put(3)).result(PATIENCE_S) == 3
    with closing(open_writer(path)) as again:
        assert stored(again) == [3]


def test_a_file_held_by_another_program_is_told_for_the_whole_group_at_once(connection: Connection, path: Path) -> None:
    connection.set_busy_timeout(1)
    with Writer(connection) as writer, closing(open_writer(path)) as other:
        with Gate(writer) as gate:
            gate.future.add_done_callback(lambda _: other.execute("BEGIN IMMEDIATE"))
            futures = [writer.submit(put(value)) for value in (1, 2)]
        assert [type(future.exception(PATIENCE_S)) for future in futures] == [DatabaseBusy, DatabaseBusy]
        other.execute("COMMIT")
        assert writer.submit(put(3)).result(PATIENCE_S) == 3


def test_a_disk_that_fails_while_the_log_is_copied_does_not_look_like_a_failed_commit(
    path: Path, weak_disk: WeakDisk
) -> None:
    connection = open_writer(path, disk=Disk("weak"))
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    connection.checkpoint_pages = 1
    with Writer(connection) as writer:
        weak_disk.worn.set()
        with Gate(writer):
            futures = [writer.submit(put(value)) for value in (1, 2)]
        assert [future.result(PATIENCE_S) for future in futures] == [1, 2]
        assert writer.submit(put(3)).result(PATIENCE_S) == 3
        weak_disk.worn.clear()
        assert writer.submit(put(4)).result(PATIENCE_S) == 4
        assert writer.submit(put(5)).result(PATIENCE_S) == 5
        assert connection.log_pages < 4
    with closing(open_writer(path)) as again:
        assert stored(again) == [1, 2, 3, 4, 5]
