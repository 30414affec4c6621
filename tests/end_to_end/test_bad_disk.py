"""Full and write-protected disks under the real programs: told in words, nothing lost or half, cash to the last."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reference_server.main import main as server_command
from reference_server.storage.file import FILE_NAME
from shared.database import open_reader
from shared.recover import IN_PART
from shared.store import outbox
from tests.end_to_end.server_process import ServerProcess
from tests.end_to_end.small_disk import may_mount, run_on_small_disk
from tests.end_to_end.test_signed_off import operations

SIZE_MIB = 32


@pytest.fixture
def disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder at which the small disk is mounted; where that can't be, the output says so."""
    if not may_mount():
        with capsys.disabled():
            sys.stdout.write("\nno mounts allowed here: no disk is really full, and less is looked at\n")
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "server")
    process.start()
    yield process
    process.close()


def told(disk: Path, what: str, word: str) -> dict[str, Any]:
    """Run it on the small disk; what it found."""
    done = run_on_small_disk(disk, "tests.end_to_end.disk_process", what, word, size_mib=SIZE_MIB)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found.get("mounted", may_mount()) == may_mount(), (
        "what this machine allows was not done: the disk was not small"
    )
    return found


def test_a_full_disk_refuses_taps_in_words_takes_cash_to_the_last_and_loses_nothing(
    server: ServerProcess, disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://127.0.0.1:{server.port}"
    enrol = ["enrol", "--data", str(server.data), "--url", url, "--kind", "pos", "--name", "Till 1"]
    assert server_command(enrol) == 0
    settings = tmp_path / "pos.toml"
    settings.write_text(f"{capsys.readouterr().out}data_dir = {json.dumps(str(disk))}\n")
    found = told(disk, "till", str(settings))
    if found["mounted"]:
        assert found["tap_at_the_bound"].startswith("The disk of this till is almost full. No new orders")
    assert found["cash_at_the_bound"] == ""
    assert found["cash_on_a_full_disk"].startswith(
        ("The disk is full. ", "The disk of this device answers with errors. ")
    )
    assert "This was not saved; everything before it is." in found["cash_on_a_full_disk"]
    assert found["refused_stays_open"]
    assert found["open_orders_seen"]
    assert found["cash_after"] == []
    assert found["needs_person"] == 0
    assert len(operations(server.data / FILE_NAME)) == 12 * 3 + 12 + 3


def test_a_server_on_a_full_disk_asks_to_come_back_and_has_nothing_half(
    disk: Path,
) -> None:
    found = told(disk, "server", "")
    assert (found["before"], found["exit"]) == (201, 0)
    if found["mounted"]:
        assert (found["full"], found["still_full"], found["read"]) == (503, 503, 200)
        assert found["words"] == "The disk is full."
        assert (found["after"], found["replayed"]) == (201, False)
        assert found["orders"] == found["expected"]


def test_what_a_till_had_saved_is_taken_from_a_disk_that_is_mounted_for_reading(disk: Path, tmp_path: Path) -> None:
    found = told(disk, "rescue", str(tmp_path))
    assert (found["whole"], found["damaged"]) == (0, IN_PART)
    for name in ("whole", "damaged"):
        with closing(open_reader(tmp_path / name / "pos.sqlite")) as new:
            assert outbox.waiting(new) > 0
    assert found["held"] == 1
    assert "already running" in found["words"]


def test_windows_on_a_disk_that_cannot_be_written_say_so_and_close(disk: Path, tmp_path: Path) -> None:
    settings = tmp_path / "template.toml"
    token = "x" * 32
    settings.write_text(
        f'kind = "KIND"\nserver_url = "http://127.0.0.1:1"\ndevice_id = "d"\nletter = "C"\ntoken = "{token}"\n'
    )
    found = told(disk, "read-only", str(settings))
    for said in found.values():
        assert said.startswith("The folder of the device's file can't be used: ")
        assert "Check that this user may write the data folder" in said
        assert token not in said
