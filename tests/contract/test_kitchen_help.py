"""What helps a kitchen in trouble: urgent tickets, another station's boards. How far a ticket is stays what it is."""

from __future__ import annotations

from typing import Any

from tests.contract.house import Answer, House, act
from tests.unit.domain.restaurant import ulid

EARLY, LATE = "2025-11-28T10:00:00.000Z", "2025-11-28T11:00:00.000Z"


def ticket_of(house: House) -> dict[str, Any]:
    """The one ticket on the boards."""
    (found,) = house.call("GET", "/kds/queue").json["tickets"]
    return dict(found)


def urge(house: House, ticket: dict[str, Any], **said: int) -> Answer:
    return house.call("POST", f"/kds/tickets/{ticket['id']}/priority", act(dict(said)), who="kitchen")


def take_over(house: House, station: str, by: str | None, **said: str) -> Answer:
    return house.call(
        "POST", f"/kds/stations/{station}/take-over", act({"byStation": by, **said}), who="kitchen", key=""
    )


def test_a_ticket_is_urgent_and_stays_where_it_is(house: House) -> None:
    house.sent_order("table-5", "steak-bowl")
    ticket = ticket_of(house)
    house.call("POST", f"/kds/tickets/{ticket['id']}/start", act({}), who="kitchen")
    answer = urge(house, ticket, level=2)
    assert (answer.status, answer.json["priority"], answer.json["priorityTurn"]) == (200, 2, 1)
    assert (answer.json["status"], answer.json["round"]) == ("IN_PROGRESS", 0)


def test_an_old_word_of_urgency_undoes_no_newer_one(house: House) -> None:
    house.sent_order("table-5", "steak-bowl")
    ticket = ticket_of(house)
    for level, turn in ((1, 0), (0, 1), (2, 0), (0, 1)):
        assert urge(house, ticket, level=level, turn=turn).status == 200
    assert (ticket_of(house)["priority"], ticket_of(house)["priorityTurn"]) == (0, 2)
    assert urge(house, ticket, level=3).status == 422


def test_a_station_is_taken_over_and_has_its_own_boards_again(house: House) -> None:
    house.sent_order("table-5", "steak-bowl")
    before = ticket_of(house)
    assert take_over(house, "grill", "fry", id=ulid(600), at=EARLY).json["takenOverBy"] == "fry"
    stations = {one["id"]: one["takenOverBy"] for one in house.call("GET", "/menu").json["stations"]}
    assert (stations["grill"], stations["bar"]) == ("fry", None)
    assert ticket_of(house) == before
    assert take_over(house, "grill", None, id=ulid(601), at=LATE).json["takenOverBy"] is None
    late = take_over(house, "grill", "fry", id=ulid(600), at=EARLY)
    assert (late.status, late.json["takenOverBy"]) == (200, None)


def test_only_another_station_of_the_house_takes_over(house: House) -> None:
    assert take_over(house, "no-such", "fry").status == 404
    assert take_over(house, "grill", "no-such").status == 422
    assert take_over(house, "grill", "grill").status == 422
    assert all(one["takenOverBy"] is None for one in house.call("GET", "/menu").json["stations"])
