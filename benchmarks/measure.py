"""What a benchmark gives: a ratio against a peer or a limit of the same run, the bar beside it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One case. Higher ratios are better; for an at-most bar `theirs` is the limit, the ratio is limit over ours."""

    name: str
    ours: float
    theirs: float
    unit: str
    bar: float
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """What is compared with the bar."""
        if self.at_most:
            return self.theirs / self.ours if self.ours else float("inf")
        return self.ours / self.theirs if self.theirs else float("inf")

    def as_dict(self) -> dict[str, float | str]:
        """For the JSON file."""
        return {"ratio": self.ratio, "bar": self.bar, "ours": self.ours, "theirs": self.theirs, "unit": self.unit}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 0.5)


def table(rows: Sequence[Row]) -> str:
    """All rows as text, with a word where a bar is missed."""
    lines = [f"{'name':<18}{'ratio':>8}{'bar':>7}{'ours':>12}{'against':>12}  unit"]
    for row in rows:
        missed = "" if row.ratio >= row.bar else "  below the bar"
        lines.append(
            f"{row.name:<18}{row.ratio:>8.2f}{row.bar:>7.2f}{row.ours:>12.2f}{row.theirs:>12.2f}  {row.unit}{missed}"
        )
    return "\n".join(lines)
