"""Courses over HTTP and on a till: what is held is on no board, and a fire puts it there once."""

from __future__ import annotations

import pytest

from shared.domain.commands import AddLine, EditDraft, FireCourse, SendDraft
from shared.domain.rejections import CommandRejected
from shared.ids import LineId, TableId
from shared.store.rows import LineStage
from tests.contract.house import House, act
from tests.contract.two_tills import StoreTill, both_agree


def test_a_plain_caller_holds_what_it_names_and_fires_course_after_course(house: House) -> None:
    lines = [
        {"itemId": item, "quantity": 1, "course": course}
        for item, course in (("cola", 1), ("steak-bowl", 2), ("flan", 3), ("churros", 3))
    ]
    order = house.call("POST", "/pos/orders", act({"items": lines})).json
    path = f"/pos/orders/{order['id']}"
    held = [line["id"] for line in order["lines"][1:]]
    sent = house.call("POST", f"{path}/send-to-kitchen", act({"heldIds": held}))
    assert [(line["held"], line["ticketId"] is not None) for line in sent.json["lines"]] == [
        (False, True),
        *[(True, False)] * 3,
    ]
    again = house.call("POST", f"{path}/send-to-kitchen", act({}))
    assert again.status == 422, "there is nothing new to send: what is held waits for its fire"
    boards = []
    for _ in range(2):
        assert house.call("POST", f"{path}/fire", act({})).status == 200
        board = house.call("GET", "/kds/queue").json["tickets"]
        boards.append([item["name"] for ticket in board for item in ticket["items"]])
    assert boards == [["Cola", "Steak Bowl"], ["Cola", "Steak Bowl", "Flan", "Churros"]]
    assert house.call("POST", f"{path}/fire", act({})).status == 422


def test_a_till_without_a_server_holds_and_fires_and_the_house_agrees(
    small_house: House, ann: StoreTill, ben: StoreTill
) -> None:
    order_id = ann.ids.new()
    lines = [ann.new_line(item).model_copy(update={"course": at}) for at, item in enumerate(("beer", "pizza"), start=1)]
    adds = tuple(AddLine(line=line) for line in lines)
    ann.tap(EditDraft(**ann.said(order_id), table_id=TableId("table-5"), changes=adds))
    named = tuple(line.id for line in lines)
    with pytest.raises(CommandRejected, match="All of it would wait"):
        ann.tap(SendDraft(**ann.said(order_id), line_ids=named, held_ids=named))
    ann.tap(SendDraft(**ann.said(order_id), line_ids=named, held_ids=named[1:]))
    assert [line.stage for line in ann.view(order_id).lines] == [LineStage.SAVED, LineStage.HELD]
    assert (ann.view(order_id).unsent_ids, ann.view(order_id).next_course_ids) == ((), named[1:])
    ann.deliver()
    ben.pull()
    fire = tuple(map(LineId, ben.view(order_id).next_course_ids))
    ben.tap(FireCourse(**ben.said(order_id), line_ids=fire))
    ann.tap(FireCourse(**ann.said(order_id), line_ids=fire))
    for till in (ben, ann, ben):
        till.deliver()
        till.pull()
    both_agree(small_house, ann, ben, orders=(order_id,))
    board = small_house.call("GET", "/kds/queue", who="kitchen").json["tickets"]
    assert sorted(item["name"] for ticket in board for item in ticket["items"]) == ["Beer", "Pizza"]


def test_a_bill_sends_what_was_held(small_house: House, ann: StoreTill) -> None:
    order_id = ann.order("bread")
    first, later = (tuple(map(LineId, ann.more(order_id, item, is_sent=False))) for item in ("beer", "pizza"))
    ann.tap(SendDraft(**ann.said(order_id), line_ids=(*first, *later), held_ids=later))
    ann.pay(order_id)
    ann.deliver()
    board = small_house.call("GET", "/kds/queue", who="kitchen").json["tickets"]
    assert sorted(item["name"] for ticket in board for item in ticket["items"]) == ["Beer", "Bread", "Pizza"]
