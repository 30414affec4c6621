"""The sessions of PostgreSQL: those that read, the one that listens, and a database that is not to be trusted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import tests.postgres
from reference_server.main import main
from reference_server.storage.postgres import PostgresStorage
from reference_server.storage.postgres_sessions import PoolSize
from reference_server.storage.seam import Connection
from shared.errors import BadSettings, DatabaseBusy, DatabaseUnsafe
from tests.contract.house import HandClock
from tests.contract.postgres_rig import END_WRITERS, PATIENCE_S, asked, opened, storing
from tests.postgres import Cluster, programs


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


def test_the_size_of_the_database_is_known_from_reading_and_measured_anew_after_a_minute(url: str) -> None:
    clock, said = HandClock(), list[str]()
    with PostgresStorage(url, clock=clock) as storage:
        assert storage.size_bytes() is None
        for seconds in (0, 59, 1, 1):
            clock.ms += seconds * 1000
            storage.read(lambda tx: tx.set_profile(lambda statement, _: said.append(statement)))
        assert len(said) == 2
        assert (storage.size_bytes() or 0) > 1_000_000
        assert storage.free_bytes() is None


def test_when_all_sessions_are_in_use_one_is_told_busy_after_a_while(url: str) -> None:
    with (
        opened(url, size=PoolSize(most=3, wait_s=0.01)) as storage,
        pytest.raises(DatabaseBusy),
    ):
        storage.read(lambda _: storage.read(lambda tx: tx.execute("SELECT 1").get))
    assert storage.saturation() == 0.0


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


def test_where_postgresql_is_not_installed_the_tests_fail_and_say_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tests.postgres, "PLACE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssertionError, match=r"packaging/linux/test-servers\.sh"):
        programs()


def test_a_database_that_is_not_there_is_told_in_words(postgres: Cluster) -> None:
    with pytest.raises(DatabaseBusy, match="PostgreSQL can't do this now"):
        opened(postgres.url().replace(str(postgres.folder.name), "nowhere"))
    with pytest.raises(BadSettings):
        opened("postgresql:/nobody/here?at=all")
    with pytest.raises(DatabaseUnsafe, match="schema None"):
        opened(postgres.url("nothing"))


def test_a_process_of_an_older_program_writes_nothing_after_an_upgrade(url: str, on_postgres: PostgresStorage) -> None:
    asked(url, "UPDATE branch SET schema_version = schema_version + 1")
    with pytest.raises(Exception, match="newer version"):
        on_postgres.write(storing(1)).result(PATIENCE_S)
    asked(url, "UPDATE branch SET schema_version = schema_version - 1")
    on_postgres.write(storing(1)).result(PATIENCE_S)


def test_the_commands_that_copy_a_file_say_that_postgresql_has_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["backup", "--to", "copy"], ["restore", "--from", "copy"]):
        assert main([*command, "--data", str(tmp_path), "--database", "postgresql://here/evertill"]) == 2
        assert "pg_dump" in capsys.readouterr().err


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
