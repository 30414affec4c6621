"""The real windows on settings and files that can't be used: each says why, waits to be read, and harms nothing."""

import json
import select
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_server.main import main as server_command
from shared.locks import OsLock
from tests.end_to_end.programs import Program, refusal

TILL, KITCHEN = "pos_client.main", "kds_client.main"


def enrolled(folder: Path, kind: str, capsys: pytest.CaptureFixture[str]) -> Path:
    """Settings as enrolment prints them, with a data folder beside them."""
    words = ["enrol", "--data", str(folder / "server"), "--kind", kind, "--name", "x", "--url", "http://127.0.0.1:1"]
    assert server_command(words) == 0
    path = folder / f"{kind}.toml"
    path.write_text(f"data_dir = {json.dumps(str(folder / 'data'))}\n{capsys.readouterr().out}")
    return path


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


@pytest.mark.parametrize(
    ("program", "spoil", "title"),
    [
        ((TILL, "pos"), half, "The settings"),
        ((KITCHEN, "kds"), Path.unlink, "This device is not enrolled yet"),
        ((TILL, "kds"), lambda path: None, "These are the settings of a kitchen screen"),
        ((KITCHEN, "pos"), lambda path: None, "These are the settings of a till"),
    ],
    ids=["half-written", "missing", "a kitchen's at the till", "a till's in the kitchen"],
)
def test_settings_that_cannot_be_used_are_told_and_make_no_file(
    program: tuple[str, str],
    spoil: Callable[[Path], None],
    title: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module, kind = program
    settings = enrolled(tmp_path, kind, capsys)
    spoil(settings)
    said = refusal(module, settings)
    assert said.startswith(title)
    assert str(settings) in said
    assert not (tmp_path / "data").exists()


def test_a_damaged_file_is_told_and_stays_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = enrolled(tmp_path, "pos", capsys)
    file = tmp_path / "data" / "pos.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"This was a till's file once. " * 500)
    before = file.read_bytes()
    said = refusal(TILL, settings)
    assert said.startswith("The device's file is damaged")
    assert str(file) in said
    assert file.read_bytes() == before


def test_a_second_start_on_one_file_says_so_and_leaves_and_the_first_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = enrolled(tmp_path, "pos", capsys)
    first = Program(TILL, settings)
    try:
        wait_until_held(tmp_path / "data" / "pos.lock")
        said = refusal(TILL, settings)
        assert said.startswith("This is already running on this device")
        assert "Use the window that is open." in said
        assert first.is_running
        assert first.close() == (0, "")
    finally:
        first.end()


def wait_until_held(path: Path) -> None:
    """Until a program has the lock; looked at twenty times a second."""
    for _ in range(600):
        if path.exists():
            lock = OsLock(path)
            if not lock.acquire():
                return
            lock.release()
        select.select([], [], [], 0.05)
    raise AssertionError("the first program did not start")
