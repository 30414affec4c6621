"""Wrong PINs: whoever guesses waits, on one device or on many; nobody is locked out of her own till from elsewhere."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Final

from reference_server.deps import Patience
from reference_server.exchange import Problem
from reference_server.people import enrolment, lockout
from reference_server.storage import devices
from reference_server.storage.devices import DeviceKind
from shared.database import Connection, run_inline
from tests.contract.house import Answer, House

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS


def login(house: House, pin: str = "9999", *, who: str = "till") -> Answer:
    return house.call("POST", "/auth/login", {"staffId": "amina", "pin": pin}, key="", who=who)


def more_tills(house: House, count: int) -> list[str]:
    for number in range(count):
        made = run_inline(
            house.connection,
            lambda tx: enrolment.enrol(tx, house.deps, kind=DeviceKind.POS, name="Till", letter=None),
        )
        house.tokens[f"more-{number}"] = made.token
    return [f"more-{number}" for number in range(count)]


def tried_in(house: House, hours: int, tills: list[str], patience: Patience | None = None) -> int:
    """How many wrong PINs get looked at in so many hours by who tries each minute on every one of these tills."""
    patience = patience or house.deps.limits.patience

    def all_tries(tx: Connection) -> int:
        person = house.deps.catalogue.now(tx).people["amina"]
        known = [devices.by_token(tx, hashlib.sha256(house.tokens[who].encode()).digest()) for who in tills]
        looked_at = 0
        for _ in range(hours * 60):
            house.clock.ms += MINUTE_MS
            for device in known:
                assert device is not None
                with suppress(Problem):
                    lockout.count(tx, patience, device=device, person=person, now_ms=house.clock.ms)
                    looked_at += 1
        return looked_at

    return run_inline(house.connection, all_tries)


def test_the_second_lock_on_a_device_lasts_a_quarter_of_an_hour_until_a_right_pin(house: House) -> None:
    login(house, "1111")
    for minutes in (5, 15, 15):
        said = [login(house).json["message"] for _ in range(5)]
        assert f"Wait {minutes} minutes" in said[-1]
        assert login(house, "1111").headers["retry-after"] == str(minutes * 60)
        house.clock.ms += minutes * MINUTE_MS
    assert login(house, "1111").status == 200
    for _ in range(5):
        login(house)
    assert login(house, "1111").headers["retry-after"] == "300"


def test_four_wrong_pins_now_and_then_are_not_free_either(house: House) -> None:
    login(house, "1111")
    for _ in range(4):
        login(house)
    house.clock.ms += 14 * MINUTE_MS
    assert "Wait 5 minutes" in login(house).json["message"]


def test_whoever_guesses_on_one_till_gets_twenty_tries_an_hour(house: House) -> None:
    login(house, "1111")
    assert tried_in(house, 10, ["till"]) <= 10 * 20 + 5


def test_whoever_guesses_on_twenty_tills_gets_no_more_than_ten_tries_and_one_an_hour(house: House) -> None:
    assert tried_in(house, 24, more_tills(house, 20)) <= 10 + 5 + 24


def test_a_lock_by_device_alone_would_let_twenty_tills_guess_for_ever(house: House) -> None:
    """The mutant: what is tried elsewhere is not counted."""
    spoiled = Patience(wrong_elsewhere=1_000_000)
    assert tried_in(house, 2, more_tills(house, 20), spoiled) > 500


def test_nobody_is_locked_out_of_her_own_till_from_elsewhere(house: House) -> None:
    assert login(house, "1111").status == 200
    guessing = more_tills(house, 10)
    for _ in range(4):
        tried_in(house, 3, guessing)
        assert login(house, "1111").status == 200
    told = login(house, "1111", who="till-2")
    assert told.status == 429
    assert "Amina K. on devices that this person does not use" in told.json["message"]


def test_her_own_work_gives_whoever_guesses_elsewhere_nothing(house: House) -> None:
    login(house, "1111")
    login(house, "1111", who="till-2")
    tills = more_tills(house, 14)
    assert [login(house, who=who).status for who in tills[:9]] == [403] * 9
    login(house, "1111")
    login(house, "1111", who="till-2")
    assert [login(house, who=who).status for who in tills[9:]] == [403] + [429] * 4


def test_after_a_day_without_a_wrong_pin_everything_is_open_again(house: House) -> None:
    tills = more_tills(house, 20)
    tried_in(house, 1, tills)
    assert login(house, "1111", who=tills[0]).status == 429
    house.clock.ms += 24 * HOUR_MS
    assert [login(house, "1111", who=who).status for who in tills[:2]] == [200] * 2


def test_a_house_in_which_nobody_guesses_notices_nothing(house: House) -> None:
    for who in more_tills(house, 12):
        assert login(house, who=who).status == 403
        assert login(house, "1111", who=who).status == 200
