"""What a till did while it was cut off is judged by the roles that its people had then, not by those of now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reference_server.people.at_the_time import BELIEVED_MS, EARLY_MS
from reference_server.storage import catalogue, standings
from reference_server.storage.catalogue import Catalogue, Restaurant
from reference_server.storage.seam import Connection
from shared.database import run_inline
from shared.domain.menu import Role, StaffList, StaffMember
from shared.times import to_rfc3339
from tests.contract.house import Answer, House, act

MINUTE_MS = 60_000
WAITER, MANAGER = "amina", "nadia"


class ByNow(Catalogue):
    """A server that forgets what its people were: it judges all by the list of now."""

    def now(self, tx: Connection) -> Restaurant:
        return replace(super().now(tx), careers={})


def change(house: House, staff_id: str, **said: Any) -> None:
    """This person is something else from this moment on."""
    staff = [one.model_copy(update=said) if one.id == staff_id else one for one in people(house)]
    put(house, staff)


def people(house: House) -> list[StaffMember]:
    return list(house.deps.catalogue.now(house.connection).people.values())


def put(house: House, staff: list[StaffMember]) -> None:
    listed = StaffList(version="2", staff=tuple(staff))
    run_inline(house.connection, lambda tx: catalogue.put_staff(tx, listed, now_ms=house.clock.ms))


def at(house: House, *, ago_ms: int = 0) -> str:
    return to_rfc3339(house.clock.ms - ago_ms)


def sell(house: House, when: str, *, actor: str = WAITER) -> Answer:
    """An order that a till opened at this moment comes to the server now."""
    return house.call("POST", "/pos/orders", act({"at": when, "tableId": "table-5"}, actor=actor))


def half_off(house: House, when: str, **said: object) -> Answer:
    """Half of a dish's price, which a waiter may not give alone, was taken off at this moment."""
    order = house.order("table-5", "steak-bowl")
    discount = {"type": "applyDiscount", "reason": "long wait", "percentBp": 5000, **said}
    body = {"at": when, "changes": [discount], "baseVersion": order["version"]}
    return house.call("PATCH", f"/pos/orders/{order['id']}", act(body))


def the_dismissed_waiter(house: House) -> None:
    sold_at = at(house)
    house.clock.ms += MINUTE_MS
    change(house, WAITER, active=False)
    house.clock.ms += MINUTE_MS
    assert sell(house, sold_at).status == 201
    late = sell(house, at(house))
    assert (late.status, "does not work here any more" in late.json["message"]) == (403, True)


def the_waiter_of_whom_the_list_says_nothing_more(house: House) -> None:
    sold_at = at(house)
    house.clock.ms += MINUTE_MS
    put(house, [one for one in people(house) if one.id != WAITER])
    house.clock.ms += MINUTE_MS
    assert sell(house, sold_at).status == 201
    assert sell(house, at(house)).status == 403


def the_waiter_who_cooks_now(house: House) -> None:
    sold_at = at(house)
    house.clock.ms += MINUTE_MS
    change(house, WAITER, role=Role.CHEF)
    house.clock.ms += MINUTE_MS
    assert sell(house, sold_at).status == 201
    assert sell(house, at(house)).status == 403


def the_waiter_who_became_a_manager(house: House) -> None:
    given_at = at(house)
    house.clock.ms += MINUTE_MS + EARLY_MS
    change(house, WAITER, role=Role.MANAGER)
    house.clock.ms += MINUTE_MS
    assert half_off(house, given_at).status == 403
    assert half_off(house, at(house)).status == 200


def the_manager_who_approved_and_serves_now(house: House) -> None:
    approved_at = at(house)
    house.clock.ms += MINUTE_MS
    change(house, MANAGER, role=Role.WAITER)
    house.clock.ms += MINUTE_MS
    assert half_off(house, approved_at, approvedBy=MANAGER).status == 200
    assert half_off(house, at(house), approvedBy=MANAGER).status == 403


def the_one_who_was_hired_after(house: House) -> None:
    before = at(house)
    house.clock.ms += MINUTE_MS + EARLY_MS
    hired = people(house)[0].model_copy(update={"id": "new", "name": "Noor", "role": Role.WAITER})
    put(house, [*people(house), hired])
    house.clock.ms += MINUTE_MS
    refused = sell(house, before, actor="new")
    assert refused.status == 403
    assert "Noor did not work here yet" in refused.json["message"]
    assert sell(house, at(house), actor="new").status == 201


STORIES: tuple[Callable[[House], None], ...] = (
    the_dismissed_waiter,
    the_waiter_of_whom_the_list_says_nothing_more,
    the_waiter_who_cooks_now,
    the_waiter_who_became_a_manager,
    the_manager_who_approved_and_serves_now,
    the_one_who_was_hired_after,
)


@pytest.mark.parametrize("story", STORIES)
def test_what_was_done_before_a_change_of_staff_is_judged_by_what_people_were(
    house: House, story: Callable[[House], None]
) -> None:
    story(house)


@pytest.mark.sqlite
@pytest.mark.parametrize("story", STORIES)
def test_a_server_that_judges_by_now_is_caught(house: House, story: Callable[[House], None]) -> None:
    house.deps = replace(house.deps, catalogue=ByNow())
    with pytest.raises(AssertionError):
        story(house)


def test_a_clock_that_is_ahead_is_judged_by_now(house: House) -> None:
    change(house, WAITER, active=False)
    house.clock.ms += MINUTE_MS
    assert sell(house, at(house, ago_ms=-120 * MINUTE_MS)).status == 403


def test_a_role_that_ended_long_ago_is_of_no_use_to_what_is_dated_back(house: House) -> None:
    sold_at = at(house)
    house.clock.ms += MINUTE_MS
    change(house, WAITER, active=False)
    house.clock.ms += BELIEVED_MS - MINUTE_MS
    assert sell(house, sold_at).status == 201
    house.clock.ms += 1
    assert sell(house, sold_at).status == 403
    assert sell(house, "no moment").status == 403


def test_who_was_hired_while_a_till_had_no_clock_may_sell_at_it(house: House) -> None:
    hired = people(house)[0].model_copy(update={"id": "new", "name": "Noor"})
    put(house, [*people(house), hired])
    house.clock.ms += MINUTE_MS
    assert sell(house, "2000-01-01T00:00:00.000Z", actor="new").status == 201


def test_a_right_counts_already_for_a_till_whose_clock_is_behind_by_seconds(house: House) -> None:
    house.clock.ms += MINUTE_MS
    change(house, WAITER, role=Role.MANAGER)
    given_at = at(house, ago_ms=EARLY_MS)
    house.clock.ms += MINUTE_MS
    assert half_off(house, given_at).status == 200


def test_who_comes_back_was_away_in_between(house: House) -> None:
    first = at(house)
    house.clock.ms += 10 * MINUTE_MS
    change(house, WAITER, active=False)
    away = at(house)
    house.clock.ms += 10 * MINUTE_MS
    change(house, WAITER, active=True)
    house.clock.ms += MINUTE_MS
    found = [sell(house, when).status for when in (first, away, at(house))]
    assert found == [201, 403, 201]


def test_another_process_hears_of_a_change_that_was_taken_back(house: House) -> None:
    listed = people(house)
    put(house, listed)
    other = Catalogue()
    assert WAITER not in other.now(house.connection).careers
    put(house, [one for one in listed if one.id != WAITER])
    put(house, listed)
    assert len(other.now(house.connection).careers[WAITER]) == 3


def test_a_discount_of_who_was_a_manager_then_is_not_counted_against_a_waiter(house: House) -> None:
    change(house, WAITER, role=Role.MANAGER)
    house.clock.ms += MINUTE_MS
    order = house.order("table-5", "steak-bowl")
    path = f"/pos/orders/{order['id']}"

    def give(percent_bp: int) -> int:
        discount = {"type": "applyDiscount", "reason": "long wait", "percentBp": percent_bp}
        return house.call("PATCH", path, act({"changes": [discount]})).status

    assert give(5000) == 200
    house.clock.ms += MINUTE_MS
    change(house, WAITER, role=Role.WAITER)
    assert (give(2000), give(1000)) == (403, 200)


def test_a_staff_list_that_could_not_be_stored_changes_nobodys_past(house: House) -> None:
    staff = StaffList(version="2", staff=tuple(people(house)[1:]))

    def cut(tx: Connection) -> None:
        catalogue.put_staff(tx, staff, now_ms=house.clock.ms)
        raise LookupError

    with pytest.raises(LookupError):
        run_inline(house.connection, cut)
    assert (house.count("standing"), len(people(house))) == (0, len(staff.staff) + 1)


def test_a_name_or_a_pin_is_no_other_role(house: House) -> None:
    change(house, WAITER, name="Amina")
    assert standings.count(house.connection) == 0
