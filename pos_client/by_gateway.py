"""What the pay screen asks of a guest by card or mobile money, and the newest that was asked for its order."""

from pos_client import gateway_words
from pos_client.gateway_words import Said
from pos_client.session import Intention, Session
from shared.domain.bill import Method
from shared.domain.by_gateway import PayByGateway
from shared.ids import LineId, OperationId, OrderId
from shared.terminal import CardPayment, OrderView, Terminal


class ByGateway:
    """One order's card payments as its screen has them. Only one can run at a time, and cash waits for its end."""

    def __init__(self, terminal: Terminal, session: Session, intention: type[Intention]) -> None:
        self._terminal, self._session = terminal, session
        self._intention = intention(terminal)
        self._asked_id = ""
        self.payment: CardPayment | None = None
        self.method = Method.CASH
        self.takes_cash_anyway = False
        """The person was told that a payment which they cancelled may still be charged, and takes cash."""

    def open_order(self) -> None:
        """Another bill: it begins with cash."""
        self.method, self.payment, self._asked_id, self.takes_cash_anyway = Method.CASH, None, "", False

    def read(self, view: OrderView) -> None:
        """How far it is now. What runs was chosen, also by who was here before a restart."""
        before, self.payment = self.payment, self._terminal.cards.payment(view.id)
        found = self.payment
        if found is not None and found.wish.id == self._asked_id:
            self._asked_id = ""
        if self.is_running and found is not None and not self.takes_cash_anyway:
            self.method = found.method
        elif before is not None and found is not None and before.state.is_waiting and not found.state.is_waiting:
            self.method, self.takes_cash_anyway = Method.CASH, False
        newest = "" if found is None else found.id
        self._intention.shown((view.id, view.owed_ids, view.totals.total_minor, self.method, newest))

    @property
    def is_asking(self) -> bool:
        """Whether it was tapped and is not on the disk yet."""
        return bool(self._asked_id)

    @property
    def is_running(self) -> bool:
        """Whether the guest may be paying just now: nobody else may take the same."""
        return self.is_asking or (self.payment is not None and self.payment.state.is_waiting)

    @property
    def has_paid(self) -> bool:
        """Whether the guest has paid by card or mobile money."""
        return self.payment is not None and self.payment.state.is_paid

    @property
    def is_cancelling(self) -> bool:
        """Whether it was cancelled, and the server has not said what became of it."""
        return self.payment is not None and self.payment.state.is_waiting and self.payment.cancel is not None

    @property
    def can_cancel(self) -> bool:
        """Whether somebody may still say that nobody waits for it."""
        return self.payment is not None and self.payment.state.is_waiting and self.payment.cancel is None

    def progress(self) -> Said:
        """How far it is, in words."""
        if self.payment is not None and self.payment.state.is_waiting:
            is_up = self._terminal.link().state.is_up
            return gateway_words.running(self.payment, now_ms=self._terminal.now_ms(), is_up=is_up)
        return gateway_words.to_ask(self.method, is_asking=self.is_asking)

    def said(self, view: OrderView, *, is_typing: bool) -> Said:
        """What a payment came to, until cash is typed; else whether a guest could be asked, and why not."""
        if self.is_running:
            return gateway_words.CASH_ANYWAY if self.takes_cash_anyway else gateway_words.ONE_AT_A_TIME
        ended = None if self.payment is None else gateway_words.ended(self.payment)
        if ended is not None and self.method is Method.CASH and not is_typing:
            return ended
        is_up = self._terminal.link().state.is_up
        return gateway_words.why_not(self._terminal.cards.why_not(), gateway_words.waits_for(view), is_up=is_up)

    def can_take(self, view: OrderView) -> bool:
        """Whether a guest could be asked now."""
        return not self._terminal.cards.why_not() and not gateway_words.waits_for(view) and bool(view.owed_ids)

    def choose(self, method: Method) -> None:
        """How the guest wants to pay; what runs is not changed by it."""
        if not self.is_running:
            self.method = method

    def ask(self, view: OrderView) -> None:
        """Ask the guest. However often it is tapped on one showing of the bill, it is one payment."""
        if self.is_running or self.method is Method.CASH or not self.can_take(view):
            return
        self._asked_id = self._intention.id
        self._terminal.cards.ask(
            PayByGateway(
                id=OperationId(self._asked_id),
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=OrderId(view.id),
                line_ids=tuple(LineId(line_id) for line_id in view.owed_ids),
                total_minor=view.totals.total_minor,
                method=self.method,
            )
        )

    def was_refused(self, intent_id: str) -> bool:
        """Whether a refusal is about what was asked here; then it is asked no more."""
        if intent_id != self._asked_id or not intent_id:
            return False
        self._asked_id, self.method = "", Method.CASH
        return True

    def cancel(self) -> None:
        """Stop asking the guest. Until its state says so, it may still be paid."""
        if self.payment is not None and self.payment.state.is_waiting:
            self._terminal.cards.cancel(self.payment, actor_id=self._session.actor_id)

    def take_cash_anyway(self) -> None:
        """Cash, although a payment that was cancelled has not been heard of."""
        self.method, self.takes_cash_anyway = Method.CASH, True
