"""The code with one part spoiled, each in a way that somebody once found reasonable."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from shared.store import entities, outbox
from shared.store.outcomes import Accepted, Deferred, Flight
from shared.sync import turns, verdicts
from shared.sync.actions import Take
from shared.sync.exchange import Answered, Exchange
from shared.sync.ledger import Ledger
from shared.sync.reads import Page
from shared.sync.turns import Begun, Landed, Turned
from shared.sync.verdicts import Verdict
from tests.simulation.devices import Code


class DequeuesFirst(Ledger):
    """Takes an operation out of the outbox when it is sent, not when it is answered."""

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        turned = await super().turn((), take)
        gone = Accepted(200, b"", (), None)
        for flight in turned.taken.flights if turned.taken is not None else ():
            await self._do(partial(outbox.settle, flight=flight, outcome=gone, now_ms=self.now_ms()))
        return turned


class ForgetsToReset(Ledger):
    """Leaves REPLAYING as it is at a start: what was on its way never goes again."""

    async def begin(self) -> Begun:
        return Begun(0, await self.cursor(), 0)


class CountsSilence(Ledger):
    """Counts a send that nobody answered as an attempt, and gives up after three."""

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        return await super().turn([self._blamed(each) for each in landed], take)

    def _blamed(self, landed: Landed) -> Landed:
        if isinstance(landed.outcome, Deferred) and landed.outcome.status is None:
            if landed.flight.attempts >= 2:
                return Landed(landed.flight, Accepted(200, b"", (), None))
            return Landed(landed.flight, replace(landed.outcome, counts=True))
        return landed


class CursorFirst(Ledger):
    """Stores the cursor of a page in one transaction and its rows in another that a kill may prevent."""

    pages = 0

    async def store_page(self, asked_from: str | None, page: Page) -> frozenset[str] | None:
        bare = replace(page, entities=())
        stored = await self._do(lambda tx: turns.store_page(tx, asked_from=asked_from, page=bare, now_ms=self.now_ms()))
        self.pages += 1
        if stored is None or self.pages % 7 == 0:  # the kill falls between the two now and then
            return stored
        return frozenset(await self._do(lambda tx: entities.put_all(tx, page.entities)))


def believes_everybody(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
    """Takes any 200 as the server's, also that of a portal."""
    if isinstance(answer, Answered) and answer.status == 200 and not answer.body.startswith(b"{"):
        return Accepted(200, answer.body, (), None)
    return verdicts.judge(flight, answer, link_up=link_up)


MUTANTS = (
    Code("dequeue before send", ledger=DequeuesFirst),
    Code("REPLAYING not reset", ledger=ForgetsToReset),
    Code("attempts counted while offline", ledger=CountsSilence),
    Code("rows and cursor in two transactions", ledger=CursorFirst),
    Code("acceptance without proof", judge=believes_everybody),
    Code("id made anew at a retry", renames=True),
)
