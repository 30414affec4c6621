"""Pure: what a plain caller may leave out of a body, filled in before the body is validated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from shared.domain.menu import Menu
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal, over
from shared.domain.returns import as_it_came
from shared.domain.totals import cost_of, totals_of
from shared.findings import UNKNOWN_FIELD
from shared.ids import OperationId, OrderId
from shared.wire.bad_request import BadRequest
from shared.wire.requests import Kind

Fields = dict[str, object]

#: What can't be done without a line, where the caller names none and none is left to mean.
_NO_LINE: Final = {
    Kind.SEND_TO_KITCHEN: "send",
    Kind.FIRE_COURSE: "fire",
    Kind.SERVE_ORDER: "serve",
    Kind.CLOSE_ORDER: "pay for",
}


class Filler(NamedTuple):
    """What there is to fill in with: the token's own actor, if it has one, the server's time, and new names."""

    operation_id: OperationId
    actor_id: str | None
    now: str
    new_id: Callable[[], str]
    number: Callable[[], str]
    menu: Menu

    def start(self, body: Fields, **ids: object) -> Fields:
        """The fields of any command: a missing actor or time is the caller's and ours, ids come from key and path.

        Raises BadRequest for a body that names such an id once more: it might mean another.
        """
        elsewhere = sorted(body.keys() & {"id", "orderId", "ticketId", "lineId", *ids})
        if elsewhere:
            raise BadRequest(tuple((name, UNKNOWN_FIELD) for name in elsewhere))
        fields = {**body, **ids, "id": self.operation_id}
        fields.setdefault("at", self.now)
        if self.actor_id is not None:
            fields.setdefault("actorId", self.actor_id)
        return fields

    def create(self, body: Fields) -> Fields:
        """The fields of a create; an order that no till numbered takes the server's next number."""
        own = {name: value for name, value in body.items() if name != "id"}
        fields = self.start(own, orderId=self.new_id() if body.get("id") is None else body["id"])
        if fields.get("number") is None:
            fields["number"] = self.number()
        if isinstance(items := fields.get("items"), list):
            fields["items"] = [self._line(line) for line in items]
        return fields

    def about(self, kind: Kind, body: Fields, *, order_id: OrderId, order: Order) -> Fields:
        """The fields of a command about this order. Raises CommandRejected where it means a line and there is none."""
        fields = self.start(body, orderId=order_id)
        if kind is Kind.CHANGE_ORDER:
            fields.setdefault("baseVersion", order.version)
            if isinstance(changes := fields.get("changes"), list):
                fields["changes"] = [self._change(change, order) for change in changes]
        elif kind is Kind.SPLIT_ORDER:
            fields.setdefault("baseVersion", order.version)
            fields.setdefault("newOrderId", self.new_id())
            if fields.get("number") is None:
                fields["number"] = self.number()
        elif kind is Kind.SEND_TO_KITCHEN:
            named = _texts(fields.get("heldIds"))
            unsent = (line for line in order.standing_lines if line.ticket_id is None and not line.held)
            fields.setdefault("lineIds", [line.id for line in unsent if line.id not in named])
        elif kind is Kind.FIRE_COURSE:
            fields.setdefault("lineIds", [line.id for line in order.next_course])
        elif kind in (Kind.CLOSE_ORDER, Kind.SERVE_ORDER, Kind.VOID_ORDER, Kind.MERGE_ORDER):
            # Money for lines that stand no more was taken all the same, and is recorded as what the order can't use.
            meant = order.standing_lines or (order.lines if body.get("payments") else ())
            fields.setdefault("lineIds", [line.id for line in meant])
        elif kind is Kind.REFUND_ORDER:
            self._refund(fields, order)
        if kind in _NO_LINE and "lineIds" not in body and not fields["lineIds"]:
            if not order.is_open:
                raise over(order)
            raise CommandRejected(Refusal.INVALID, f"There is nothing on order {order.number} to {_NO_LINE[kind]}.")
        if kind is Kind.CLOSE_ORDER:
            fields.setdefault("totalMinor", _total_of(order, fields["lineIds"]))
            if isinstance(payments := fields.get("payments"), list):
                fields["payments"] = [self._payment(payment) for payment in payments]
        return fields

    def _refund(self, fields: Fields, order: Order) -> None:
        """Without lines all of it is given back, also what the order could not use; without money what that costs."""
        over_minor = 0 if "lineIds" in fields else order.unapplied_minor
        rest = [line.id for line in order.standing_lines if line.id not in order.returned_ids]
        line_ids = _texts(fields.setdefault("lineIds", rest))
        if (refunds := fields.get("refunds")) is None:
            amount_minor = min(cost_of(order, line_ids) + over_minor, order.left_to_refund_minor)
            refunds = [
                {"method": method.value, "amount": part_minor, **({} if paid is None else {"paymentId": paid})}
                for method, part_minor, paid in as_it_came(order, amount_minor)
            ]
        if isinstance(refunds, list):
            named = (
                {"id": self.new_id(), "givenAt": self.now, **one} if isinstance(one, dict) else one for one in refunds
            )
            fields["refunds"] = list(named)

    def _change(self, change: object, order: Order) -> object:
        if not isinstance(change, dict):
            return change
        if change.get("type") == "addLine":
            return {**change, "line": self._line(change.get("line"))}
        if change.get("type") == "transferLines":
            change = {"lineIds": [line.id for line in order.standing_lines], **change}
        return change if "id" in change else {"id": self.new_id(), **change}

    def _line(self, line: object) -> object:
        if not isinstance(line, dict):
            return line
        filled = line if "id" in line else {"id": self.new_id(), **line}
        modifiers = line.get("modifiers")
        if isinstance(modifiers, list) and modifiers:
            filled = {**filled, "modifiers": [self._modifier(line.get("itemId"), one) for one in modifiers]}
        return filled

    def _modifier(self, item_id: object, modifier: object) -> object:
        if not isinstance(modifier, dict) or "name" in modifier or not isinstance(item_id, str):
            return modifier
        item = self.menu.item(item_id)
        groups = () if item is None else self.menu.groups_of(item)
        for option in (option for group in groups for option in group.options):
            if option.id == modifier.get("id"):
                return {"name": option.name, "priceMinor": option.price_minor, **modifier}
        return modifier

    def _payment(self, payment: object) -> object:
        if not isinstance(payment, dict):
            return payment
        filled = {"takenAt": self.now, **payment}
        if "id" not in filled:
            filled["id"] = self.new_id()
        amount, tip = filled.get("amount"), filled.get("tip", 0)
        if isinstance(amount, int) and isinstance(tip, int):
            filled.setdefault("tendered", amount + tip)
        return filled


def _total_of(order: Order, line_ids: object) -> int:
    """What these lines cost: the total that a caller who names none was told."""
    named = set(_texts(line_ids))
    lines = [line for line in order.lines if line.id in named or line.voided]
    return totals_of(lines, prices_include_tax=order.prices_include_tax, discounts=order.discounts).total_minor


def _texts(named: object) -> list[str]:
    """The ids that a body names; none of a list that is no list of ids, which is refused later."""
    return named if isinstance(named, list) and all(isinstance(one, str) for one in named) else []
