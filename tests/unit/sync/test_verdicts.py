"""The contract's status table, row by row, and the proof that each answer owes."""

from __future__ import annotations

import pytest
from pydantic_core import from_json

from shared.domain.alerts import CloseAlert, HouseAlert
from shared.domain.order import Order, OrderState
from shared.ids import OperationId, StaffId
from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, TimedOut, Unreachable
from shared.sync.verdicts import CheckEntity, Later, NoAnswer, Paused, Verdict, judge
from tests.unit.sync.flights import (
    AT,
    LATE_LINE,
    LINE,
    ORDER,
    TICKET,
    answer,
    as_json,
    change,
    close,
    create,
    error,
    flight_of,
    new_line,
    order_after,
    ready,
    ticket,
    ulid,
)

FLIGHT = flight_of(change())


def verdict(got: Answered, *, flight: Flight = FLIGHT, link_up: bool = True) -> Verdict:
    return judge(flight, got, link_up=link_up)


@pytest.mark.parametrize("status", [200, 201])
def test_an_acceptance_that_names_the_order_settles_it_with_the_order(status: int) -> None:
    order = order_after(create(), change())
    got = answer(status, as_json(order), x_cursor="7-abc")
    assert verdict(got) == Accepted(status, got.body, (order,), "7-abc")


def test_the_stored_entity_is_a_plain_order_with_the_follow_up_beside_it() -> None:
    order = order_after(create(new_line()), change(LATE_LINE), close())
    follow = order_after(create()).model_copy(update={"id": ulid(9), "follows": ORDER})
    body = {**as_json(order), "surplusMinor": 340, "followUp": as_json(follow)}
    found = verdict(answer(200, body), flight=flight_of(close()))
    assert isinstance(found, Accepted)
    assert found.entities == (order, follow)
    assert [type(entity) for entity in found.entities] == [Order, Order]
    assert found.surplus_minor == 340
    assert b"surplusMinor" not in found.entities[0].to_json()
    assert isinstance(found.entities[0], Order)
    assert found.entities[0].state is OrderState.CLOSED


def test_a_ticket_is_accepted_with_the_ticket() -> None:
    found = verdict(answer(200, as_json(ticket())), flight=flight_of(ready()))
    assert isinstance(found, Accepted)
    assert found.entities == (ticket(),)


@pytest.mark.parametrize("body", [{"id": ORDER}, {"id": ORDER, "total": 12.5, "lines": "?"}])
def test_another_vendors_acceptance_counts_without_entities(body: object) -> None:
    got = answer(201, body)
    assert verdict(got) == Accepted(201, got.body, (), None)


@pytest.mark.parametrize("body", [b"", b"<html>", b"ok", b"{}", b"[1]"])
def test_an_echo_of_our_operation_proves_an_acceptance_whatever_the_body(body: bytes) -> None:
    got = answer(200, body, echo=FLIGHT)
    assert verdict(got) == Accepted(200, body, (), f"7-{FLIGHT.id}")


GARBAGE = [
    b"",
    b"<!doctype html><title>Welcome to Hotel Wi-Fi</title>",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b'"' + ORDER.encode() + b'"',
    b'{"id": null}',
    b'{"id": 7}',
    b'{"status": "ok"}',
    b'{"id": "' + ulid(77).encode() + b'"}',
    b'{"order": {"id": "' + ORDER.encode() + b'"}}',
    b'[{"id": "' + ORDER.encode() + b'"}]',
    b'{"id": "' + ORDER.encode() + b'"',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"statusCode": 200}',
]


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_a_portals_or_proxys_yes_is_no_answer(status: int, body: bytes) -> None:
    assert isinstance(verdict(answer(status, body)), NoAnswer)


@pytest.mark.parametrize("status", [*range(202, 209), 226, *range(300, 309), 399])
def test_other_successes_and_redirects_are_no_answer_even_with_the_order_in_them(status: int) -> None:
    assert isinstance(verdict(answer(status, as_json(order_after(create())), echo=FLIGHT)), NoAnswer)


def test_an_echo_of_another_operation_proves_nothing() -> None:
    assert isinstance(verdict(answer(200, b"", x_operation_id=ulid(999))), NoAnswer)


def test_our_own_bytes_sent_back_prove_only_a_mirror() -> None:
    flight = flight_of(create())
    assert isinstance(judge(flight, Answered(200, {}, flight.body), link_up=True), NoAnswer)


REFUSED_STATUSES = [400, 403, 404, 405, 406, 410, 411, 412, 413, 414, 415, 418, 428, 431, 451, 499]
LATER_STATUSES = [408, 424, 425, 429, 500, 501, 502, 503, 504, 507, 511, 599]


@pytest.mark.parametrize("status", [401, 409, 422, 426, *REFUSED_STATUSES, *LATER_STATUSES])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b'{"statusCode": 999}', b'{"statusCode": "422"}', b'{"statusCode": true}', b"[422]"],
)
def test_an_error_that_does_not_repeat_its_status_is_no_answer(status: int, body: bytes) -> None:
    assert isinstance(verdict(answer(status, body)), NoAnswer)


@pytest.mark.parametrize("status", [401, 409, 422, 426, *REFUSED_STATUSES, *LATER_STATUSES])
def test_an_echo_or_the_repeated_status_proves_an_error(status: int) -> None:
    for got in (answer(status, error(status)), answer(status, b"", echo=FLIGHT)):
        assert not isinstance(verdict(got), NoAnswer)


@pytest.mark.parametrize("status", REFUSED_STATUSES)
def test_final_refusals_are_for_a_person(status: int) -> None:
    got = answer(status, error(status, message="This person may not do it."))
    assert verdict(got) == Failed(FailReason.REFUSED, status, "This person may not do it.", got.body)


def test_422_is_invalid_and_never_tried_again() -> None:
    got = answer(422, error(422, message="A quantity is missing."))
    assert verdict(got) == Failed(FailReason.INVALID, 422, "A quantity is missing.", got.body)


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, error(401), Cause.DEVICE_UNKNOWN),
        (426, error(426), Cause.NEEDS_UPDATE),
        (409, error(409, "HISTORY_LOST"), Cause.HISTORY_LOST),
        (409, error(409, "OTHER_BRANCH"), Cause.OTHER_BRANCH),
    ],
)
def test_what_concerns_the_whole_device_pauses_and_counts_nothing(status: int, body: object, cause: Cause) -> None:
    assert verdict(answer(status, body)) == Paused(cause, status, "No.")


@pytest.mark.parametrize("status", [408, 424, 425])
def test_what_says_nothing_about_the_operation_goes_again_uncounted(status: int) -> None:
    assert verdict(answer(status, error(status))) == Later(status, "No.")


def test_429_waits_as_told_and_holds_everybody() -> None:
    assert verdict(answer(429, error(429), retry_after="7")) == Later(429, "No.", after_s=7, holds=True, grows=False)
    assert verdict(answer(429, error(429))) == Later(429, "No.", holds=True)


def test_503_holds_everybody_and_counts_nothing() -> None:
    assert verdict(answer(503, error(503), retry_after="2")) == Later(503, "No.", after_s=2, holds=True)


@pytest.mark.parametrize("status", [500, 501, 502, 504, 507, 599])
def test_any_other_error_of_the_server_counts_while_it_is_otherwise_well(status: int) -> None:
    assert verdict(answer(status, error(status))) == Later(status, "No.", counts=True)
    assert verdict(answer(status, error(status)), link_up=False) == Later(status, "No.", counts=False)


def test_the_tenth_error_gives_the_operation_to_a_person_if_the_server_is_otherwise_well() -> None:
    got = answer(500, error(500, message="Out of memory."))
    ninth, tenth = (flight_of(change(), sends=30, attempts=count) for count in (8, 9))
    assert isinstance(judge(ninth, got, link_up=True), Later)
    assert isinstance(judge(tenth, got, link_up=False), Later)
    found = judge(tenth, got, link_up=True)
    assert isinstance(found, Failed)
    assert (found.reason, found.status) == (FailReason.EXHAUSTED, 500)
    assert "10 times" in found.message
    assert "Out of memory." in found.message


@pytest.mark.parametrize("got", [TimedOut(), Unreachable(Cause.NO_NETWORK, "gone")])
@pytest.mark.parametrize("attempts", [0, 9, 99])
def test_no_answer_counts_nothing_however_often(got: TimedOut | Unreachable, attempts: int) -> None:
    assert isinstance(judge(flight_of(change(), sends=99, attempts=attempts), got, link_up=True), NoAnswer)


def test_a_duplicate_with_its_resource_is_a_success_with_that_order() -> None:
    order = order_after(create(), change())
    got = answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource=as_json(order)), x_cursor="7-abc")
    assert verdict(got) == Accepted(409, got.body, (order,), "7-abc")
    foreign = answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource={"id": ORDER, "sum": 1}))
    assert verdict(foreign) == Accepted(409, foreign.body, (), None)


@pytest.mark.parametrize("resource", [None, "x", [], {}, {"id": TICKET}])
def test_a_duplicate_that_does_not_show_our_order_has_to_be_checked(resource: object) -> None:
    got = verdict(answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource=resource)))
    assert got == CheckEntity("No.", is_denied=resource == {"id": TICKET})


def test_a_duplicate_that_shows_our_order_without_what_was_sent_has_to_be_checked() -> None:
    bare = order_after(create())
    got = answer(409, error(409, "IDEMPOTENCY_DUPLICATE", existingResource=as_json(bare)))
    assert verdict(got) == CheckEntity("No.", is_denied=True)


@pytest.mark.parametrize(
    ("by", "choice", "is_ours"), [("ann", "Paid back", True), ("bob", "Paid back", False), ("", "", False)]
)
def test_a_duplicate_close_of_an_alert_is_done_where_the_alert_says_so(by: str, choice: str, is_ours: bool) -> None:
    """A day later the server has no answer of it any more, and shows the alert as it is."""
    alert = HouseAlert(id=f"7-{ulid(301)}", kind="twice", message="Paid twice.", raised_at=AT)
    if by:
        alert = alert.model_copy(update={"choice": choice, "chosen_by": by, "chosen_at": AT})
    command = CloseAlert(
        id=OperationId(ulid(300)), actor_id=StaffId("ann"), at=AT, alert_id=f"7-{ulid(301)}", choice="Paid back"
    )
    said = error(409, "IDEMPOTENCY_DUPLICATE", existingResource=from_json(alert.to_json()))
    got = verdict(answer(409, said), flight=flight_of(command))
    assert isinstance(got, Accepted if is_ours else CheckEntity), got


def test_in_progress_goes_again_soon_and_patiently_only_if_it_stays_so() -> None:
    got = answer(409, error(409, "IDEMPOTENCY_IN_PROGRESS"), retry_after="3")
    assert verdict(got) == Later(409, "No.", after_s=3, holds=True, grows=False)
    assert verdict(answer(409, error(409, "IDEMPOTENCY_IN_PROGRESS"))) == Later(
        409, "No.", after_s=1, holds=True, grows=False
    )
    assert verdict(got, flight=flight_of(change(), sends=4)) == Later(409, "No.", after_s=3, holds=True)


def test_a_mismatch_is_a_bug_and_loud() -> None:
    got = answer(409, error(409, "IDEMPOTENCY_MISMATCH"))
    assert verdict(got) == Failed(FailReason.MISMATCH, 409, "No.", got.body)


@pytest.mark.parametrize("conflict", ["INVALID_STATE_TRANSITION", "STALE_WRITE"])
def test_a_conflict_takes_the_servers_state(conflict: str) -> None:
    order = order_after(create(new_line(LINE)), close())
    got = answer(409, error(409, conflict, message="Order A-1 is closed.", currentState=as_json(order)))
    assert verdict(got) == Failed(FailReason.CONFLICT, 409, "Order A-1 is closed.", got.body, (order,))
    strange = answer(409, error(409, conflict, currentState={"id": ORDER}))
    assert verdict(strange) == Failed(FailReason.CONFLICT, 409, "No.", strange.body, ())


def test_not_tried_goes_again_uncounted() -> None:
    assert verdict(answer(409, error(409, "NOT_TRIED"))) == Later(409, "No.")


@pytest.mark.parametrize("conflict", [None, "SOMETHING_NEW"])
def test_a_conflict_that_nobody_knows_is_for_a_person(conflict: str | None) -> None:
    got = answer(409, error(409, conflict))
    assert verdict(got) == Failed(FailReason.REFUSED, 409, "No.", got.body)


def test_a_message_is_cut_and_a_missing_one_is_replaced() -> None:
    long = verdict(answer(422, error(422, message="x" * 9_000)))
    assert isinstance(long, Failed)
    assert long.message == "x" * 500
    none = verdict(answer(422, {"statusCode": 422, "message": {"nested": 1}}))
    assert isinstance(none, Failed)
    assert none.message == "The server answered 422."


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 409, 422, 426, 429, 500, 503])
@pytest.mark.parametrize("quoted", [False, True])
def test_the_answer_to_another_operation_says_nothing_of_this_one(status: int, quoted: bool) -> None:
    """Somebody on the way mixed two answers up. Both are of the same order, so that the body alone would prove it."""
    order, other = order_after(create()), flight_of(create())
    body = as_json(order) if status < 400 else error(status, "STALE_WRITE" if status == 409 else None)
    got = answer(status, body, echo=other)
    headers = {name: f'"{value}"' if quoted else value for name, value in got.headers.items()}
    assert isinstance(verdict(Answered(status, headers, got.body)), NoAnswer)


@pytest.mark.parametrize("echo", [f"{FLIGHT.id}, {FLIGHT.id}", "req-7", ""])
def test_a_header_that_names_no_other_operation_takes_no_proof_away(echo: str) -> None:
    order = order_after(create(), change())
    assert isinstance(verdict(answer(200, as_json(order), x_operation_id=echo)), Accepted)
