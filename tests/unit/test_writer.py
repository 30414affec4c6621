"""The writer thread: what it tells as stored is durable and in order, and its limits have words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from shared.database import Connection, Writer, open_reader, open_writer, run_inline
from shared.errors import WriterClosed, WriterFull
from tests.unit.writer_gate import PATIENCE_S, Gate, put, stored


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


def test_a_resolved_future_is_seen_by_another_connection(writer: Writer, reader: Connection) -> None:
    for value in range(20):
        assert writer.submit(put(value)).result(PATIENCE_S) == value
        assert stored(reader)[-1] == value


def test_futures_are_resolved_in_order_and_only_after_their_commit(writer: Writer, path: Path) -> None:
    told: list[tuple[int, bool]] = []
    reader = open_reader(path)

    def look(future: Future[int]) -> None:
        told.append((future.result(), future.result() in stored(reader)))

    with Gate(writer):
        futures = [writer.submit(put(value)) for value in range(50)]
        for future in futures:
            future.add_done_callback(look)
    writer.submit(lambda _: None).result(PATIENCE_S)
    reader.close()
    assert told == [(value, True) for value in range(50)]


def test_nothing_is_told_while_the_group_is_being_written(writer: Writer, reader: Connection) -> None:
    seen: list[tuple[bool, list[int]]] = []
    with Gate(writer):
        first = writer.submit(put(1))
        writer.submit(lambda _: seen.append((first.done(), [])))
    writer.submit(lambda _: None).result(PATIENCE_S)
    assert seen == [(False, [])]
    assert first.result() == 1


def test_what_waits_goes_in_one_commit_and_no_group_passes_the_limit(connection: Connection) -> None:
    commits: list[int] = []

    def count() -> bool:
        commits.append(1)
        return False

    connection.set_commit_hook(count)
    with Writer(connection, group_limit=10) as writer:
        with Gate(writer) as gate:
            futures = [writer.submit(put(value)) for value in range(25)]
        assert [future.result(PATIENCE_S) for future in futures] == list(range(25))
        assert gate.future.done()
    assert len(commits) == 1 + 3


def test_those_who_came_together_are_given_time_to_come_together_again(connection: Connection) -> None:
    commits: list[int] = []

    def count() -> bool:
        commits.append(1)
        return False

    connection.set_commit_hook(count)
    with Writer(connection, company_s=PATIENCE_S) as writer:
        with Gate(writer):
            together = [writer.submit(put(value)) for value in (1, 2)]
        assert [future.result(PATIENCE_S) for future in together] == [1, 2]
        commits.clear()
        first = writer.submit(put(3))
        while writer.waiting():
            pass
        second = writer.submit(put(4))
        assert [first.result(PATIENCE_S), second.result(PATIENCE_S)] == [3, 4]
        assert len(commits) == 1


def test_who_is_alone_waits_for_no_company(connection: Connection) -> None:
    with Writer(connection, company_s=10 * PATIENCE_S) as writer:
        assert [writer.submit(put(value)).result(PATIENCE_S) for value in (5, 6)] == [5, 6]


def test_the_log_is_copied_into_the_file_before_it_grows_without_bound(connection: Connection, path: Path) -> None:
    connection.checkpoint_pages = 10
    log = path.with_name("till.db-wal")
    with Writer(connection) as writer:
        sizes = []
        for value in range(300):
            writer.submit(put(value)).result(PATIENCE_S)
            sizes.append(log.stat().st_size)
        assert max(sizes) < 30 * 4096


def test_the_caller_is_told_before_the_log_is_copied(connection: Connection, path: Path) -> None:
    connection.checkpoint_pages = 1
    file_at_the_telling: list[bytes] = []
    with Writer(connection) as writer, Gate(writer):
        writer.submit(put(1)).add_done_callback(lambda _: file_at_the_telling.append(path.read_bytes()))
    assert file_at_the_telling[0] != path.read_bytes()


def test_more_than_the_limit_is_refused_with_words_and_the_rest_is_stored(connection: Connection) -> None:
    with Writer(connection, waiting_limit=3) as writer:
        with Gate(writer):
            futures = [writer.submit(put(value)) for value in range(5)]
            assert writer.waiting() == 3
            assert [type(future.exception(0)) for future in futures[3:]] == [WriterFull, WriterFull]
        assert [future.result(PATIENCE_S) for future in futures[:3]] == [0, 1, 2]


def test_closing_finishes_what_waits_and_then_takes_nothing(connection: Connection, path: Path) -> None:
    writer = Writer(connection)
    with Gate(writer):
        futures = [writer.submit(put(value)) for value in range(600)]
        closer = threading.Thread(target=writer.close)
        closer.start()
    closer.join(PATIENCE_S)
    writer.close()
    assert [future.result(0) for future in futures] == list(range(600))
    assert isinstance(writer.submit(put(1000)).exception(0), WriterClosed)
    with closing(open_reader(path)) as reader:
        assert len(stored(reader)) == 600


def test_work_taken_back_before_its_turn_is_not_done(writer: Writer, reader: Connection) -> None:
    with Gate(writer):
        futures = [writer.submit(put(1)), writer.submit(put(2)), writer.submit(put(3))]
        assert futures[1].cancel()
    assert futures[2].result(PATIENCE_S) == 3
    with pytest.raises(CancelledError):
        futures[1].result(0)
    assert stored(reader) == [1, 3]


def test_a_callback_that_fails_is_nobody_else_s_trouble(
    writer: Writer, reader: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    def callback(_: Future[int]) -> None:
        raise RuntimeError("the caller's own mistake")

    with Gate(writer):
        first, second = writer.submit(put(1)), writer.submit(put(2))
        first.add_done_callback(callback)
    assert second.result(PATIENCE_S) == 2
    assert "the caller's own mistake" in caplog.text
    assert stored(reader) == [1, 2]


def test_the_same_path_runs_without_a_thread(connection: Connection, path: Path) -> None:
    with closing(connection), closing(open_reader(path)) as reader:
        assert run_inline(connection, put(1)) == 1
        with pytest.raises(apsw.ConstraintError):
            run_inline(connection, put(1))
        assert not connection.in_transaction
        assert run_inline(connection, put(2)) == 2
        assert stored(reader) == [1, 2]


def held(value: int, until: threading.Event) -> Callable[[Connection], int]:
    def work(tx: Connection) -> int:
        assert until.wait(PATIENCE_S)
        return put(value)(tx)

    return work


@pytest.mark.parametrize("company_s", [1e-6, 1e-5, 0.0005])
def test_who_waits_for_company_in_vain_is_stored_without_another_write(
    connection: Connection, company_s: float
) -> None:
    """However late the thread comes back from that wait: or a tap stays *saving* until somebody taps again."""
    with Writer(connection, company_s=company_s) as writer:
        for value in range(0, 300, 3):
            until = threading.Event()
            with Gate(writer):
                pair = [writer.submit(put(value)), writer.submit(held(value + 1, until))]
            while writer.waiting():
                pass
            third = writer.submit(put(value + 2))  # it lies there when the pair is done, which expects company
            until.set()
            assert [one.result(PATIENCE_S) for one in (*pair, third)] == [value, value + 1, value + 2]
