"""A bill was closed, its answer lost, and the server put back to an older copy: the number that the guest holds stays.

Step by step: the server commits the close with its number, the answer reaches nobody, the file is put back to a copy
from before. Nobody who reports has an answer that tells the number. Whether anybody can hold it is a matter of who has
read the order since: no screen and no paper had it before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from reference_server.healing.reasons import PUT_RIGHT
from shared.database import Connection, open_writer
from shared.store import retained
from shared.wire.healing import Retained
from tests.contract.house import House
from tests.contract.test_healing_of_halves import settled, went_on
from tests.contract.test_healing_of_moves import FOREIGN, copied, report
from tests.contract.two_tills import StoreTill, server_order

Page = Callable[..., tuple[Retained, ...]]


def number_of(house: House, order_id: str) -> str | None:
    return server_order(house, order_id).invoice_number


def holes(house: House) -> list[str]:
    rows = house.connection.execute("SELECT message FROM alert WHERE kind = 'invoice_hole'").fetchall()
    return [str(words).partition(" is missing")[0].removeprefix("Invoice ") for (words,) in rows]


def unanswered_close(ann: StoreTill, ben: StoreTill) -> tuple[str, str]:
    """Ann's bill is closed and its answer lost; Ben's, closed after it, is answered. Their orders."""
    five, six = ann.order("pizza"), ben.order("cake")
    ann.deliver()
    ben.deliver()
    ann.pay(five)
    (flight,) = ann.take(1)
    assert ann.send(flight, is_answer_lost=True) == 200
    ben.pay(six)
    assert ben.deliver() == [200]
    return five, six


@contextmanager
def put_back(house: House, copy: Path, *tills: StoreTill, page: Page = retained.page) -> Iterator[House]:
    """The same house on an old copy, healed by what its devices report; they go on at it."""
    with closing(open_writer(copy)) as connection:
        restored = replace(house, connection=connection)
        for till in tills:
            found = till.run(partial(page, after_seq=0, limit=500))
            said = {"seen": FOREIGN, "operations": [from_json(one.to_json()) for one in found], "isWhole": True}
            assert restored.call("POST", "/sync/heal", said, key="", who=till.who).status == 200
            till.house = restored
        restored.call("POST", "/sync/heal", {"seen": FOREIGN, "isWhole": True}, key="", who="kitchen")
        while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
            pass
        yield restored


def test_a_number_that_nobody_can_hold_becomes_a_hole_of_which_a_person_is_told(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five, six = unanswered_close(ann, ben)
    lost, told = number_of(small_house, five), number_of(small_house, six)
    assert ann.fold(five).invoice_number is None, "the paper that Ann's guest has names no invoice"
    with put_back(small_house, copy, ann, ben) as restored:
        assert number_of(restored, six) == told, "what an answer told stays"
        assert holes(restored) == [lost]
        assert ann.deliver() == [200]
        new = number_of(restored, five)
        assert new not in (lost, told, None)
        assert ann.fold(five).invoice_number == new, "the first number that anybody hears of"


def test_a_number_that_a_late_till_brings_back_is_no_hole_any_more(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five, six = ann.order("pizza"), ben.order("cake")
    for till, order_id in ((ann, five), (ben, six)):
        till.deliver()
        till.pay(order_id)
        assert till.deliver() == [200]
    with closing(open_writer(copy)) as connection:
        restored = replace(small_house, connection=connection)
        report(restored, "till-2", ben)
        report(restored, "kitchen", None)
        went_on(restored)
        assert holes(restored) == [number_of(small_house, five)]
        assert restored.count("alert", "choice IS NULL") == 1
        report(restored, "till", ann)
        settled(restored)
        assert number_of(restored, five) == number_of(small_house, five)
        assert restored.count("alert", "choice IS NULL") == 0
        ((choice,),) = connection.execute("SELECT choice FROM alert WHERE kind = 'invoice_hole'").fetchall()
        assert choice == PUT_RIGHT


def keeps_what_was_shown(house: House, ann: StoreTill, ben: StoreTill, folder: Path, *, page: Page) -> None:
    """The promise: the number that Ann's screen has shown is the bill's for ever."""
    copy = copied(house, folder / "copy.sqlite")
    five, _ = unanswered_close(ann, ben)
    ann.pull()
    shown = ann.fold(five).invoice_number
    assert shown is not None
    with put_back(house, copy, ann, ben, page=page) as restored:
        assert number_of(restored, five) == shown
        assert holes(restored) == []
        assert restored.count("alert") == 0
        assert ann.deliver() == [200]
        assert number_of(restored, five) == shown
        assert len(server_order(restored, five).payments) == 1
        assert restored.count("invoice") == 2


def test_a_number_that_was_read_since_stays_though_its_answer_never_came(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    keeps_what_was_shown(small_house, ann, ben, tmp_path, page=retained.page)


def answers_alone(tx: Connection, *, after_seq: int, limit: int) -> tuple[Retained, ...]:
    """The mutant: only what was answered is reported."""
    answered = {str(one) for (one,) in tx.execute("SELECT id FROM operation WHERE status = 'SUCCESS'")}
    return tuple(one for one in retained.page(tx, after_seq=after_seq, limit=limit) if one.id in answered)


def test_whoever_reports_only_what_was_answered_is_caught(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError):
        keeps_what_was_shown(small_house, ann, ben, tmp_path, page=answers_alone)


def test_what_only_another_till_has_read_is_a_hole_that_names_the_number(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    """The one way in which a guest can hold a number that is not his bill's: a copy printed at the other till."""
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five, _ = unanswered_close(ann, ben)
    ben.pull()
    shown = ben.fold(five).invoice_number
    with put_back(small_house, copy, ann, ben) as restored:
        assert holes(restored) == [shown], "a person is told of it by its name"
        assert ann.deliver() == [200]
        assert number_of(restored, five) != shown


def test_what_waits_behind_a_bill_and_was_never_sent_is_not_reported(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    five, _ = unanswered_close(ann, ben)
    ann.pull()
    ann.order("beer")
    found = ann.run(partial(retained.page, after_seq=0, limit=500))
    kinds = [one.kind for one in found]
    assert kinds.count("close_order") == 1
    assert kinds.count("create_order") == 1, "the new order is nobody's but Ann's yet"
    assert len({one.id for one in found}) == len(found)
    assert five in next(one.path for one in found if one.kind == "close_order")


def every_made_last(tx: Connection, *, after_seq: int, limit: int) -> tuple[Retained, ...]:
    """The mutant: all that was seen done is told with the newest cursor, as if it were nobody's."""
    newest = str(tx.execute("SELECT seen FROM cursor").get)
    return tuple(replace_revision(one, newest) for one in retained.page(tx, after_seq=after_seq, limit=limit))


def replace_revision(one: Retained, revision: str) -> Retained:
    return one.model_copy(update={"revision": revision})


@pytest.mark.parametrize(("page", "is_in_order"), [(retained.page, True), (every_made_last, False)])
def test_several_that_were_seen_done_are_done_again_in_their_order(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, *, page: Page, is_in_order: bool
) -> None:
    """They travelled together, and the one answer for all was lost. Only the last made the cursor that Ann reads."""
    copy = copied(small_house, tmp_path / "copy.sqlite")
    ann.order("pizza")
    rows = ann.connection.execute("SELECT id, method, path, body FROM operation ORDER BY seq")
    waiting: Sequence[tuple[Any, ...]] = rows.fetchall()
    assert len(waiting) > 1
    for operation_id, method, path, body in waiting:
        headers = {"x-operation-id": operation_id}
        said = small_house.call(method, path, body, key=operation_id, who=ann.who, headers=headers)
        assert said.status in (200, 201)
    ann.run(lambda tx: tx.execute("UPDATE operation SET sends = 1"))
    ann.pull()
    with put_back(small_house, copy, ann, ben, page=page) as restored:
        done = restored.connection.execute("SELECT operation_id FROM operation ORDER BY seq").fetchall()
    assert ([str(one) for (one,) in done] == [str(row[0]) for row in waiting]) == is_in_order
