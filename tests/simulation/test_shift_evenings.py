"""Shifts of tills that are cut off for hours: the money agrees, the report says so, and what breaks that is caught."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from reference_server.people import enrolment
from shared.database import run_inline
from shared.domain.marks import BumpTicket
from shared.domain.menu import Role
from shared.domain.shift_commands import CashMove
from shared.store import entities
from shared.wire.agreement import Differs
from tests.simulation.devices import Code
from tests.simulation.restoring import Restored, tell
from tests.simulation.shift_evenings import AWAY_S, FLOAT_MINOR, ClosesAtOnce, Drawers


async def away(drawers: Drawers) -> list[str]:
    """Both tills sell a whole shift without a server and open the next one; then they find it again."""
    drawers.cut(is_cut=True)
    await asyncio.sleep(60)
    ended = {till: await drawers.evening(till) for till in ("till-1", "till-2")}
    for till in ended:
        drawers.open(till)
    await asyncio.sleep(AWAY_S)
    here = drawers.report("till-1", ended["till-1"])
    assert here.confirmed.expected_minor == 0, "nothing is confirmed before the server heard of it"
    assert here.only_here.expected_minor == here.total.expected_minor > FLOAT_MINOR
    drawers.cut(is_cut=False)
    await drawers.settle()
    return [words for till, shift_id in ended.items() for words in drawers.broken(till, shift_id)]


def test_shifts_that_were_closed_without_a_server_agree_to_the_cent(tmp_path: Path) -> None:
    found: list[str] = []

    async def story(world: Restored) -> None:
        found.extend(await away(Drawers(world)))

    tell(tmp_path, story)
    assert found == []


def test_an_end_of_a_shift_that_overtakes_its_bills_is_caught(tmp_path: Path) -> None:
    found: list[str] = []

    async def story(world: Restored) -> None:
        found.extend(await away(Drawers(world)))

    tell(tmp_path, story, code=Code("closes at once", ledger=ClosesAtOnce))
    assert any("late" in words or "closed" in words for words in found), found


def test_two_shifts_of_one_till_are_two_reports(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        drawers = Drawers(world)
        first = await drawers.evening("till-1", orders=2)
        second = await drawers.evening("till-1", orders=1)
        await drawers.settle()
        assert drawers.broken("till-1", first) == drawers.broken("till-1", second) == []
        assert drawers.z(first)[0].orders == 2
        assert drawers.z(second)[0].orders == 1

    tell(tmp_path, story)


TAMPERED = {
    "the till lost an operation": ("till", "seq = (SELECT max(seq) - 1 FROM operation)", {Differs.HOLE}),
    "the till lost its first operation": ("till", "seq = (SELECT min(seq) FROM operation)", {Differs.HOLE}),
    "the server lost a bill": (
        "server",
        "DELETE FROM operation WHERE kind = 'close_order'",
        {Differs.MISSING},
    ),
    "the server lost a payment": ("server", "DELETE FROM shift_payment", {Differs.OTHER_SUM}),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_differs_is_named_on_the_report(tmp_path: Path, what: str) -> None:
    where, sql, kinds = TAMPERED[what]

    async def story(world: Restored) -> None:
        drawers = Drawers(world)
        shift_id = await drawers.evening("till-1")
        await drawers.sent()
        device = world.devices["till-1"]
        connection = world.house.connection if where == "server" else device.writer.connection
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(sql if where == "server" else f"DELETE FROM operation WHERE {sql}")
        await asyncio.sleep(30)
        agreement = drawers.z(shift_id)[1]
        assert agreement is not None
        assert kinds <= {one.kind for one in agreement.differences}, agreement
        alerts = device.read(lambda tx: tx.execute("SELECT count(*) FROM alert WHERE kind = 'AGREEMENT'").get)
        assert alerts == 1

    tell(tmp_path, story)


def test_a_server_that_lost_a_shift_gets_it_back_with_its_money(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        drawers = Drawers(world)
        world.copy()
        ended = await drawers.evening("till-1")
        running = drawers.open("till-2")
        drawers.move("till-2", CashMove.PAY_OUT, 1_200)
        await drawers.settle()
        before = {one: drawers.z(one)[0] for one in (ended, running)}
        world.restore()
        await world.until_healed()
        await drawers.settle()
        assert {one: drawers.z(one)[0] for one in (ended, running)} == before
        drawers.close("till-2")
        await asyncio.sleep(3700)
        await drawers.settle()
        assert drawers.broken("till-1", ended) == drawers.broken("till-2", running) == []

    tell(tmp_path, story)


def test_a_shift_is_the_last_thing_that_a_server_lost_and_is_noticed(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        drawers = Drawers(world)
        await world.serve(1)
        world.copy()
        shift_id = drawers.open("till-1")
        await drawers.settle()
        world.restore()
        await world.until_healed()
        assert drawers.z(shift_id)[0].float_minor == FLOAT_MINOR

    tell(tmp_path, story)


def test_the_end_of_the_day_clears_the_kitchens_cache_but_nothing_that_is_open_or_unsettled(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        kitchen = world.devices["kitchen-1"]
        done, waiting, unsettled = await world.serve(3, till="till-1")
        await asyncio.sleep(10)
        tickets = {str(ticket["orderId"]): ticket_id for ticket_id, ticket in world.shown("kitchen-1").items()}
        bump(world, tickets[done])
        await asyncio.sleep(10)
        kitchen.road.is_cut = True
        await asyncio.sleep(10)
        bump(world, tickets[unsettled])
        world.house.call("POST", f"/kds/tickets/{tickets[unsettled]}/bump", {"actorId": "ann"})
        made = run_inline(
            world.house.connection, lambda tx: enrolment.script_token(tx, world.house.deps, role=Role.MANAGER)
        )
        world.house.tokens["manager"] = made.token
        ended = world.house.call("POST", "/business-day/close", {}, who="manager")
        assert ended.status == 201, ended.json
        await asyncio.sleep(120)
        assert set(world.shown("kitchen-1")) == set(tickets.values()), "nobody told it yet"
        kitchen.road.is_cut = False
        await asyncio.sleep(10)
        assert set(world.shown("kitchen-1")) >= {tickets[unsettled], tickets[waiting]}
        await asyncio.sleep(120)
        shown = set(world.shown("kitchen-1"))
        assert tickets[waiting] in shown
        assert tickets[done] not in shown
        assert world.waiting() == 0
        assert kitchen.read(entities.cursor) is not None

    tell(tmp_path, story)


def bump(world: Restored, ticket_id: str) -> None:
    """A cook lets this ticket leave the board."""
    world.devices["kitchen-1"].tap(world._made(BumpTicket, ticket_id=ticket_id, line_ids=()))
