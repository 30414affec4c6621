"""Every request tells the highest cursor that this device has seen, also what only an answer named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from shared.store.outcomes import Flight
from shared.sync.exchange import Answered, Exchange, TimedOut
from shared.wire.protocol import HEADER_CURSOR
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.night import Night


class NamesCursors(FakeServer):
    """Its answers name the cursor of what they did; its pages of changes never come."""

    told: list[str | None]

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        self.told.append(seen)
        answered = await super().send(flight, seen=seen)
        if isinstance(answered, Answered):
            return replace(answered, headers={**answered.headers, HEADER_CURSOR.lower(): self.head})
        return answered


def test_what_an_answer_named_is_told_with_the_next_request_before_any_pull_brought_it(tmp_path: Path) -> None:
    """A server that was restored in between would else take the next operation as if nothing were lost."""
    with Night(tmp_path) as night:
        night.transport = server = NamesCursors(night.clock)
        server.told = []
        server.read_fault = lambda name: TimedOut() if name == "orders" else None
        night.order()
        night.run(60)
        assert night.waiting() == 0
        done = [f"{place}-{effect.operation_id}" for place, effect in enumerate(server.effects, start=1)]
        assert server.told == [None, *done[:-1]]
        night.stop()

        night.order()
        night.run(60)
        assert server.told[len(done)] == done[-1], "also by the program that runs next"
