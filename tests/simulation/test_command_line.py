"""The simulator's command line writes what it played."""

import json
from pathlib import Path

from tests.simulation.__main__ import main


def test_one_night_is_played_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "found.json"

    assert main(["--worlds", "1", "--seed", "3", "--json", str(file)]) == 0

    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["worlds"], found["violations"], found["seeds_failed"]) == (1, 0, [])
    assert found["operations"] > 30
    assert found["faults"] == sum(found["by_fault"].values()) > 50
