"""`python -m benchmarks --only NAME`: every name of the table of bars is known, and nothing is measured twice."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.asking import measured
from benchmarks.measure import Row, table

TABLE = (
    *("enqueue", "fsyncs", "cycle", "replay", "lanes", "batch", "slow_line", "delta", "server_write", "server_replay"),
    *("kds_pull", "tap", "push", "board", "start", "memory", "idle", "simulator"),
)


class Together:
    """Two benchmarks that are measured in one go, and how often they were."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> Sequence[Row]:
        self.runs += 1
        return [_row("start.till"), _row("memory.till"), _row("memory.hours")]


def _row(name: str) -> Row:
    return Row(name, 2.0, 1.0, "ms", 1.0)


def _names(rows: Sequence[Row]) -> list[str]:
    return [row.name for row in rows]


def test_the_command_knows_every_name_of_the_table_of_bars() -> None:
    """Read from its text: to import it would bring Qt into a unit test."""
    text = Path("benchmarks/__main__.py").read_text(encoding="utf-8")
    named = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict))
    assert sorted(ast.literal_eval(key) for key in named.keys if key is not None) == sorted(TABLE)


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("start", ["start.till"]),
        ("memory", ["memory.till", "memory.hours"]),
        ("memory.hours", ["memory.hours"]),
        ("memory.nights", []),
    ],
)
def test_one_name_gives_its_cases_and_no_others(only: str, found: list[str]) -> None:
    together = Together()
    assert _names(measured({"start": together, "memory": together}, only=only)) == found


def test_a_whole_run_measures_once_what_two_names_share() -> None:
    together = Together()
    rows = measured({"start": together, "memory": together, "lanes": lambda: [_row("lanes")]}, only=None)
    assert _names(rows) == ["start.till", "memory.till", "memory.hours", "lanes"]
    assert together.runs == 1


def test_the_table_says_which_bar_is_missed() -> None:
    missed = Row("start.till", 4.0, 2.0, "ms", 1.0, at_most=True)
    lines = table([_row("lanes"), missed]).splitlines()
    assert not lines[1].endswith("below the bar")
    assert lines[2].endswith("below the bar")
