"""`fsyncs`: how often the disk is waited for, an enqueue: counted with strace, so it travels to slow disks."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.enqueue import CALLERS, creations, put_all
from benchmarks.measure import Row
from shared.clock import SystemClock
from shared.database import Writer
from shared.opening import open_device_file
from shared.ulids import SystemUlids

WRITES: Final = 1_000
LIMITS: Final = {1: 1.05, CALLERS: 0.6}
_SYNCS: Final = re.compile(r"\b(?:fsync|fdatasync|sync_file_range|msync)\(")


def run() -> list[Row]:
    """With one caller and with eight. Says so and gives nothing where strace is missing or may not trace."""
    strace = shutil.which("strace")
    if strace is None:
        sys.stderr.write("fsyncs: not counted, strace is not installed (apt-get install strace)\n")
        return []
    rows = []
    for callers, limit in LIMITS.items():
        nothing, all_of_them = (_count(strace, callers, writes) for writes in (0, WRITES))
        if nothing is None or all_of_them is None:
            sys.stderr.write("fsyncs: not counted, strace may not trace here\n")
            return []
        name = "fsyncs.one" if callers == 1 else "fsyncs.eight"
        rows.append(Row(name, (all_of_them - nothing) / WRITES, limit, "fsyncs an enqueue", 1.0, at_most=True))
    return rows


def _count(strace: str, callers: int, writes: int) -> int | None:
    """How often a program that enqueues so much asks for the disk; None when it could not be traced."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        command = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", str(trace)]
        command += [sys.executable, "-m", "benchmarks.fsyncs", folder, str(callers), str(writes)]
        done = subprocess.run(command, check=False, env=os.environ, timeout=300)
        return len(_SYNCS.findall(trace.read_text())) if done.returncode == 0 and trace.exists() else None


def main() -> None:
    """The traced program: enqueue so often from so many threads into a new file in this folder."""
    folder, callers, writes = sys.argv[1:]
    ulids = SystemUlids(SystemClock())
    writer = Writer(open_device_file(Path(folder) / "pos.sqlite", ulids=ulids))
    put_all(writer, creations(int(writes)), callers=int(callers))
    writer.close()


if __name__ == "__main__":
    main()
