"""What managers do with money and the day: give back, pay by card at leisure, resolve by hand, end the business day."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.database import Connection
from shared.desk import SyncDesk
from shared.domain.bill import Method
from shared.domain.commands import NewPayment
from shared.domain.fixing import Part
from shared.domain.order import Order
from shared.domain.refunds import NewRefund, RefundOrder
from shared.domain.returns import left_of_payment
from shared.domain.shift_commands import CloseDay
from shared.domain.totals import cost_of
from shared.ids import PaymentId
from shared.store.mending import Resolution
from shared.store.rows import OperationRow
from tests.simulation.card_guests import can_be_asked_for
from tests.simulation.drawers import Fact
from tests.simulation.people import MOST_OPEN, nth, some_till
from tests.simulation.people_at_tills import TIPS, Cashiers
from tests.simulation.premises import MANAGER, WEATHERS

SYNCED_S: Final = 2.0
"""By then a till that reaches the server has nothing more to tell it, and a card can be asked for."""
PAID_S: Final = 8.0
"""By then a guest has paid who does not think it over."""


class Managers(Cashiers):
    """At the tills, with a manager's PIN."""

    @rule(till=some_till, order=nth, lines=nth, twice=st.booleans())
    def gives_money_back(self, till: str, order: int, lines: int, twice: bool) -> None:
        """Some lines of a paid bill, all of it, or only what it could not use: as it was paid, a card first.

        Where no bill is paid one is. The cash goes out of the drawer when the screen says that the server said yes.
        """
        paid = self.device(till).read(_paid_orders)
        if not paid:
            self.takes_cash(till, order, twice)
            self.premises.wait(SYNCED_S)
            paid = self.device(till).read(_paid_orders)
        if not paid:
            return
        refund = self._refund(till, paid[order % len(paid)], lines)
        if refund is None:
            return
        shift_id = self.device(till).terminal.shifts.current() or ""
        if self.submit(till, refund, twice=twice):
            cash = (money for money in refund.refunds if money.method is Method.CASH)
            facts = tuple(Fact(money.id, "cash", shift_id, -money.amount, is_sure=True) for money in cash)
            self.premises.drawers.when_it_is_done(till, refund.id, facts)

    @rule(till=some_till, order=nth, tip=st.sampled_from(TIPS))
    def pays_by_card_at_leisure(self, till: str, order: int, tip: int) -> None:
        """A card where everybody waits for everything: first for the server, then for the guest."""
        self.premises.wait(SYNCED_S)
        if self._asks_for_a_card(till, order, tip):
            self.premises.wait(PAID_S)

    @rule(till=some_till, order=nth, restarts=st.booleans(), pause_s=st.sampled_from((0.3, 3.0)))
    def a_guest_changes_his_mind_in_the_dark(self, till: str, order: int, restarts: bool, pause_s: float) -> None:
        """A card is asked for and no answer comes; the till may start anew. Then it is not wanted any more."""
        self.premises.wait(SYNCED_S)
        road = self.device(till).road
        before, road.weather = road.weather, WEATHERS["answers are lost"]
        if self._asks_for_a_card(till, order, 0):
            self.premises.wait(pause_s)
            if restarts:
                self.device(till).kill()
                self.device(till).start(self.premises.loop)
            self.premises.desk.cancel_one(till, self.premises.desk.chance)
        road.weather = before

    def _asks_for_a_card(self, till: str, order: int, tip: int) -> bool:
        """Whether a guest is asked."""
        open_ones = self.device(till).read(can_be_asked_for)
        if not open_ones:
            return False
        wish = self.premises.desk.wish(till, open_ones[order % len(open_ones)], tip_minor=tip)
        return bool(wish.line_ids) and self.done(till, partial(self.premises.desk.pay, till, wish))

    @rule(till=some_till, order=nth, how=st.sampled_from((Resolution.REFUNDED, Resolution.RECORDED)))
    def a_manager_resolves_a_bill_by_hand(self, till: str, order: int, how: Resolution) -> None:
        """Its cash goes back out of the drawer, or stays there and is written into the books on paper.

        Where no bill hangs one is paid that the server can't digest.
        """
        desk = self.device(till).terminal.desk
        if not _bills(desk):
            self._pays_what_the_server_cannot_digest(till, order)
        for one in _bills(desk)[:1]:
            desk.resolve(one.id, resolution=how, actor_id=MANAGER)
            self.premises.drawers.when_it_is_resolved(till, one.id)
        self.premises.wait(1)

    def _pays_what_the_server_cannot_digest(self, till: str, order: int) -> None:
        view, road = self.shown(till, order), self.device(till).road
        if view is None or road.sick:
            return
        self.premises.wait(SYNCED_S)
        road.sick = {view.id}
        self.takes_cash(till, order, twice=False)
        self.tries_for_long(till)
        road.sick = set()

    @rule(till=some_till, twice=st.booleans())
    def ends_the_day(self, till: str, twice: bool) -> None:
        terminal = self.device(till).terminal
        day = self.made(till, CloseDay, day_id=terminal.new_id()).model_copy(update={"actor_id": MANAGER})
        if self.submit(till, day, twice=twice):
            self.days.add(day.day_id)

    def _refund(self, till: str, order: Order, lines: int) -> RefundOrder | None:
        """What a manager taps for this order as this till shows it; None where nothing is to be given back."""
        left = [line.id for line in order.standing_lines if line.id not in order.returned_ids]
        named = [] if lines == MOST_OPEN and order.unapplied_minor else left[: 1 + lines]
        wanted_minor = cost_of(order, named) if named else order.unapplied_minor
        money = self._money(till, order, min(wanted_minor, order.left_to_refund_minor))
        if not named and not money:
            return None
        said: dict[str, Any] = {"order_id": order.id, "line_ids": tuple(named), "refunds": money, "reason": "cold"}
        return self.made(till, RefundOrder, **said, approved_by=MANAGER)

    def _money(self, till: str, order: Order, amount_minor: int) -> tuple[NewRefund, ...]:
        terminal = self.device(till).terminal
        found = []
        for payment in sorted(order.payments, key=lambda one: one.method is Method.CASH):
            is_cash = payment.method is Method.CASH
            most_minor = amount_minor if is_cash else min(amount_minor, left_of_payment(order, payment.id))
            if most_minor > 0:
                amount_minor -= most_minor
                about = None if is_cash else PaymentId(payment.id)
                found.append(
                    NewRefund(
                        id=PaymentId(terminal.new_id()),
                        method=payment.method,
                        amount=most_minor,
                        given_at=terminal.at(),
                        payment_id=about,
                    )
                )
        return tuple(found)


def _bills(desk: SyncDesk) -> list[OperationRow]:
    """The bills in cash that wait for a person."""
    held = [one for one in desk.operations("attention") if one.needs_person and one.carries_money]
    return [one for one in held if _is_in_cash(one.parts)]


def _is_in_cash(parts: tuple[Part, ...]) -> bool:
    """Whether these are the payments of a bill, all of them in cash: what a card paid goes back to the card."""
    return bool(parts) and all(isinstance(one, NewPayment) and one.method is Method.CASH for one in parts)


def _paid_orders(tx: Connection) -> list[Order]:
    """Those that a card paid come first: they are fewer."""
    rows = tx.execute("SELECT body FROM server_order WHERE state = 'CLOSED' ORDER BY id").fetchall()
    found = [Order.model_validate_json(bytes(body)) for (body,) in rows]  # type: ignore[arg-type]
    return sorted(found, key=lambda one: all(payment.method is Method.CASH for payment in one.payments))
