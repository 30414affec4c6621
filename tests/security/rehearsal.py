"""The served application over a file that stays as it is: every write is decided, answered, and taken back."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from fastapi import FastAPI

from reference_server.app import build_app
from reference_server.catalogue.loading import Restaurant
from reference_server.deps import Deps, Limits, Rates, with_gateway
from reference_server.ops.request_log import RequestLog
from reference_server.payments.simulated import Play
from reference_server.people import codes, enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import Storage
from reference_server.streams import Streams
from shared.database import Connection, run_inline
from shared.domain.menu import Role
from tests.contract.house import House, act, open_house
from tests.contract.paying import Cards, always

T = TypeVar("T")

ADMIN: Final = "admin"
"""The token of a script that may do everything."""
_MANY: Final = 10**9
UNHURRIED: Final = Rates(None, *[_MANY] * 6)
"""Nobody asks too often here: the clock stands, and all of it is one minute."""


class _TakenBack(Exception):
    """Ends a transaction that went well, with what it gave."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Rehearsed(Storage):
    """A storage whose transactions all end in a roll-back: whoever asks meets the same evening, in whatever order."""

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        told: Future[T] = Future()

        def rehearse(tx: Connection) -> T:
            raise _TakenBack(work(tx))

        def tell(done: Future[T]) -> None:
            error = done.exception()
            if isinstance(error, _TakenBack):
                told.set_result(error.value)
            else:
                told.set_exception(error)

        super().write(rehearse).add_done_callback(tell)
        return told

    def promise(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        return asyncio.wrap_future(self.write(work))


@dataclass(frozen=True)
class Evening:
    """A restaurant in the middle of its evening, and the names that a client can know there."""

    app: FastAPI
    storage: Rehearsed
    tokens: dict[str, str]
    known: dict[str, list[Any]]
    """What may stand under these names, in a query, header or body: `pin`, or `NewRefund.amount` in that model only.

    In paths: `/kds/tickets/{entity}` with all that goes on from there, or with `#entity` that endpoint alone.
    """


def open_evening(folder: Path, restaurant: Restaurant) -> Evening:
    """Orders that are new, sent, and closed, one of each; the caller closes the storage."""
    house = open_house(folder, restaurant)
    admin = run_inline(house.connection, lambda tx: enrolment.script_token(tx, house.deps, role=Role.ADMIN))
    house.tokens[ADMIN], house.device_ids[ADMIN] = admin.token, admin.device.id
    cards = Cards(house, script=always(Play.APPROVE))
    known = _known(house, cards)
    house.connection.close()
    streams = Streams()
    streams.close()  # a stream says hello and ends
    log = RequestLog(io.StringIO(), level="error", clock=house.clock)
    storage = Rehearsed(folder)
    plain = Deps(clock=house.clock, ulids=house.deps.ulids, version="9.9", limits=Limits(rates=UNHURRIED))
    deps = with_gateway(plain, cards.gateway)
    return Evening(build_app(deps, storage, log=log, streams=streams), storage, house.tokens, known)


def _known(house: House, cards: Cards) -> dict[str, list[Any]]:
    new, sent = house.order("table-5", "cola", "flan"), house.sent_order("table-6", "cola", "flan")
    closed = house.sent_order("table-7", "cola")
    bill = act({"payments": [{"method": "CASH", "amount": 310}]})
    assert house.call("POST", f"/pos/orders/{closed['id']}/close", bill).status == 200
    lines = [line["id"] for line in new["lines"]]
    intent = cards.ask(house.order("table-8", "cola")).json
    shift = house.call("POST", "/pos/shifts", act({"floatMinor": 10_000})).json
    ended = house.order("table-8", "cola")["id"]
    house.call("POST", f"/pos/orders/{ended}/close", act({"payments": [{"method": "CASH", "amount": 400}]}))
    (alert,) = house.call("GET", "/alerts", who=ADMIN).json["alerts"]
    wish = codes.Wish(DeviceKind.POS, "Till 9", None, None)
    code = run_inline(house.connection, lambda tx: codes.make(tx, house.deps, wish))
    floor = house.call("GET", "/floor").json
    (cooked, *_), head = (page := house.call("GET", "/kds/queue").json)["tickets"], page["cursor"]
    return {
        "/pos/orders/{entity}": [new["id"]],
        "/kds/tickets/{entity}": [cooked["id"]],
        "/kds/tickets/{entity}/items/{line}": [item["lineId"] for item in cooked["items"]],
        "/pos/shifts/{entity}": [shift["id"]],
        "MoveCash.amountMinor": [500],
        "MoveCash.reason": ["milk"],
        "MoveCash.type": ["PAY_IN", "PAY_OUT"],
        "/devices/{device}": [house.device_ids["till-2"]],
        "/menu/items/{item}": ["cola", "flan"],
        "/kds/stations/{station}": ["grill"],
        "/tables/{table}": ["table-5"],
        "FloorRequest.baseVersion": [floor["version"]],
        "FloorRequest.rooms": [floor["rooms"]],
        "FloorRequest.tables": [floor["tables"], floor["tables"][1:]],
        "TakeOverRequest.byStation": ["fry", None],
        "/pos/orders/{entity}/refund#entity": [closed["id"]],
        "/payments/intents/{entity}": [intent["id"]],
        "/alerts/{entity}": [alert["id"]],
        "/alerts#cursor": [alert["id"]],
        "state": ["open", "closed"],
        "OpenIntent.method": ["CARD"],
        "OpenIntent.orderId": [new["id"]],
        "RefundOrder.lineIds": [[line["id"] for line in closed["lines"]]],
        "NewRefund.amount": [310],
        "X-Actor": [house.device_ids[ADMIN]],
        "X-Seen": [head],
        "actorId": [house.device_ids[ADMIN]],
        "amount": [760],
        "approvedBy": [None, "nadia"],
        "baseVersion": [1],
        "code": [code],
        "cursor": [head],
        "intoOrderId": [sent["id"]],
        "itemId": ["cola", "flan"],
        "lineId": lines,
        "lineIds": [lines],
        "method": ["CASH"],
        "pin": ["1111"],
        "since": ["2025-11-28T19:00:00.000Z"],
        "staffId": ["amina"],
        "tableId": ["table-5", "table-9"],
        "tendered": [1000],
        "tip": [0],
        "toOrderId": [sent["id"]],
        "totalMinor": [760],
    }
