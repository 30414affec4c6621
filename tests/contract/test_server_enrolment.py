"""Enrolment by a code: once, for a quarter of an hour, not to be guessed, and not lost with a lost answer."""

from __future__ import annotations

from typing import Any

import pytest

from reference_server.people import codes, enrolment
from reference_server.people.codes import Wish
from reference_server.people.enrolment import LetterTaken, NoSuchDevice
from reference_server.storage import devices
from reference_server.storage.devices import DeviceKind
from shared.database import run_inline
from shared.domain.menu import Role
from shared.ids import DeviceId
from shared.pins import pin_matches
from shared.wire.devices import CODE_SIGNS
from tests.contract.house import HISTORY, Answer, House, act, pay

MINUTE_MS = 60_000
CLAIM = "a secret of this device"


def code_for(house: House, wish: Wish | None = None) -> str:
    wish = wish or Wish(DeviceKind.POS, "Till 3")
    return run_inline(house.connection, lambda tx: codes.make(tx, house.deps, wish))


def code_again(house: House, device_id: str) -> str:
    return run_inline(
        house.connection, lambda tx: codes.make(tx, house.deps, codes.wish_again(tx, DeviceId(device_id)))
    )


def enrol(house: House, code: str, **told: Any) -> Answer:
    return house.call("POST", "/devices/enrol", {"code": code, **told}, key="", who="nobody")


def assert_no_good(answer: Answer) -> None:
    assert answer.status == 403
    assert answer.json["message"].startswith("This code does not enrol anything")


def test_a_code_gives_a_till_its_token_letter_and_people(house: House) -> None:
    answer = enrol(house, code_for(house))
    assert answer.status == 200
    told = answer.json
    assert (told["kind"], told["deviceName"], told["letter"], told["history"]) == ("pos", "Till 3", "C", HISTORY)
    amina = next(person for person in told["staff"]["staff"] if person["id"] == "amina")
    assert pin_matches(amina["pinVerifier"], "1111")
    house.tokens["new"] = told["token"]
    made = house.call("POST", "/pos/orders", act({"tableId": "table-5"}), who="new")
    assert made.status == 201


def test_a_kitchen_screen_gets_no_letter_and_no_pin_verifiers(house: House) -> None:
    told = enrol(house, code_for(house, Wish(DeviceKind.KDS, "Grill"))).json
    assert (told["kind"], told["letter"]) == ("kds", None)
    assert {person["pinVerifier"] for person in told["staff"]["staff"]} == {""}


def test_a_code_is_short_and_may_be_typed_in_any_way(house: House) -> None:
    code = code_for(house)
    assert len(code) == 11
    assert set(code) <= set(CODE_SIGNS + "-")
    assert not set(CODE_SIGNS) & set("ILO01U")
    assert enrol(house, f" {code.lower().replace('-', ' ')} ").status == 200


def test_a_code_is_good_once(house: House) -> None:
    code = code_for(house)
    assert enrol(house, code).status == 200
    assert_no_good(enrol(house, code))
    assert house.count("device", "kind = 'pos'") == 3


def test_a_code_ends_after_a_quarter_of_an_hour(house: House) -> None:
    code, other = code_for(house), code_for(house)
    house.clock.ms += 15 * MINUTE_MS - 1
    assert enrol(house, code).status == 200
    house.clock.ms += 1
    assert_no_good(enrol(house, other))


def test_five_wrong_secrets_end_a_code_and_no_other(house: House) -> None:
    code, other = code_for(house), code_for(house)
    for secret in ("AAAAAA", "BBBBBB", "", "CCC", "DDDDDDD"):
        assert_no_good(enrol(house, code[:3] + secret))
    assert_no_good(enrol(house, code))
    assert enrol(house, other).status == 200


def test_nothing_tells_a_wrong_code_from_a_used_or_an_old_one(house: House) -> None:
    used, old, locked = code_for(house), code_for(house), code_for(house)
    enrol(house, used)
    for _ in range(5):
        enrol(house, locked[:3] + "AAAAAA")
    answers = [enrol(house, code).body for code in (used, locked, "ZZZ-ZZZ-ZZZ", "Z", locked[:3])]
    house.clock.ms += 16 * MINUTE_MS
    answers.append(enrol(house, old).body)
    assert len(set(answers)) == 1


def test_a_device_whose_answer_was_lost_asks_again_and_stays_one_device(house: House) -> None:
    code = code_for(house)
    first = enrol(house, code, claim=CLAIM).json
    again = enrol(house, code, claim=CLAIM).json
    assert (again["deviceId"], again["letter"]) == (first["deviceId"], first["letter"])
    house.tokens |= {"lost": first["token"], "new": again["token"]}
    assert house.call("GET", "/menu", who="lost").status == 401
    assert house.call("GET", "/menu", who="new").status == 200
    assert_no_good(enrol(house, code, claim="a secret of somebody else"))
    assert_no_good(enrol(house, code))


def test_who_was_signed_off_does_not_come_back_by_the_code_that_made_it(house: House) -> None:
    code = code_for(house)
    made = DeviceId(enrol(house, code, claim=CLAIM).json["deviceId"])
    run_inline(house.connection, lambda tx: devices.revoke(tx, made, now_ms=house.clock.ms))
    assert_no_good(enrol(house, code, claim=CLAIM))


def test_a_code_for_a_known_device_gives_the_same_device_a_new_token(house: House) -> None:
    old = house.device_ids["till-2"]
    run_inline(house.connection, lambda tx: devices.revoke(tx, DeviceId(old), now_ms=house.clock.ms))
    told = enrol(house, code_again(house, old), deviceId=old).json
    assert (told["deviceId"], told["letter"], told["deviceName"]) == (old, "B", "till-2")
    assert house.call("GET", "/menu", who="till-2").status == 401
    house.tokens["till-2"] = told["token"]
    assert house.call("GET", "/menu", who="till-2").status == 200


def test_a_device_that_is_known_does_not_become_another_by_mistake(house: House) -> None:
    code, known = code_for(house), house.device_ids["till-2"]
    answer = enrol(house, code, deviceId=known)
    assert (answer.status, f"evertill-server code --device {known}" in answer.json["message"]) == (403, True)
    assert enrol(house, code, deviceId="pos-of-a-server-that-is-lost").status == 200


def test_a_letter_is_kept_for_its_code_or_refused_in_words(house: House) -> None:
    code = code_for(house, Wish(DeviceKind.POS, "Bar", "K"))
    assert enrol(house, code).json["letter"] == "K"
    with pytest.raises(LetterTaken):
        code_for(house, Wish(DeviceKind.POS, "Bar 2", "K"))
    late = code_for(house, Wish(DeviceKind.POS, "Bar 2", "M"))
    run_inline(
        house.connection,
        lambda tx: enrolment.enrol(tx, house.deps, kind=DeviceKind.POS, name="Garden", letter="M"),
    )
    answer = enrol(house, late)
    assert (answer.status, answer.json["message"].startswith("This letter belongs to another till.")) == (403, True)


def test_no_code_is_made_for_a_stranger_or_a_script(house: House) -> None:
    script = run_inline(house.connection, lambda tx: enrolment.script_token(tx, house.deps, role=Role.ADMIN))
    for device_id in ("pos-none", script.device.id):
        with pytest.raises(NoSuchDevice):
            code_again(house, device_id)


def test_the_code_stands_nowhere_in_the_file(house: House) -> None:
    code = code_for(house)
    stored = str(house.connection.execute("SELECT * FROM enrol_code").fetchall())
    assert code.replace("-", "")[3:] not in stored


def test_codes_of_yesterday_are_let_go(house: House) -> None:
    for _ in range(5):
        code_for(house)
    house.clock.ms += 25 * 60 * MINUTE_MS
    code_for(house)
    assert house.count("enrol_code") == 1


@pytest.mark.parametrize("body", [{}, {"code": 7}, {"code": ""}, {"code": "A" * 33}, {"code": "AAA", "name": "Till"}])
def test_a_body_that_makes_no_sense_is_422_and_counts_nothing(house: House, body: dict[str, Any]) -> None:
    assert house.call("POST", "/devices/enrol", body, key="", who="nobody").status == 422


def with_receipt(house: House, number: str) -> None:
    """A bill that was paid at its till under this number."""
    order = house.order("table-5", "cola")
    owed = order["lines"][0]["priceMinor"]
    told = act({"payments": [pay(owed, house.ids.new())], "receiptNumber": number})
    assert house.call("POST", f"/pos/orders/{order['id']}/close", told).status == 200


@pytest.mark.parametrize(
    ("told", "letter"),
    [
        ({}, "B"),
        ({"newSeries": False, "receipts": 7}, "B"),
        ({"newSeries": False, "receipts": 8}, "B"),
        ({"newSeries": False, "receipts": 6}, "C"),
        ({"newSeries": True}, "C"),
        ({"newSeries": True, "receipts": 9}, "C"),
    ],
    ids=["says nothing of its file", "as far as here", "further", "an older copy", "no file", "another file"],
)
def test_a_till_goes_on_under_its_letter_only_with_the_file_that_counted(
    house: House, told: dict[str, Any], letter: str
) -> None:
    till = house.device_ids["till-2"]
    with_receipt(house, "B-000007")
    answer = enrol(house, code_again(house, till), deviceId=till, **told)
    assert (answer.json["deviceId"], answer.json["letter"]) == (till, letter)


def test_a_spent_letter_is_never_given_again(house: House) -> None:
    till = house.device_ids["till-2"]
    for letter in ("C", "D"):
        assert enrol(house, code_again(house, till), newSeries=True).json["letter"] == letter
    assert enrol(house, code_for(house)).json["letter"] == "E"
    for spent in ("B", "C"):
        with pytest.raises(LetterTaken):
            code_for(house, Wish(DeviceKind.POS, "Bar", spent))


def test_an_answer_that_was_lost_spends_no_letter(house: House) -> None:
    """The till without a file asks again with its claim, and has given nothing under the letter that it never heard."""
    till = house.device_ids["till-2"]
    for code in (code_for(house), code_again(house, till)):
        told = {"newSeries": True, "claim": CLAIM}
        first, again = (enrol(house, code, **told).json for _ in range(2))
        assert (first["deviceId"], first["letter"]) == (again["deviceId"], again["letter"])


def test_a_kitchen_screen_has_no_letter_to_lose(house: House) -> None:
    kitchen = house.device_ids["kitchen"]
    assert enrol(house, code_again(house, kitchen), newSeries=True).json["letter"] is None


def test_what_waits_goes_out_under_the_number_that_it_was_given(house: House) -> None:
    till = house.device_ids["till-2"]
    house.tokens["till-2"] = enrol(house, code_again(house, till), newSeries=True).json["token"]
    order = house.order("table-5", "cola", who="till-2")
    told = act({"payments": [pay(order["lines"][0]["priceMinor"], house.ids.new())], "receiptNumber": "B-000012"})
    closed = house.call("POST", f"/pos/orders/{order['id']}/close", told, who="till-2")
    assert (closed.status, closed.json["receiptNumber"]) == (200, "B-000012")
