"""Two devices that report long after a healing, the second while the first is half done."""

from __future__ import annotations

from tests.contract.house import House
from tests.contract.test_server_healing import FOREIGN, created, ended_healing


def test_orders_are_lifted_when_all_is_done_again_and_not_when_another_report_begins(house: House) -> None:
    """What is told of an order in its old versions would else be behind it, and be decided anew."""
    order = house.order("table-6", "cola")
    ended_healing(house)
    step = house.deps.limits.healing_step
    for who in ("till", "till-2"):
        lost = [created(house) for _ in range(step + 1)]
        waits = {} if who == "till" else {"baseVersions": {order["id"]: 9}}
        whole = {"seen": FOREIGN, "isWhole": True, "operations": lost, **waits}
        assert house.call("POST", "/sync/heal", whole, key="", who=who).json["phase"] == "APPLYING"
    assert version(house, order["id"]) == order["version"]
    while house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] == "APPLYING":
        pass
    assert (house.count("healing_operation"), version(house, order["id"])) == (0, 9)


def version(house: House, order_id: str) -> int:
    return int(house.connection.execute("SELECT version FROM pos_order WHERE id = ?", (order_id,)).get)
