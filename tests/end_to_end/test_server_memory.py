"""A server that answers for months takes no more memory than after its first hour."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from benchmarks.knocking import answered, get
from benchmarks.server_write import creates
from benchmarks.serving import Served, serving
from tests.soak import Soak

CLIENTS = 16
ROUND = 5_000
WARM_UP = 4
MILLION = 200
"""So many rounds are a million requests."""
MOST_GROWTH = 0.10
ONE_IN = 10
"""Of so many requests one is a new order; the others ask for it once more, or for what is new."""


def resident_kib(served: Served) -> int:
    """What the server's process holds in memory, as the kernel counts it."""
    status = (Path("/proc") / str(served.process_id) / "status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None, status
    return int(found[1])


def played(folder: Path, *, rounds: int) -> tuple[int, int]:
    """What the server held after it had warmed up, and after so many rounds more."""
    with serving(folder / "server") as served:
        token = served.enrol(folder / "till").token

        def ask() -> None:
            made = creates(token, ROUND // ONE_IN)
            pulls = [get("/kds/queue", token=token)] * ONE_IN
            assert answered(served.url, made, clients=CLIENTS).statuses == {201}
            again = [one for one in made for _ in range(ONE_IN - 2)]
            assert answered(served.url, again + pulls * (len(made) // ONE_IN), clients=CLIENTS).statuses == {200, 201}

        for _ in range(WARM_UP):
            ask()
        before_kib = resident_kib(served)
        for _ in range(rounds):
            ask()
        return before_kib, resident_kib(served)


@pytest.mark.soak
def test_a_million_requests_leave_the_server_s_memory_as_it_was(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=1):
        before_kib, after_kib = played(tmp_path / str(seed), rounds=MILLION)
        soak.note(seed, {"requests": MILLION * ROUND, "KiB before": before_kib, "KiB after": after_kib})
        assert after_kib <= before_kib * (1 + MOST_GROWTH), (before_kib, after_kib)


if __name__ == "__main__":
    sys.stdout.write(f"{played(Path(sys.argv[1]), rounds=int(sys.argv[2]))}\n")
