"""A backup of a running server is put back by its commands, and the till gives back what was sold since (B14)."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from demo.check import check
from shared.database import open_reader
from shared.wire.healing import Phase
from tests.end_to_end.crash_rows import operations_in
from tests.end_to_end.kill_night import KillNight, open_night

TILL = "till-1"
SOLD = 5
TIMEOUT_S = 60.0


def server(night: KillNight, command: str, *words: str) -> str:
    """A command of the server's program; what it said."""
    run = subprocess.run(
        [sys.executable, "-m", "reference_server.main", command, "--data", str(night.server.data), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_restored_server_gets_today_s_sales_back_from_its_till(tmp_path: Path) -> None:
    night = open_night(tmp_path, TILL)
    copy = tmp_path / "night.sqlite"
    try:
        till = night.start(TILL, "1", "busy")
        till.hear("answer", SOLD)
        server(night, "backup", "--to", str(copy))
        backed_up = operations_in(copy)
        while len(operations_in(night.server_file) - backed_up) < SOLD:
            till.hear("answer")
        till.kill()
        night.drain(TILL)
        assert night.server.stop() == 0
        had = operations_in(night.server_file)

        assert "What was there is kept as" in server(night, "restore", "--from", str(copy))
        assert operations_in(night.server_file) == backed_up < had
        night.server.start()
        till = night.start(TILL, "2", "busy")
        till.hear("report")
        till.hear("answer")
        till.kill()
        night.drain(TILL)
        assert night.server.stop() == 0
    finally:
        night.close()

    assert had <= operations_in(night.server_file)
    with closing(open_reader(night.server_file)) as reader:
        assert reader.execute("SELECT phase FROM healing").get == Phase.DONE
        assert reader.execute("SELECT count(*) FROM alert WHERE kind IN ('healing', 'invoice_twice')").get == 0
    findings = check(tmp_path)
    assert findings.is_clean, findings
