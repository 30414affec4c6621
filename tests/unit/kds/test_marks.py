"""Intentions: ids older than the press, one operation for a button pressed twice, harmless marks from two screens."""

from dataclasses import replace
from datetime import UTC
from itertools import count

from kds_client.choice import Spot, neighbour
from kds_client.flashes import CHANGES, Flashes
from kds_client.marks import Marks, kitchen_actor
from kds_client.reading import ALL, Reading
from kds_client.taps import SAME_TAP_S, TapGuard
from kds_client.ticket_face import Step, face_of
from shared.domain.commands import TicketOperation
from shared.domain.menu import Role, StaffList, StaffMember
from shared.domain.ticket import Stage, Ticket
from shared.domain.tickets import mark
from shared.ids import StaffId
from tests.unit.kds.tickets import AT, item, row, ulid

ONE = row(item(1, "Burger"), item(2, "Fries"))
FACE = face_of(ONE, zone=UTC)


def marks(first: int = 1) -> Marks:
    """Marks with ids that can be told apart from another screen's."""
    numbers = count(first)
    return Marks(new_id=lambda: ulid(next(numbers)), at=lambda: AT, actor=lambda: "chef")


def test_the_id_of_a_mark_is_made_when_its_button_is_shown_and_stays() -> None:
    made = marks()
    made.show([FACE])
    first = made.step(FACE, Step.START)
    made.show([FACE])

    assert made.step(FACE, Step.START).id == first.id
    assert made.item(FACE, ulid(1)).id != made.item(FACE, ulid(2)).id
    assert made.seen(FACE).id == made.seen(FACE).id


def test_a_mark_names_the_round_and_the_lines_that_the_screen_shows() -> None:
    again = face_of(row(item(1, "Burger"), item(2, "Fries"), status=Stage.READY, round_=2), zone=UTC)
    made = marks().step(again, Step.BUMP)
    assert (made.ticket_id, made.round, made.line_ids) == (again.id, 2, (ulid(1), ulid(2)))


def test_a_recalled_ticket_has_a_button_of_its_own() -> None:
    """The mutant: an id by ticket and step alone would make the second bump the first one again, and lose it."""
    made = marks()
    again = face_of(row(item(1, "Burger"), status=Stage.READY, round_=1), zone=UTC)
    before = face_of(row(item(1, "Burger"), status=Stage.READY), zone=UTC)
    assert made.step(before, Step.BUMP).id != made.step(again, Step.BUMP).id


def test_ready_from_two_screens_is_harmless_in_both_orders() -> None:
    ready_here = marks(1).step(FACE, Step.READY)
    ready_there = marks(500).step(FACE, Step.READY)
    assert ready_here.id != ready_there.id

    def after(*commands: TicketOperation) -> Ticket:
        ticket = ONE.ticket
        for command in commands:
            ticket = mark(ticket, command)
        return ticket

    both = {
        (after(*order).round, after(*order).status) for order in ((ready_here, ready_there), (ready_there, ready_here))
    }
    assert both == {(0, Stage.READY)}
    assert after(ready_here, ready_there) == after(ready_here)
    bumped = marks(700).step(FACE, Step.BUMP)
    assert after(ready_here, bumped, ready_there).status is Stage.BUMPED


def test_the_kitchen_marks_as_a_chef_who_works_there() -> None:
    def person(name: str, role: Role, *, active: bool = True) -> StaffMember:
        return StaffMember(id=StaffId(name), name=name, role=role, pin_verifier="", active=active)

    waiter, gone, chef = person("joel", Role.WAITER), person("old", Role.CHEF, active=False), person("ada", Role.CHEF)
    assert kitchen_actor(StaffList(version="1", staff=(waiter, gone, chef)), device_id="kds") == "ada"
    assert kitchen_actor(StaffList(version="1", staff=(waiter, gone)), device_id="kds") == "joel"
    assert kitchen_actor(StaffList(version="1"), device_id="kds") == "kds"


def test_a_second_tap_at_one_place_is_the_same_intention_until_its_time_is_over() -> None:
    guard = TapGuard(reach_px=40)
    assert guard.is_new((100, 100), now_s=5.0)
    guard.counted((100, 100), now_s=5.0)
    assert not guard.is_new((130, 80), now_s=5.0 + SAME_TAP_S - 0.01)
    assert guard.is_new((150, 100), now_s=5.1)
    assert guard.is_new((100, 100), now_s=5.0 + SAME_TAP_S)
    guard.counted((100, 100), now_s=6.0)
    guard.forget()
    assert guard.is_new((100, 100), now_s=6.0)


def test_what_was_there_at_the_start_has_not_arrived_and_what_came_on_paper_comes_silent() -> None:
    reading = Reading()
    first, second, paper = row(number=1), row(number=2), row(number=3, paper=True)
    assert reading.take((first,), zone=UTC) == {}
    assert reading.take((first, second, paper), zone=UTC) == {second.ticket.id: "NEW"}
    assert reading.take((second,), zone=UTC) == {}
    assert reading.take((first, second), zone=UTC) == {}


def test_a_ticket_that_nobody_changed_keeps_its_face() -> None:
    reading = Reading()
    one, other = row(number=1), row(number=2)
    reading.take((one, other), zone=UTC)
    before = reading.faces_of(ALL)
    reading.take((replace(one, queued=1), other), zone=UTC)
    after = reading.faces_of(ALL)
    assert after[0].queued == 1
    assert after[1] is before[1]
    reading.take((one, replace(other, taken_over=("Grill", "Fry"))), zone=UTC)
    assert reading.faces_of(ALL)[1].taken_over == "Grill, also on Fry"


def test_a_ticket_is_told_as_seen_once_and_again_after_half_a_minute_while_it_is_not() -> None:
    reading = Reading()
    reading.take((row(number=1), row(number=2, seen=True)), zone=UTC)
    shown = reading.faces_of(ALL)
    assert [face.id for face in reading.to_tell(shown)] == [ulid(901)]
    for _ in range(29):
        reading.tick()
        assert reading.to_tell(shown) == []
    reading.tick()
    assert [face.id for face in reading.to_tell(shown)] == [ulid(901)]


def test_with_the_link_up_a_queued_mark_is_worth_a_word_only_when_it_stays() -> None:
    reading = Reading()
    reading.take((row(number=1, queued=1),), zone=UTC)
    assert reading.held(link_is_up=False) == {ulid(901)}
    assert reading.held(link_is_up=True) == frozenset()
    reading.tick()
    assert reading.held(link_is_up=True) == {ulid(901)}


def test_a_flash_ends_by_itself() -> None:
    flashes = Flashes()
    flashes.begin({"a": "NEW"})
    lit = []
    while not flashes.is_over:
        lit.append(flashes.is_lit("a"))
        assert flashes.change() == {"a"}
    assert lit == [True, False] * (CHANGES // 2)
    assert flashes.word("a") == ""


def test_arrows_reach_the_next_ticket_and_stop_at_the_ends() -> None:
    spots = [Spot("a", 0, 0), Spot("b", 0, 300), Spot("c", 400, 0), Spot("d", 400, 280)]
    assert neighbour(spots, "", right=1, down=0) == "a"
    assert neighbour(spots, "b", right=1, down=0) == "d"
    assert neighbour(spots, "d", right=-1, down=0) == "b"
    assert neighbour(spots, "b", right=0, down=1) == "c"
    assert neighbour(spots, "d", right=0, down=1) == "d"
    assert neighbour(spots, "d", right=1, down=0) == "d"
    assert neighbour([], "", right=1, down=0) == ""
