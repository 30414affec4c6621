"""Card and mobile money as a screen sees them: whether they can be taken now, and how far a payment is."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from shared.database import Connection, Writer
from shared.domain.by_gateway import PayByGateway
from shared.errors import EvertillError
from shared.store import card_payments
from shared.store.card_payments import CardBook, CardPayment
from shared.sync.actions import LinkView

log = logging.getLogger(__name__)

Refuse = Callable[[PayByGateway, str, str], None]
"""Told the intention that could not be stored, with title and advice."""


class CardDesk:
    """Reads are for the terminal's one reading thread; what a person begins is written by the writer's."""

    def __init__(
        self,
        reader: Connection,
        writer: Writer,
        book: CardBook,
        *,
        link: Callable[[], LinkView],
        now_ms: Callable[[], int],
        decided: Callable[[frozenset[str]], None],
        refuse: Refuse,
    ) -> None:
        """`decided` hears the ids after a commit and wakes the sync; `now_ms` tells the server's time."""
        self._reader, self._writer, self._book = reader, writer, book
        self._link, self._now_ms = link, now_ms
        self._decided, self._refuse = decided, refuse

    def why_not(self) -> str:
        """Why neither can be taken now, in words for the screen; empty when they can."""
        link = self._link()
        if not link.state.is_up:
            return "Card and mobile money need the server."
        return "" if link.takes_cards else "Card and mobile money are not set up here."

    def payment(self, order_id: str) -> CardPayment | None:
        """How far the newest payment of an order is; None when there was none on this till."""
        return card_payments.last_of(self._reader, order_id)

    def in_doubt(self) -> bool:
        """Whether there is a payment on this till of which nobody knows yet what becomes of it."""
        return bool(card_payments.open_ones(self._reader))

    def ask(self, intent: PayByGateway) -> None:
        """Ask the guest for it; never waits. What can't be asked for is refused in words; a second tap is the same."""
        work = partial(card_payments.begin, intent=intent, teller=self._book.teller, now_ms=self._now_ms())
        self._writer.submit(work).add_done_callback(partial(self._written, intent))

    def cancel(self, payment: CardPayment, *, actor_id: str) -> None:
        """Stop asking the guest; never waits. Until its state says so it may still be paid, and closes the bill."""
        work = partial(card_payments.cancel, payment_id=payment.id, actor_id=actor_id, now_ms=self._now_ms())
        self._writer.submit(work).add_done_callback(partial(self._written, payment.wish))

    def _written(self, intent: PayByGateway, future: Future[frozenset[str]]) -> None:
        """In the writer's thread, after the commit."""
        error = future.exception()
        if error is None:
            self._book.is_new = True
            self._decided(future.result())
        elif isinstance(error, EvertillError):
            self._refuse(intent, error.title, error.advice)
        else:
            log.error("a payment could not be saved", exc_info=error)
            self._refuse(intent, "This was not saved", "The program met a fault of its own. Take cash, or try again.")
