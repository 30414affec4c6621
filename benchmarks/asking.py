"""Which benchmarks a command asks for: all, one by its name, or one case of it."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.measure import Row

Run = Callable[[], Sequence[Row]]
"""Measures, and gives the rows of one benchmark, or of several that are measured together."""


def benchmark_of(name: str) -> str:
    """The benchmark of a case: `tap` of `tap.paint`, `lanes` of itself."""
    return name.partition(".")[0]


def measured(runs: Mapping[str, Run], *, only: str | None) -> list[Row]:
    """The rows of what was asked for. In a whole run what several names share is measured once."""
    if only is None:
        return [row for run in dict.fromkeys(runs.values()) for row in run()]
    rows = runs[benchmark_of(only)]()
    return [row for row in rows if only in (row.name, benchmark_of(row.name))]
