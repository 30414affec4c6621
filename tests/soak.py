"""How the long proofs go on: for how long, from which seed, and a file in which the figures of every day are summed."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.clock import SystemClock

TOTALS = Path(__file__).parent.parent / "soak-report" / "totals.json"


@dataclass
class Soak:
    """One long proof: it asks for seeds until its share of the time is up, and notes what each one came to.

    `share_s` 0 is no limit: it plays as many seeds as are enough. `first_seed` 0 goes on after the last one noted.
    """

    name: str
    share_s: float
    first_seed: int
    path: Path = TOTALS
    played: list[int] = field(default_factory=list)

    def seeds(self, *, enough: int) -> Iterator[int]:
        """The seeds to play, one at least."""
        clock = SystemClock()
        until_s = clock.monotonic_s() + self.share_s
        seed = self.first_seed or 1 + max(map(int, self._noted()), default=0)
        while not self.played or (clock.monotonic_s() < until_s if self.share_s else len(self.played) < enough):
            self.played.append(seed)
            yield seed
            seed += 1

    def note(self, seed: int, figures: Mapping[str, int]) -> None:
        """Add a seed's figures to the file; one that is in it already counts once."""
        everything = read_totals(self.path)
        everything.setdefault(self.name, {})[str(seed)] = dict(figures)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        half = self.path.with_suffix(".new")
        half.write_text(json.dumps(everything, indent=0))
        half.replace(self.path)

    def total(self) -> Counter[str]:
        """All seeds of the file together."""
        return summed(self._noted())

    def _noted(self) -> dict[str, dict[str, int]]:
        return read_totals(self.path).get(self.name, {})


def read_totals(path: Path = TOTALS) -> dict[str, dict[str, dict[str, int]]]:
    """The file: for each proof, for each seed, its figures."""
    found: dict[str, dict[str, dict[str, int]]] = json.loads(path.read_text()) if path.exists() else {}
    return found


def summed(noted: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """The figures of all seeds of one proof."""
    total = Counter[str]()
    for figures in noted.values():
        total.update(figures)
    return total


def share_of(proofs: int) -> float:
    """How long each of so many proofs may take, in seconds, from SOAK_S for all together; 0 for no limit."""
    return float(os.environ.get("SOAK_S") or 0) / proofs


def first_seed() -> int:
    """SEED, or 0 to go on where the file ends."""
    return int(os.environ.get("SEED") or 0)
