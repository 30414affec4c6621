"""A till with another branch's file, or a wrong cursor, comes to a server that is well: nothing is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from shared.store import entities, meta
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange
from tests.contract.house import HISTORY, House
from tests.simulation.restoring import HEALED_S, Gate, Restored, tell
from tests.simulation.test_healing import all_agree
from tests.unit.domain.restaurant import MENU

OTHER = "01ARYZ6S41000000000000H0TE"


@contextmanager
def other_branch(world: Restored) -> Iterator[House]:
    """Another restaurant with devices and people of the same names, in which more was sold than in the first one."""
    with world.another_house(history=OTHER) as house:
        line = {"itemId": MENU.items[0].id, "quantity": 1}
        for _ in range(60):
            assert house.call("POST", "/pos/orders", {"actorId": "ann", "items": [line]}, who="script").status == 201
        yield house


async def comes_to(world: Restored, house: House, *, till: str = "till-1") -> None:
    """The till is enrolled there, with the file that it has."""
    device = world.devices[till]
    await device.kill()
    device.road.house = house
    device.start()


def is_open(house: House) -> bool:
    """Whether the branch works, and knows of no healing."""
    return house.call("GET", "/pos/orders", who="till-2").status == 200 and not house.count("healing")


def test_a_till_with_another_branchs_file_stops_nobody_and_goes_on_at_its_own_server(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(2)
        with other_branch(world) as other:
            had = other.count("change")
            await comes_to(world, other)
            new = await world.serve(1, till="till-1")
            for _ in range(40):
                await asyncio.sleep(3)
                assert is_open(other)
            assert other.count("change") == had
            assert world.waiting() > 0
            assert world.devices["till-1"].worker.link().cause is Cause.OTHER_BRANCH
            assert world.devices["till-1"].read(meta.history) == HISTORY
            await comes_to(world, world.house)
            await asyncio.sleep(HEALED_S)
        assert world.waiting() == 0
        assert new[0] in world.served("pos_order")
        assert world.house.count("healing") == 0
        assert world.devices["till-1"].worker.link().cause is None
        all_agree(world)

    tell(tmp_path, story)


def test_a_file_whose_cursor_was_cleared_sends_nothing_to_another_branch_either(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(1, till="till-2")
        till = world.devices["till-1"]
        assert till.read(meta.history) == HISTORY
        till.read(lambda tx: tx.execute("DELETE FROM cursor"))
        with other_branch(world) as other:
            had = other.count("change")
            await comes_to(world, other)
            await world.serve(1, till="till-1")
            await asyncio.sleep(60)
            assert (other.count("change"), is_open(other)) == (had, True)
            assert till.read(entities.cursor) is None
            await comes_to(world, world.house)
            await asyncio.sleep(HEALED_S)
        assert world.waiting() == 0
        all_agree(world)

    tell(tmp_path, story)


def test_a_device_and_a_server_of_before_histories_had_names_heal_as_they_did(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        world.house.connection.execute("DELETE FROM history")
        await world.serve(2)
        world.copy()
        await world.serve(2)
        had = world.served("pos_order")
        world.restore()
        await asyncio.sleep(HEALED_S)
        assert world.served("pos_order") == had
        assert {device.read(meta.history) for device in world.devices.values()} == {""}
        world.house.connection.execute("INSERT INTO history (one, name) VALUES (1, ?)", (OTHER,))
        await world.serve(1)
        assert {device.read(meta.history) for device in world.devices.values()} == {OTHER}
        all_agree(world)

    tell(tmp_path, story)


def test_a_new_server_that_takes_over_the_history_of_a_lost_one_is_told_all_of_it(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        world.copy()
        await world.serve(3)
        had = world.served("pos_order")
        world.restore()
        world.house.connection.execute("UPDATE history SET name = ?", (OTHER,))
        await asyncio.sleep(HEALED_S)
        assert world.served("pos_order") == {}
        world.take_over(HISTORY)
        await asyncio.sleep(HEALED_S)
        assert world.served("pos_order") == had
        all_agree(world)

    tell(tmp_path, story)


def test_a_till_with_a_wrong_cursor_is_told_from_the_others_and_all_go_on(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(2)
        till, kitchen = world.devices["till-1"], world.devices["kitchen-1"]
        kitchen.road.is_cut = True  # so that all wait for its report
        till.read(lambda tx: tx.execute("UPDATE cursor SET seen = '900-' || ?", (OTHER,)))
        await comes_to(world, world.house)
        await asyncio.sleep(30)
        new = await world.serve(1, till="till-2")
        assert world.devices["till-2"].worker.link().cause is Cause.HISTORY_LOST
        assert world.end() == "till"
        kitchen.road.is_cut = False
        await asyncio.sleep(HEALED_S)
        assert world.waiting() == 0
        assert new[0] in world.served("pos_order")
        assert {device.worker.link().cause for device in world.devices.values()} == {None}
        assert world.house.count("alert") == 0
        all_agree(world)
        await world.serve(2)
        assert world.waiting() == 0
        assert world.house.count("healing", "phase <> 'DONE'") == 0

    tell(tmp_path, story)


class NamesNothing(Gate):
    """A mutant: neither what it hears of a history's name is kept, nor does it tell one."""

    async def beat(self) -> Exchange:
        return _unnamed(await super().beat())

    async def pull_orders(self, cursor: str | None, *, seen: str | None = None) -> Exchange:
        return _unnamed(await super().pull_orders(cursor, seen=seen))


class BelievesEveryBeat(Gate):
    """A mutant: tells the name of its history, and does not look at whose server it is before it sends."""

    async def beat(self) -> Exchange:
        return _unnamed(await super().beat())


def _unnamed(answer: Exchange) -> Exchange:
    if not isinstance(answer, Answered):
        return answer
    body = answer.body
    for name in (HISTORY, OTHER):
        body = body.replace(b'"history":"%b"' % name.encode(), b'"history":""')
    return replace(answer, body=body)


def test_a_till_that_names_no_history_is_caught(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(1)
        with other_branch(world) as other:
            await comes_to(world, other)
            await asyncio.sleep(10)
            assert not is_open(other)
            await comes_to(world, world.house)

    tell(tmp_path, story, gate=NamesNothing)


def test_where_the_beat_names_no_history_the_server_itself_refuses_the_report(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(1)
        with other_branch(world) as other:
            await comes_to(world, other)
            await asyncio.sleep(60)
            assert is_open(other)
            assert world.devices["till-1"].worker.link().cause is Cause.OTHER_BRANCH
            await comes_to(world, world.house)
            await asyncio.sleep(HEALED_S)
        all_agree(world)

    tell(tmp_path, story, gate=BelievesEveryBeat)


def test_a_till_that_names_no_history_and_lost_its_cursor_is_caught(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await world.serve(1, till="till-2")
        world.devices["till-1"].read(lambda tx: tx.execute("DELETE FROM cursor"))
        with other_branch(world) as other:
            had = other.count("change")
            await comes_to(world, other)
            await world.serve(1, till="till-1")
            assert other.count("change") > had
            await comes_to(world, world.house)

    tell(tmp_path, story, gate=NamesNothing)
