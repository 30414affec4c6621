"""A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a socket there, ended with the tests."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg

from reference_server.storage.postgres_connection import PostgresConnection
from reference_server.storage.postgres_schema import bring_up
from reference_server.storage.postgres_sessions import SessionMaker
from shared.clock import SystemClock

PLACE = Path("/usr/lib/postgresql")
INSTALL = "packaging/linux/test-servers.sh installs it, and `make test` calls that"
READY = "database system is ready to accept connections"
START_TIMEOUT_S = 60.0
#: Empties every table of ours, and lets what is numbered begin with one again.
EMPTY: LiteralString = """
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'branch'
    LOOP EXECUTE format('DELETE FROM %I', one.name); END LOOP;
    FOR one IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = current_schema()
    LOOP PERFORM setval(one.name::regclass, 1, false); END LOOP;
END $$
"""
COUNT: LiteralString = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
#: As a careful house has it, but for few connections' memory.
SETTINGS = ("listen_addresses=", "fsync=on", "max_connections=120", "shared_buffers=32MB", "jit=off")


def programs() -> Path:
    """The folder of the newest PostgreSQL here. Without one the tests fail: they are never left out."""
    found = [place for place in PLACE.glob("*/bin") if (place / "initdb").exists()]
    if found:
        return max(found, key=lambda place: int(place.parent.name.split(".")[0]))
    elsewhere = shutil.which("initdb")
    assert elsewhere, f"PostgreSQL is not installed: {INSTALL}"
    return Path(elsewhere).resolve().parent


def _as_user() -> tuple[str, ...]:
    """What stands before a command: PostgreSQL refuses root, and ends with the tests even if these are killed."""
    together = ("setpriv", "--pdeathsig", "INT")
    if os.geteuid() != 0:
        return together
    return (*together, "--reuid", _user(), "--regid", str(pwd.getpwnam(_user()).pw_gid), "--clear-groups")


def _user() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Cluster:
    """One PostgreSQL. `start` may be called again after `stop`."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = SETTINGS) -> None:
        """`folder` belongs to whoever PostgreSQL runs as."""
        self.folder = folder
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._numbers = itertools.count(1)
        self._clean: list[str] = []
        self._tables: tuple[int] | None = None
        command = [*_as_user(), str(programs() / "initdb"), "--no-sync", "--auth=trust", "--username=evertill"]
        command += ["--encoding=UTF8", "--locale=C", str(folder / "data")]
        made = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert made.returncode == 0, made.stderr

    def start(self) -> None:
        """Start and wait for the line that says it takes connections."""
        command = [*_as_user(), str(programs() / "postgres"), "-D", str(self.folder / "data")]
        for setting in (*self._settings, f"unix_socket_directories={self.folder}"):
            command += ["-c", setting]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd="/")
        ready, said = threading.Event(), list[str]()
        threading.Thread(target=_listen, args=(process, ready, said), daemon=True).start()
        self._process = process
        assert ready.wait(START_TIMEOUT_S), "PostgreSQL does not get ready"
        assert process.poll() is None, "".join(said)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT cuts off who is connected and tidies up, SIGQUIT does neither."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(how)
            process.wait(START_TIMEOUT_S)
            assert process.stderr is not None

    def url(self, schema: str = "public") -> str:
        """The address of a schema."""
        return (
            f"postgresql://evertill@/postgres?host={quote(str(self.folder), safe='')}&options=-csearch_path%3D{schema}"
        )

    @contextmanager
    def branch(self) -> Iterator[str]:
        """The address of a schema with our tables, all of them empty. Making one takes a third of a second, so that
        it is emptied afterwards and given to the next."""
        url = self._clean.pop() if self._clean else self._made()
        yield url
        with psycopg.connect(url, autocommit=True) as session:
            if session.execute(COUNT).fetchone() == self._tables:  # else the test took one away
                session.execute(EMPTY)
                self._clean.append(url)

    def _made(self) -> str:
        url = self.new_url()
        with closing(PostgresConnection(SessionMaker(url).open, SystemClock())) as connection:
            bring_up(connection)
            self._tables = connection.execute(COUNT).fetchone()
        return url

    def new_url(self) -> str:
        """The address of a new, empty schema."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as session:
            session.execute(f"CREATE SCHEMA {name}".encode())
        return self.url(name)


def _listen(process: subprocess.Popen[str], ready: threading.Event, said: list[str]) -> None:
    """Read what it says to the end, so that it never waits for a reader."""
    assert process.stderr is not None
    with process.stderr as lines:
        for line in lines:
            said[:] = [*said[-50:], line]
            if READY in line:
                ready.set()
    ready.set()


@contextmanager
def cluster(settings: tuple[str, ...] = SETTINGS) -> Iterator[Cluster]:
    """A running one for the block."""
    folder = Path(tempfile.mkdtemp(prefix="evertill-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _user())
    try:
        made = Cluster(folder, settings)
        try:
            made.start()
            yield made
        finally:
            made.stop(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder)
