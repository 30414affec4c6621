"""Which devices there are, for those who lead the house, and signing one off, for those who own it."""

from __future__ import annotations

import pytest

from reference_server.people import enrolment
from reference_server.routes import Table
from reference_server.rows import Row
from reference_server.storage import catalogue
from shared.database import run_inline
from shared.domain.menu import Role, StaffList
from tests.contract.house import Answer, House, act


@pytest.fixture(autouse=True)
def _an_owner(house: House) -> None:
    """The demo restaurant's people, and Olga, whom the house belongs to; scripts of both roles."""

    def add(tx: object) -> None:
        staff = house.deps.catalogue.now(tx).people  # type: ignore[arg-type]
        olga = staff["nadia"].model_copy(update={"id": "olga", "name": "Olga", "role": Role.OWNER})
        everyone = StaffList(version="2", staff=(*staff.values(), olga))
        catalogue.put_staff(tx, everyone, now_ms=house.clock.ms)  # type: ignore[arg-type]

    run_inline(house.connection, add)
    for role in (Role.MANAGER, Role.ADMIN):
        made = run_inline(house.connection, lambda tx, role=role: enrolment.script_token(tx, house.deps, role=role))  # type: ignore[misc]
        house.tokens[role.value], house.device_ids[role.value] = made.token, made.device.id


def devices(house: House, *, who: str = "till", actor: str | None = None) -> Answer:
    return house.call("GET", "/devices", who=who, headers={} if actor is None else {"x-actor": actor})


def revoke(house: House, name: str, body: object, *, who: str = "till") -> Answer:
    return house.call("POST", f"/devices/{house.device_ids[name]}/revoke", body, who=who, key="")


def test_a_manager_sees_every_device_and_no_token(house: House) -> None:
    answer = devices(house, actor="nadia")
    assert answer.status == 200
    rows = {row["id"]: row for row in answer.json["devices"]}
    assert rows.keys() == set(house.device_ids.values())
    assert rows[house.device_ids["till-2"]] == {
        "id": house.device_ids["till-2"],
        "name": "till-2",
        "kind": "pos",
        "letter": "B",
        "role": None,
        "enrolledAt": "2025-11-28T19:40:00.000Z",
        "expiresAt": None,
        "revokedAt": None,
    }
    assert rows[house.device_ids["kitchen"]]["role"] == "CHEF"
    assert all(token.encode() not in answer.body for token in house.tokens.values())
    assert devices(house, who="MANAGER").status == 200


@pytest.mark.parametrize(
    ("who", "actor", "words"),
    [
        ("till", None, "Say who wants this: name the person in X-Actor."),
        ("till", "amina", "Amina K. may not do this. Ask somebody with another role."),
        ("till", "nobody", "Nobody with this name works here. Log in again."),
        ("kitchen", None, "kitchen may not do this. Ask somebody with another role."),
        ("script", None, "Script (waiter) may not do this. Ask somebody with another role."),
        ("script", "nadia", "This token may act only in its own role."),
    ],
)
def test_others_do_not(house: House, who: str, actor: str | None, words: str) -> None:
    answer = devices(house, who=who, actor=actor)
    assert (answer.status, answer.json["message"]) == (403, words)


def test_an_owner_signs_a_device_off_and_it_is_unknown_from_then_on(house: House) -> None:
    assert house.call("GET", "/pos/orders", who="till-2").status == 200
    answer = revoke(house, "till-2", {"actorId": "olga"})
    assert (answer.status, answer.json["revokedAt"]) == (200, "2025-11-28T19:40:00.000Z")
    for method, path in (("GET", "/pos/orders"), ("GET", "/menu"), ("POST", "/pos/orders"), ("POST", "/auth/login")):
        told = house.call(method, path, act({}), who="till-2")
        assert (told.status, told.json["message"]) == (401, "This device was signed off. Enrol it again.")
    assert house.call("GET", "/pos/orders").status == 200


def test_signing_off_twice_keeps_the_first_moment(house: House) -> None:
    first = revoke(house, "till-2", {}, who="ADMIN")
    house.clock.ms += 60_000
    again = revoke(house, "till-2", {}, who="ADMIN")
    assert (again.status, again.json) == (200, first.json)


@pytest.mark.parametrize(("who", "actor"), [("till", "nadia"), ("till", "amina"), ("MANAGER", None), ("script", None)])
def test_a_manager_does_not_sign_off(house: House, who: str, actor: str | None) -> None:
    assert revoke(house, "till-2", {} if actor is None else {"actorId": actor}, who=who).status == 403
    assert house.call("GET", "/pos/orders", who="till-2").status == 200


def test_at_a_till_the_body_says_who_signs_off_and_a_header_does_not_count(house: House) -> None:
    path = f"/devices/{house.device_ids['till-2']}/revoke"
    answer = house.call("POST", path, {}, key="", headers={"x-actor": "olga"})
    assert (answer.status, answer.json["message"]) == (403, "Say who wants this: name the person in actorId.")


def test_only_who_may_learns_that_there_is_no_such_device(house: House) -> None:
    assert house.call("POST", "/devices/pos-none/revoke", {"actorId": "nadia"}, key="").status == 403
    assert house.call("POST", "/devices/pos-none/revoke", {"actorId": "olga"}, key="").status == 404
    assert house.call("POST", "/devices/pos-none/revoke", {"actorId": "olga"}, key="", who="nobody").status == 401


def test_a_misspelt_body_signs_nobody_off(house: House) -> None:
    assert revoke(house, "till-2", {"actor": "olga"}, who="ADMIN").status == 422
    assert house.call("GET", "/pos/orders", who="till-2").status == 200


def test_an_endpoint_that_does_not_say_who_may_is_a_fault_at_the_start() -> None:
    with pytest.raises(TypeError, match="roles"):
        Row("GET", "/secrets", "What nobody thought about", "secrets", StaffList)  # type: ignore[call-arg] # the fault
    with pytest.raises(ValueError, match="GET /secrets is for nobody"):
        Table([Row("GET", "/secrets", "What nobody may", "secrets", StaffList, roles=frozenset())])
