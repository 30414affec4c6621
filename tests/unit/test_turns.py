"""The loop's own commits: what came in one turn goes together, and whatever could hold up the loop is the thread's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from reference_server.storage.file import Storage
from reference_server.storage.turns import Turns
from shared.database import WRITER_BUSY_TIMEOUT_S, Connection, Writer, open_reader, open_writer
from shared.disk import Disk
from shared.errors import DiskFailing
from shared.group_commit import Job, attempt
from tests.unit.writer_gate import Gate, WeakDisk, put, stored

Site = tuple[Turns, Writer, Connection, list[int]]


class HandClock:
    """Goes on only by hand."""

    def __init__(self) -> None:
        self._now_s = 1.0

    def advance(self, by_s: float) -> None:
        self._now_s += by_s

    def now_ms(self) -> int:
        return int(self._now_s * 1000)

    def monotonic_s(self) -> float:
        return self._now_s


class Careless(Turns):
    """Takes a write that failed for one that changed nothing."""

    def _decided(self, group: Sequence[Job[Any]], *, until_s: float) -> int:
        for job in group:
            attempt(self._connection, job)
        return len(group)


class Half(Exception):
    """What `half` raises."""


def half(tx: Connection) -> None:
    tx.execute("INSERT INTO t VALUES (99)")
    raise Half


def refused(_: Connection) -> None:
    raise Half


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "house.db"


@pytest.fixture
def connection(path: Path) -> Connection:
    connection = open_writer(path)
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT; CREATE TABLE big (b BLOB)")
    return connection


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def make(connection: Connection, clock: HandClock) -> Iterator[Callable[[type[Turns]], Site]]:
    """Makes the turns of one connection, with its thread, and the sizes of the commits in the loop."""
    lock, done = threading.Lock(), list[int]()
    with Writer(connection, turn=lock) as writer:
        yield lambda kind: (
            kind(connection, lock, clock, submit=writer.submit, done=done.append, patience_s=WRITER_BUSY_TIMEOUT_S),
            writer,
            connection,
            done,
        )


@pytest.fixture
def site(make: Callable[[type[Turns]], Site]) -> Site:
    return make(Turns)


def until_the_thread_rests(turns: Turns) -> None:
    """It tells its callers before it lets the connection go."""
    with turns._lock:
        pass


async def outcomes(*promised: asyncio.Future[Any]) -> list[Any]:
    return await asyncio.gather(*promised, return_exceptions=True)


async def test_what_comes_in_one_turn_of_the_loop_is_one_commit(site: Site, path: Path) -> None:
    turns, _, _, done = site
    assert await outcomes(*(turns.promise(put(value)) for value in range(5))) == [0, 1, 2, 3, 4]
    assert await turns.promise(put(5)) == 5
    assert done == [5, 1]
    with closing(open_reader(path)) as reader:
        assert stored(reader) == [0, 1, 2, 3, 4, 5]


async def test_who_is_refused_before_it_wrote_anything_costs_the_others_nothing(site: Site, path: Path) -> None:
    turns, _, _, done = site
    before, no, after = await outcomes(turns.promise(put(1)), turns.promise(refused), turns.promise(put(2)))
    assert (before, type(no), after, done) == (1, Half, 2, [3])
    with closing(open_reader(path)) as reader:
        assert stored(reader) == [1, 2]


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), DiskFailing("the disk does not answer"), StopIteration()])
async def test_what_is_no_refusal_is_told_by_the_thread(site: Site, path: Path, raised: BaseException) -> None:
    turns, writer, _, done = site

    def work(_: Connection) -> None:
        raise raised

    job = Job[None](work)
    assert turns._done([job]) == 0
    assert writer.submit(work).exception() is raised
    assert done == []


@pytest.mark.parametrize(("kind", "kept"), [(Turns, [1, 2]), (Careless, [1, 2, 99])])
async def test_half_a_write_is_undone_alone(
    make: Callable[[type[Turns]], Site], path: Path, kind: type[Turns], kept: list[int]
) -> None:
    turns, _, _, done = make(kind)
    before, failed, after = await outcomes(turns.promise(put(1)), turns.promise(half), turns.promise(put(2)))
    assert (before, type(failed), after) == (1, Half, 2)
    assert done == ([] if kind is Turns else [3])
    with closing(open_reader(path)) as reader:
        assert stored(reader) == kept


async def test_while_the_thread_has_the_connection_the_loop_waits_for_nothing(site: Site) -> None:
    turns, writer, _, done = site
    with Gate(writer):
        waiting = turns.promise(put(1))
        await asyncio.sleep(0)
        assert writer.waiting() == 1
        assert not waiting.done()
    assert await waiting == 1
    assert done == []


async def test_what_the_thread_has_to_do_is_not_overtaken_for_long(connection: Connection, clock: HandClock) -> None:
    lock, done, handed_on = threading.Lock(), list[int](), list[Future[Any]]()

    def submit(_: object) -> Future[Any]:
        handed_on.append(Future())
        return handed_on[-1]

    with closing(connection):
        turns = Turns(connection, lock, clock, submit=submit, done=done.append, patience_s=1.0)
        with lock:
            first = turns.promise(put(1))
            await asyncio.sleep(0)
        assert await turns.promise(put(2)) == 2
        clock.advance(0.06)
        third = turns.promise(put(3))
        await asyncio.sleep(0)
        assert (done, len(handed_on)) == ([1], 2)
        for one in handed_on:
            one.set_result("told")
        assert await outcomes(first, third) == ["told", "told"]
        assert await turns.promise(put(4)) == 4
        assert done == [1, 1]


async def test_another_process_that_writes_holds_up_the_thread_alone(site: Site, path: Path) -> None:
    turns, _, _, done = site
    with closing(open_writer(path)) as other:
        other.begin()
        waiting = turns.promise(put(1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        other.execute("COMMIT")
        assert await waiting == 1
    assert done == []
    until_the_thread_rests(turns)
    assert await turns.promise(put(2)) == 2
    assert done == [1]


async def test_the_commits_of_a_slow_disk_are_the_thread_s(site: Site, clock: HandClock) -> None:
    turns, _, connection, done = site

    def slowly() -> bool:
        clock.advance(1.0)
        return False

    connection.set_commit_hook(slowly)
    assert await turns.promise(put(1)) == 1
    assert await turns.promise(put(2)) == 2
    assert done == [1]
    until_the_thread_rests(turns)
    connection.set_commit_hook(None)
    clock.advance(100.0)
    assert await turns.promise(put(3)) == 3
    assert done == [1, 1]


async def test_writes_that_take_long_are_committed_in_several_turns(site: Site, clock: HandClock) -> None:
    turns, _, _, done = site
    long = turns.promise(put(1)), turns.promise(lambda _: clock.advance(1.0))
    assert await outcomes(*long, turns.promise(put(2))) == [1, None, 2]
    assert done == [2, 1]


async def test_who_gave_up_before_the_turn_is_not_served(site: Site, path: Path) -> None:
    turns, writer, _, _ = site
    gone = turns.promise(put(1))
    gone.cancel()
    assert await turns.promise(put(2)) == 2
    with Gate(writer):
        gone = turns.promise(put(3))
        await asyncio.sleep(0)
        assert writer.waiting() == 1
        gone.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert await turns.promise(put(4)) == 4
    with closing(open_reader(path)) as reader:
        assert stored(reader) == [2, 4]


async def test_a_commit_that_fails_in_the_loop_is_tried_again_by_the_thread(tmp_path: Path, clock: HandClock) -> None:
    disk, lock, done = WeakDisk(), threading.Lock(), list[int]()
    try:
        connection = open_writer(tmp_path / "weak.db", disk=Disk("weak"))
        connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
        with Writer(connection, turn=lock) as writer:
            turns = Turns(connection, lock, clock, submit=writer.submit, done=done.append, patience_s=1.0)
            disk.broken.set()
            failed = await outcomes(turns.promise(put(1)), turns.promise(put(2)))
            assert [type(one) for one in failed] == [DiskFailing, DiskFailing]
            disk.broken.clear()
            until_the_thread_rests(turns)
            assert await outcomes(turns.promise(put(1)), turns.promise(put(3))) == [1, 3]
            assert done == [2]
    finally:
        disk.unregister()


async def test_the_log_of_what_the_loop_wrote_is_copied_by_the_thread(tmp_path: Path) -> None:
    with Storage(tmp_path) as storage:
        storage.write(lambda tx: tx.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")).result()
        storage._connection.checkpoint_pages = 10
        for value in range(100):
            assert await storage.promise(put(value)) == value
            if value % 10 == 9:
                await asyncio.wrap_future(storage.write(lambda _: None))
        assert storage._connection.log_pages < 30


async def test_a_connection_that_is_gone_leaves_the_lock_to_the_thread(
    connection: Connection, clock: HandClock
) -> None:
    lock = threading.Lock()
    turns = Turns(connection, lock, clock, submit=lambda _: Future(), done=lambda _: None, patience_s=1.0)
    connection.close()
    with pytest.raises(apsw.ConnectionClosedError):
        turns._done([Job(put(1))])
    assert not lock.locked()
