"""`python -m benchmarks [--only NAME] [--json FILE]`: runs the benchmarks and prints their table."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks import (
    batch,
    board,
    cycle,
    delta,
    enqueue,
    fsyncs,
    kds_pull,
    lanes,
    process,
    push,
    replay,
    server_write,
    simulator,
    slow_line,
    tap,
)
from benchmarks.measure import Row, table
from shared.qt.starting import stands

MOST_LOAD: Final = 0.5
"""Of each core, by others."""

ALL: Final[dict[str, Callable[[], Sequence[Row]]]] = {
    "batch": batch.run,
    "board": board.run,
    "cycle": cycle.run,
    "delta": delta.run,
    "enqueue": enqueue.run,
    "fsyncs": fsyncs.run,
    "kds_pull": kds_pull.run,
    "lanes": lanes.run,
    "process": process.run,
    "push": push.run,
    "replay": replay.run,
    "server_write": server_write.run,
    "simulator": simulator.run,
    "slow_line": slow_line.run,
    "tap": tap.run,
}


def crowded() -> str:
    """A line where other work had the machine before we began: then figures say little, and ratios not much more."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < MOST_LOAD * cores:
        return ""
    return f"Taken on a crowded machine: {load:.1f} programs wanted its {cores} cores before this began.\n"


def main() -> int:
    """Run what was asked for; 0 also when a bar is missed, since machines are noisy: the table says so."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=sorted(ALL), help="one benchmark")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    stands()  # as the programs with windows do
    crowd = crowded()
    rows = [row for name, run in ALL.items() if asked.only in (None, name) for row in run()]
    sys.stdout.write(table(rows) + "\n" + crowd)
    if asked.json is not None:
        asked.json.write_text(json.dumps({row.name: row.as_dict() for row in rows}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
