"""`idle.kitchen` and `idle.agent`: the real programs beside a real server, left alone; what they take of a core."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

from benchmarks.measure import Row
from benchmarks.process import IDLE_LIMIT, IDLE_S
from benchmarks.serving import serving
from reference_server.storage.devices import DeviceKind
from shared.clock import SystemClock
from shared.settings import DeviceSettings

PROGRAMS: Final = {
    "idle.kitchen": ("kds_client.main", DeviceKind.KDS),
    "idle.agent": ("shared.agent", DeviceKind.POS),
}
SETTLE_S: Final = 10.0
"""So long a program has to start, to read what the server has, and to build what it builds beforehand."""


def run() -> list[Row]:
    """One after the other, each with a file of its own; the server answers, and nobody rings up or cooks."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server") as served:
        for name, (module, kind) in PROGRAMS.items():
            share = _share(module, served.enrol(Path(folder) / name, kind=kind))
            rows.append(Row(name, 100 * share, 100 * IDLE_LIMIT, "% of a core", 1.0, at_most=True))
    return rows


def _share(module: str, settings: DeviceSettings) -> float:
    """Start it, let it come to rest, and look from outside at how much processor time it takes."""
    settings.data_dir.mkdir()
    file = settings.data_dir / "settings.toml"
    told = json.loads(settings.model_dump_json(exclude_unset=True))
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items() if value is not None))
    command = [sys.executable, "-m", module, "--settings", str(file)]
    clock, tick = SystemClock(), threading.Event()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        tick.wait(SETTLE_S)
        before_s, began_s = _spent_s(process.pid), clock.monotonic_s()
        tick.wait(IDLE_S)
        share = (_spent_s(process.pid) - before_s) / (clock.monotonic_s() - began_s)
        assert process.poll() is None, f"{module} ended"
        process.terminate()
    return share


def _spent_s(process_id: int) -> float:
    """The processor time of all its threads until now, for its own work and the system's."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
