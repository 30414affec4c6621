"""What the server's file lives through in the power-cut tests: real requests through its dispatcher, many a commit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from reference_server.catalogue import loading
from reference_server.deps import Deps
from reference_server.dispatch import handle
from reference_server.exchange import Request
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import open_server_file
from shared.database import Connection
from shared.disk import Disk
from shared.domain.menu import Business, Floor, Role, StaffList, StaffMember
from shared.ids import StaffId
from tests.contract.house import HandClock, House, Row, act
from tests.contract.wholeness import wrong_in
from tests.simulation.disk import FOLDER
from tests.simulation.recording import Doer, NotPromised, Work
from tests.unit.domain.restaurant import MENU

WAITER = StaffMember(id=StaffId("ann"), name="Ann", role=Role.WAITER, pin_verifier="x")
RESTAURANT = loading.Restaurant(
    MENU, Floor(version="1"), Business(version="1", name="Simulated"), StaffList(version="1", staff=(WAITER,))
)
DEVICES = (("till", DeviceKind.POS), ("kitchen", DeviceKind.KDS))


@dataclass
class ServerLife:
    """One server through all lives of a story, and who calls it: they remember what they were answered."""

    path = FOLDER / "server.sqlite"

    names: Row = field(default_factory=lambda: Row("01ARYZ6S47"))
    tokens: dict[str, str] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deps = Deps(clock=HandClock(), ulids=Row("01ARYZ6S48"))

    def open(self, disk: Disk) -> Connection:
        return open_server_file(self.path, disk=disk)

    def live(self, do: Doer, chance: Random) -> None:
        """From the start of the server until the power goes, or the day is over."""
        self.deps = Deps(clock=HandClock(), ulids=self.deps.ulids)
        do([self._found])
        for _ in range(chance.randint(3, 9)):
            requests = [self._wish(chance) for _ in range(chance.randint(1, 6))]
            self.asked += requests
            for answer in do([self._asks(request) for request in requests]):
                if answer is not None and "lines" in answer:
                    self.orders[answer["id"]] = answer

    def half_of(self, tx: Connection) -> list[str]:
        return wrong_in(tx)

    def _found(self, tx: Connection) -> None:
        """Menu, people and devices, all together at the first start."""
        if tx.execute("SELECT EXISTS (SELECT 1 FROM device)").get:
            raise NotPromised
        loading.store(tx, RESTAURANT, now_ms=self.deps.clock.now_ms())
        for name, kind in DEVICES:
            self.tokens[name] = enrolment.enrol(tx, self.deps, kind=kind, name=name, letter=None).token

    def _asks(self, request: Request) -> Work:
        def work(tx: Connection) -> dict[str, Any]:
            response = handle(tx, self.deps, request)
            if response.status not in (200, 201, 409, 422):
                raise NotPromised
            return dict(json.loads(response.body)) if response.status < 300 else {}

        return work

    def _wish(self, chance: Random) -> Request:
        roll = chance.random()
        open_orders = [order for order in self.orders.values() if order["state"] not in ("CLOSED", "VOIDED")]
        if roll < 0.1 and self.asked:
            return chance.choice(self.asked[-20:])
        if roll < 0.4 or not open_orders:
            items = [self._line(chance) for _ in range(chance.randint(1, 3))]
            return self._request("POST", "/pos/orders", act({"items": items}, "ann"))
        order = chance.choice(open_orders[-6:])
        path = f"/pos/orders/{order['id']}"
        if roll < 0.55:
            add = {"type": "addLine", "line": self._line(chance)}
            return self._request("PATCH", path, act({"changes": [add]}, "ann"))
        if roll < 0.7:
            return self._request("POST", f"{path}/send-to-kitchen", act({}, "ann"))
        if roll < 0.85 and order.get("tickets"):
            what = chance.choice(("seen", "start", "mark-ready", "bump"))
            return self._request("POST", f"/kds/tickets/{order['tickets'][0]['id']}/{what}", {}, who="kitchen")
        paid = {"id": self.names.new(), "method": "CASH", "amount": 5_000, "tendered": 5_000}
        lines = [line["id"] for line in order["lines"]]
        return self._request(
            "POST", f"{path}/close", act({"lineIds": lines, "totalMinor": 5_000, "payments": [paid]}, "ann")
        )

    def _line(self, chance: Random) -> dict[str, Any]:
        return {"itemId": chance.choice(MENU.items).id, "quantity": chance.choice((1, 2, 3, -1))}

    def _request(self, method: str, path: str, body: object, who: str = "till") -> Request:
        house = House(None, self.deps, HandClock(), self.names, tokens=self.tokens)  # type: ignore[arg-type] # only asked for words
        return house.request(method, path, body, who=who)
