"""Our clients work with a server that somebody else wrote and that can nothing besides: not even echo a name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from reference_server.catalogue.loading import Restaurant
from shared.database import open_reader
from shared.store import catalog, outbox, scenes
from shared.wire.answers import Health
from tests.contract.house import House, Row, act, answer_of
from tests.contract.plain import PlainServer, serve_plainly
from tests.contract.test_worker_with_server import Device, rung_up
from tests.contract.web import Site, open_site
from tests.simulation.devices import Code
from tests.simulation.network import Weather
from tests.simulation.promises import Story
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import BAD, World

SEEDS = (0, 1)
TILLS = ("till-1", "till-2")
ORDERS = 8


class PlainWorld(World):
    """A bad night in which every device asks the plain server."""

    def _add_device(self, name: str, house: House, weather: Weather) -> None:
        super()._add_device(name, house, weather)
        self.devices[name].road.serve = serve_plainly


def night(seed: int, folder: Path) -> Story:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(PlainWorld(seed, folder, loop, Code()).night(BAD))
    finally:
        loop.close()


def kept(file: Path, table: str) -> list[Any]:
    """Every order or ticket of a server's or a device's file, each whole."""
    with closing(open_reader(file)) as reader:
        return [json.loads(bytes(body)) for (body,) in reader.execute(f"SELECT body FROM {table}")]


def open_orders(file: Path, table: str) -> dict[str, Any]:
    """The open orders of a server's or a till's file."""
    return {order["id"]: order for order in kept(file, table) if order["state"] not in ("CLOSED", "VOIDED")}


def open_tickets(file: Path, table: str) -> dict[str, Any]:
    """The tickets of a server's or a kitchen's file that are still on a board."""
    return {ticket["id"]: ticket for ticket in kept(file, table) if ticket["status"] != "BUMPED"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_night_with_a_plain_server_loses_nothing_doubles_nothing_and_shows_what_is_open(
    seed: int, tmp_path: Path
) -> None:
    """What is over a plain server lists no more, so that another till or a kitchen may miss its last change."""
    story = night(seed, tmp_path / "night")

    found = story.findings
    assert story.drained
    assert story.broken == ()
    assert (found.orders_rung, found.lost, found.doubled) == (found.orders_on_server, 0, 0)
    assert (found.out_of_order, found.payments_difference_minor) == (0, 0)
    assert found.orders_rung >= 30
    assert min(story.faults[name] for name in ("lose_request", "lose_answer", "double", "server_error", "portal")) >= 5
    there = open_orders(tmp_path / "night" / "server" / "server.sqlite", "pos_order")
    assert there
    for till in TILLS:
        assert open_orders(tmp_path / "night" / till / "pos.sqlite", "server_order") == there
    server, kitchen = tmp_path / "night" / "server" / "server.sqlite", tmp_path / "night" / "kitchen-1" / "kds.sqlite"
    on_boards = open_tickets(server, "ticket")
    assert on_boards
    assert open_tickets(kitchen, "server_ticket") == on_boards
    over = {ticket["id"] for ticket in kept(server, "ticket")} - on_boards.keys()
    missing = {words for words in found.details if words.startswith("tickets_missing: ")}
    assert missing <= {f"tickets_missing: ticket {ticket} differs on kitchen-1" for ticket in over}


def test_a_plain_server_says_so_and_has_none_of_what_it_does_not_name(house: House) -> None:
    def ask(method: str, path: str, body: object = None, *, key: str | None = None, cursor: str = "") -> Any:
        told = {"x-operation-id": "01ARYZ6S410000000000000999", "x-seen": cursor}
        request = house.request(method, path, body, key=key, headers=told)
        return answer_of(serve_plainly(house.connection, house.deps, request))

    assert Health.model_validate_json(ask("GET", "/health").body).capabilities == ()
    made = ask("POST", "/pos/orders", act({"tableId": "table-5"}), key="once", cursor="99-nobody-knows")
    assert (made.status, made.headers) == (201, {})
    again = ask("POST", "/pos/orders", act({"tableId": "table-5"}), key="once")
    assert (again.status, again.json["conflictType"]) == (409, "IDEMPOTENCY_DUPLICATE")
    assert again.json["existingResource"]["id"] == made.json["id"]
    assert [order["id"] for order in ask("GET", "/pos/orders?cursor=1-x").json] == [made.json["id"]]
    assert serve_plainly(house.connection, house.deps, house.request("POST", "/sync/operations", {})).status == 404
    assert serve_plainly(house.connection, house.deps, house.request("GET", "/events")).status == 404


@pytest.fixture
def plain(house: House, tmp_path: Path, restaurant: Restaurant) -> Iterator[tuple[Site, PlainServer]]:
    """A site that is the plain server."""
    server = PlainServer(house)
    site = open_site(tmp_path / "unused", restaurant)
    site.app, site.tokens = server, house.tokens  # type: ignore[assignment] # an application of a few lines
    yield site, server
    site.storage.close()


def test_a_real_worker_serves_an_evening_with_a_plain_server(
    tmp_path: Path, plain: tuple[Site, PlainServer], house: House
) -> None:
    site, server = plain
    with closing(Device(site, tmp_path / "till.sqlite", "till", "pos", Row("01ARYZ6S43"))) as till:
        till.worker.start()
        till.wait_until(lambda: len(till.ask(catalog.etags)) == 4)
        orders = [rung_up(till, pay=place % 2 == 0) for place in range(ORDERS)]
        till.wait_until(lambda: till.ask(outbox.waiting) == 0)
        till.wait_until(lambda: set(till.ask(scenes.open_order_ids)) == set(orders[1::2]))
        held = till.ask(lambda tx: tx.execute("SELECT count(*) FROM operation WHERE status <> 'SUCCESS'").get)
        assert held == 0
    assert house.count("pos_order") == ORDERS
    assert house.count("invoice") == ORDERS / 2
    assert house.count("operation") == ORDERS / 2 * (3 + 4)
    assert not {path for path in server.paths if path.startswith(("/sync/operations", "/events"))}
