"""`memory.hours`: a till's memory after eight simulated hours of service, beside what it was after the first."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import Row
from benchmarks.serving import serving

HOURS: Final = 8
ORDERS_AN_HOUR: Final = 60
GROWTH: Final = 1.1


def run() -> list[Row]:
    """The till in a process of its own, with a real server: orders rung up, sent and paid by taps, and settled."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server") as served:
        settings = served.enrol(Path(folder) / "till")
        command = [sys.executable, "-m", "benchmarks.hours_process", settings.model_dump_json()]
        command += [str(HOURS), str(ORDERS_AN_HOUR)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=900, env=os.environ)
    after_mb = [float(word) for word in done.stdout.split()]
    sys.stdout.write("memory.hours: " + ", ".join(f"{mb:.1f}" for mb in after_mb) + " MB after each hour\n")
    return [Row("memory.hours", after_mb[-1], GROWTH * after_mb[0], "MB after eight hours", 1.0, at_most=True)]
