"""The end of a business day in a kitchen's file: rows and cursor go together, and no mark that waits is lost."""

from __future__ import annotations

from functools import partial

from shared.database import Connection
from shared.domain.marks import BumpTicket
from shared.domain.ticket import Stage, Ticket
from shared.ids import OperationId, OrderId, StaffId, StationId, TicketId
from shared.store import entities
from tests.unit.store.till import AT, NOW_MS, Till, ulid

DAY, NEXT = ulid(700), ulid(701)


def ticket(number: int, status: Stage = Stage.QUEUED) -> Ticket:
    return Ticket(
        id=TicketId(ulid(number)),
        version=1,
        order_id=OrderId(ulid(900)),
        order_number="C-1",
        station=StationId("grill"),
        status=status,
        sent_at=AT,
        updated_at=AT,
    )


def on_file(till: Till) -> list[str]:
    return [str(one) for (one,) in till.connection.execute("SELECT id FROM server_ticket ORDER BY id")]


def end(till: Till, day: str, *listed: int) -> frozenset[str]:
    return till.run(partial(entities.end_day, day=day, listed=[ulid(one) for one in listed]))


def test_what_is_neither_listed_nor_marked_leaves_the_file_with_the_cursor(till: Till) -> None:
    def store(tx: Connection) -> None:
        tickets = (ticket(1, Stage.BUMPED), ticket(2), ticket(3))
        entities.store_page(tx, asked_from=None, cursor="7-x", entities=tickets, now_ms=NOW_MS)

    till.run(store)
    mark = {"id": OperationId(till.new_id()), "actor_id": StaffId("marco"), "at": AT}
    till.tap(BumpTicket.model_validate({**mark, "ticket_id": ulid(3), "line_ids": ()}))
    assert end(till, DAY, 2) == {f"ticket:{ulid(1)}"}
    assert on_file(till) == [ulid(2), ulid(3)], "the third is not listed any more, and its mark waits"
    assert till.run(entities.cursor) is None
    assert till.connection.execute("SELECT count(*) FROM operation_lane").get == 1


def test_a_day_ends_once(till: Till) -> None:
    def store(tx: Connection) -> None:
        entities.store_page(tx, asked_from=None, cursor="7-x", entities=(ticket(1),), now_ms=NOW_MS)

    end(till, DAY)
    till.run(store)
    assert end(till, DAY) == frozenset()
    assert (on_file(till), till.run(entities.cursor)) == ([ulid(1)], "7-x")
    assert end(till, NEXT) == {f"ticket:{ulid(1)}"}
    assert (on_file(till), till.run(entities.cursor)) == ([], None)
