"""What a benchmark gives: a ratio against a peer or a limit of the same run, the bar beside it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST_SHARE: Final = 0.5
"""A round in which the reference itself did less than this share of its best says nothing: others had the machine."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case. Higher ratios are better; for an at-most bar `theirs` is the limit, the ratio is limit over ours."""

    name: str
    ours: float
    theirs: float
    unit: str
    bar: float
    at_most: bool = False
    void: bool = False
    """Whether the machine was too busy for the figures to say anything."""

    @property
    def ratio(self) -> float:
        """What is compared with the bar."""
        if self.at_most:
            return self.theirs / self.ours if self.ours else float("inf")
        return self.ours / self.theirs if self.theirs else float("inf")

    def as_dict(self) -> dict[str, float | str | bool]:
        """For the JSON file."""
        found: dict[str, float | str | bool] = {"ratio": self.ratio, "bar": self.bar, "ours": self.ours}
        found |= {"theirs": self.theirs, "unit": self.unit}
        return found | {"void": True} if self.void else found


@dataclass(frozen=True, slots=True)
class Rates:
    """What each case did a second in the rounds that count; in a round all cases ran one after the other."""

    reference: str
    kept: Mapping[str, Sequence[float]]
    void: bool

    @classmethod
    def of(cls, cases: Mapping[str, Callable[[Path], float]], *, reference: str, rounds: int) -> "Rates":
        """Measure all cases in turn, each in a new folder, so many rounds; drop those in which the reference was slow.

        The run is void when not even half of the rounds are left.
        """
        found: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(rounds):
            for name, work in cases.items():
                with tempfile.TemporaryDirectory() as folder:
                    found[name].append(work(Path(folder)))
        least = LEAST_SHARE * max(found[reference])
        good = [place for place, rate in enumerate(found[reference]) if rate >= least]
        kept = {name: [rates[place] for place in good] for name, rates in found.items()}
        return cls(reference, kept, void=2 * len(good) < rounds)

    def row(self, name: str, case: str, *, unit: str, bar: float, against: str = "") -> Row:
        """A case's median beside the reference's, or beside that of another case."""
        peer = self.kept[against or self.reference]
        return Row(name, median(self.kept[case]), median(peer), unit, bar, void=self.void)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 0.5)


def table(rows: Sequence[Row]) -> str:
    """All rows as text, with a word where a bar is missed or a figure says nothing."""
    lines = [f"{'name':<18}{'ratio':>8}{'bar':>7}{'ours':>12}{'against':>12}  unit"]
    for row in rows:
        missed = "" if row.ratio >= row.bar else "  below the bar"
        said = "  void: the machine was busy" if row.void else missed
        lines.append(
            f"{row.name:<18}{row.ratio:>8.2f}{row.bar:>7.2f}{row.ours:>12.2f}{row.theirs:>12.2f}  {row.unit}{said}"
        )
    return "\n".join(lines)
