"""A program that is forked ends, speaks and dies as one that was started by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.end_to_end.fork_server import Forked

SERVER = "reference_server.main"
WRONG = ["run", "--port", "many"]


@pytest.mark.parametrize(("program", "wrong", "code"), [(SERVER, WRONG, 2), ("json.tool", [os.devnull], 1)])
def test_a_forked_program_ends_with_the_same_words_and_code_as_one_that_was_started(
    program: str, wrong: Sequence[str], code: int
) -> None:
    """The second ends by a SystemExit that carries its last words."""
    started = subprocess.run([sys.executable, "-m", program, *wrong], capture_output=True, check=False)
    forked = Forked(program, wrong, os.environ)
    said, errors = forked.communicate(timeout=30)
    assert (forked.returncode, said, errors) == (started.returncode, started.stdout, started.stderr)
    assert started.returncode == code
    assert started.stderr


def test_a_forked_program_has_the_environment_that_it_is_given_and_dies_of_sigkill(tmp_path: Path) -> None:
    given = {**os.environ, "EVERTILL_SERVER_PORT": "0", "EVERTILL_SERVER_ANNOUNCE": "false"}
    forked = Forked(SERVER, ["run", "--data", str(tmp_path), "--log-level", "warning"], given)
    assert forked.stdout.readline().startswith(b"ready on ")
    forked.kill()
    forked.communicate(timeout=30)
    assert forked.returncode == -signal.SIGKILL
    forked.kill()  # it is gone: its number may be another's by now


def test_a_signal_to_a_program_that_has_ended_a_moment_ago_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is told a moment after it: between the two it is neither there nor known to be gone."""
    forked = Forked(SERVER, WRONG, os.environ)
    monkeypatch.setattr(forked, "_is_gone", lambda *, within_s: False)
    while True:
        forked.kill()
        try:
            os.kill(forked.pid, 0)
        except ProcessLookupError:
            break
    forked.kill()
    monkeypatch.undo()
    forked.communicate(timeout=30)
    assert forked.returncode is not None
