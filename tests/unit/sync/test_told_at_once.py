"""A chore in several steps: what the first of them stored is told, though a later one meets a full disk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from shared.errors import DiskFull
from shared.store.house_alerts import NAME
from shared.store.retention import Tidied
from shared.sync import agreement, errands
from shared.sync.exchange import Answered, Exchange
from tests.unit.sync.fake_server import CATALOG
from tests.unit.sync.flights import answer


class Full:
    """A file that takes the first step, and then nothing any more."""

    seen = None

    async def tags(self) -> Mapping[str, str]:
        return {NAME: "ann"}

    def now_ms(self) -> int:
        return 0

    async def store_parts(self, parts: object) -> None:
        pass

    async def tidy(self, server_ms: int) -> Tidied:
        return Tidied(frozenset({"order:gone"}), 1, has_more=False)

    async def ask(self, work: object) -> Any:
        raise DiskFull


class Menus:
    async def catalogue(self, name: str, *, etag: str | None) -> Exchange:
        said = answer(200, CATALOG[name], etag='"1"')
        assert isinstance(said, Answered)
        return said

    async def house_alerts(self, actor_id: str) -> Exchange:
        return answer(200, {"alerts": [], "cursor": "", "serverTime": "2026-01-01T10:00:00.000Z", "open": 0})


def test_an_order_that_left_the_file_is_told_though_nothing_can_be_compared() -> None:
    told: list[frozenset[str]] = []
    with pytest.raises(DiskFull):
        asyncio.run(agreement.keep_house(Menus(), Full(), 0, can_agree=True, told=told.append))  # type: ignore[arg-type]
    assert told == [frozenset({"order:gone"})]


def test_a_new_menu_is_told_though_what_waits_for_a_manager_cannot_be_stored() -> None:
    told: list[frozenset[str]] = []
    with pytest.raises(DiskFull):
        asyncio.run(errands.fetch(Menus(), Full(), told=told.append))  # type: ignore[arg-type]
    assert told == [frozenset({"catalog"})]
