"""The lock between processes, as one process can see it: one holder at a time, with words for the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import AlreadyRunning, DatabaseError
from shared.locks import OsLock


def test_one_holder_at_a_time_in_one_process(tmp_path: Path) -> None:
    first, second = OsLock(tmp_path / "sender.lock"), OsLock(tmp_path / "sender.lock")
    assert first.acquire()
    assert first.acquire()
    assert first.held
    assert not second.acquire()
    assert not second.held
    first.release()
    first.release()
    assert second.acquire()
    second.release()


def test_a_block_holds_the_lock_or_says_that_another_runs(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sender.lock"
    with OsLock(path):
        with pytest.raises(AlreadyRunning), OsLock(path):
            raise AssertionError("two held one lock")
        assert not OsLock(path).acquire()
    assert OsLock(path).acquire()


def test_a_lock_that_cannot_be_made_gets_words(tmp_path: Path) -> None:
    (tmp_path / "sender.lock").mkdir()
    with pytest.raises(DatabaseError):
        OsLock(tmp_path / "sender.lock").acquire()
