"""A program of the tests in a process of its own, and the words that it says, one `word name` a line, to its killer."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.end_to_end.fork_server import Forked

PATIENCE_S = 60.0


def say(word: str, name: str = "") -> None:
    """In such a program: a word to the killer, at once."""
    os.write(1, f"{word} {name}\n".encode())


class WatchedProcess:
    """`python -m tests.end_to_end.MODULE FOLDER WORDS`. `said` is all that was heard of it so far, in order."""

    def __init__(
        self,
        module: str,
        folder: Path,
        *words: str,
        environment: Mapping[str, str] | None = None,
        on: Sequence[str] = (),
    ) -> None:
        """`environment` comes on top of ours; `on` is what starts a command on another host.

        Without either it is forked by a process that has made the imports.
        """
        name, arguments = f"tests.end_to_end.{module}", [str(folder), *words]
        self._process: Forked | subprocess.Popen[bytes]
        if environment is None and not on:
            self._process = Forked(name, arguments, os.environ)
        else:
            self._process = subprocess.Popen(
                [*on, sys.executable, "-m", name, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, **(environment or {})},
            )
        self._left = b""
        self._heard = 0
        self.said: list[tuple[str, str]] = []

    def hear(self, word: str, times: int = 1) -> None:
        """Wait until it has said `word` so often since the last time. Raises AssertionError if it ends or is silent."""
        for _ in range(times):
            while word not in (said for said, _ in self.said[self._heard :]):
                if not self.listen(timeout_s=PATIENCE_S):
                    raise AssertionError(f"no {word!r} after {self.said[-40:]}: {self.kill()}")
            self._heard += 1 + [said for said, _ in self.said[self._heard :]].index(word)

    def skip(self) -> None:
        """What it has said by now is not heard any more."""
        self.listen()
        self._heard = len(self.said)

    def listen(self, *, timeout_s: float = 0.0) -> bool:
        """Hear what it has said by now; False when there was nothing."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            piece = os.read(self._process.stdout.fileno(), 1 << 20) if selector.select(timeout=timeout_s) else b""
        self._note(piece)
        return bool(piece)

    def stand_still(self) -> None:
        """SIGSTOP: it neither runs nor ends, and its connections stay."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> str:
        """SIGKILL, wait until it is gone, and hear its last words; returns what it said on standard error."""
        self._process.kill()
        rest, errors = self._process.communicate(timeout=PATIENCE_S)
        self._note(rest)
        return errors.decode()

    def let_go(self) -> None:
        """Close its standard input, upon which it ends by itself, in order."""
        rest, errors = self._process.communicate(timeout=PATIENCE_S)
        self._note(rest)
        assert self._process.returncode == 0, errors.decode()

    def close(self) -> None:
        """Leave nothing running, whatever the test came to."""
        if self._process.returncode is None:
            self.kill()

    def _note(self, piece: bytes) -> None:
        *lines, self._left = (self._left + piece).split(b"\n")
        for line in lines:
            word, _, name = line.decode().partition(" ")
            self.said.append((word, name))
