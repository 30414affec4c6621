"""The server is restored from an old copy: what it lost comes back once, with its numbers, whoever dies on the way."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

from reference_server.deps import Limits
from shared.database import run_inline
from shared.sync.actions import Cause
from shared.sync.two_servers import WINDOW_S
from tests.contract.wholeness import wrong_in
from tests.simulation.healing_stories import lost_evening, sold_on_both_histories
from tests.simulation.restoring import HEALED_S, Fault, Restored, tell
from tests.unit.domain.restaurant import MENU

LEFT_OUT = {
    "an effect without its operation",
    "a revision that no entity or later revision stands for",
    "a gap in the revisions",
}


def all_agree(world: Restored) -> None:
    """Every view equals the server's, and its file is whole but for the one revision that a healing leaves out."""
    assert set(run_inline(world.house.connection, wrong_in)) <= LEFT_OUT
    for name in world.devices:
        assert world.shown(name) == world.served("pos_order" if name.startswith("till") else "ticket")


def test_what_a_restored_server_lost_comes_back_as_it_was_with_the_numbers_that_guests_hold(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        orders, tickets, invoices = await lost_evening(world)
        await asyncio.sleep(HEALED_S)
        assert world.served("pos_order") == orders
        assert world.served("ticket") == tickets
        assert world.invoices() == invoices
        all_agree(world)
        assert world.house.count("alert") == 0
        assert world.house.count("healing_operation") == 0
        await world.serve(2)
        assert world.waiting() == 0
        all_agree(world)

    tell(tmp_path, story)


def test_selling_goes_on_and_nothing_is_sent_while_one_device_is_still_missing(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        orders, _, _ = await lost_evening(world)
        world.devices["till-2"].road.is_cut = True
        await asyncio.sleep(30)
        new = await world.serve(1, till="till-1")
        assert world.waiting() > 0
        assert new[0] not in world.served("pos_order")
        assert world.devices["till-1"].worker.link().cause is Cause.HISTORY_LOST
        world.devices["till-2"].road.is_cut = False
        await asyncio.sleep(HEALED_S)
        assert world.waiting() == 0
        assert world.served("pos_order").keys() == orders.keys() | set(new)
        all_agree(world)

    tell(tmp_path, story)


def test_a_manager_says_go_and_the_till_that_comes_back_later_is_healed_too(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        orders, tickets, invoices = await lost_evening(world)
        world.devices["till-2"].road.is_cut = True
        await asyncio.sleep(60)
        assert world.go() == ("till-2",)
        await asyncio.sleep(HEALED_S)
        await world.serve(1, till="till-1")
        assert world.devices["till-1"].worker.link().cause is None
        world.devices["till-2"].road.is_cut = False
        await asyncio.sleep(HEALED_S)
        assert world.waiting() == 0
        now = world.served("pos_order")
        for order_id, had in orders.items():
            assert content(now[order_id]) == content(had)
        assert world.served("ticket").keys() >= tickets.keys()
        assert invoices.items() <= world.invoices().items()
        all_agree(world)

    tell(tmp_path, story)


def test_every_step_may_kill_the_server_before_it_and_after_it_and_the_device_after_it(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        world.house.deps = replace(world.house.deps, limits=Limits(healing_step=3))
        orders, tickets, invoices = await lost_evening(world)
        world.grow_rough()
        await world.until_healed()
        met = Counter(fault for device in world.devices.values() for fault in device.road.faults.elements())
        assert min(met[fault] for fault in Fault) >= 8
        assert world.served("pos_order") == orders
        assert world.served("ticket") == tickets
        assert world.invoices() == invoices
        all_agree(world)
        assert world.house.count("operation") == world.house.count("operation", "verdict < 300")
        assert {device.worker.link().cause for device in world.devices.values()} == {None}

    tell(tmp_path, story)


def test_an_order_that_was_sold_on_both_histories_keeps_the_lines_of_both_and_the_money(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        order_id = await sold_on_both_histories(world)
        order = world.served("pos_order")[order_id]
        assert order["state"] == "CLOSED"
        assert world.house.count("alert", "kind = 'healing'") == 0
        follow_up = next(one for one in world.served("pos_order").values() if one["follows"] == order["id"])
        assert [line["itemId"] for line in follow_up["lines"]] == [MENU.items[0].id]
        all_agree(world)

    tell(tmp_path, story)


def test_two_servers_that_answer_in_turn_are_noticed_and_nothing_is_sent_until_one_is_off(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(2)
        world.copy()
        await world.serve(2)
        for _ in range(20):
            world.swap()
            await asyncio.sleep(13)
        assert {device.worker.link().cause for device in world.devices.values()} == {Cause.TWO_SERVERS}
        new = await world.serve(1, till="till-1")
        assert world.waiting() > 0
        await asyncio.sleep(1000)
        world.go()
        await asyncio.sleep(HEALED_S)
        assert world.waiting() == 0
        assert new[0] in world.served("pos_order")
        all_agree(world)
        assert world.other is not None
        world.other.close()

    tell(tmp_path, story)


def content(order: object) -> object:
    """What a guest and a waiter see of an order; versions may be higher after a healing in two parts."""
    assert isinstance(order, dict)
    lines = sorted((line["id"], line["quantity"], line["voided"], line["ticketId"]) for line in order["lines"])
    payments = sorted((one["id"], one["amountMinor"]) for one in order["payments"])
    marks = sorted((mark["id"], mark["round"], mark["stage"]) for mark in order["tickets"])
    return lines, payments, marks, order["state"], order["invoiceNumber"], order["number"]


def test_a_server_that_is_restored_twice_from_one_copy_gets_back_what_was_sold_between(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        world.copy()
        await world.serve(2)
        world.restore()
        await world.until_healed()
        world.copy()  # this one says that a healing is done and that every device reported to it
        for _ in range(2):
            await world.serve(2)
            sold = world.served("pos_order").keys()
            paid = world.invoices()
            await asyncio.sleep(WINDOW_S)  # so that nobody takes the copies for two servers
            world.restore()
            await asyncio.sleep(HEALED_S)
            assert world.served("pos_order").keys() == sold
            assert world.invoices() == paid
        all_agree(world)

    tell(tmp_path, story)
