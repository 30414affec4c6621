"""`python -m benchmarks --only NAME`: every name of the table of bars is known, and nothing is measured twice."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.asking import Run, benchmark_of, measured
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
        return [_row("start.till"), _row("memory.till")]


def _of_the_command() -> set[str]:
    text = Path("benchmarks/__main__.py").read_text(encoding="utf-8")
    named = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict))
    return {ast.literal_eval(key) for key in named.keys if key is not None}


def _row(name: str) -> Row:
    return Row(name, 2.0, 1.0, "ms", 1.0)


def _names(rows: Sequence[Row]) -> list[str]:
    return [row.name for row in rows]


def test_the_command_knows_every_name_of_the_table_of_bars() -> None:
    """Read from its text: to import it would bring Qt into a unit test."""
    names = _of_the_command()
    assert {benchmark_of(name) for name in names} == set(TABLE)
    assert {"idle.kitchen", "idle.agent"} <= names, "what is left alone is a kitchen screen and an agent too"


@pytest.mark.parametrize(
    ("only", "found", "runs"),
    [
        ("start", ["start.till"], 1),
        ("memory", ["memory.till", "memory.hours"], 1),
        ("memory.till", ["memory.till"], 1),
        ("memory.hours", ["memory.hours"], 0),
        ("memory.nights", [], 1),
    ],
)
def test_one_name_gives_its_cases_and_no_others(only: str, found: list[str], runs: int) -> None:
    together = Together()
    assert _names(measured(_runs(together), only=only)) == found
    assert together.runs == runs


def test_a_whole_run_measures_once_what_two_names_share() -> None:
    together = Together()
    assert _names(measured(_runs(together), only=None)) == ["start.till", "memory.till", "memory.hours"]
    assert together.runs == 1


def _runs(together: Together) -> dict[str, Run]:
    return {"start": together, "memory": together, "memory.hours": lambda: [_row("memory.hours")]}


def test_the_table_says_which_bar_is_missed() -> None:
    missed = Row("start.till", 4.0, 2.0, "ms", 1.0, at_most=True)
    lines = table([_row("lanes"), missed]).splitlines()
    assert not lines[1].endswith("below the bar")
    assert lines[2].endswith("below the bar")
