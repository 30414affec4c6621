"""`start`, `memory` and `idle` of a till's process, beside a bare window of the same toolkit."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.measure import Row, median
from benchmarks.till import hanging_server
from reference_server.catalogue import loading
from reference_server.main import DEMO_FILE
from shared.clock import SystemClock
from shared.database import Connection, run_inline
from shared.opening import open_device_file
from shared.settings import DeviceSettings
from shared.store import catalog
from shared.ulids import SystemUlids

ROUNDS: Final = 5
SETTLED: Final = 100_000
IDLE_S: Final = 20.0
IDLE_LIMIT: Final = 0.01
"""Of one core."""

_OLD: Final = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO operation (place, id, kind, op_version, method, path, body, entity_id, created_at, status, actor,
                           first_answer, settled_at)
    SELECT i, printf('01M8%022d', i), 'serve_order', 1, 'POST', '/pos/orders/x/serve', CAST(? AS BLOB),
           printf('01M9%022d', i / 5), i, 'SUCCESS', 'amina', CAST(? AS BLOB), i FROM n"""


def run() -> list[Row]:
    """Interleaved, a new process each time. In the file a menu and 100,000 settled operations; nobody answers."""
    bare: list[tuple[float, float]] = []
    till: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder, hanging_server() as port:
        settings = _settings(Path(folder), port)
        _fill(settings)
        for _ in range(1 + ROUNDS):
            bare.append(_started("bare_window", settings)[:2])
            till.append(_started("till_process", settings)[:2])
        idle_share = _started("till_process", settings, idle_s=IDLE_S)[2]
    del bare[0], till[0]  # these made the bytecode that an installed program has
    start_ms, bare_ms = (median([one[0] for one in ones]) for ones in (till, bare))
    memory_mb, bare_mb = (median([one[1] for one in ones]) for ones in (till, bare))
    return [
        Row("start.till", start_ms, 3 * bare_ms, "ms to the first paint", 1.0, at_most=True),
        Row("memory.till", memory_mb, 2 * bare_mb, "MB resident", 1.0, at_most=True),
        Row("idle.till", 100 * idle_share, 100 * IDLE_LIMIT, "% of a core", 1.0, at_most=True),
    ]


def _settings(folder: Path, port: int) -> DeviceSettings:
    about = {"server_url": f"http://127.0.0.1:{port}", "device_id": "bench", "token": "x" * 32, "letter": "B"}
    return DeviceSettings.model_validate({**about, "data_dir": folder})


def _fill(settings: DeviceSettings) -> None:
    """A till that has sold for a week: the menu, and what was settled."""
    connection = open_device_file(settings.database_path, ulids=SystemUlids(SystemClock()))
    menu = loading.read(DEMO_FILE.read_bytes()).menu
    assert menu is not None

    def put(tx: Connection) -> None:
        catalog.put(tx, name="menu", etag="1", body=menu.to_json(), now_ms=0)
        tx.execute(_OLD, (SETTLED, '{"lineIds":["01M80000000000000000000001"]}' * 4, '{"id":"x"}' * 20))

    run_inline(connection, put)
    connection.close()


def _started(what: str, settings: DeviceSettings, *, idle_s: float = 0.0) -> tuple[float, float, float]:
    """Start a process: ms from its exec to its first paint, MB then resident, and its share of a core while idle."""
    began_s = SystemClock().monotonic_s()
    command = [sys.executable, "-m", f"benchmarks.{what}", settings.model_dump_json(), str(idle_s)]
    about = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    about["PYTHONPYCACHEPREFIX"] = str(settings.data_dir / "bytecode")
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, env=about)
    painted_s, memory_mb, idle = map(float, done.stdout.split())
    return (painted_s - began_s) * 1000, memory_mb, idle
