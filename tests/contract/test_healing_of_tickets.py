"""A server that was restored says one thing of a dish, on the order as in the kitchen, whoever reports of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_core import from_json

from shared.database import open_writer
from shared.domain.commands import SetSeat
from shared.domain.ticket import Stage
from shared.ids import ChangeId, LineId, OperationId
from shared.wire.healing import Retained
from shared.wire.requests import Kind
from tests.contract.house import House
from tests.contract.test_healing_of_moves import FOREIGN, copied, report
from tests.contract.two_tills import StoreTill, line_of, server_order, server_ticket

DAY_MS = 86_400_000


def evening(house: House, ann: StoreTill, folder: Path, *, is_late: bool = False) -> tuple[str, list[Path]]:
    """A pizza is sent, and if `is_late` the till hears of that the day after. Copies before and after the send."""
    copies = [copied(house, folder / "0.sqlite")]
    order_id = ann.order("pizza")
    is_sent = False
    while not is_sent:
        (flight,) = ann.take(1)
        is_sent = flight.kind is Kind.SEND_TO_KITCHEN
        ann.send(flight, is_answer_lost=is_late and is_sent)
    copies.append(copied(house, folder / "1.sqlite"))
    house.clock.ms += DAY_MS
    return order_id, copies


def mark(house: House, order_id: str, what: str, *, key: str = "") -> tuple[str, str]:
    """The kitchen's mark; its id and the answer."""
    path = f"/kds/tickets/{server_order(house, order_id).tickets[0].id}/{what}"
    answer = house.call("POST", path, {}, key=(key := key or house.ids.new()), who="kitchen")
    assert answer.status == 200
    return key, answer.body.decode()


def told(ann: StoreTill, order_id: str) -> None:
    """A till's change is answered with the order as it is."""
    ann.pull()
    ann.change(order_id, SetSeat(id=ChangeId(ann.ids.new()), line_id=LineId(line_of(ann, order_id, "pizza")), seat=2))
    ann.deliver()


def healed(house: House, copy: Path, tills: tuple[StoreTill, StoreTill], *marks: Retained) -> House:
    """The server on this copy, after all have reported."""
    restored = replace(house, connection=open_writer(copy))
    report(restored, "till", tills[0])
    report(restored, "till-2", tills[1])
    body = {"seen": FOREIGN, "operations": [from_json(one.to_json()) for one in marks], "isWhole": True}
    assert restored.call("POST", "/sync/heal", body, key="", who="kitchen").status == 200
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass
    return restored


@pytest.mark.parametrize("moment", range(2))
def test_what_a_cook_began_and_only_a_till_was_told_of_is_begun_in_the_kitchen_too(
    small_house: House, apart: tuple[StoreTill, StoreTill], tmp_path: Path, moment: int
) -> None:
    """The cook's own answer was lost: its mark waits in the kitchen and comes again after the healing."""
    five, copies = evening(small_house, apart[0], tmp_path)
    start, _ = mark(small_house, five, "start")
    told(apart[0], five)
    restored = healed(small_house, copies[moment], apart)

    mine = server_order(restored, five).tickets[0]
    assert (mine.stage, server_ticket(restored, mine.id).status) == (Stage.IN_PROGRESS, Stage.IN_PROGRESS)
    assert '"IN_PROGRESS"' in mark(restored, five, "start", key=start)[1]
    restored.connection.close()


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("moment", range(2))
def test_a_cook_whose_last_answer_was_lost_finds_the_dish_among_what_was_done_today(
    small_house: House, apart: tuple[StoreTill, StoreTill], tmp_path: Path, moment: int, is_late: bool
) -> None:
    """Nobody knows when it was bumped, and a mark that was answered earlier does not take that back."""
    five, copies = evening(small_house, apart[0], tmp_path, is_late=is_late)
    start, answer = mark(small_house, five, "start")
    mark(small_house, five, "bump")
    told(apart[0], five)
    ticket_id = server_order(small_house, five).tickets[0].id
    path = f"/kds/tickets/{ticket_id}/start"
    reported = Retained(
        id=OperationId(start),
        seq=1,
        kind=Kind.START_TICKET,
        method="POST",
        path=path,
        body="{}",
        status=200,
        answer=answer,
    )
    restored = healed(small_house, copies[moment], apart, reported)

    assert server_order(restored, five).tickets[0].stage is Stage.BUMPED
    assert server_ticket(restored, ticket_id).status is Stage.BUMPED
    shown = restored.call("GET", "/kds/queue", who="kitchen").json["tickets"]
    assert [(one["id"], one["status"]) for one in shown] == [(ticket_id, "BUMPED")]
    restored.connection.close()
