"""`batch`: sending what is queued fifty in a request, each settled durably, against the bare loop of one by one.

And against PouchDB where that is here, which sends its hundreds to a server of its own and waits for no disk.
"""

import tempfile
from pathlib import Path
from typing import Final

from benchmarks import pouch
from benchmarks.answering import TOKEN, answering
from benchmarks.measure import Row
from benchmarks.replay import against_a_loop
from benchmarks.serving import serving
from shared.sync.transport import HttpTransport

OPERATIONS: Final = 1000
BAR: Final = 5.0


def run() -> list[Row]:
    """Against a server that does nothing but answer, and against the real one, which does as much work either way."""
    with answering(several=True) as url:
        plain = against_a_loop(url, tokens=(TOKEN, TOKEN), make_transport=HttpTransport, operations=OPERATIONS)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server") as served:
        till, loop = (served.enrol(Path(folder) / name).token for name in ("till", "loop"))
        real = against_a_loop(
            served.url,
            tokens=(till, loop),
            make_transport=HttpTransport,
            operations=OPERATIONS,
            beside={"pouch": lambda _: pouch.rate(OPERATIONS)} if pouch.is_here() else None,
        )
    rows = [
        plain.row("batch.plain", "ours", unit="operations/s", bar=BAR),
        real.row("batch.server", "ours", unit="operations/s", bar=BAR),
    ]
    if "pouch" in real.kept:
        rows.append(real.row("batch.pouch", "ours", unit="operations/s, against PouchDB", bar=1.0, against="pouch"))
    return rows
