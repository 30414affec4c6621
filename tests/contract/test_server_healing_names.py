"""After a healing whoever operates the server reads which operations came back, of which order and which device."""

from __future__ import annotations

import json

import pytest

from reference_server.main import main
from reference_server.storage import devices
from reference_server.storage.devices import DeviceKind
from tests.contract.house import House
from tests.contract.test_server_healing import FOREIGN, created
from tests.contract.web import Site


async def test_the_log_names_every_operation_that_came_back_after_a_restore(site: Site) -> None:
    order_id, closed_id = "01ARYZ6S4100000000000000R1", "01ARYZ6S4100000000000000R2"
    moment = "2025-11-28T19:40:00.000Z"
    made = {"id": order_id, "at": moment, "actorId": "amina", "number": "A-900", "tableId": "table-5", "items": []}
    lost = {"seq": 1, "kind": "create_order", "method": "POST", "path": "/pos/orders", "status": 201, "answer": ""}
    operations = [
        {**lost, "id": "01ARYZ6S41000000000000B001", "body": json.dumps({**made, "guests": 2})},
        {**lost, "id": "01ARYZ6S41000000000000B002", "body": json.dumps({**made, "id": closed_id, "guests": -1})},
    ]
    report = {"seen": "900-01ARYZ6S410000000000000900", "operations": operations, "isWhole": True}
    await site.ask("POST", "/sync/heal", {"seen": report["seen"], "isWhole": True}, who="kitchen")
    await site.ask("POST", "/sync/heal", report, who="till")
    while (await site.ask("POST", "/sync/heal", {"seen": report["seen"]}, who="till")).json()["phase"] != "DONE":
        pass
    told = [line for line in site.log_lines() if line["event"] == "done again"]
    assert len(told) == 1, "once, and only what was done"
    (till,) = site.storage.read(lambda tx: [one.id for one in devices.everyone(tx) if one.kind is DeviceKind.POS])
    assert {name: told[0][name] for name in told[0] if name not in ("at", "level", "event")} == {
        "deviceId": till,
        "device": "Till 1",
        "kind": "create_order",
        "order": "A-900",
        "entityId": order_id,
        "operationId": "01ARYZ6S41000000000000B001",
    }


def test_the_command_names_every_operation_that_came_back(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    lost = created(house)
    order_id = json.loads(str(lost["body"]))["id"]
    shown = {**house.order(), "id": order_id, "state": "CLOSED", "invoiceNumber": "INV-202511-0002"}
    closed = {**created(house), "answer": json.dumps(shown), "body": lost["body"]}
    operations = [closed, created(house)]
    house.call("POST", "/sync/heal", {"seen": FOREIGN, "operations": operations, "isWhole": True}, key="")
    assert main(["heal", *house.place, "--go"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Done again: create_order, order {shown['number']}, invoice INV-202511-0002, from till, {closed['id']}.",
        f"Done again: create_order, order A-900, from till, {operations[1]['id']}.",
        "Healed. These tell what they have when they come: kitchen, till-2.",
    ]
