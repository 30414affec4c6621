"""A server that was restored says one thing of a dish, on the order as in the kitchen, whoever reports of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shared.database import open_writer
from shared.domain.commands import SetSeat
from shared.domain.ticket import Stage
from shared.ids import ChangeId, LineId
from tests.contract.house import House
from tests.contract.test_healing_of_moves import FOREIGN, copied, report
from tests.contract.two_tills import StoreTill, line_of, server_order, server_ticket


@pytest.mark.parametrize("moment", range(2))
def test_what_a_cook_began_and_only_a_till_was_told_of_is_begun_in_the_kitchen_too(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, moment: int
) -> None:
    """The cook's own answer was lost: its mark waits in the kitchen and comes again after the healing."""
    copies = [copied(small_house, tmp_path / "0.sqlite")]
    five = ann.order("pizza")
    ann.deliver()
    copies.append(copied(small_house, tmp_path / "1.sqlite"))
    ticket_id = str(server_order(small_house, five).tickets[0].id)
    start, mark = f"/kds/tickets/{ticket_id}/start", ann.ids.new()
    assert small_house.call("POST", start, {}, key=mark, who="kitchen").status == 200
    ann.pull()
    ann.change(five, SetSeat(id=ChangeId(ann.ids.new()), line_id=LineId(line_of(ann, five, "pizza")), seat=2))
    ann.deliver()
    connection = open_writer(copies[moment])
    restored = replace(small_house, connection=connection)
    for who, till in (("till", ann), ("till-2", ben), ("kitchen", None)):
        report(restored, who, till)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass

    assert server_order(restored, five).tickets[0].stage is Stage.IN_PROGRESS
    assert server_ticket(restored, ticket_id).status is Stage.IN_PROGRESS
    again = restored.call("POST", start, {}, key=mark, who="kitchen")
    assert (again.status, again.json["status"]) == (200, "IN_PROGRESS")
    connection.close()
