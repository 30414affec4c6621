"""The lock between real processes: one holder, and a killed one holds nothing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.locks import OsLock

HOLDER = """
import sys
from pathlib import Path
from shared.locks import OsLock
lock = OsLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""
PATIENCE_S = 30.0


@contextmanager
def other_process(path: Path) -> Iterator[tuple[subprocess.Popen[bytes], bool]]:
    """A second process that tries to take the lock and then stays; yields it and whether it got the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
        assert ready, "the other process said nothing"
        try:
            yield process, process.stdout.readline().strip() == b"True"
        finally:
            process.kill()


def test_a_holder_in_another_process_is_seen_and_its_sudden_death_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "sender.lock"
    with other_process(path) as (process, got_it):
        assert got_it
        mine = OsLock(path)
        assert not mine.acquire()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)
        assert mine.acquire()
    with other_process(path) as (_, got_it):
        assert not got_it
    mine.release()
    with other_process(path) as (_, got_it):
        assert got_it


def test_a_program_started_by_the_holder_does_not_inherit_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "sender.lock"
    lock = OsLock(path)
    assert lock.acquire()
    with other_process(tmp_path / "another.lock"):
        lock.release()
        assert OsLock(path).acquire()
