"""The numbers that a guest holds in hand: what is done again after a restore keeps them where nobody else has them."""

from __future__ import annotations

from dataclasses import replace

from reference_server.effect import Alert, Effect, Invoice
from reference_server.storage import numbers
from reference_server.storage.seam import Connection
from shared.domain.order import Order
from shared.domain.versioned import Versioned


def numbered(tx: Connection, effect: Effect, shown: tuple[Versioned, ...]) -> Effect:
    """The effect with the numbers that the guest holds, unless something else got such a number meanwhile."""
    return _returns(tx, _invoiced(tx, effect, shown), shown)


def _invoiced(tx: Connection, effect: Effect, shown: tuple[Versioned, ...]) -> Effect:
    if effect.invoice is None:
        return effect
    order_id = effect.invoice.order_id
    held = next((one.invoice_number for one in shown if isinstance(one, Order) and one.id == order_id), None)
    if held is None or not numbers.is_invoice(held):
        return effect
    invoice = _invoice(held, order_id)
    if numbers.has_invoice(tx, held):
        invoice = _invoice(numbers.next_invoice_number(tx, month=invoice.month), order_id)
        words = (
            f"Invoice {held} was given twice, before and after the server was restored. This one is {invoice.number}."
        )
        effect = effect._replace(alerts=(*effect.alerts, Alert("invoice_twice", order_id, words)))
    changed = tuple(
        one.model_copy(update={"invoice_number": invoice.number}) if one.id == order_id else one
        for one in effect.changed
    )
    return with_changed(effect._replace(invoice=invoice), changed)


def _returns(tx: Connection, effect: Effect, shown: tuple[Versioned, ...]) -> Effect:
    told = {str(one.id): one.number for order in shown if isinstance(order, Order) for one in order.returns}
    numbers_of: dict[str, str] = {}
    for place, note in enumerate(effect.return_notes):
        number = told.get(note.return_id) or note.number
        if not numbers.is_return(number):
            continue
        month = number.split("-")[1]
        if numbers.has_return(tx, number):
            again = numbers.next_return_number(tx, month=month)
            words = f"Return {number} was given twice, before and after the server was restored. This one is {again}."
            effect = effect._replace(alerts=(*effect.alerts, Alert("invoice_twice", note.order_id, words)))
            number = again
        numbers_of[note.return_id] = number
        notes = list(effect.return_notes)
        notes[place] = replace(note, number=number, month=month)
        effect = effect._replace(return_notes=tuple(notes))

    def noted(one: Versioned) -> Versioned:
        if not isinstance(one, Order) or numbers_of.keys().isdisjoint(each.id for each in one.returns):
            return one
        returns = tuple(
            each.model_copy(update={"number": numbers_of.get(each.id, each.number)}) for each in one.returns
        )
        return one.model_copy(update={"returns": returns})

    return with_changed(effect, tuple(map(noted, effect.changed))) if numbers_of else effect


def with_changed(effect: Effect, changed: tuple[Versioned, ...]) -> Effect:
    """The effect with other things as they are after it."""
    primary = next((one for one in changed if one.id == effect.primary.id), effect.primary)
    return effect._replace(primary=primary, changed=changed)


def _invoice(number: str, order_id: str) -> Invoice:
    return Invoice(number, number.split("-")[1], order_id)
