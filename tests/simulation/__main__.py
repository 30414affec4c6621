"""Storms by seed for so many seconds: `python -m tests.simulation --seconds N --seed S --json FILE`."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw

from shared.clock import SystemClock
from tests.simulation.promises import Story
from tests.simulation.storm import STORM_S, play_storm

TWICE_EVERY = 20
"""One seed in so many is played a second time, and has to be the same storm to the last event."""


@dataclass(frozen=True)
class Stopwatch:
    """How much time went by, and how much of a core this process had."""

    wall_s: float
    cpu_s: float

    @classmethod
    def now(cls) -> "Stopwatch":
        """Until now."""
        times = os.times()
        return cls(SystemClock().monotonic_s(), times.user + times.system)

    def __add__(self, other: "Stopwatch") -> "Stopwatch":
        return Stopwatch(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)

    def __sub__(self, other: "Stopwatch") -> "Stopwatch":
        return Stopwatch(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s)


@dataclass
class Sums:
    """What came of all storms together."""

    worlds: int = 0
    operations: int = 0
    kills: int = 0
    played_twice: int = 0
    by_fault: Counter[str] = field(default_factory=Counter)
    violations: int = 0
    seeds_failed: list[int] = field(default_factory=list)
    again: "Stopwatch" = field(default_factory=lambda: Stopwatch(0.0, 0.0))
    """What playing seeds a second time took: those faults are counted once, so neither does their time count."""

    def play(self, seed: int, storm_s: float) -> None:
        """One more seed. What broke in it goes to the error output, with the command that plays it again."""
        story, operations = played(seed, storm_s)
        broken = list(wrong_with(story))
        if self.worlds % TWICE_EVERY == 0:
            self.played_twice += 1
            before = Stopwatch.now()
            if played(seed, storm_s)[0].trace != story.trace:
                broken.append("the same seed was not the same storm")
            self.again += Stopwatch.now() - before
        if broken:
            self.seeds_failed.append(seed)
            self.violations += len(broken)
            sys.stderr.write(f"{replay(seed, storm_s)}\n" + "".join(f"  {words}\n" for words in broken))
        self.worlds += 1
        self.operations += operations
        self.kills += story.kills
        self.by_fault += story.faults


def played(seed: int, storm_s: float) -> tuple[Story, int]:
    """The storm of a seed and how many operations its devices made."""
    with TemporaryDirectory() as name:
        story = play_storm(seed, Path(name) / "night", storm_s=storm_s)
        return story, sum(count(path) for path in sorted(Path(name).glob("night/*/[pk]*s.sqlite")))


def wrong_with(story: Story) -> tuple[str, ...]:
    """Each promise that was broken, in words."""
    undrained = () if story.drained or story.broken else ("the calm did not drain what waited",)
    unclean = () if story.findings.is_clean or story.broken else (f"the files: {story.findings}",)
    return (*story.broken, *story.findings.details, *undrained, *(unclean if not story.findings.details else ()))


def count(path: Path) -> int:
    """The operations in a device's file."""
    with closing(apsw.Connection(str(path))) as connection:
        return int(connection.execute("SELECT count(*) FROM operation").get or 0)


def replay(seed: int, storm_s: float) -> str:
    """The command that plays exactly this storm again."""
    shorter = "" if storm_s == STORM_S else f" --storm-s {storm_s:g}"
    return f"replay: python -m tests.simulation --worlds 1 --seed {seed}{shorter}"


def run(seed: int, *, seconds: float, worlds: int | None, storm_s: float) -> dict[str, object]:
    """Play from this seed on. A fault is what changed the path of an operation."""
    began = Stopwatch.now()
    sums = Sums()
    while sums.worlds < worlds if worlds is not None else not sums.worlds or _since(began).wall_s < seconds:
        sums.play(seed + sums.worlds, storm_s)
    faults = sums.by_fault.total()
    took = _since(began) - sums.again
    return {
        "worlds": sums.worlds,
        "operations": sums.operations,
        "kills": sums.kills,
        "played_twice": sums.played_twice,
        "faults": faults,
        "faults_per_s": round(faults / took.wall_s, 1),
        "faults_per_cpu_s": round(faults / took.cpu_s, 1),
        "by_fault": dict(sorted(sums.by_fault.items())),
        "violations": sums.violations,
        "seeds_failed": sums.seeds_failed,
    }


def _since(began: Stopwatch) -> Stopwatch:
    return Stopwatch.now() - began


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 if a storm broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worlds", type=int, help="so many storms, whatever time they take")
    parser.add_argument("--storm-s", type=float, default=STORM_S, help="how long each storm lasts, in its own time")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    found = run(asked.seed, seconds=asked.seconds, worlds=asked.worlds, storm_s=asked.storm_s)
    text = json.dumps(found, indent=2)
    sys.stdout.write(text + "\n")
    if asked.json is not None:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
