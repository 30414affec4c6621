"""What a ticket says: its words, what is framed and struck, its next step, and what is to be cooked in all."""

from dataclasses import replace
from datetime import UTC

import pytest

from kds_client.counts import ItemCount, Variant, all_day
from kds_client.ticket_face import ItemState, Step, face_of, items_in_short
from shared.domain.menu import Floor, Menu, Table
from shared.domain.ticket import OtherOrder, Stage
from shared.ids import OrderId, TableId
from shared.store.views import ticket_row
from tests.unit.kds.tickets import item, row, ulid


def test_an_allergy_is_framed_wherever_it_stands_and_other_words_are_not() -> None:
    made = row(
        item(1, "Burger", modifiers=("well done",), note="ALLERGY: sesame"),
        item(2, "Bowl", note="no rice, nut allergy"),
        item(3, "Soup", modifiers=("Allergy: milk",)),
        item(4, "Fries", note="extra salt"),
    )
    faces = face_of(made, zone=UTC).items
    assert [face.allergies for face in faces] == [
        ("ALLERGY: sesame",),
        ("no rice, nut allergy",),
        ("Allergy: milk",),
        (),
    ]
    assert [face.details for face in faces] == ["well done", "", "", "extra salt"]


def test_an_item_that_went_to_another_order_says_for_which_table_it_is_cooked_now() -> None:
    on = OtherOrder(order_id=OrderId(ulid(700)), order_number="C-9", table_id=TableId("table-7"))
    made = replace(row(item(1, "Burger", on=on, note="rare"), item(2, "Bowl")), other_tables=("7", ""))
    assert [face.details for face in face_of(made, zone=UTC).items] == ["now for T7 #C-9 · rare", ""]


def test_the_row_of_a_ticket_names_the_tables_that_its_items_went_to() -> None:
    on = OtherOrder(order_id=OrderId(ulid(700)), order_number="C-9", table_id=TableId("table-7"))
    floor = Floor(version="1", tables=(Table(id=TableId("table-7"), name="7", room_id="r", x=0, y=0),))
    rows = [
        ticket_row(row(*items).ticket, (), queued=0, floor=floor, menu=Menu(version="1"))
        for items in ((item(1, "Burger", on=on), item(2, "Bowl")), (item(2, "Bowl"),))
    ]
    assert [one.other_tables for one in rows] == [("7", ""), ()]


def test_voided_and_done_items_are_told_apart_and_a_voided_one_stays_voided_when_it_is_done() -> None:
    made = row(item(1, "A"), item(2, "B", done=True), item(3, "C", voided=True), item(4, "D", voided=True, done=True))
    states = [face.state for face in face_of(made, zone=UTC).items]
    assert states == [ItemState.TO_COOK, ItemState.DONE, ItemState.VOID, ItemState.VOID]


@pytest.mark.parametrize(
    ("status", "step"),
    [(Stage.QUEUED, Step.START), (Stage.IN_PROGRESS, Step.READY), (Stage.READY, Step.BUMP)],
)
def test_the_button_offers_the_next_step(status: Stage, step: Step) -> None:
    assert face_of(row(item(1, "A"), status=status), zone=UTC).step is step


def test_a_ticket_of_which_all_was_voided_can_only_be_put_away() -> None:
    face = face_of(row(item(1, "A", voided=True)), zone=UTC)
    assert (face.is_voided, face.step) == (True, Step.BUMP)


def test_a_paper_ticket_says_since_when_it_is_on_paper() -> None:
    assert face_of(row(item(1, "A"), paper=True), zone=UTC).paper == "On paper since 19:41, check"
    assert face_of(row(item(1, "A")), zone=UTC).paper == ""


def test_a_ticket_that_another_station_took_over_says_whose_it_is() -> None:
    made = row(item(1, "A"))
    assert face_of(made, zone=UTC).taken_over == ""
    assert face_of(replace(made, taken_over=("Bar", "Grill")), zone=UTC).taken_over == "Bar, also on Grill"


def test_a_table_that_is_called_by_a_number_gets_its_letter() -> None:
    assert face_of(row(item(1, "A"), table="12"), zone=UTC).table == "T12"
    assert face_of(row(item(1, "A"), table="Takeaway"), zone=UTC).table == "Takeaway"


def test_a_ticket_in_short_names_its_items_without_voided_ones() -> None:
    made = row(item(1, "Tacos", quantity=2), item(2, "Soup", voided=True), item(3, "Burger"))
    assert items_in_short(made.ticket) == "2 Tacos, 1 Burger"


def test_all_day_counts_what_is_still_to_be_cooked_and_nothing_else() -> None:
    rows = [
        row(item(1, "Bowl", quantity=2), item(2, "Bowl", modifiers=("no rice",)), number=1),
        row(item(3, "Bowl", quantity=3), item(4, "Soup", done=True), item(5, "Fries"), number=2),
        row(item(6, "Bowl", voided=True), number=3),
        row(item(7, "Bowl", quantity=9), number=4, status=Stage.READY),
    ]
    assert all_day(rows) == (
        ItemCount("Bowl", 6, (Variant("", 5), Variant("no rice", 1))),
        ItemCount("Fries", 1, ()),
    )
