"""A restored server has both orders of a move, whoever reports of it and when, also where a till only asked for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from reference_server.healing import answers
from reference_server.healing.reasons import PUT_RIGHT
from shared.database import open_writer, run_inline
from shared.wire.healing import Phase
from tests.contract import house as houses
from tests.contract.house import House
from tests.contract.test_healing_of_moves import FOREIGN, copied, has, report
from tests.contract.two_tills import StoreTill, line_of

Move = Callable[[StoreTill, str, str], str]
Act = Callable[[StoreTill, str, str], object]


def split(till: StoreTill, five: str, _: str) -> str:
    return till.split(five, line_of(till, five, "pizza"))


def merge(till: StoreTill, five: str, six: str) -> str:
    till.merge(five, six)
    return six


def transfer(till: StoreTill, five: str, six: str) -> str:
    till.transfer(five, six, line_of(till, five, "pizza"))
    return six


MOVES: Final[dict[str, Move]] = {"split": split, "merge": merge, "transfer": transfer}

#: What another till does that has heard of the move only by asking: to the order that lines left, and where they came.
AFTERWARDS: Final[dict[str, Act]] = {
    "nothing": lambda *_: None,
    "more here": lambda ben, five, _: ben.more(five, "bread"),
    "more there": lambda ben, _, six: ben.more(six, "bread"),
    "paid here": lambda ben, five, _: ben.pay(five),
    "paid there": lambda ben, _, six: ben.pay(six),
}
#: What it does without the network before it has heard of the move, and tells afterwards.
UNAWARE: Final[dict[str, Act]] = {
    "more unaware": lambda ben, five, _: ben.more(five, "bread"),
    "paid unaware": lambda ben, five, _: ben.pay(five),
}
ALL: Final = [
    (move, act)
    for move in MOVES
    for act in (*AFTERWARDS, *UNAWARE)
    if (move, act) not in (("merge", "more here"), ("merge", "paid here"))  # by then it is no order to act on
]


def evening(
    house: House, ann: StoreTill, ben: StoreTill, *, move: str, act: str, is_lost: bool, folder: Path
) -> list[Path]:
    """Ann moves lines, and hears of it only by asking if `is_lost`; Ben acts. Copies of before the orders and after."""
    copies = [copied(house, folder / "0.sqlite")]
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    ann.deliver()
    copies.append(copied(house, folder / "1.sqlite"))
    ben.pull()
    UNAWARE.get(act, AFTERWARDS["nothing"])(ben, five, six)
    six = MOVES[move](ann, five, six)
    (flight,) = ann.take(1)
    assert ann.send(flight, is_answer_lost=is_lost) == 200
    if act not in UNAWARE:
        ben.pull()
        AFTERWARDS[act](ben, five, six)
    ann.pull()
    ben.deliver()
    return copies


def settled(house: House) -> None:
    """The server has done again what it was told so far."""
    while house.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] == "APPLYING":
        pass


def went_on(house: House) -> None:
    """A manager says go: who has not reported is not waited for."""
    told = run_inline(house.connection, answers.standing)
    while told.phase is not Phase.DONE:
        told = run_inline(house.connection, lambda tx: answers.go(tx, house.deps)).standing


def healed(house: House, copy: Path, path: Path, *tills: tuple[str, StoreTill], waits: bool) -> House:
    """The server on this copy, after the tills have reported; unless it `waits`, it goes on after the first."""
    path.write_bytes(copy.read_bytes())
    restored = replace(house, connection=open_writer(path))
    report(restored, "kitchen", None)
    for who, till in tills:
        report(restored, who, till)
        if not waits:
            went_on(restored)
            settled(restored)
    settled(restored)
    return restored


def told(house: House) -> dict[str, Any]:
    """What it has, but for what an heir knows of besides: late money of an order may have come there with the lines."""
    found = has(house)
    for one in found.values():
        heirs = {other["mergedInto"] for other in found.values() if "mergedInto" in other}
        if one["id"] in heirs:
            one["applied"] = sorted(set(one["applied"]) - {key for other in found.values() for key in _late(other)})
    return found


def _late(one: dict[str, Any]) -> list[str]:
    """What was done to a merged order after its merge: money."""
    merged = one.get("mergedInto") is not None
    return list(one["applied"][-len(one["payments"]) :]) if merged and one["payments"] else []


@pytest.mark.parametrize("is_lost", [False, True], ids=["answered", "seen by asking"])
@pytest.mark.parametrize(("move", "act"), ALL)
def test_both_orders_of_a_move_are_as_they_were(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, *, move: str, act: str, is_lost: bool
) -> None:
    """Lines, money, tickets and numbers, whether all report or a manager goes on after Ben; and nobody is troubled."""
    copies = evening(small_house, ann, ben, move=move, act=act, is_lost=is_lost, folder=tmp_path)
    before = told(small_house)
    for moment, copy in enumerate(copies):
        for waits in (True, False):
            path = tmp_path / f"{moment}-{waits}.sqlite"
            restored = healed(small_house, copy, path, ("till-2", ben), ("till", ann), waits=waits)
            assert told(restored) == before, (moment, waits)
            troubled = "kind = 'healing'" if waits else "kind = 'healing' AND message LIKE '%could not be done again%'"
            assert restored.count("alert", troubled) == 0
            restored.connection.close()


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize(
    ("act", "words"), [("more here", "went from order A-1 to another one"), ("more there", "and on order A-")]
)
def test_a_person_is_told_of_lines_whose_move_nobody_has_reported(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, *, move: str, act: str, words: str
) -> None:
    """Only Ben tells, who heard of the move by asking; when the server goes on it has the lines nowhere, or twice."""
    act, words = ("paid unaware", "went from order") if (move, act) == ("merge", "more here") else (act, words)
    copies = evening(small_house, ann, ben, move=move, act=act, is_lost=False, folder=tmp_path)
    restored = healed(small_house, copies[1], tmp_path / "restored.sqlite", ("till-2", ben), waits=False)
    settled(restored)
    (message,) = restored.connection.execute("SELECT message FROM alert WHERE kind = 'healing'").fetchall()[0]
    assert words in str(message)
    assert "Pizza" in str(message)
    assert restored.count("alert", "kind = 'healing'") == 1

    report(restored, "till", ann)
    settled(restored)
    (alert,) = restored.call("GET", "/alerts?state=closed", headers={"x-actor": "sara"}).json["alerts"]
    assert (alert["message"], alert["choice"], alert["chosenBy"]) == (message, PUT_RIGHT, None)
    assert alert["chosenAt"]
    decided = restored.call("POST", f"/alerts/{alert['id']}/close", houses.act({"choice": "seen"}, "sara"))
    assert decided.status == 409
    assert decided.json["message"] == f"This is over already: {PUT_RIGHT} It was about: {message}"
    assert restored.count("alert", "kind = 'healing' AND choice IS NULL") == 0
    restored.connection.close()
