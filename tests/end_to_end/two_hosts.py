"""Two hosts for a night: the programs of the test run in namespaces of their own, with a bad line between them."""

from __future__ import annotations

import subprocess
import sys

from tests.end_to_end.relay import SERVER

PATIENCE_S = 30.0


class TwoHosts:
    """The relay's process and what it is told. `on_till` and `on_server` are put before a command."""

    def __init__(self) -> None:
        """Raises AssertionError where namespaces may not be made: this needs root and /dev/net/tun."""
        self._relay = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.relay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._relay.stdout is not None
        words = self._relay.stdout.readline().split()
        if words[:1] != ["ready"]:
            raise AssertionError("no network namespaces can be made here")
        self.on_till, self.on_server = (
            ("nsenter", f"--net=/proc/{self._relay.pid}/fd/{descriptor}") for descriptor in words[1:]
        )
        self.server_address = SERVER

    def tell(self, words: str) -> None:
        """Change the line; what is on its way stays on its way."""
        assert self._relay.stdin is not None
        self._relay.stdin.write(f"{words}\n")
        self._relay.stdin.flush()

    def close(self) -> None:
        """Both hosts are gone, with what still runs on them cut off."""
        self._relay.communicate(timeout=PATIENCE_S)
