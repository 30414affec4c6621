"""PostgreSQL as the server's storage: revisions in order, nothing half when a line breaks, values as they went."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from reference_server.exchange import Problem
from reference_server.storage import changes, pages
from reference_server.storage.pages import PageSize
from reference_server.storage.postgres import PostgresStorage, PostgresWriter
from reference_server.storage.seam import Connection
from shared.errors import DatabaseBusy
from tests.contract.postgres_rig import END_WRITERS, LOCKED, PATIENCE_S, asked, numbers, opened, storing
from tests.contract.spoiled_postgres import HEAD, FromSequence, SaysSaved, Unlocked


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


def test_the_spoiled_writers_are_spoiled_where_revisions_are_taken(on_postgres: PostgresStorage) -> None:
    said: list[str] = []

    def listening(tx: Connection) -> None:
        tx.set_profile(lambda statement, _: said.append(statement))
        storing(1)(tx)
        tx.set_profile(None)

    on_postgres.write(listening).result(PATIENCE_S)
    assert said[0] == HEAD


def stalled(url: str, *, idle: str) -> tuple[str, list[str]]:
    """A process stands still in the middle of its write, longer than `idle`; another one writes meanwhile.

    Gives what the other's write came to, and what is there after the first has gone on.
    """
    began, go_on = threading.Event(), threading.Event()

    def slowly(tx: Connection) -> str:
        cursor = storing(1)(tx)
        began.set()
        assert go_on.wait(PATIENCE_S)
        return cursor

    short = f"{url}%20-cidle_in_transaction_session_timeout%3D{idle}%20-cstatement_timeout%3D3s"
    with opened(short) as first, opened(short) as second:
        one = first.write(slowly)
        assert began.wait(PATIENCE_S)
        try:
            other = second.write(storing(2)).result(PATIENCE_S)[:2]
        except DatabaseBusy:
            other = "busy"
        go_on.set()
        if other != "busy":
            with pytest.raises(DatabaseBusy):
                one.result(PATIENCE_S)
        else:
            assert one.result(PATIENCE_S)
        return other, numbers(second, after=0)


def test_a_process_that_stands_still_in_its_write_is_thrown_out_and_holds_up_the_others_no_longer(url: str) -> None:
    assert stalled(url, idle="500ms") == ("1-", ["C-2"])


def test_one_that_is_never_thrown_out_would_be_seen(url: str) -> None:
    """The mutant: without the bound the others wait until their own statement is given up."""
    assert stalled(url, idle="0") == ("busy", ["C-1"])


def test_the_bound_that_is_shipped_is_half_a_minute(on_postgres: PostgresStorage) -> None:
    said = on_postgres.read(lambda tx: tx.execute("SHOW idle_in_transaction_session_timeout").get)
    assert said == "30s"


def test_a_line_that_breaks_in_the_middle_is_told_as_busy_and_nothing_of_it_is_stored(
    url: str, on_postgres: PostgresStorage
) -> None:
    def breaking(tx: Connection) -> str:
        cursor = storing(1)(tx)
        assert asked(url, END_WRITERS) >= 1
        return cursor

    with pytest.raises(DatabaseBusy):
        on_postgres.write(breaking).result(PATIENCE_S)
    assert numbers(on_postgres, after=0) == []
    assert on_postgres.write(storing(1)).result(PATIENCE_S).startswith("1-")


def test_all_of_a_group_are_told_when_its_line_breaks(url: str, on_postgres: PostgresStorage) -> None:
    began, go_on = threading.Event(), threading.Event()

    def holding(_: Connection) -> None:
        began.set()
        assert go_on.wait(PATIENCE_S)

    first = on_postgres.write(holding)
    assert began.wait(PATIENCE_S)
    group = [
        on_postgres.write(storing(1)),
        on_postgres.write(lambda _: asked(url, END_WRITERS)),
        on_postgres.write(storing(2)),
    ]
    go_on.set()
    first.result(PATIENCE_S)
    assert [type(one.exception(PATIENCE_S)) for one in group] == [DatabaseBusy] * 3
    assert numbers(on_postgres, after=0) == []


def test_sessions_that_broke_while_nobody_used_them_are_no_trouble_to_anybody(
    url: str, on_postgres: PostgresStorage
) -> None:
    on_postgres.write(storing(1)).result(PATIENCE_S)
    assert numbers(on_postgres, after=0) == ["C-1"]
    assert asked(url, END_WRITERS) >= 2
    assert numbers(on_postgres, after=0) == ["C-1"]
    assert on_postgres.write(storing(2)).result(PATIENCE_S).startswith("2-")


def swallowing(tx: Connection) -> str:
    storing(1)(tx)
    with pytest.raises(psycopg.Error):
        tx.execute("SELECT nothing FROM nowhere")
    return "saved"


def test_a_transaction_in_which_a_statement_failed_is_never_called_saved(on_postgres: PostgresStorage) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        on_postgres.write(swallowing).result(PATIENCE_S)
    assert numbers(on_postgres, after=0) == []


def test_a_writer_that_takes_the_databases_word_for_it_is_caught(url: str) -> None:
    with opened(url, writer=SaysSaved) as storage:
        assert storage.write(swallowing).result(PATIENCE_S) == "saved"
        assert numbers(storage, after=0) == []


def test_one_that_fails_in_a_group_takes_nobody_along(on_postgres: PostgresStorage) -> None:
    began, go_on = threading.Event(), threading.Event()

    def holding(_: Connection) -> None:
        began.set()
        assert go_on.wait(PATIENCE_S)

    def refusing(tx: Connection) -> None:
        storing(2)(tx)
        raise Problem(403, "no")

    first = on_postgres.write(holding)
    assert began.wait(PATIENCE_S)
    group = [on_postgres.write(one) for one in (storing(1), refusing, swallowing, storing(3))]
    go_on.set()
    first.result(PATIENCE_S)
    told = [type(one.exception(PATIENCE_S)) for one in group]
    assert told == [type(None), Problem, psycopg.errors.InFailedSqlTransaction, type(None)]
    assert numbers(on_postgres, after=0) == ["C-1", "C-3"]
    assert on_postgres.read(changes.head_revision) == 2


def test_a_read_sees_one_moment_and_writes_nothing(on_postgres: PostgresStorage) -> None:
    def twice(tx: Connection) -> tuple[int, int]:
        before = changes.head_revision(tx)
        on_postgres.write(storing(1)).result(PATIENCE_S)
        return before, changes.head_revision(tx)

    assert on_postgres.read(twice) == (0, 0)
    with pytest.raises(Exception, match="This database can't be written"):
        on_postgres.read(storing(2))


def test_values_come_back_as_they_went(on_postgres: PostgresStorage) -> None:
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

    assert on_postgres.write(there_and_back).result(PATIENCE_S) == [
        1,
        2**62,
        [("e", "n", b"\x00\xff"), ("n", "e", b"\x00\xff")],
        None,
        [("a\ufffdb",), ("ö?",)],
        None,
    ]


def test_a_page_ends_where_it_is_full_and_says_that_there_is_more(on_postgres: PostgresStorage) -> None:
    for number in range(1, 6):
        on_postgres.write(storing(number)).result(PATIENCE_S)
    page = on_postgres.read(lambda tx: pages.orders_now(tx, day_start_ms=0, size=PageSize(entities=3)))
    assert (len(page.bodies), page.has_more, page.cursor[:2]) == (3, True, "3-")
    rest = on_postgres.read(lambda tx: pages.orders_after(tx, 3, size=PageSize(entities=3)))
    assert (len(rest.bodies), rest.has_more, rest.cursor[:2]) == (2, False, "5-")
