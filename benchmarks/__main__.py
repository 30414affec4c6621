"""`python -m benchmarks [--only NAME] [--json FILE]`: runs the benchmarks and prints their table."""

import argparse
import gc
import json
import os
import sys
from pathlib import Path
from typing import Final

from benchmarks import (
    batch,
    board,
    cycle,
    delta,
    enqueue,
    fsyncs,
    hours,
    idle,
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
from benchmarks.asking import Run, benchmark_of, measured
from benchmarks.measure import table

MOST_LOAD: Final = 0.5
"""Of each core, by others."""

ALL: Final[dict[str, Run]] = {
    "batch": batch.run,
    "board": board.run,
    "cycle": cycle.run,
    "delta": delta.run,
    "enqueue": enqueue.run,
    "fsyncs": fsyncs.run,
    "idle": process.run,
    "idle.agent": idle.run,
    "idle.kitchen": idle.run,
    "kds_pull": kds_pull.run,
    "lanes": lanes.run,
    "memory": process.run,
    "memory.hours": hours.run,
    "push": push.run,
    "replay": replay.run,
    "server_replay": server_write.run,
    "server_write": server_write.run,
    "simulator": simulator.run,
    "slow_line": slow_line.run,
    "start": process.run,
    "tap": tap.run,
}
"""Some are measured together: the same processes, or one beside the other. A case has its own name when it is not."""


def crowded() -> str:
    """A line where other work had the machine before we began: then figures say little, and ratios not much more."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load < MOST_LOAD * cores:
        return ""
    return f"Taken on a crowded machine: {load:.1f} programs wanted its {cores} cores before this began.\n"


def main() -> int:
    """Run what was asked for; 0 also when a bar is missed, since machines are noisy: the table says so."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help=f"one of {', '.join(ALL)}; or one case, as tap.paint")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    if asked.only is not None and benchmark_of(asked.only) not in ALL:
        parser.error(f"there is no benchmark {asked.only}; there are {', '.join(ALL)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    gc.freeze()  # what this is made of is no garbage of what is measured
    crowd = crowded()
    rows = measured(ALL, only=asked.only)
    if not rows:
        parser.error(f"{benchmark_of(asked.only)} has no case {asked.only}")
    sys.stdout.write(table(rows) + "\n" + crowd)
    if asked.json is not None:
        asked.json.write_text(json.dumps({row.name: row.as_dict() for row in rows}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
