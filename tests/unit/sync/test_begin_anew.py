"""After a healing everything is fetched anew: in one piece, or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.domain.order import Order
from shared.ids import OrderId
from shared.sync import reads
from shared.sync.actions import Cause, LinkState
from shared.sync.exchange import Exchange
from shared.wire.healing import HealAnswer, KnownAnswer, Phase
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.flights import AT, answer, error, ulid
from tests.unit.sync.night import Night

HEALED = HealAnswer(healing=ulid(700), phase=Phase.DONE, is_reported=True)
FEW = 5


@dataclass
class Restored(FakeServer):
    """Healed, and one order on each of its pages; `pages` is None while it never comes to an end."""

    pages: int | None = None
    stuck: bool = False
    is_lost: bool = False
    read: int = 0
    """How many pages were asked for since somebody began from the start."""

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        if seen is not None and self.is_lost:
            return answer(409, error(409, "HISTORY_LOST"))
        if not self.is_lost:
            return await super().pull_orders(cursor, seen=seen)
        place = int(cursor.partition("-")[0]) if cursor else 0
        self.read = self.read + 1 if cursor else 1
        order_id = OrderId(ulid(800 + place))
        order = Order(id=order_id, number=f"D-{place}", version=1, opened_at=AT)
        at = f"{1 if self.stuck else place + 1}-x"
        more = self.pages is None or place + 1 < self.pages
        return await self._read(
            "orders", {"orders": [json.loads(order.to_json())], "cursor": at, "serverTime": "", "hasMore": more}
        )

    async def sync(self, name: str, body: bytes, *, seen: str | None = None) -> Exchange:
        known = KnownAnswer(known={}).to_json()
        return await self._read(name, known if name == "known" else HEALED.to_json())


def restored(folder: Path) -> tuple[Night, Restored, str]:
    """A till with an order, whose server was put back to an old copy and has healed."""
    night = Night(folder)
    server = Restored(night.clock)
    night.server = night.transport = server
    order_id = night.order()
    night.run(10)
    assert night.till.scene(order_id).server is not None
    server.is_lost = True
    return night, server, order_id


@pytest.mark.parametrize("stuck", [False, True], ids=["endless", "stands still"])
def test_a_list_without_an_end_is_left_and_nothing_is_forgotten_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: bool
) -> None:
    monkeypatch.setattr(reads, "MOST_WHOLE_PAGES", FEW)
    night, server, order_id = restored(tmp_path)
    with night:
        server.stuck = stuck
        night.run(6)
        assert 0 < server.read <= FEW, "it would read for ever"
        assert night.till.scene(order_id).server is not None
        view = night.worker.link()
        assert (view.state, view.cause) == (LinkState.OFFLINE, Cause.HISTORY_LOST)
        assert view.next_try_at_ms is not None

        server.stuck, server.pages = False, FEW
        night.run(60)
        assert night.till.scene(order_id).server is None
        assert night.till.scene(ulid(800 + FEW - 1)).server is not None
        assert night.worker.link().cause is None
