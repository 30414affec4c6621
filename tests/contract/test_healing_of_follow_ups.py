"""A server that was restored has the order to which a bill left lines over, also where no answer showed that order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shared.database import open_writer
from shared.domain.closing import follow_up_id
from shared.ids import OrderId
from shared.wire.requests import Kind
from tests.contract.house import House
from tests.contract.test_healing_of_moves import FOREIGN, copied, report
from tests.contract.two_tills import StoreTill, server_order


def told_by_asking(house: House, till: StoreTill, order_id: str, kind: Kind) -> None:
    """The till lost the answer to this and asked for the order, which was closed by then."""
    shown = house.call("GET", f"/pos/orders/{order_id}").body
    assert b"followUp" not in shown
    till.connection.execute("UPDATE operation SET first_answer = ? WHERE kind = ?", (shown, kind))


@pytest.mark.parametrize("by", [(Kind.CLOSE_ORDER,), (Kind.CLOSE_ORDER, Kind.CHANGE_ORDER, Kind.SEND_TO_KITCHEN)])
def test_what_a_bill_left_over_is_there_again(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, by: tuple[Kind, ...]
) -> None:
    copy = copied(small_house, tmp_path / "copy.sqlite")
    five = ann.order("pizza")
    ann.deliver()
    ben.pull()
    ben.more(five, "beer", "cake")
    ben.deliver()
    ann.pay(five)
    ann.deliver()
    late_id = follow_up_id(OrderId(five))
    before = server_order(small_house, late_id)
    for till in (ann, ben):
        for kind in by:
            told_by_asking(small_house, till, five, kind)
    restored = replace(small_house, connection=open_writer(copy))
    tills: tuple[tuple[str, StoreTill | None], ...] = (("till", ann), ("till-2", ben), ("kitchen", None))
    for who, each in tills:
        report(restored, who, each)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass

    late = server_order(restored, late_id)
    assert [line.id for line in late.standing_lines] == [line.id for line in before.standing_lines]
    assert (late.follows, late.number, late.state, late.tickets) == (five, before.number, before.state, before.tickets)
    assert restored.count("alert", "kind = 'healing'") == 0
    restored.connection.close()
