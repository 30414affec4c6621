"""Every endpoint of the table, asked by every role, by nobody, and by who is known no more: the table says who may.

The walk is made from the table itself. An endpoint that is added is walked too, and one that does not say who may
stops the server at its start.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.dispatch import handle
from reference_server.exchange import Response
from reference_server.people import enrolment
from reference_server.people.roles import EVERYBODY
from reference_server.routes import ROWS
from reference_server.rows import Row
from reference_server.storage import catalogue, devices
from shared.database import run_inline
from shared.domain.menu import Role, StaffList
from shared.ids import DeviceId
from shared.wire.protocol import HEADER_ACTOR, HEADER_REPLAY
from tests.contract.house import House, act, open_house

#: Where nobody has ever been: whoever may gets a 404 for it, and whoever may not a 403.
NOWHERE: Final = "01ARYZ6S410000000000000999"
OF_ANOTHER_ROLE: Final = b"may not do this. Ask somebody with another role."
OF_THE_TILL: Final = "a key that the till has used"
SHUT: Final = [row for row in ROWS if not row.is_open]
GUARDED: Final = [row for row in SHUT if row.kind is not None or row.allowed != EVERYBODY]


def named(row: Row) -> str:
    return f"{row.method} {row.path}"


def add_everybody(house: House) -> None:
    """A script and a person of every role, somebody who left, and scripts whose tokens count no more."""

    def add_people(tx: Any) -> None:
        nadia = house.deps.catalogue.now(tx).people["nadia"]
        people = [nadia.model_copy(update={"id": role.value, "name": role.value, "role": role}) for role in Role]
        left = nadia.model_copy(update={"id": "left", "role": Role.ADMIN, "active": False})
        catalogue.put_staff(tx, StaffList(version="2", staff=(*people, left)), now_ms=house.clock.ms)

    def add_scripts(tx: Any) -> None:
        for name, role in (*((role.value, role) for role in Role), ("revoked", Role.ADMIN), ("expired", Role.ADMIN)):
            made = enrolment.script_token(tx, house.deps, role=role, days=1 if name == "expired" else None)
            house.tokens[name], house.device_ids[name] = made.token, made.device.id
        devices.revoke(tx, DeviceId(house.device_ids["revoked"]), now_ms=house.clock.ms)

    run_inline(house.connection, add_people)
    run_inline(house.connection, add_scripts)
    house.clock.ms += 24 * 60 * 60 * 1000
    house.tokens["forged"] = "a token that was never given"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, restaurant: Restaurant) -> Iterator[House]:
    """One house for the whole walk: what is asked is nowhere, so that nothing comes of it."""
    opened = open_house(tmp_path_factory.mktemp("walked"), restaurant)
    add_everybody(opened)
    opened.call("POST", "/pos/orders", act({"tableId": "table-5"}, "WAITER"), key=OF_THE_TILL)
    yield opened
    opened.connection.close()


def ask(house: House, row: Row, *, who: str, actor: str | None = None, key: str | None = None) -> Response:
    """Ask for something that is nowhere, with no more in the body than who wants it."""
    path = re.sub(r"\{\w+\}", NOWHERE, row.path)
    body: dict[str, str] | None = {} if actor is None else {"actorId": actor}
    headers = {}
    if row.method == "GET":
        body, headers = None, {} if actor is None else {HEADER_ACTOR.lower(): actor}
    request = house.request(row.method, path, body, who=who, key=key, headers=headers)
    return run_inline(house.connection, lambda tx: handle(tx, house.deps, request))


def is_role_refusal(answer: Response) -> bool:
    return answer.status == 403 and OF_ANOTHER_ROLE in answer.body


def misjudged(house: House, row: Row) -> list[Role]:
    """The roles whose scripts this server lets in or keeps out otherwise than the row says."""
    answers = {role: ask(house, row, who=role.value) for role in Role}
    assert 401 not in [answer.status for answer in answers.values()]
    return [role for role, answer in answers.items() if is_role_refusal(answer) == (role in row.allowed)]


@pytest.mark.parametrize("row", SHUT, ids=named)
def test_nobody_and_who_is_known_no_more_gets_nothing(walked: House, row: Row) -> None:
    bodies = set()
    for who in ("nobody", "forged", "revoked", "expired"):
        for actor in (None, "OWNER"):
            answer = ask(walked, row, who=who, actor=actor)
            assert answer.status == 401
            assert answer.header("WWW-Authenticate")
            bodies.add(answer.body)
    assert len(bodies) == 3


@pytest.mark.parametrize("row", SHUT, ids=named)
def test_a_script_does_what_its_role_may_and_no_more(walked: House, row: Row) -> None:
    assert misjudged(walked, row) == []


@pytest.mark.parametrize("row", [row for row in SHUT if row.allowed != EVERYBODY], ids=named)
def test_the_walk_sees_a_server_that_lets_in_others_than_the_table_says(walked: House, row: Row) -> None:
    """The mutants: for a walk over a stricter or a laxer table this server is one that judges wrongly."""
    assert misjudged(walked, replace(row, roles=EVERYBODY))
    assert misjudged(walked, replace(row, roles=frozenset({Role.OWNER})))


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_at_a_till_or_a_kitchen_screen_the_person_that_it_names_is_judged(walked: House, row: Row) -> None:
    for who, role in itertools.product(("till", "kitchen"), Role):
        answer = ask(walked, row, who=who, actor=role.value)
        assert answer.status != 401
        assert is_role_refusal(answer) == (role not in row.allowed), role


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_a_kitchen_screen_that_names_nobody_may_what_a_chef_may(walked: House, row: Row) -> None:
    assert is_role_refusal(ask(walked, row, who="kitchen")) == (Role.CHEF not in row.allowed)


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_a_till_has_to_name_somebody_who_works_here(walked: House, row: Row) -> None:
    nobody = ask(walked, row, who="till")
    assert nobody.status in (403, 404, 422)
    assert nobody.status != 404 or row.kind is not None
    for actor in ("left", "stranger", "", walked.device_ids["till"], walked.device_ids["ADMIN"]):
        assert ask(walked, row, who="till", actor=actor).status in (403, 404, 422)
    for actor in ("left", "stranger"):
        assert ask(walked, row, who="till", actor=actor).status == 403


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_a_script_can_lend_no_role_from_a_person_or_from_another_device(walked: House, row: Row) -> None:
    for actor in ("OWNER", walked.device_ids["ADMIN"]):
        assert ask(walked, row, who="WAITER", actor=actor).status == 403


@pytest.mark.parametrize("row", [row for row in SHUT if row.kind is not None], ids=named)
def test_a_key_of_another_device_is_a_mistake_and_tells_nothing_of_it(walked: House, row: Row) -> None:
    answer = ask(walked, row, who="ADMIN", key=OF_THE_TILL)
    assert (answer.status, json.loads(answer.body)["conflictType"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert b"table-5" not in answer.body
    assert answer.header(HEADER_REPLAY) is None


def test_in_a_batch_each_operation_is_judged_like_alone(house: House) -> None:
    one = {"method": "POST", "path": "/pos/orders", "body": "{}"}
    add_everybody(house)
    operations = [{"operationId": f"01ARYZ6S41000000000000080{n}", "lanes": [f"order:{n}"], **one} for n in range(2)]
    answer = house.call("POST", "/sync/operations", {"operations": operations}, who="CHEF", key="")
    assert [told["status"] for told in answer.json["answers"]] == [403, 403]
    assert house.count("pos_order") == 0


def test_what_was_done_is_answered_again_also_when_the_person_has_another_role_now(house: House) -> None:
    add_everybody(house)
    body = act({"tableId": "table-5"}, "WAITER")
    first = house.call("POST", "/pos/orders", body, key="once")

    def make_her_a_chef(tx: Any) -> None:
        people = house.deps.catalogue.now(tx).people
        waiter = people["WAITER"].model_copy(update={"role": Role.CHEF})
        catalogue.put_staff(tx, StaffList(version="3", staff=(waiter,)), now_ms=house.clock.ms)

    run_inline(house.connection, make_her_a_chef)
    assert house.call("POST", "/pos/orders", body, key="once").body == first.body
    assert house.call("POST", "/pos/orders", body, key="again").status == 403


def test_the_walk_goes_everywhere() -> None:
    assert len(SHUT) > 30
    assert {row.method for row in SHUT} >= {"GET", "POST", "PATCH"}
    assert [row.path for row in ROWS if row.is_open] == [
        "/devices/enrol",
        "/health",
        "/health/ready",
        "/health/live",
    ]
