"""`replay`: sending what is queued one by one, each settled durably, against a bare loop over httpx."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.answering import TOKEN, answering
from benchmarks.measure import Rates, Row
from benchmarks.sending import OneByOne, bare_rate, sender
from benchmarks.serving import serving
from shared.clock import SystemClock
from shared.domain.commands import CreateOrder
from shared.ids import OperationId, OrderId, StaffId
from shared.sync.transport import HttpTransport
from shared.ulids import SystemUlids

ROUNDS: Final = 5
OPERATIONS: Final = 400
AT: Final = "2026-03-01T19:41:05.250Z"
BAR: Final = 0.85


def run() -> list[Row]:
    """Against a server that does nothing but answer, and against the real one; five in flight on both sides."""
    with answering() as url:
        plain = against_a_loop(url, tokens=(TOKEN, TOKEN), make_transport=OneByOne)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server") as served:
        till, loop = (served.enrol(Path(folder) / name) for name in ("till", "loop"))
        real = against_a_loop(served.url, tokens=(till.token, loop.token), make_transport=OneByOne)
    return [
        plain.row("replay.plain", "ours", unit="operations/s", bar=BAR),
        real.row("replay.server", "ours", unit="operations/s", bar=BAR),
    ]


def against_a_loop(
    url: str,
    *,
    tokens: tuple[str, str],
    make_transport: Callable[[str, str], HttpTransport],
    operations: int = OPERATIONS,
    beside: Mapping[str, Callable[[Path], float]] | None = None,
) -> Rates:
    """So many operations by our worker, in turn with the bare loop and what else is measured beside them.

    `tokens` are ours and that of the loop.
    """

    def ours(folder: Path) -> float:
        with sender(folder, url, tokens[0], make_transport=make_transport) as device:
            return device.rate(orders(operations))

    cases = {"bare": lambda _: bare_rate(url, tokens[1], orders(OPERATIONS)), "ours": ours, **(beside or {})}
    return Rates.of(cases, reference="bare", rounds=ROUNDS)


def orders(count: int) -> list[CreateOrder]:
    """So many new orders, each in a lane of its own."""
    ulids = SystemUlids(SystemClock())
    return [
        CreateOrder(
            id=OperationId(ulids.new()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(ulids.new()),
            number=f"C-{number}",
        )
        for number in range(count)
    ]
