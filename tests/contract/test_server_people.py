"""Who may do what: tokens, people, roles, and the login with its lockout."""

from __future__ import annotations

import asyncio

import pytest

from reference_server.catalogue.loading import Restaurant
from reference_server.people import enrolment
from reference_server.people.enrolment import LetterTaken
from reference_server.storage import catalogue, devices
from reference_server.storage.devices import DeviceKind
from shared.database import run_inline
from shared.ids import DeviceId
from tests.contract.house import Answer, House, act
from tests.contract.web import Site

MINUTE_MS = 60_000


def login(house: House, pin: str, *, staff: str = "amina", who: str = "till") -> Answer:
    return house.call("POST", "/auth/login", {"staffId": staff, "pin": pin}, key="", who=who)


def test_the_right_pin_says_who_is_working(house: House) -> None:
    answer = login(house, "1111")
    assert (answer.status, answer.json) == (200, {"staffId": "amina", "name": "Amina K.", "role": "WAITER"})


def test_five_wrong_pins_lock_one_person_on_one_device_for_five_minutes(house: House) -> None:
    for left in (4, 3, 2, 1, 0):
        wrong = login(house, "9999")
        assert wrong.status == 403
        assert ("Wait 5 minutes" in wrong.json["message"]) == (left == 0)
    locked = login(house, "1111")
    assert (locked.status, locked.headers["retry-after"]) == (429, "300")
    assert locked.json["message"] == "Too many wrong PINs for Amina K. on this device. It opens again in 5 minutes."
    assert login(house, "2222", staff="joel").status == 200
    assert login(house, "1111", who="till-2").status == 200
    house.clock.ms += 4 * MINUTE_MS + 1
    assert "It opens again in 1 minute." in login(house, "1111").json["message"]
    house.clock.ms += MINUTE_MS
    assert login(house, "1111").status == 200


def test_a_right_pin_forgets_the_wrong_ones(house: House) -> None:
    for _ in range(3):
        for _ in range(4):
            assert login(house, "9999").status == 403
        assert login(house, "1111").status == 200


def test_a_clock_set_back_does_not_lock_for_hours(house: House) -> None:
    for _ in range(5):
        login(house, "9999")
    house.clock.ms -= 60 * MINUTE_MS
    assert login(house, "1111").status == 200


async def test_many_tries_at_once_are_still_only_five(site: Site) -> None:
    body = {"staffId": "amina", "pin": "9999"}
    answers = await asyncio.gather(*(site.ask("POST", "/auth/login", body, who="till") for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [429] * 7
    right = await site.ask("POST", "/auth/login", {"staffId": "joel", "pin": "2222"}, who="till")
    assert (right.status_code, right.json()["name"]) == (200, "Joel")


def test_nobody_and_nonsense_do_not_log_in(house: House) -> None:
    assert login(house, "1111", staff="stranger").status == 403
    assert login(house, "11").json["errors"][0]["field"] == "pin"
    assert house.call("POST", "/auth/login", b"{", key="").status == 400
    assert login(house, "1111", who="stranger").status == 401


def test_a_token_that_is_unknown_expired_or_signed_off_is_401(house: House) -> None:
    def status() -> tuple[int, str]:
        answer = house.call("POST", "/pos/orders", {}, who="script")
        return answer.status, answer.json["message"]

    house.tokens["script"], right = "wrong", house.tokens["script"]
    assert status() == (401, "This device is not known here. Enrol it again.")
    house.tokens["script"] = right
    house.connection.execute("UPDATE device SET expires_at = ? WHERE kind = 'script'", (house.clock.ms,))
    assert status() == (401, "This device's token has expired. Enrol it again.")
    house.clock.ms -= 1
    assert house.call("POST", "/pos/orders", {}, who="script").status == 201
    device_id = DeviceId(house.device_ids["script"])
    assert run_inline(house.connection, lambda tx: devices.revoke(tx, device_id, now_ms=house.clock.ms))
    assert status() == (401, "This device was signed off. Enrol it again.")
    assert not run_inline(house.connection, lambda tx: devices.revoke(tx, DeviceId("none"), now_ms=house.clock.ms))


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer  ", "bearer"])
def test_anything_but_a_bearer_token_is_401_and_says_how(house: House, header: str) -> None:
    answer = house.call("GET", "/pos/orders", who="nobody", headers={"authorization": header})
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="evertill"')


def test_a_token_is_stored_nowhere(house: House) -> None:
    everything = "".join(str(row) for row in house.connection.execute("SELECT * FROM device"))
    assert all(token not in everything for token in house.tokens.values())


def test_a_till_must_say_who_wants_it(house: House) -> None:
    answer = house.call("POST", "/pos/orders", {})
    assert (answer.status, answer.json["errors"]) == (422, [{"field": "actorId", "message": "This field is missing."}])


def test_a_script_acts_in_its_own_role_only(house: House) -> None:
    assert house.call("POST", "/pos/orders", act({}), who="script").status == 201
    assert house.call("POST", "/pos/orders", act({}, actor="nadia"), who="script").status == 403


def test_somebody_who_left_may_do_nothing(house: House, restaurant: Restaurant) -> None:
    staff = restaurant.staff
    assert staff is not None
    left = staff.model_copy(update={"staff": (staff.staff[0].model_copy(update={"active": False}), *staff.staff[1:])})
    run_inline(house.connection, lambda tx: catalogue.put_staff(tx, left, now_ms=house.clock.ms))
    answer = house.call("POST", "/pos/orders", act({}))
    assert (answer.status, "Amina K. does not work here any more" in answer.json["message"]) == (403, True)
    assert login(house, "1111").status == 403


def test_letters_are_given_in_their_order_and_never_twice(house: House) -> None:
    def enrol(letter: str | None, kind: DeviceKind = DeviceKind.POS) -> str | None:
        made = run_inline(
            house.connection, lambda tx: enrolment.enrol(tx, house.deps, kind=kind, name="Till", letter=letter)
        )
        return made.device.letter

    assert [enrol(None), enrol("F"), enrol(None)] == ["C", "F", "D"]
    assert enrol("K", DeviceKind.KDS) is None
    with pytest.raises(LetterTaken):
        enrol("F")
