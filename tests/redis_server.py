"""A real Redis for tests: in a temporary folder, on a socket there, ended with the tests."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL = "packaging/linux/test-servers.sh installs it, and `make test` calls that"
READY = "ready to accept connections"
#: Debian has the server under this name where only its tools are installed; it goes by the name it is called with.
ALSO = "redis-check-rdb"
NAME = "redis-server"
END_TIMEOUT_S = 30.0


class RedisServer:
    """One Redis that keeps nothing on the disk. `start` may be called again after `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Its address, as the server's setting `redis` takes it."""
        return f"redis+unix://{self.folder}/redis.sock"

    def start(self) -> None:
        """Start, and wait for the line that says it takes connections."""
        program = shutil.which(NAME) or shutil.which(ALSO)
        assert program, f"Redis is not installed: {INSTALL}"
        called = self.folder / NAME
        if not called.exists():
            called.symlink_to(program)
        # It ends with the tests even if these are killed.
        command = ["setpriv", "--pdeathsig", "KILL", str(called), "--port", "0", "--save", "", "--appendonly", "no"]
        command += ["--unixsocket", str(self.folder / "redis.sock")]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=self.folder)
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if READY in line.lower():
                return
        raise AssertionError("".join(said))

    def stop(self) -> None:
        """End it, with all that it counted."""
        self._end(signal.SIGTERM)

    def hold(self) -> None:
        """It stands still: it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """It stands still no more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End it whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(how)
            process.communicate(timeout=END_TIMEOUT_S)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running one for the block."""
    folder = Path(tempfile.mkdtemp(prefix="evertill-redis-"))
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.end()
        shutil.rmtree(folder)
