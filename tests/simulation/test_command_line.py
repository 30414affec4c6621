"""The simulator's command line writes what it played, and what broke with the command that plays it again."""

import json
from pathlib import Path

import pytest

from reference_server import writes
from tests.simulation.__main__ import main


def test_one_storm_is_played_from_the_command_line_and_once_more_for_its_trace(tmp_path: Path) -> None:
    file = tmp_path / "found.json"

    assert main(["--worlds", "1", "--seed", "3", "--storm-s", "10", "--json", str(file)]) == 0

    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["worlds"], found["played_twice"], found["violations"], found["seeds_failed"]) == (1, 1, 0, [])
    assert found["operations"] > 30
    assert found["faults"] == sum(found["by_fault"].values()) > 50


def test_what_raises_fails_its_seed_and_the_next_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.json"
    monkeypatch.delattr(writes, "_recorded")

    assert main(["--worlds", "2", "--seed", "3", "--storm-s", "1", "--json", str(file)]) == 1

    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["worlds"], found["seeds_failed"]) == (2, [3, 4])
    assert found["violations"] >= 2
    told = capsys.readouterr().err
    assert "replay: python -m tests.simulation --worlds 1 --seed 3 --storm-s 1\n" in told
    assert "raised NameError" in told
