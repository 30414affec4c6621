"""A server that was restored gets back discounts and refunds, each once, under the numbers that the guests hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shared.database import open_writer
from shared.domain.bill import Method
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.refunds import NewRefund, RefundOrder
from shared.ids import ChangeId, LineId, PaymentId, StaffId
from tests.contract.house import House
from tests.contract.test_healing_of_moves import FOREIGN, copied, has, report
from tests.contract.two_tills import StoreTill, line_of


def give_back(till: StoreTill, order_id: str, *line_ids: str, minor: int) -> None:
    """Take lines back and give money back."""
    money = NewRefund(
        id=PaymentId(till.ids.new()), method=Method.CASH, amount=minor, given_at="2015-11-27T19:52:00.000Z"
    )
    named = tuple(map(LineId, line_ids))
    said = till.said(order_id)
    till.tap(RefundOrder(**said, line_ids=named, refunds=(money,), reason="cold", approved_by=StaffId("sara")))
    till.deliver()


def evening(house: House, ann: StoreTill, ben: StoreTill, folder: Path) -> list[Path]:
    """Discounts come and go, bills are paid and given back in parts; the copies were taken on the way."""
    copies = [copied(house, folder / "0.sqlite")]
    five, six = ann.order("pizza", "beer"), ann.order("cake")
    one = ApplyDiscount(id=ChangeId(ann.ids.new()), percent_bp=1000, reason="a regular")
    other = ApplyDiscount(
        id=ChangeId(ann.ids.new()), line_id=LineId(line_of(ann, five, "beer")), amount_minor=33, reason="x"
    )
    ann.change(five, one, other)
    ann.deliver()
    copies.append(copied(house, folder / "1.sqlite"))
    ann.change(five, RemoveDiscount(id=ChangeId(ann.ids.new()), line_id=other.line_id, discount_id=other.id))
    ann.pay(five)
    ann.pay(six)
    ann.deliver()
    give_back(ann, five, line_of(ann, five, "beer"), minor=300)
    copies.append(copied(house, folder / "2.sqlite"))
    ben.pull()
    give_back(ben, six, line_of(ben, six, "cake"), minor=499)
    ann.pull()
    give_back(ann, five, line_of(ann, five, "pizza"), minor=1125)
    return copies


@pytest.mark.parametrize("moment", range(3))
def test_money_that_was_given_back_after_the_copy_comes_back_once(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, moment: int
) -> None:
    copies = evening(small_house, ann, ben, tmp_path)
    connection = open_writer(copies[moment])
    restored = replace(small_house, connection=connection)
    for who, till in (("till", ann), ("till-2", ben), ("kitchen", None)):
        report(restored, who, till)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass
    assert has(restored) == has(small_house)
    assert restored.count("alert", "kind IN ('healing', 'invoice_twice', 'invoice_hole')") == 0
    for kept in (
        "number, order_id, return_id FROM return_note",
        "kind, id, order_id FROM used_id WHERE kind <> 'change'",
    ):
        query = f"SELECT {kept} ORDER BY 1, 2"
        assert connection.execute(query).fetchall() == small_house.connection.execute(query).fetchall()
    connection.close()


def test_a_number_of_a_return_that_was_given_twice_is_told(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path
) -> None:
    """The till that knows of the first refund reports late: by then its number is another's."""
    for each in (ann, ben):
        order = each.order("cake")
        each.pay(order)
        each.deliver()
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five = _only(ann)
    give_back(ann, five, line_of(ann, five, "cake"), minor=499)
    connection = open_writer(copy)
    restored = replace(small_house, connection=connection)
    six = _only(ben)
    ben.house = restored
    give_back(ben, six, line_of(ben, six, "cake"), minor=499)
    tills: tuple[tuple[str, StoreTill | None], ...] = (("till", ann), ("till-2", None), ("kitchen", None))
    for who, till in tills:
        report(restored, who, till)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass
    notes = connection.execute("SELECT number, order_id FROM return_note ORDER BY 1").fetchall()
    assert notes == [("RET-202511-0001", six), ("RET-202511-0002", five)]
    told = connection.execute("SELECT message FROM alert WHERE kind = 'invoice_twice'").fetchall()
    words = (
        "Return RET-202511-0001 was given twice, before and after the server was restored. This one is RET-202511-0002."
    )
    assert told == [(words,)]
    connection.close()


def _only(till: StoreTill) -> str:
    """The one order of this till."""
    found = till.connection.execute("SELECT DISTINCT substr(path, 13, 26) FROM operation WHERE kind = 'close_order'")
    ((order_id,),) = found.fetchall()
    return str(order_id)
