"""Two stories of a server that is put back to an old copy, and what each breaks if it is healed otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from shared.database import Connection
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered, Exchange
from shared.sync.ledger import Ledger
from tests.simulation.devices import Code
from tests.simulation.restoring import HEALED_S, Gate, Restored, tell
from tests.unit.domain.restaurant import MENU

T = TypeVar("T")


async def lost_evening(world: Restored) -> tuple[dict[str, object], dict[str, object], dict[str, str]]:
    """Orders before the copy and after it; then the copy is put back. Returns what the server had."""
    await world.serve(2)
    world.copy()
    await world.serve(4)
    assert world.waiting() == 0
    had = world.served("pos_order"), world.served("ticket"), world.invoices()
    world.restore()
    assert len(world.served("pos_order")) == 2
    return dict(had[0]), dict(had[1]), had[2]


async def sold_on_both_histories(world: Restored) -> str:
    """An order of the copy is changed by two tills and paid; after the restore somebody adds to it who saw nothing."""
    order_id = (await world.serve(2))[1]
    world.copy()
    for till in ("till-2", "till-1"):
        world.order(till, order_id)
        await asyncio.sleep(10)
    assert world.pay("till-1", order_id)
    await asyncio.sleep(10)
    for device in world.devices.values():
        device.road.is_cut = True
    world.restore()
    add = {"type": "addLine", "line": {"itemId": MENU.items[0].id, "quantity": 1}}
    body = {"actorId": "ann", "changes": [add]}
    assert world.house.call("PATCH", f"/pos/orders/{order_id}", body, who="script").status == 200
    for device in world.devices.values():
        device.road.is_cut = False
    await asyncio.sleep(HEALED_S)
    return order_id


class InArrivalOrder(Ledger):
    """A mutant: reports without the old revisions, so that they are done again device by device."""

    async def ask(self, work: Callable[[Connection], T]) -> T:
        found: Any = await super().ask(work)
        if isinstance(found, tuple):
            found = tuple(one.model_copy(update={"revision": None}) for one in found)
        return cast(T, found)


class StartsAfresh(Gate):
    """A mutant: a device that takes whatever the server has now, and shows it no cursor that it does not know."""

    async def send(self, flight: Flight, *, seen: str | None) -> Exchange:
        return await super().send(flight, seen=None)

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        answer = await super().pull_orders(cursor)
        return await super().pull_orders(None) if isinstance(answer, Answered) and answer.status == 409 else answer

    async def pull_tickets(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        answer = await super().pull_tickets(cursor)
        return await super().pull_tickets(None) if isinstance(answer, Answered) and answer.status == 409 else answer


def broken_by_a_restore(seed: int, folder: Path, *, code: Code | None = None) -> list[str]:
    """Tell of an evening that the server loses; in words what it did not get back."""
    broken: list[str] = []

    async def story(world: Restored) -> None:
        orders, tickets, invoices = await lost_evening(world)
        await asyncio.sleep(HEALED_S)
        kinds: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
            ("order", orders, world.served("pos_order")),
            ("ticket", tickets, world.served("ticket")),
            ("invoice", invoices, world.invoices()),
        )
        for name, had, has in kinds:
            broken.extend(f"2: {name} {one} is not as it was" for one in had if has.get(one) != had[one])
        if world.waiting():
            broken.append("2: something waits for ever")

    gate = StartsAfresh if code is not None and code.starts_afresh else Gate
    tell(folder, story, code=code, gate=gate, seed=seed)
    return broken


def broken_by_two_histories(seed: int, folder: Path, *, code: Code | None = None) -> list[str]:
    """Tell of an order that is sold on both histories; in words what a person has to put right by hand."""
    broken: list[str] = []

    async def story(world: Restored) -> None:
        order_id = await sold_on_both_histories(world)
        if world.served("pos_order")[order_id]["state"] != "CLOSED":
            broken.append("5: an order that was paid is open")
        broken.extend(f"2: {message}" for message in world.alerts("healing"))

    tell(folder, story, code=code, seed=seed)
    return broken
