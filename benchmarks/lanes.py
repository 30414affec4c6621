"""`lanes`: orders do not wait for each other: five in flight against one, with a server that takes 20 ms."""

from pathlib import Path
from typing import Final

import httpx

from benchmarks.answering import LOG_PATH, TOKEN, answering
from benchmarks.measure import Rates, Row
from benchmarks.sending import sender
from shared.clock import SystemClock
from shared.domain.commands import ChangeOrder, SetGuests
from shared.ids import ChangeId, OperationId, OrderId, StaffId
from shared.ulids import SystemUlids

ROUNDS: Final = 5
OPERATIONS: Final = 200
LANES: Final = 10
DELAY_S: Final = 0.02
AT: Final = "2026-03-01T19:41:05.250Z"


def run() -> list[Row]:
    """The same changes, of ten orders and of one: those of one order wait for each other. The order is checked."""
    with answering(delay_s=DELAY_S) as url:

        def rate(folder: Path, lanes: int) -> float:
            changes = changes_of(lanes)
            with sender(folder, url, TOKEN) as device:
                found = device.rate(changes)
            _require_order(url, changes)
            return found

        cases = {"one": lambda folder: rate(folder, 1), "five": lambda folder: rate(folder, LANES)}
        rates = Rates.of(cases, reference="one", rounds=ROUNDS)
    return [rates.row("lanes", "five", unit="operations/s", bar=4.5)]


def changes_of(lanes: int) -> list[ChangeOrder]:
    """Changes of so many orders, in turn."""
    ulids = SystemUlids(SystemClock())
    orders = [OrderId(ulids.new()) for _ in range(lanes)]
    return [
        ChangeOrder(
            id=OperationId(ulids.new()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=orders[number % lanes],
            base_version=1,
            changes=(SetGuests(id=ChangeId(ulids.new()), guests=number % 9),),
        )
        for number in range(OPERATIONS)
    ]


def _require_order(url: str, changes: list[ChangeOrder]) -> None:
    """The server got each once, and those of one order as they were made."""
    seen = [tuple(one) for one in httpx.get(f"{url}{LOG_PATH}", trust_env=False).json()]
    made = [(change.order_id, change.id) for change in changes]
    assert sorted(seen, key=lambda one: one[0]) == sorted(made, key=lambda one: one[0]), "out of order"
