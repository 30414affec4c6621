"""The chores of a device while they are done: who goes for each, and what becomes of it when they are back."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, assert_never

from shared.clock import Clock
from shared.store.card_payments import CardBook
from shared.store.retention import Tidied
from shared.sync import agreement, cards, errands
from shared.sync.actions import Collect, FetchCatalog, Tidy
from shared.sync.chores import Chores
from shared.sync.errands import Fetched
from shared.sync.exchange import Transport
from shared.sync.ledger import Ledger, Told
from shared.sync.reads import Well
from shared.wire.payments import CAPABILITY

Chore = FetchCatalog | Tidy | Collect


class Housework:
    """Belongs to a replay and its loop."""

    def __init__(
        self, transport: Transport, ledger: Ledger, clock: Clock, *, chores: Chores, book: CardBook | None, told: Told
    ) -> None:
        """`book` is of the payments by card; a device without one takes none.

        `told` hears of each change as soon as it is in the file: whoever is on an errand may meet a mistake after it.
        """
        self._transport, self._ledger, self._clock = transport, ledger, clock
        self._chores = chores
        self._book = book
        self._told = told
        self.takes_cards = False
        self._server_ms = 0

    def heard(self, found: Well) -> None:
        """What the server said of itself at the last heartbeat."""
        self._server_ms = found.server_ms
        self.takes_cards = CAPABILITY in found.capabilities

    def woke(self) -> None:
        """Something was saved: perhaps a guest wants to pay by card."""
        if self._book is not None and self._book.is_new:
            self._book.is_new = False
            self._chores.woke()

    def errand(self, chore: Chore) -> Coroutine[Any, Any, Fetched | Tidied | bool]:
        """Somebody who goes for it."""
        match chore:
            case FetchCatalog():
                return errands.fetch(self._transport, self._ledger, told=self._told)
            case Tidy():
                return agreement.keep_house(
                    self._transport, self._ledger, self._time_ms(), can_agree=chore.agree, told=self._told
                )
            case Collect():
                assert self._book is not None, "only a till collects"
                return cards.collect(self._transport, self._ledger, self._book, told=self._told)
            case _:
                assert_never(chore)

    def _time_ms(self) -> int:
        """The server's time by its last heartbeat, but not ahead of what several have said.

        One odd heartbeat, or a step of this device's own clock, must not let a week of sales be forgotten.
        """
        return min(self._server_ms, self._ledger.now_ms())

    def done(self, chore: Chore, found: Fetched | Tidied | bool | BaseException) -> None:
        """They are back, or met a mistake: then another time will do."""
        now_s = self._clock.monotonic_s()
        match chore:
            case FetchCatalog():
                self._chores.fetched(now_s, whole=isinstance(found, Fetched) and found.whole)
            case Tidy():
                self._chores.tidied(now_s, has_more=isinstance(found, Tidied) and found.has_more)
            case Collect():
                self._chores.collected(now_s, is_open=found is not False)
            case _:
                assert_never(chore)
