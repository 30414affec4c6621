"""Device and server compare what was done: after an honest evening nothing differs, and each tampering is named."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest

from reference_server.healing import answers
from shared.database import Connection, run_inline
from shared.store import agreement
from shared.sync.agreement import agree, question
from shared.sync.ledger import Ledger
from shared.wire.agreement import Differs
from tests.simulation.restoring import HEALED_S, Restored, tell


def on_till(sql: str) -> tuple[str, str]:
    """Somebody, or a bad disk, changes the file of till 1."""
    return "till-1", sql


def on_server(sql: str) -> tuple[str, str]:
    """The same with the server's file."""
    return "server", sql


TAMPERED = {
    "the server lost an operation": (
        on_server("DELETE FROM operation WHERE device = :till AND kind = 'send_to_kitchen'"),
        {Differs.MISSING},
    ),
    "the server did something else under its name": (
        on_server("UPDATE operation SET body_sha256 = zeroblob(32) WHERE device = :till AND kind = 'close_order'"),
        {Differs.OTHER_BODY},
    ),
    "the server refused what the till holds for done": (
        on_server("UPDATE operation SET verdict = 422 WHERE device = :till AND kind = 'send_to_kitchen'"),
        {Differs.OTHER_ANSWER},
    ),
    "the till gave up what was done": (
        on_till(
            "UPDATE operation SET status = 'FAILED', reason = 'DISCARDED' WHERE seq = (SELECT max(seq) FROM operation)"
        ),
        {Differs.OTHER_ANSWER},
    ),
    "the till's file lost an operation between others": (
        on_till("DELETE FROM operation WHERE seq = (SELECT max(seq) - 1 FROM operation)"),
        {Differs.UNNAMED, Differs.HOLE},
    ),
    "the till's file lost its last operation": (
        on_till("DELETE FROM operation WHERE seq = (SELECT max(seq) FROM operation)"),
        {Differs.UNNAMED},
    ),
    "a payment with its receipt left its order": (
        on_server("UPDATE pos_order SET body = CAST(replace(CAST(body AS TEXT), ':\"A-0', ':\"X-0') AS BLOB)"),
        {Differs.NO_SUCH_RECEIPT},
    ),
    "another device did it": (
        on_server("UPDATE operation SET device = 'elsewhere' WHERE device = :till AND kind = 'close_order'"),
        {Differs.OTHER_BODY},
    ),
}


async def as_it_runs(world: Restored, name: str) -> Ledger:
    """A ledger that knows what the running program knows: on what the file stands, and nothing of a history before."""
    device = world.devices[name]
    ledger = Ledger(device.writer, device.clock)
    await ledger.begin()
    ledger.seen = await ledger.cursor()
    return ledger


async def compare(world: Restored, name: str = "till-1") -> tuple[agreement.Agreed, list[str], frozenset[str]]:
    """Let a device compare now. Returns what it remembers of it, its alerts, and what changed on its screens."""
    device = world.devices[name]
    ledger = await as_it_runs(world, name)
    now_ms = world.house.deps.clock.now_ms()
    changed = await agree(device.road, ledger, server_ms=now_ms)
    agreed = device.read(agreement.last_agreed)
    assert agreed is not None
    assert agreed.at_ms == now_ms, "the server did not compare"
    alerts = device.read(lambda tx: tx.execute("SELECT detail FROM alert WHERE kind = 'AGREEMENT'").fetchall())
    return agreed, [str(detail) for (detail,) in alerts], changed


async def evening(world: Restored) -> None:
    """Some orders on both tills, cooked and paid in part, all on the server."""
    await world.serve(3)
    assert world.waiting() == 0


def test_after_an_honest_evening_every_device_agrees_with_the_server(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await evening(world)
        for name, device in world.devices.items():
            made = device.read(lambda tx: tx.execute("SELECT count(*) FROM operation").get)
            agreed, alerts, changed = await compare(world, name)
            assert (agreed.compared, agreed.differing, alerts, changed) == (made, 0, [], frozenset())
            assert agreed.compared >= 3

    tell(tmp_path, story)


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_named_and_a_person_hears_of_it_once(tmp_path: Path, what: str) -> None:
    (where, sql), kinds = TAMPERED[what]

    async def story(world: Restored) -> None:
        await evening(world)
        device = world.devices["till-1"]
        till = world.house.device_ids["till"]
        connection = world.house.connection if where == "server" else device.writer.connection
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(sql.replace(":till", f"'{till}'"))
        agreed, alerts, changed = await compare(world)
        assert agreed.differing > 0
        assert changed == {"alerts"}
        assert len(alerts) == 1
        assert await kinds_that_differ(world) == kinds
        again, alerts, changed = await compare(world)
        assert (again.differing, len(alerts), changed) == (agreed.differing, 1, frozenset())

    tell(tmp_path, story)


def _run(tx: Connection, sql: str) -> None:
    tx.execute(sql)


async def kinds_that_differ(world: Restored) -> set[Differs]:
    """What the server answers to till 1."""
    ledger = await as_it_runs(world, "till-1")
    asked = await question(ledger, server_ms=world.house.deps.clock.now_ms())
    told = world.house.call("POST", "/sync/agree", json.loads(asked.to_json()), key="")
    return {Differs(one["kind"]) for one in told.json["differences"]}


def test_a_device_compares_by_itself_when_its_file_was_tidied(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await evening(world)
        await asyncio.sleep(70)
        for name, device in world.devices.items():
            agreed = device.read(agreement.last_agreed)
            assert agreed is not None, name
            assert agreed.differing == 0

    tell(tmp_path, story)


def test_what_waits_is_no_difference_whether_the_server_has_it_or_not(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await evening(world)
        device = world.devices["till-1"]
        device.read(partial(_run, sql="UPDATE operation SET status = 'REPLAYING', settled_at = NULL WHERE seq = 1"))
        device.road.is_cut = True
        world.order("till-1", world.ids.new())
        device.road.is_cut = False
        agreed, alerts, _ = await compare(world)
        assert (agreed.differing, alerts) == (0, [])

    tell(tmp_path, story)


def test_a_server_that_was_restored_is_not_compared_with_but_healed(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await evening(world)
        world.copy()
        await world.serve(2)
        device = world.devices["till-1"]
        before = device.read(agreement.last_agreed)
        world.restore()
        ledger = await as_it_runs(world, "till-1")
        assert await agree(device.road, ledger, server_ms=world.house.deps.clock.now_ms()) == frozenset()
        assert device.read(agreement.last_agreed) == before
        await world.until_healed()
        after, alerts, _ = await compare(world)
        assert (after.differing, alerts) == (0, [])

    tell(tmp_path, story)


def test_what_a_healing_that_was_ended_left_undone_is_named_and_healed_at_the_next_start(tmp_path: Path) -> None:
    async def story(world: Restored) -> None:
        await evening(world)
        world.copy()
        for name in ("till-2", "kitchen-1"):  # whoever saw what was lost would begin the healing again
            world.devices[name].road.is_cut = True
        await world.serve(2, till="till-1")
        world.restore()
        await asyncio.sleep(30)
        run_inline(world.house.connection, lambda tx: answers.end(tx, world.house.deps))
        for device in world.devices.values():
            device.road.is_cut = False
        await asyncio.sleep(HEALED_S)
        agreed, alerts, _ = await compare(world)
        assert agreed.differing > 0
        assert len(alerts) == 1
        assert await kinds_that_differ(world) == {Differs.MISSING}
        await world.devices["till-1"].kill()  # its next start knows from its operations what it has seen
        world.devices["till-1"].start()
        await asyncio.sleep(HEALED_S)
        agreed, _, _ = await compare(world)
        assert agreed.differing == 0

    tell(tmp_path, story)
