"""What a server answers, read back: orders, tickets, refusals and pages, also from a server that says more."""

import pytest
from pydantic import ValidationError

from shared.domain.closing import follow_up
from shared.domain.order import Order
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.wire.answers import ConflictType, ErrorAnswer, Health, LoginRequest, OrderAnswer, OrderPage, TicketPage
from tests.unit.domain.restaurant import AT, opened, tills
from tests.unit.domain.strategies import a_ticket


def test_the_answer_to_a_close_is_the_order_with_its_surplus_and_its_follow_up() -> None:
    till, other = tills()
    shown = opened(till, "pizza")
    order = apply(shown, other.change(1, other.add("beer")), other.author)
    close = till.close(shown)
    closed = apply(order, close, till.author)
    answer = OrderAnswer(**dict(closed), surplus_minor=5, follow_up=follow_up(order, close, till.author))
    again = OrderAnswer.model_validate_json(answer.to_json())
    assert again == answer
    assert b'"surplusMinor":5' in answer.to_json()
    assert Order.model_validate_json(answer.to_json()) == closed


@pytest.mark.parametrize("which", ["order", "ticket"])
def test_a_conflict_brings_the_order_or_the_ticket_as_it_is(which: str) -> None:
    till, _ = tills()
    state: Order | Ticket = opened(till, "pizza") if which == "order" else a_ticket()
    answer = ErrorAnswer(
        status_code=409, message="It moved on.", conflict_type=ConflictType.STALE_WRITE, current_state=state
    )
    again = ErrorAnswer.model_validate_json(answer.to_json())
    assert again == answer
    assert type(again.current_state) is type(state)


def test_a_refusal_that_says_more_or_less_is_read() -> None:
    least = ErrorAnswer.model_validate_json(b'{"statusCode":403,"message":"No.","tomorrow":true}')
    assert (least.status_code, least.conflict_type, least.errors) == (403, None, None)
    fields = ErrorAnswer.model_validate_json(
        b'{"statusCode":422,"message":"No.","errors":[{"field":"at","message":"This field is missing."}]}'
    )
    assert fields.errors is not None
    assert fields.errors[0].field == "at"
    for wrong in (b'{"statusCode":"409","message":"No."}', b'{"message":"No."}', b"<html>"):
        with pytest.raises(ValidationError):
            ErrorAnswer.model_validate_json(wrong)


def test_pages_come_back_as_they_were() -> None:
    till, _ = tills()
    orders = OrderPage(orders=(opened(till, "pizza"),), cursor="7-x", server_time=AT, has_more=True)
    tickets = TicketPage(tickets=(a_ticket(),), cursor="", server_time=AT)
    assert OrderPage.model_validate_json(orders.to_json()) == orders
    assert TicketPage.model_validate_json(tickets.to_json()) == tickets
    health = Health(status="ok", version="0.1.0", server_time=AT, capabilities=("cursor",))
    assert Health.model_validate_json(health.to_json()) == health


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "١٢٣٤", "1234\n", ""])
def test_a_pin_is_four_to_eight_digits(pin: str) -> None:
    assert LoginRequest(staff_id="ann", pin="1234").pin == "1234"
    with pytest.raises(ValidationError):
        LoginRequest(staff_id="ann", pin=pin)
