"""The real programs with windows, offscreen: started, listened to, and closed as a service manager would."""

import os
import signal
import subprocess
import sys
from pathlib import Path

STOP_TIMEOUT_S = 30.0

#: What Qt says of the platform that shows nothing.
NOISE = b"propagateSizeHints"


class Program:
    """`pos_client.main` or `kds_client.main` on a settings file, in a process of its own; `also` are more flags."""

    def __init__(self, module: str, settings: Path, *also: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EVERTILL_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "--settings", str(settings), *also],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def refuses(self) -> tuple[int, str]:
        """Wait until it says why it can't open, then close its window; the exit code and all that it said."""
        assert self._process.stderr is not None
        first = NOISE
        while NOISE in first:
            first = self._process.stderr.readline()
        assert self.is_running, "it did not wait for the person to read it"
        return self.close(first)

    def close(self, said: bytes = b"") -> tuple[int, str]:
        """SIGTERM, as when the machine shuts down."""
        self._process.send_signal(signal.SIGTERM)
        _, rest = self._process.communicate(timeout=STOP_TIMEOUT_S)
        lines = [line for line in (said + rest).splitlines() if NOISE not in line]
        words = b"\n".join(lines).decode()
        assert "Traceback" not in words, words
        return self._process.returncode, words

    def end(self) -> None:
        """Leave nothing running, whatever the test came to."""
        if self.is_running:
            self._process.kill()
            self._process.communicate(timeout=STOP_TIMEOUT_S)


def refusal(module: str, settings: Path, *also: str) -> str:
    """What a program says that can't open; it has to end with 1."""
    program = Program(module, settings, *also)
    try:
        code, said = program.refuses()
    finally:
        program.end()
    assert code == 1, said
    return said
