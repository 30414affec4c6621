"""Which benchmarks a command asks for: all, one by its name, or one case of it."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.measure import Row

Run = Callable[[], Sequence[Row]]
"""Measures, and gives the rows of one benchmark, or of several that are measured together."""


def benchmark_of(name: str) -> str:
    """The benchmark of a case: `tap` of `tap.paint`, `lanes` of itself."""
    return name.partition(".")[0]


def measured(runs: Mapping[str, Run], *, only: str | None) -> list[Row]:
    """The rows of what was asked for. In a whole run what several names share is measured once.

    `runs` are by benchmark, or by case where one is measured by itself.
    """
    if only is None:
        return [row for run in dict.fromkeys(runs.values()) for row in run()]
    asked = _of_benchmark(runs, only) if only == benchmark_of(only) else [runs.get(only) or runs[benchmark_of(only)]]
    return [row for run in asked for row in run() if only in (row.name, benchmark_of(row.name))]


def _of_benchmark(runs: Mapping[str, Run], name: str) -> list[Run]:
    return [run for key, run in runs.items() if benchmark_of(key) == name]
