"""Random nights through HTTP and through the fold give equal bytes: a till predicts exactly what the server decides."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reference_server.catalogue.loading import Restaurant
from shared.domain.commands import CloseOrder, Operation, SendToKitchen, TicketOperation
from shared.domain.fold import fold_ticket
from shared.domain.lines import Author
from shared.domain.menu import Business, Floor, Role, StaffList, StaffMember
from shared.domain.order import Order
from shared.domain.rules import progress
from shared.domain.ticket import Ticket
from shared.domain.tickets import made_by, reflect
from shared.ids import StaffId
from shared.wire.requests import encode
from tests.contract.house import House, open_house
from tests.unit.domain.restaurant import ACTORS, MENU, fold, fold_follow_up
from tests.unit.domain.strategies import (
    Move,
    Step,
    a_ticket,
    continued,
    marks,
    moves_on_a_follow_up,
    nights,
    nights_with_late_lines,
)

DEVICES = ("till", "till-2")


def restaurant(*, inclusive: bool) -> Restaurant:
    """The small restaurant of the domain's tests, as a server has it."""
    people = tuple(StaffMember(id=who, name=who.title(), role=Role.WAITER, pin_verifier="x") for who in ACTORS)
    people += (StaffMember(id=StaffId("sara"), name="Sara", role=Role.MANAGER, pin_verifier="x"),)
    return Restaurant(
        menu=MENU,
        floor=Floor(version="1"),
        business=Business(version="1", name="Tests", prices_include_tax=inclusive, discount_caps=()),
        staff=StaffList(version="1", staff=people),
    )


def at_home(step: Step, house: House, *, inclusive: bool) -> tuple[str, Step]:
    """Which device sends the step to this server, and the step with the name that the server has for it."""
    device = DEVICES[ACTORS.index(step.command.actor_id)]
    author = Author(house.device_ids[device], step.command.actor_id.title(), inclusive)
    return device, replace(step, author=author)


def through_http(house: House, device: str, command: Operation) -> int:
    """Send a command as a till would: the frozen bytes, under its id."""
    encoded = encode(command)
    answer = house.call(
        encoded.method,
        encoded.path,
        encoded.body,
        key=command.id,
        who=device,
        headers={"x-operation-id": command.id},
    )
    return answer.status


def stored_order(house: House, order_id: str) -> Order | None:
    """The order as it is in the server's file, its invoice number left out: only the server can give that."""
    row = house.connection.execute("SELECT body FROM pos_order WHERE id = ?", (order_id,)).fetchone()
    if row is None:
        return None
    return Order.model_validate_json(row[0]).model_copy(update={"invoice_number": None})


def stored_tickets(house: House) -> dict[str, bytes]:
    """Every ticket of the server's file, as bytes."""
    rows = house.connection.execute("SELECT id, body FROM ticket").fetchall()
    return {str(key): Ticket.model_validate_json(body).to_json() for key, body in rows}  # type: ignore[arg-type]


def left_over(steps: list[Step], *, begun: Order | None = None) -> dict[str, Order]:
    """The orders that the closes among these steps leave over, as the fold has them."""
    found: dict[str, Order] = {}
    order = begun
    for step in steps:
        if isinstance(step.command, CloseOrder):
            late = fold_follow_up(order, step.command, step.author)
            found |= {} if late is None else {late.id: late}
        order = fold(order, [(step.command, step.author)]).order
    return found


def folded_tickets(steps: list[Step]) -> dict[str, Ticket]:
    """The tickets that these steps make, as the fold has them."""
    order: Order | None = None
    tickets: dict[str, Ticket] = {}
    for step in steps:
        before = order
        order = fold(order, [(step.command, step.author)]).order
        if order is None or order is before:
            continue
        if isinstance(step.command, SendToKitchen):
            tickets |= {ticket.id: ticket for ticket in made_by(order, step.command) if ticket.id not in tickets}
        tickets = {key: reflect(ticket, order) for key, ticket in tickets.items()}
    return tickets


@settings(max_examples=60)
@given(night=nights(), inclusive=st.booleans())
def test_the_fold_of_a_night_is_what_the_server_has(night: tuple[Step, ...], inclusive: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Path(folder), restaurant(inclusive=inclusive))
        sent = [at_home(step, house, inclusive=inclusive) for step in night]
        statuses = [through_http(house, device, step.command) for device, step in sent]

        steps = [step for _, step in sent]
        order_id = steps[0].command.order_id
        folded = fold(None, [(step.command, step.author) for step in steps]).order
        assert folded is not None
        server = stored_order(house, order_id)
        assert server is not None, statuses
        assert server.to_json() == folded.to_json(), statuses
        expected = left_over(steps)
        assert house.count("pos_order") == 1 + len(expected)
        for late in expected.values():
            assert stored_order(house, late.id) == late
        assert stored_tickets(house) == {key: ticket.to_json() for key, ticket in folded_tickets(steps).items()}
        house.connection.close()


@settings(max_examples=25)
@given(night=nights_with_late_lines(), moves=moves_on_a_follow_up())
def test_what_is_done_to_the_order_that_a_close_leaves_over_folds_as_the_server_does_it(
    night: tuple[Step, ...], moves: list[Move]
) -> None:
    """The till has neither order from the server: it folds its own operations on both, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Path(folder), restaurant(inclusive=True))
        sent = [at_home(step, house, inclusive=True) for step in night]
        (late,) = left_over([step for _, step in sent]).values()
        after = [at_home(step, house, inclusive=True) for step in continued(late, moves, first_name=5000)]
        statuses = [through_http(house, device, step.command) for device, step in (*sent, *after)]
        folded = fold(late, [(step.command, step.author) for _, step in after]).order
        assert folded is not None
        server = stored_order(house, late.id)
        assert server is not None, statuses
        assert server.to_json() == folded.to_json(), statuses
        further = left_over([step for _, step in after], begun=late)
        assert house.count("pos_order") == 2 + len(further)
        for one in further.values():
            assert stored_order(house, one.id) == one
        house.connection.close()


@settings(max_examples=40)
@given(data=st.data())
def test_marks_of_a_ticket_fold_as_the_server_sets_them(data: st.DataObject) -> None:
    night = data.draw(nights(closing=False))
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Path(folder), restaurant(inclusive=True))
        for device, step in (at_home(step, house, inclusive=True) for step in night):
            through_http(house, device, step.command)
        for ticket_id, body in sorted(stored_tickets(house).items()):
            ticket = Ticket.model_validate_json(body)
            template = data.draw(marks(a_ticket()))
            ours: list[TicketOperation] = [
                one.model_copy(
                    update={"id": house.ids.new(), "ticket_id": ticket.id, "actor_id": ACTORS[0]}
                    | ({"line_id": ticket.items[0].line_id} if hasattr(one, "line_id") else {})
                )
                for one in template
            ]
            for one in ours:
                assert through_http(house, "kitchen", one) == 200
            folded = fold_ticket(ticket, ours)
            assert stored_tickets(house)[ticket_id] == folded.to_json()
            order = stored_order(house, ticket.order_id)
            assert order is not None
            assert progress(order, (folded,)) is order
        house.connection.close()
