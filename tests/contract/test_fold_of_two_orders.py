"""Random nights on two orders give equal bytes through HTTP and the fold, and every ticket follows its lines."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings

from shared.domain.fold import fold_all
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from tests.contract.house import House, open_house
from tests.contract.test_fold_equals_server import at_home, restaurant, stored_order, stored_tickets, through_http
from tests.unit.domain.strategies import Step
from tests.unit.domain.two_orders import nights_of_two_orders


def stored_orders(house: House) -> dict[str, Order]:
    """Every order as it is in the server's file, invoice numbers left out: only the server can give those."""
    ids = [str(order_id) for (order_id,) in house.connection.execute("SELECT id FROM pos_order").fetchall()]
    found = ((order_id, stored_order(house, order_id)) for order_id in ids)
    return {order_id: order for order_id, order in found if order is not None}


@settings(max_examples=25)
@given(night=nights_of_two_orders())
def test_the_fold_of_two_orders_is_what_the_server_has(night: tuple[Step, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Path(folder), restaurant(inclusive=True))
        sent = [at_home(step, house, inclusive=True) for step in night]
        statuses = [through_http(house, device, step.command) for device, step in sent]
        folded = fold_all({}, [(step.command, step.author) for _, step in sent])
        orders = stored_orders(house)
        assert {key: one.to_json() for key, one in orders.items()} == {
            key: one.to_json() for key, one in folded.orders.items()
        }, statuses
        refused = [step.command.id for (_, step), status in zip(sent, statuses, strict=True) if status >= 400]
        assert set(folded.skipped) == set(refused), statuses
        tickets_are_where_their_lines_are(orders, stored_tickets(house))
        house.connection.close()


def tickets_are_where_their_lines_are(orders: dict[str, Order], bodies: dict[str, bytes]) -> None:
    """A cook reads of each line for which order it is; one that is left over from a bill is told as of that."""
    tickets = {key: Ticket.model_validate_json(body) for key, body in bodies.items()}
    for order in orders.values():
        assert all(mark.id in tickets for mark in order.tickets)
        for line in order.standing_lines:
            if line.ticket_id is None or order.follows is not None:
                continue
            ticket = tickets[line.ticket_id]
            item = next(one for one in ticket.items if one.line_id == line.id)
            place = (ticket.order_id, ticket.table_id) if item.on is None else (item.on.order_id, item.on.table_id)
            assert place == (order.id, order.table_id)
