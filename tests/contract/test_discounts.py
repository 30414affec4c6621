"""Discounts over HTTP: whole, once, judged by who gives and who approves, and told to every till."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server.storage import catalogue
from shared.database import run_inline
from shared.domain.menu import Business, Role, StaffList
from tests.contract.house import Answer, House, act, pay
from tests.unit.domain.restaurant import ulid

REASON = "a regular"


def give(
    house: House, order: dict[str, Any], *, actor: str = "amina", key: str | None = None, who: str = "till", **said: Any
) -> Answer:
    """Apply one discount, on the version of this order."""
    change = {"type": "applyDiscount", "reason": REASON, **said}
    body = act({"baseVersion": order["version"], "changes": [change]}, actor)
    return house.call("PATCH", f"/pos/orders/{order['id']}", body, key=key, who=who)


def test_a_discount_is_given_once_and_the_bill_is_less(house: House) -> None:
    order = house.order("table-5", "steak-bowl", "cola")
    total = sum(line["priceMinor"] for line in order["lines"])
    first = give(house, order, id=ulid(5), percentBp=1000, key=ulid(6))
    again = give(house, order, id=ulid(5), percentBp=1000, key=ulid(6))
    late = give(house, order, id=ulid(5), percentBp=1000, key=ulid(7))
    assert (first.status, again.is_replay, late.json["version"]) == (200, True, first.json["version"])
    (mark,) = late.json["discounts"]
    assert (mark["percentBp"], mark["givenBy"], mark["reason"]) == (1000, "amina", REASON)
    paid = {"payments": [pay(total, ulid(8))]}
    closed = house.call("POST", f"/pos/orders/{order['id']}/close", act(paid))
    off = sum((line["priceMinor"] * 1000 + 5000) // 10_000 for line in order["lines"])
    assert (closed.status, closed.json["toldTotalMinor"], closed.json["surplusMinor"]) == (200, total - off, off)


def test_a_discount_above_the_cap_needs_a_manager_by_the_list_as_it_is_now(house: House) -> None:
    order = house.order("table-5", "steak-bowl")
    alone = give(house, order, percentBp=2000)
    assert (alone.status, alone.json["message"]) == (
        403,
        "This is more than 10 % of Steak Bowl: a manager has to approve it.",
    )
    by_a_waiter = give(house, order, percentBp=2000, approvedBy="joel")
    assert (by_a_waiter.status, by_a_waiter.json["message"]) == (403, "Only a manager can approve this. Ask one.")
    manager = manager_of(house)
    approved = give(house, order, percentBp=2000, approvedBy=manager, key=ulid(9))
    assert (approved.status, approved.json["discounts"][0]["approvedBy"]) == (200, manager)
    after = give(house, approved.json, percentBp=5000, actor=manager)
    assert after.status == 200
    set_role(house, manager, Role.WAITER)
    assert give(house, after.json, percentBp=2000, approvedBy=manager).status == 403
    assert house.count("operation", "kind = 'change_order'") == 2, "what is no verdict is not remembered"
    assert give(house, order, percentBp=2000, approvedBy=manager, key=ulid(9)).is_replay


def test_what_was_right_on_the_version_of_the_screen_and_is_too_much_now_is_stale(house: House) -> None:
    order = house.order("table-5", "steak-bowl")
    assert give(house, order, percentBp=1000).status == 200
    line = order["lines"][0]["id"]
    late = give(house, order, lineId=line, percentBp=1000, who="till-2", actor="joel")
    assert (late.status, late.json["conflictType"]) == (409, "STALE_WRITE")


def test_less_of_a_line_may_not_lift_an_amount_above_the_cap(house: House) -> None:
    order = house.order("table-5", "steak-bowl")
    line = order["lines"][0]
    path = f"/pos/orders/{order['id']}"

    def quantity(wanted: int, actor: str = "amina", key: str | None = None) -> Answer:
        change = {"type": "setQuantity", "lineId": line["id"], "quantity": wanted}
        return house.call("PATCH", path, act({"changes": [change]}, actor), key=key)

    assert quantity(4).status == 200
    assert give(house, quantity(4).json, lineId=line["id"], amountMinor=line["priceMinor"] * 4 // 10).status == 200
    refused = quantity(1)
    assert (refused.status, "Take the discount back first" in refused.json["message"]) == (403, True)
    assert quantity(5).status == 200
    assert quantity(1, manager_of(house), key=ulid(4)).status == 200
    assert quantity(1, manager_of(house), key=ulid(4)).is_replay


def test_a_script_can_not_borrow_the_name_of_a_manager(house: House) -> None:
    order = house.order("table-5", "steak-bowl")
    manager = manager_of(house)
    body = {"changes": [{"type": "applyDiscount", "reason": REASON, "percentBp": 2000, "approvedBy": manager}]}
    assert house.call("PATCH", f"/pos/orders/{order['id']}", body, who="script").status == 403


@pytest.mark.parametrize("is_strict", [True, False])
def test_the_business_says_whether_a_void_of_what_was_sent_needs_a_manager(house: House, is_strict: bool) -> None:
    order = house.sent_order("table-5", "steak-bowl", "cola")
    if is_strict:
        settle(house, void_sent_needs_manager=True)
    path, line = f"/pos/orders/{order['id']}", order["lines"][0]["id"]
    void = {"type": "voidLine", "lineId": line, "reason": "dropped"}
    assert house.call("PATCH", path, act({"changes": [void]})).status == (403 if is_strict else 200)
    whole = house.call("POST", f"{path}/void", act({"reason": "left"}))
    assert whole.status == (403 if is_strict else 200)
    manager = manager_of(house)
    approved = act({"reason": "left", "approvedBy": manager})
    if is_strict:
        assert house.call("POST", f"{path}/void", approved).json["state"] == "VOIDED"


def manager_of(house: House) -> str:
    """Somebody who may approve."""
    return str(next(person.id for person in people(house) if person.role is Role.MANAGER))


def people(house: House) -> Any:
    """Who works here."""
    return list(house.deps.catalogue.now(house.connection).people.values())


def set_role(house: House, staff_id: str, role: Role) -> None:
    """This person has another role from now on."""
    staff = tuple(one.model_copy(update={"role": role}) if one.id == staff_id else one for one in people(house))
    run_inline(house.connection, lambda tx: catalogue.put_staff(tx, StaffList(version="2", staff=staff), now_ms=1))


def settle(house: House, **said: Any) -> None:
    """The business decides otherwise."""
    business: Business = house.deps.catalogue.now(house.connection).business
    changed = business.model_copy(update=said)
    run_inline(
        house.connection, lambda tx: catalogue.put(tx, name=catalogue.SETTINGS, body=changed.to_json(), now_ms=1)
    )
