"""The real server in a process of its own: started, asked over loopback, killed, stopped."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.end_to_end.fork_server import Forked

PROGRAM = "reference_server.main"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0


class Gone(Exception):
    """The server did not answer: it is down, or died meanwhile. `was_sent` says whether the whole request had left."""

    def __init__(self, words: str, *, was_sent: bool) -> None:
        super().__init__(words)
        self.was_sent = was_sent


@dataclass(frozen=True)
class Reply:
    """What came back over the line, whole."""

    status: int
    json: Any
    is_replay: bool
    retry_after: str | None = None


class ServerProcess:
    """One data folder and one port; `start` may be called again after `kill` or `stop`."""

    def __init__(
        self,
        data: Path,
        *,
        host: str = "127.0.0.1",
        on: Sequence[str] = (),
        database: str = "",
        redis: str = "",
        tls: bool = False,
        log_level: str = "warning",
    ) -> None:
        """`host` is the address that it listens on; `on` is what starts a command on another host than this.

        `database` is the address of a PostgreSQL, `redis` of a Redis. With `tls` it shows the certificate of the house.
        """
        self.data = data
        self.host = host
        self.port = 0
        self._database = database
        self._redis = redis
        self._tls = tls
        self._log_level = log_level
        self._on = on
        self.environment: Mapping[str, str] | None = None
        """What comes on top of ours from the next start on; with it, as on another host, that is no fork."""
        self._process: Forked | subprocess.Popen[bytes] | None = None
        self.last_words = ""
        """What the one that ended last wrote on standard error."""

    @property
    def url(self) -> str:
        """Where devices find it."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    def command(self) -> list[str]:
        """The program with what it is told, but for the address."""
        return [sys.executable, "-m", PROGRAM, *self._told()]

    def start(self) -> None:
        """Start and wait for the line that says where it listens. Mostly it is forked with its imports made."""
        arguments = [*self._told(), "--host", self.host, "--port", str(self.port), "--log-level", self._log_level]
        arguments += ["--database", self._database] if self._database else []
        environment = {
            **os.environ,
            "EVERTILL_SERVER_ANNOUNCE": "false",
            "EVERTILL_SERVER_REDIS": self._redis,
            "EVERTILL_SERVER_TLS": str(self._tls).lower(),
            **(self.environment or {}),
        }
        if self._on or self.environment is not None:
            command = [*self._on, sys.executable, "-m", PROGRAM, *arguments]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        else:
            self._process = Forked(PROGRAM, arguments, environment)
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        if not line.startswith(f"ready on {self.url.rpartition(':')[0]}:"):
            _, said = self._process.communicate(timeout=STOP_TIMEOUT_S)
            raise AssertionError(f"the server did not start: {line}{said.decode()}")
        self.port = int(line.rsplit(":", 1)[1])

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._finish()

    def stand_still(self) -> None:
        """SIGSTOP: it accepts connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._finish()

    def _finish(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        _, said = process.communicate(timeout=STOP_TIMEOUT_S)
        self.last_words = said.decode()
        assert process.returncode is not None
        return process.returncode

    def _told(self) -> list[str]:
        return ["run", "--data", str(self.data), "--seed-demo"]

    def close(self) -> None:
        """Leave nothing running, whatever the test came to."""
        if self._process is not None:
            self.kill()


class Line:
    """One connection to a server, opened anew when it broke."""

    def __init__(self, server: ServerProcess, token: str) -> None:
        self._server = server
        self.token = token
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Reply:
        """Send a request and read the whole answer. Raises Gone."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        raw = b"" if body is None else json.dumps(body).encode()
        was_sent = False
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=10)
            self._connection.request(method, path, raw, headers)
            was_sent = True
            response = self._connection.getresponse()
            found = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise Gone(str(error), was_sent=was_sent) from error
        is_replay = response.headers.get("X-Idempotent-Replay") == "true"
        return Reply(response.status, found, is_replay, response.headers.get("Retry-After"))

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
