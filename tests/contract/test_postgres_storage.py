"""PostgreSQL as the server's storage: revisions in order, nothing half when a line breaks, sessions that come back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, TypeVar

import psycopg
import pytest

from reference_server.exchange import Problem
from reference_server.storage import changes, entities, pages
from reference_server.storage.pages import PageSize
from reference_server.storage.postgres import PostgresStorage, PostgresWriter
from reference_server.storage.postgres_sessions import PoolSize
from reference_server.storage.seam import Connection
from shared.domain.order import Order, OrderState
from shared.errors import BadSettings, DatabaseBusy, DatabaseUnsafe
from shared.ids import OperationId, OrderId
from tests.contract.house import HISTORY, START_MS, HandClock
from tests.contract.spoiled_postgres import HEAD, FromSequence, SaysSaved, Unlocked
from tests.postgres import Cluster

T = TypeVar("T")

PATIENCE_S = 30.0
LOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
END_WRITERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND application_name = 'evertill-server'"
)
EVERYTHING = PageSize(entities=100)


def opened(url: str, **more: Any) -> PostgresStorage:
    return PostgresStorage(url, clock=HandClock(), history=HISTORY, **more)


@pytest.fixture
def url(postgres: Cluster) -> Iterator[str]:
    with postgres.branch() as url:
        yield url


@pytest.fixture
def storage(url: str) -> Iterator[PostgresStorage]:
    with opened(url) as storage:
        yield storage


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


def missed_by_a_reader(url: str, writer: type[PostgresWriter]) -> list[str]:
    """Two processes write at the same time, the first slowly; a reader pulls meanwhile and goes on from its cursor."""
    began, go_on = threading.Event(), threading.Event()

    def slowly(tx: Connection) -> str:
        cursor = storing(1)(tx)
        began.set()
        assert go_on.wait(PATIENCE_S)
        return cursor

    asked(url, "CREATE SEQUENCE revisions")
    with opened(url, writer=writer) as first, opened(url, writer=writer) as second:
        one = first.write(slowly)
        assert began.wait(PATIENCE_S)
        two = second.write(storing(2))
        with psycopg.connect(url, autocommit=True) as session:
            while not two.done() and session.execute(LOCKED).fetchone() == (0,):
                pass  # each look is a question to the database
        seen = numbers(first, after=0)
        head = first.read(changes.head_revision)
        go_on.set()
        assert {one.result(PATIENCE_S)[:2], two.result(PATIENCE_S)[:2]} == {"1-", "2-"}
        seen += numbers(first, after=head)
    asked(url, "DROP SEQUENCE revisions")
    return sorted({"C-1", "C-2"} - set(seen))


def test_revisions_become_visible_in_their_order_whoever_writes(url: str) -> None:
    assert missed_by_a_reader(url, FromSequence) == []


def test_without_the_branchs_lock_a_reader_misses_a_change_for_ever(url: str) -> None:
    assert missed_by_a_reader(url, Unlocked) == ["C-1"]


def test_the_spoiled_writers_are_spoiled_where_revisions_are_taken(storage: PostgresStorage) -> None:
    said: list[str] = []

    def listening(tx: Connection) -> None:
        tx.set_profile(lambda statement, _: said.append(statement))
        storing(1)(tx)
        tx.set_profile(None)

    storage.write(listening).result(PATIENCE_S)
    assert said[0] == HEAD


def test_a_line_that_breaks_in_the_middle_is_told_as_busy_and_nothing_of_it_is_stored(
    url: str, storage: PostgresStorage
) -> None:
    def breaking(tx: Connection) -> str:
        cursor = storing(1)(tx)
        assert asked(url, END_WRITERS) >= 1
        return cursor

    with pytest.raises(DatabaseBusy):
        storage.write(breaking).result(PATIENCE_S)
    assert numbers(storage, after=0) == []
    assert storage.write(storing(1)).result(PATIENCE_S).startswith("1-")


def test_all_of_a_group_are_told_when_its_line_breaks(url: str, storage: PostgresStorage) -> None:
    began, go_on = threading.Event(), threading.Event()

    def holding(_: Connection) -> None:
        began.set()
        assert go_on.wait(PATIENCE_S)

    first = storage.write(holding)
    assert began.wait(PATIENCE_S)
    group = [storage.write(storing(1)), storage.write(lambda _: asked(url, END_WRITERS)), storage.write(storing(2))]
    go_on.set()
    first.result(PATIENCE_S)
    assert [type(one.exception(PATIENCE_S)) for one in group] == [DatabaseBusy] * 3
    assert numbers(storage, after=0) == []


def test_sessions_that_broke_while_nobody_used_them_are_no_trouble_to_anybody(
    url: str, storage: PostgresStorage
) -> None:
    storage.write(storing(1)).result(PATIENCE_S)
    assert numbers(storage, after=0) == ["C-1"]
    assert asked(url, END_WRITERS) >= 2
    assert numbers(storage, after=0) == ["C-1"]
    assert storage.write(storing(2)).result(PATIENCE_S).startswith("2-")


def swallowing(tx: Connection) -> str:
    storing(1)(tx)
    with pytest.raises(psycopg.Error):
        tx.execute("SELECT nothing FROM nowhere")
    return "saved"


def test_a_transaction_in_which_a_statement_failed_is_never_called_saved(storage: PostgresStorage) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        storage.write(swallowing).result(PATIENCE_S)
    assert numbers(storage, after=0) == []


def test_a_writer_that_takes_the_databases_word_for_it_is_caught(url: str) -> None:
    with opened(url, writer=SaysSaved) as storage:
        assert storage.write(swallowing).result(PATIENCE_S) == "saved"
        assert numbers(storage, after=0) == []


def test_one_that_fails_in_a_group_takes_nobody_along(storage: PostgresStorage) -> None:
    began, go_on = threading.Event(), threading.Event()

    def holding(_: Connection) -> None:
        began.set()
        assert go_on.wait(PATIENCE_S)

    def refusing(tx: Connection) -> None:
        storing(2)(tx)
        raise Problem(403, "no")

    first = storage.write(holding)
    assert began.wait(PATIENCE_S)
    group = [storage.write(one) for one in (storing(1), refusing, swallowing, storing(3))]
    go_on.set()
    first.result(PATIENCE_S)
    told = [type(one.exception(PATIENCE_S)) for one in group]
    assert told == [type(None), Problem, psycopg.errors.InFailedSqlTransaction, type(None)]
    assert numbers(storage, after=0) == ["C-1", "C-3"]
    assert storage.read(changes.head_revision) == 2


def test_another_process_is_heard_and_one_does_not_hear_oneself(url: str) -> None:
    heard = threading.Semaphore(0)
    with opened(url, name="one") as one, opened(url, name="two") as two:
        deaf = one.hear(heard.release)
        assert heard.acquire(timeout=PATIENCE_S)  # it listens from now on
        one.write(storing(1)).result(PATIENCE_S)
        two.write(storing(2)).result(PATIENCE_S)
        assert heard.acquire(timeout=PATIENCE_S)
        assert not heard.acquire(blocking=False)
        deaf()
        two.write(storing(3)).result(PATIENCE_S)
    assert not heard.acquire(blocking=False)


def test_an_ear_whose_line_broke_listens_again_and_takes_the_silence_for_news(url: str) -> None:
    heard = threading.Semaphore(0)
    with opened(url, name="one") as one, opened(url, name="two") as two:
        deaf = one.hear(heard.release)
        assert heard.acquire(timeout=PATIENCE_S)
        assert asked(url, END_WRITERS) >= 1
        assert heard.acquire(timeout=PATIENCE_S)
        two.write(storing(1)).result(PATIENCE_S)
        assert heard.acquire(timeout=PATIENCE_S)
        deaf()


def test_a_session_is_opened_anew_after_so_many_uses(url: str) -> None:
    pid: Callable[[Connection], int] = lambda tx: int(tx.execute("SELECT pg_backend_pid()").get)  # noqa: E731
    with opened(url, size=PoolSize(uses=3)) as storage:
        reading = [storage.read(pid) for _ in range(6)]
        writing = [storage.write(pid).result(PATIENCE_S) for _ in range(6)]
    assert len(set(reading[:3])) == len(set(reading[3:])) == 1
    assert len(set(reading)) == 2
    assert 2 <= len(set(writing)) <= 3


def test_sessions_beyond_the_least_are_closed_once_they_stood_idle(url: str) -> None:
    clock = HandClock()
    with PostgresStorage(url, clock=clock, size=PoolSize(least=1)) as storage:

        def deeper(levels: int) -> int:
            return storage.read(lambda _: deeper(levels - 1) if levels else storage._pool.figures()[0])

        assert deeper(2) == 3
        clock.ms += 29_000
        assert storage.read(lambda _: storage._pool.figures()) == (3, 2)
        clock.ms += 2_000
        storage.read(lambda _: None)
        assert storage._pool.figures() == (1, 1)


def test_when_all_sessions_are_in_use_one_is_told_busy_after_a_while(url: str) -> None:
    with (
        opened(url, size=PoolSize(most=3, wait_s=0.01)) as storage,
        pytest.raises(DatabaseBusy),
    ):
        storage.read(lambda _: storage.read(lambda tx: tx.execute("SELECT 1").get))
    assert storage.saturation() == 0.0


def test_a_read_sees_one_moment_and_writes_nothing(storage: PostgresStorage) -> None:
    def twice(tx: Connection) -> tuple[int, int]:
        before = changes.head_revision(tx)
        storage.write(storing(1)).result(PATIENCE_S)
        return before, changes.head_revision(tx)

    assert storage.read(twice) == (0, 0)
    with pytest.raises(Exception, match="This database can't be written"):
        storage.read(storing(2))


def test_values_come_back_as_they_went(storage: PostgresStorage) -> None:
    def there_and_back(tx: Connection) -> list[Any]:
        tx.executemany("INSERT INTO counter (name, value) VALUES (?, ?)", [("a\x00b", True), ("ö?", 2**62)])
        tx.execute("INSERT INTO catalogue VALUES (?1, ?2, ?3, 0), (?2, ?1, ?3, 1)", ("e", "n", b"\x00\xff"))
        return [
            tx.execute("SELECT value FROM counter WHERE name = ?", ("a\x00b",)).get,
            tx.execute("SELECT sum(value) FROM counter WHERE name = 'ö?' OR name = ?", ("ö?",)).get,
            tx.execute("SELECT name, etag, body FROM catalogue ORDER BY changed_at").fetchall(),
            tx.execute("SELECT 1 FROM counter WHERE name = ?", (None,)).get,
            list(tx.execute("SELECT name FROM counter ORDER BY value")),
            tx.execute("DELETE FROM counter").fetchone(),
        ]

    assert storage.write(there_and_back).result(PATIENCE_S) == [
        1,
        2**62,
        [("e", "n", b"\x00\xff"), ("n", "e", b"\x00\xff")],
        None,
        [("a\ufffdb",), ("ö?",)],
        None,
    ]


def test_a_page_ends_where_it_is_full_and_says_that_there_is_more(storage: PostgresStorage) -> None:
    for number in range(1, 6):
        storage.write(storing(number)).result(PATIENCE_S)
    page = storage.read(lambda tx: pages.orders_now(tx, day_start_ms=0, size=PageSize(entities=3)))
    assert (len(page.bodies), page.has_more, page.cursor[:2]) == (3, True, "3-")
    rest = storage.read(lambda tx: pages.orders_after(tx, 3, size=PageSize(entities=3)))
    assert (len(rest.bodies), rest.has_more, rest.cursor[:2]) == (2, False, "5-")


def test_a_postgresql_that_does_not_keep_what_it_took_is_refused(postgres: Cluster, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("ALTER SYSTEM SET full_page_writes = off")
        session.execute("SELECT pg_reload_conf()")
        while session.execute("SHOW full_page_writes").fetchone() == ("on",):
            pass  # each look is a question to the database
        with pytest.raises(DatabaseUnsafe, match="full_page_writes is off"):
            opened(url)
        session.execute("ALTER SYSTEM RESET full_page_writes")
        session.execute("SELECT pg_reload_conf()")
        while session.execute("SHOW full_page_writes").fetchone() == ("off",):
            pass
    opened(url).close()


def test_a_database_that_is_not_there_is_told_in_words(postgres: Cluster) -> None:
    with pytest.raises(DatabaseBusy, match="PostgreSQL can't do this now"):
        opened(postgres.url().replace(str(postgres.folder.name), "nowhere"))
    with pytest.raises(BadSettings):
        opened("postgresql:/nobody/here?at=all")
    with pytest.raises(DatabaseUnsafe, match="schema None"):
        opened(postgres.url("nothing"))


def test_a_process_of_an_older_program_writes_nothing_after_an_upgrade(url: str, storage: PostgresStorage) -> None:
    asked(url, "UPDATE branch SET schema_version = schema_version + 1")
    with pytest.raises(Exception, match="newer version"):
        storage.write(storing(1)).result(PATIENCE_S)
    asked(url, "UPDATE branch SET schema_version = schema_version - 1")
    storage.write(storing(1)).result(PATIENCE_S)


def test_two_processes_that_start_at_once_make_one_set_of_tables(postgres: Cluster) -> None:
    url, found = postgres.new_url(), list[int]()

    def start() -> None:
        with closing(opened(url)) as storage:
            found.append(storage.upgraded)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(found)[:2] == [0, 0]
    assert max(found) > 0
