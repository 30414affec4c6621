"""`slow_line`: what a long outage left, over a line on which every answer comes 400 ms late, against one by one."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.measure import Rates, Row
from benchmarks.replay import orders
from benchmarks.sending import OneByOne, sender
from benchmarks.serving import serving
from demo.fault_control import tell

ROUNDS: Final = 5
OPERATIONS: Final = 3000
PART: Final = 100
"""So many go one by one: twenty turns of five show the rate, and 3,000 at that rate take four minutes."""
LATE_MS: Final = 400
MOST_S: Final = 30.0


def run() -> list[Row]:
    """The same worker and the same server at the other end of a fault proxy; new orders, each in a lane of its own."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server") as served, late(served.url) as url:
        tokens = {name: served.enrol(Path(folder) / name).token for name in ("one by one", "together")}

        def one_by_one(place: Path) -> float:
            with sender(place, url, tokens["one by one"], make_transport=OneByOne) as device:
                return device.rate(orders(PART))

        def together(place: Path) -> float:
            with sender(place, url, tokens["together"]) as device:
                return device.rate(orders(OPERATIONS))

        rates = Rates.of({"one by one": one_by_one, "together": together}, reference="one by one", rounds=ROUNDS)
    row = rates.row("slow_line", "together", unit="operations/s", bar=8.0)
    took_s = OPERATIONS / row.ours
    return [row, Row("slow_line.all", took_s, MOST_S, "s for 3,000", 1.0, at_most=True, void=rates.void)]


@contextmanager
def late(url: str) -> Iterator[str]:
    """The address of a line to this server on which every answer comes so late."""
    command = [sys.executable, "-m", "demo.fault_proxy", "--listen", "0", "--to", str(urlsplit(url).port)]
    with subprocess.Popen([*command, "--control", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"listening on (\d+), control on (\d+)", process.stdout.readline())
        assert found is not None, "the line did not start"
        tell(int(found[2]), f"delay_ms {LATE_MS}")
        yield f"http://127.0.0.1:{found[1]}"
        process.terminate()
