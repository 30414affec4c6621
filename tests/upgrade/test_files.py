"""The file of every schema that a till or a server ever had: today's program opens it, keeps a copy, and goes on."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import apsw
import pytest

from reference_server.storage import histories
from reference_server.storage import schema as server_schema
from reference_server.storage.file import Storage, open_server_file
from shared.database import Connection, open_writer
from shared.ids import is_ulid
from shared.migrations import kept_copies, migrate
from shared.opening import open_device_file
from shared.recover import look_into
from shared.store import drafts, outbox, receipts
from shared.store import schema as device_schema
from tests.contract.house import FILE_NAME, House, Row, open_house
from tests.contract.test_fold_equals_server import restaurant
from tests.contract.test_worker_with_server import Device
from tests.contract.web import Site, open_site
from tests.upgrade.freeze import DRAFT, KNOWN_AT_FIRST, REFUSED, WITH_RECEIPTS, house_on
from tests.upgrade.kept import KeptRequest, differences, effect, effect_on, make_file, requests, schema_of

TILLS = range(1, len(device_schema.MIGRATIONS) + 1)
SERVERS = range(1, len(server_schema.MIGRATIONS) + 1)
OWED = "SELECT seq, place, id, kind, method, path, body, status, reason, sends FROM operation ORDER BY seq"


def copies_of(path: Path, *, before: int, newest: int) -> bool:
    """Whether the copy is there that an upgrade keeps, of the schema before it; none when there was no upgrade."""
    wanted = [] if before == newest else [f"{path.name}.copy-0001-of-v{before}"]
    return [copy.name for copy in kept_copies(path)] == wanted


def settled_by(path: Path) -> KeptRequest:
    """What the kept till had an answer to: the server's history begins with it."""
    with closing(apsw.Connection(str(path))) as file:
        rows: list[Any] = file.execute(
            "SELECT 'till', kind, method, path, id, body FROM operation WHERE status = 'SUCCESS'"
        ).fetchall()
        return KeptRequest(*rows[0])


async def begin_history(site: Site, kept: KeptRequest) -> None:
    made = await site.ask(kept.method, kept.path, kept.body, key=kept.key, who=kept.who)
    assert made.status_code == 201
    await site.client.aclose()


def orders_of_a_till(tmp_path: Path, settled: KeptRequest) -> dict[str, Any]:
    """What a server of today makes of the kept till's requests alone."""
    (tmp_path / "alone").mkdir()
    house: House = open_house(tmp_path / "alone", restaurant(inclusive=True))
    with closing(house.connection):
        for kept in (settled, *requests(1)):
            if kept.who == "till":
                assert kept.ask(house).status in (200, 201)
        return effect_on(house.connection)


@pytest.mark.parametrize(
    ("name", "migrations"),
    [
        *((f"till-v{number}", device_schema.MIGRATIONS[:number]) for number in TILLS),
        *((f"server-v{number}", server_schema.MIGRATIONS[:number]) for number in SERVERS),
    ],
)
def test_a_schema_that_was_released_is_what_it_was(tmp_path: Path, name: str, migrations: Any) -> None:
    """A new schema is kept by `python -m tests.upgrade.freeze`; an old one is never edited."""
    make_file(tmp_path / "kept.sqlite", name)
    with (
        closing(open_writer(tmp_path / "new.sqlite")) as new,
        closing(apsw.Connection(f"{tmp_path}/kept.sqlite")) as old,
    ):
        migrate(new, tmp_path / "new.sqlite", migrations)
        assert schema_of(new) == schema_of(old)


@pytest.mark.parametrize("version", TILLS)
def test_a_tills_file_opens_with_all_that_it_owes(tmp_path: Path, version: int) -> None:
    path = tmp_path / "pos.sqlite"
    assert make_file(path, f"till-v{version}") == version
    with closing(apsw.Connection(str(path))) as before:
        owed = list(before.execute(OWED))
    with closing(open_device_file(path, ulids=Row("01ARYZ6S49"))) as after:
        assert list(after.execute(OWED)) == owed
        assert drafts.get(after, DRAFT) is not None
        chain = receipts.look_through(after)
        assert (chain.count, chain.broken) == (int(version >= WITH_RECEIPTS), None)
        assert after.pragma("user_version") == len(TILLS)
        with closing(open_writer(tmp_path / "new.sqlite")) as new:
            migrate(new, tmp_path / "new.sqlite", device_schema.MIGRATIONS)
            assert schema_of(after) == schema_of(new)
    assert copies_of(path, before=version, newest=len(TILLS))


@pytest.mark.parametrize("version", TILLS)
def test_a_tills_queue_goes_out_after_its_upgrade(tmp_path: Path, version: int) -> None:
    path = tmp_path / "pos.sqlite"
    make_file(path, f"till-v{version}")
    open_device_file(path, ulids=Row("01ARYZ6S49")).close()
    settled = settled_by(path)
    site = open_site(tmp_path / "server", restaurant(inclusive=True))
    with closing(site.storage):
        asyncio.run(begin_history(site, settled))
        with closing(Device(site, path, "till", "pos", Row("01ARYZ6S43"))) as till:
            assert till.ask(outbox.waiting) == 5
            till.worker.start()
            till.wait_until(lambda: till.ask(outbox.waiting) == 0)
            held = till.ask(
                lambda tx: tx.execute("SELECT entity_id, reason FROM operation WHERE reason IS NOT NULL").fetchall()
            )
            assert held == [(REFUSED, "INVALID")]
            assert till.ask(lambda tx: drafts.get(tx, DRAFT)) is not None
        assert cast(Storage, site.storage).read(effect_on) == orders_of_a_till(tmp_path, settled)


@pytest.mark.parametrize("destroyed", [0, 4096], ids=["whole", "without its first page"])
@pytest.mark.parametrize("version", TILLS)
def test_a_tills_file_is_salvaged_with_all_that_it_owes(tmp_path: Path, version: int, destroyed: int) -> None:
    path = tmp_path / "pos.sqlite"
    make_file(path, f"till-v{version}")
    path.write_bytes(bytes(destroyed) + path.read_bytes()[destroyed:])
    found = look_into(path)
    assert bool(found.damage) == bool(destroyed)
    assert [saved.row["status"] for saved in found.salvage.operations].count("PENDING") == 4
    assert [saved.command.id for saved in found.salvage.operations if saved.is_owed][1:] == [
        kept.key for kept in requests(1) if kept.who == "till"
    ]
    assert [draft.order_id for draft in found.salvage.drafts] == [DRAFT]


@pytest.mark.parametrize("version", range(1, 4))
def test_every_copy_of_a_server_s_older_file_comes_to_the_same_name(tmp_path: Path, version: int) -> None:
    names, firsts = set(), set()
    for copy in ("at-once", "years-later"):
        (tmp_path / copy).mkdir()
        make_file(tmp_path / copy / FILE_NAME, f"server-v{version}")
        with Storage(tmp_path / copy, history="01ARYZ6S41000000000000NEW0") as storage:
            names.add(storage.read(histories.name))
            firsts.add(storage.read(lambda tx: tx.execute("SELECT min(substr(id, -26)) FROM device").get))
    assert names == firsts
    assert all(map(is_ulid, names))


@pytest.mark.parametrize("version", SERVERS)
def test_a_servers_file_goes_on_with_the_evening_after_its_upgrade(tmp_path: Path, version: int) -> None:
    path = tmp_path / FILE_NAME
    assert make_file(path, f"server-v{version}") == version
    connection: Connection = open_server_file(path)
    with closing(connection):
        assert copies_of(path, before=version, newest=len(SERVERS))
        house = house_on(connection)
        answers = [kept.ask(house) for kept in requests(1)]
        assert [one.is_replay for one in answers] == [n < KNOWN_AT_FIRST for n in range(len(answers))]
        now = {"statuses": [one.status for one in answers], **effect_on(connection)}
    assert differences(effect(1), now) == []
