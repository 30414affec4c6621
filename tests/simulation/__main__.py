"""Bad nights by seed for so many seconds: `python -m tests.simulation --seconds N --seed S --json FILE`."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw

from shared.clock import SystemClock
from tests.simulation.world import Story, play

TWICE_EVERY = 20
"""One seed in so many is played a second time, and has to be the same night."""


def played(seed: int) -> tuple[Story, int]:
    """The night of a seed and how many operations its devices made; what raises there says how to replay it."""
    is_told = False
    try:
        with TemporaryDirectory() as name:
            story = play(seed, Path(name) / "night")
            operations = sum(count(path) for path in sorted(Path(name).glob("night/*/[pk]*s.sqlite")))
        is_told = True
        return story, operations
    finally:
        if not is_told:
            sys.stderr.write(replay(seed) + "\n")


def count(path: Path) -> int:
    """The operations in a device's file."""
    with closing(apsw.Connection(str(path))) as connection:
        return int(connection.execute("SELECT count(*) FROM operation").get)


def replay(seed: int) -> str:
    """The command that plays exactly this night again."""
    return f"replay: python -m tests.simulation --worlds 1 --seed {seed}"


def run(seed: int, *, seconds: float, worlds: int | None) -> dict[str, object]:
    """Play from this seed on. Faults are counted as the network made them."""
    clock = SystemClock()
    began_s = clock.monotonic_s()
    by_fault: Counter[str] = Counter()
    failed: list[int] = []
    operations = done = 0
    while done < worlds if worlds is not None else not done or clock.monotonic_s() - began_s < seconds:
        one = seed + done
        story, made = played(one)
        is_same = done % TWICE_EVERY != 0 or played(one)[0] == story
        if not (story.is_clean and is_same):
            failed.append(one)
            sys.stderr.write(f"{replay(one)} {story.broken or story.findings}{'' if is_same else ' differs'}\n")
        by_fault += story.faults + Counter({"kill": story.kills})
        operations += made
        done += 1
    faults = by_fault.total()
    return {
        "worlds": done,
        "operations": operations,
        "faults": faults,
        "faults_per_s": round(faults / (clock.monotonic_s() - began_s), 1),
        "by_fault": dict(sorted(by_fault.items())),
        "violations": len(failed),
        "seeds_failed": failed,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 if a night broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worlds", type=int, help="so many nights, whatever time they take")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    found = run(asked.seed, seconds=asked.seconds, worlds=asked.worlds)
    text = json.dumps(found, indent=2)
    sys.stdout.write(text + "\n")
    if asked.json is not None:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 1 if found["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
