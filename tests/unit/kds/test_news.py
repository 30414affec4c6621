"""What a ticket flashes with: the weightiest of what another device did to it, and nothing that was tapped here."""

from dataclasses import replace
from datetime import UTC

import pytest

from kds_client.news import news_of
from kds_client.ticket_face import face_of
from shared.domain.ticket import OtherOrder, Stage, TicketItem
from shared.ids import OrderId, TableId
from shared.terminal import TicketRow
from tests.unit.kds.tickets import item, row, ulid

SOUP, BURGER = item(1, "Soup"), item(2, "Burger")
BEFORE = row(SOUP, BURGER, status=Stage.IN_PROGRESS)


def now(*items: TicketItem, queued: int = 0, **changed: object) -> TicketRow:
    """The row after that happened to its ticket."""
    found = items or (SOUP, BURGER)
    return replace(BEFORE, queued=queued, ticket=BEFORE.ticket.model_copy(update={"items": found, **changed}))


OTHER = OtherOrder(order_id=OrderId(ulid(7)), order_number="C-7", table_id=TableId("table-9"))


@pytest.mark.parametrize(
    ("after", "word"),
    [
        pytest.param(now(SOUP, BURGER.model_copy(update={"voided": True}), table_id="table-9"), "VOID", id="void"),
        pytest.param(now(priority=1, table_id="table-9"), "URGENT", id="urgent"),
        pytest.param(now(table_id="table-9"), "CHANGED", id="moved"),
        pytest.param(now(order_number="C-7"), "CHANGED", id="merged"),
        pytest.param(now(SOUP, BURGER.model_copy(update={"on": OTHER})), "CHANGED", id="carried-off"),
        pytest.param(now(SOUP, BURGER.model_copy(update={"note": "ALLERGY: nuts"})), "CHANGED", id="noted"),
        pytest.param(now(SOUP, BURGER.model_copy(update={"quantity": 2})), "CHANGED", id="more"),
        pytest.param(now(status=Stage.READY), "READY", id="ready-elsewhere"),
        pytest.param(now(status=Stage.READY, queued=1), "", id="ready-here"),
        pytest.param(now(SOUP, BURGER.model_copy(update={"done": True})), "", id="done"),
        pytest.param(now(seen_at=BEFORE.ticket.sent_at), "", id="seen"),
        pytest.param(BEFORE, "", id="nothing"),
    ],
)
def test_a_ticket_flashes_with_the_weightiest_of_what_happened_to_it(after: TicketRow, word: str) -> None:
    assert news_of(after, BEFORE) == word


def test_an_urgent_ticket_stands_before_the_late_and_the_old_ones_and_says_so() -> None:
    late, old = replace(row(number=1), red_after_min=1), row(number=2)
    urgent = row(number=3)
    urgent = replace(
        urgent, ticket=urgent.ticket.model_copy(update={"priority": 1, "sent_at": "2026-03-01T19:42:00.000Z"})
    )
    faces = [face_of(one, zone=UTC) for one in (old, late, urgent)]
    now_ms = faces[0].sent_at_ms + 120_000

    assert [face.id for face in sorted(faces, key=lambda face: face.turn(now_ms))] == [ulid(903), ulid(901), ulid(902)]
    assert [face.urgent for face in faces] == ["", "", "Urgent"]
