"""What a device was told, beside menu and floor: gaps are filled, differences flagged, nothing overruled."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_

from reference_server.effect import Alert
from reference_server.storage import catalogue
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.seam import Connection
from shared.domain.commands import AddLine, ChangeOrder, CreateOrder, MoveTable, NewLine, OrderOperation
from shared.domain.menu import complete, filled_in
from shared.domain.moves import SplitOrder
from shared.domain.order import Order

#: An alert names at most so many lines: it is a sentence for a person.
_NAMED = 20


def completed(tx: Connection, command: OrderOperation, restaurant: Restaurant) -> OrderOperation:
    """The command with its new lines filled in from the menu. Raises CommandRejected for an item never sold here."""
    match command:
        case CreateOrder():
            items = tuple(_complete(tx, line, restaurant) for line in command.items)
            return command if _same(items, command.items) else command.model_copy(update={"items": items})
        case ChangeOrder():
            changes = tuple(
                one.model_copy(update={"line": _complete(tx, one.line, restaurant)})
                if isinstance(one, AddLine)
                else one
                for one in command.changes
            )
            return command if _same(changes, command.changes) else command.model_copy(update={"changes": changes})
        case _:
            return command


def differing_prices(command: OrderOperation, order: Order, restaurant: Restaurant) -> tuple[Alert, ...]:
    """One alert for the lines whose told price is not the menu's."""
    differing = []
    for line in _new_lines(command):
        item = restaurant.items.get(line.item_id)
        if item is None:
            differing.append(f"{line.name} is not on the menu any more")
        elif line.price_minor is not None and item.price_minor != line.price_minor:
            text = restaurant.business.currency.text
            told, listed = text(line.price_minor), text(item.price_minor)
            differing.append(f"{line.name} was sold at {told}, the menu says {listed}")
    if not differing:
        return ()
    return (Alert("told_price", order.id, f"Order {order.number}: {'; '.join(differing[:_NAMED])}."),)


def unknown_tables(
    command: OrderOperation, *, before: Iterable[Order | None], after: Iterable[Order], restaurant: Restaurant
) -> tuple[Alert, ...]:
    """One alert for each order that the command puts on a table which the floor plan does not have.

    A till that was away knows an older plan, and its guests sit there. A house without a plan has nothing to compare.
    """
    named = _tables_named(command)
    tables = {table.id for table in restaurant.floor.tables} if named else set()
    if not tables or named <= tables:
        return ()
    was_at = {order.id: order.table_id for order in before if order is not None}
    return tuple(
        Alert(
            "unknown_table",
            order.id,
            f"Order {order.number} is at {order.table_id}, which is not on the floor plan: on the floor nobody sees it."
            " It stands among the open orders; move it to its table.",
        )
        for order in after
        if order.table_id in named - tables and order.table_id != was_at.get(order.id)
    )


def _tables_named(command: OrderOperation) -> frozenset[str]:
    match command:
        case CreateOrder() | SplitOrder():
            named = {command.table_id}
        case ChangeOrder():
            named = {one.table_id for one in command.changes if isinstance(one, MoveTable)}
        case _:
            named = set()
    return frozenset(str(one) for one in named if one is not None)


def _new_lines(command: OrderOperation) -> tuple[NewLine, ...]:
    match command:
        case CreateOrder():
            return command.items
        case ChangeOrder():
            return tuple(one.line for one in command.changes if isinstance(one, AddLine))
        case _:
            return ()


def _complete(tx: Connection, line: NewLine, restaurant: Restaurant) -> NewLine:
    """Fill a line in; one that was sold in full, even from an older menu, is a fact and stays as it was told."""
    told = None not in (line.name, line.price_minor, line.tax_bp, line.station)
    listed = line.item_id in restaurant.items
    if told and ((listed and line.course is not None) or (not listed and catalogue.was_sold(tx, line.item_id))):
        return line
    item = restaurant.items.get(line.item_id)
    return complete(line, restaurant.menu) if item is None else filled_in(line, item)


def _same(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    """Whether nothing was filled in."""
    return all(map(is_, new, old))
