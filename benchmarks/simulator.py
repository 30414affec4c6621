"""`simulator`: how many faults a second of one core are played, with the real engine, store and server code."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import Row

SECONDS: Final = 30
WANTED_A_SECOND: Final = 5_000.0


def run() -> list[Row]:
    """The program plays storms from seed 1, and says by its own processor time how many faults it came to."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        command = [
            sys.executable,
            "-m",
            "tests.simulation",
            "--seconds",
            str(SECONDS),
            "--seed",
            "1",
            "--json",
            str(file),
        ]
        subprocess.run(command, check=True, env=os.environ, stdout=subprocess.DEVNULL, timeout=600)
        found = json.loads(file.read_text(encoding="utf-8"))
    return [Row("simulator", found["faults_per_cpu_s"], WANTED_A_SECOND, "faults a second of one core", 1.0)]
