"""A server that answers for months takes no more memory than after its first hour."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
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
MOST_GROWTH = 0.05
"""The last tenth of the rounds may leave so much more in memory than the first one, each by its middle value."""
ONE_IN = 10
"""Of so many requests one is a new order; the others ask for it once more, or for what is new."""


def resident_kib(served: Served) -> int:
    """What the server's process holds in memory, as the kernel counts it."""
    status = (Path("/proc") / str(served.process_id) / "status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None, status
    return int(found[1])


def ask(served: Served, token: str) -> None:
    """One round."""
    made = creates(token, ROUND // ONE_IN)
    pulls = [get("/kds/queue", token=token)] * ONE_IN
    assert answered(served.url, made, clients=CLIENTS).statuses == {201}
    again = [one for one in made for _ in range(ONE_IN - 2)]
    assert answered(served.url, again + pulls * (len(made) // ONE_IN), clients=CLIENTS).statuses == {200, 201}


def played(folder: Path, *, rounds: int) -> Iterator[int]:
    """What the server holds after each of so many rounds, those to warm up left out."""
    with serving(folder / "server") as served:
        token = served.enrol(folder / "till").token
        for number in range(WARM_UP + rounds):
            ask(served, token)
            if number >= WARM_UP:
                yield resident_kib(served)


def tenths(sizes: Sequence[int]) -> tuple[int, int]:
    """The middle of the first tenth of these, and of the last one."""
    some = max(1, len(sizes) // 10)
    return sorted(sizes[:some])[some // 2], sorted(sizes[-some:])[some // 2]


@pytest.mark.soak
def test_a_million_requests_leave_the_server_s_memory_as_it_was(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=1):
        first_kib, last_kib = tenths([*played(tmp_path / str(seed), rounds=MILLION)])
        soak.note(seed, {"requests": MILLION * ROUND, "KiB in the first tenth": first_kib, "in the last": last_kib})
        assert last_kib <= first_kib * (1 + MOST_GROWTH), (first_kib, last_kib)


if __name__ == "__main__":
    all_kib = [*played(Path(sys.argv[1]), rounds=int(sys.argv[2]))]
    sys.stdout.write(f"{len(all_kib) * ROUND} requests, KiB in the first and last tenth: {tenths(all_kib)}\n")
