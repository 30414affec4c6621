"""The ear of a server process: told by PostgreSQL when another process has committed, it says so at once."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

import psycopg

from reference_server.storage.postgres_connection import Session

#: The channel on which each commit is told; beside it stand its schema and the process that made it.
CHANNEL: Final = "evertill"
#: After a line broke, the ear tries again this often. Until then the streams look by themselves every second.
AGAIN_S: Final = 1.0


class Ear:
    """A thread with a session of its own that does nothing but listen."""

    def __init__(self, open_session: Callable[[], Session], *, name: str, heard: Callable[[], object]) -> None:
        """`heard` is called in this thread: after a commit of a process with another name, and after each silence in
        which one could have been missed."""
        self._open = open_session
        self._name = name
        self._heard = heard
        self._stop, self._stopped = socket.socketpair()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-ear", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear nothing any more. May be called again."""
        self._is_over.set()
        self._stop.close()
        self._thread.join()
        self._stopped.close()

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                with closing(self._open()) as session:
                    self._listen(session)
            except psycopg.Error:
                self._is_over.wait(AGAIN_S)

    def _listen(self, session: Session) -> None:
        """Until it is over or the line breaks. Raises what psycopg raises."""
        session.execute(f"LISTEN {CHANNEL}".encode())
        row = session.execute("SELECT current_schema() || ' '").fetchone()
        assert row is not None, "a session has a schema"
        ours, own = str(row[0]), f"{row[0]}{self._name}"
        self._heard()
        with selectors.DefaultSelector() as selector:
            selector.register(session.fileno(), selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while not self._is_over.is_set():
                selector.select()
                session.pgconn.consume_input()
                news = []
                while (told := session.pgconn.notifies()) is not None:
                    news.append(told.extra.decode())
                if any(one.startswith(ours) and one != own for one in news):
                    self._heard()
