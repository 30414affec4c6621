"""The code with one part spoiled, each in a way that somebody once found reasonable.

`python -m tests.simulation.mutants --json FILE` plays each on the nights that the clean code passes, until one breaks.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.clock import SystemClock
from shared.database import Connection
from shared.domain.commands import Intent, PayCash, SendDraft
from shared.domain.intents import Numbers, Scene, expand, ids_of
from shared.ids import OperationId, derived_id
from shared.store import entities, outbox, scenes, taps
from shared.store.outcomes import Accepted, Deferred, Flight
from shared.sync import turns, verdicts
from shared.sync.actions import Take
from shared.sync.exchange import Answered, Exchange
from shared.sync.ledger import Ledger
from shared.sync.reads import Page
from shared.sync.turns import Begun, Landed, Turned
from shared.sync.verdicts import Verdict
from shared.wire.requests import order_lane
from tests.simulation.devices import Code
from tests.simulation.world import play


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
        return Begun(0, await self.cursor(), None, "", 0)


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


class OneLane(Ledger):
    """One queue for everything: what waits for its next try holds up all that came after it."""

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        first = await self._do(first_due_ms)
        if take is not None and first > self.now_ms():
            take = replace(take, limit=0)
        return await super().turn(landed, take)


def first_due_ms(tx: Connection) -> int:
    """When the oldest unsettled operation may go."""
    query = "SELECT not_before FROM operation WHERE status IN ('PENDING', 'REPLAYING') ORDER BY place, seq LIMIT 1"
    return int(tx.execute(query).get or 0)


class SecondIntentions:
    """Two taps on one button are two intentions, both on what the screen showed: names are made at the press."""

    def __init__(self) -> None:
        self._shown: dict[str, Scene] = {}

    def __call__(self, tx: Connection, intent: Intent, *, teller: taps.Teller, now_ms: int) -> frozenset[str]:
        if not isinstance(intent, SendDraft | PayCash):
            return taps.accept(tx, intent, teller=teller, now_ms=now_ms)
        if not any(outbox.knows(tx, one) for one in ids_of(intent)):
            self._shown[intent.id] = scenes.of_order(tx, intent.order_id, author_of=teller.author_of).scene
            return taps.accept(tx, intent, teller=teller, now_ms=now_ms)
        again = intent.model_copy(update={"id": OperationId(derived_id(intent.id, "again"))})
        numbers = Numbers(lambda: f"{teller.letter}-again", lambda: f"{teller.letter}-{again.id[-6:]}")
        author = teller.author_of(intent.actor_id)
        for operation in expand(again, self._shown[intent.id], author=author, numbers=numbers).operations:
            outbox.append(tx, operation, now_ms=now_ms)
        return frozenset({order_lane(intent.order_id)})


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
    Code("single lane", ledger=OneLane),
    Code("close without its lines", closes_all=True),
    Code("a second tap is a second intention", accept=SecondIntentions()),
)

BATCH_MUTANTS = (
    Code("batch goes on after a refusal in the lane", goes_on=True),
    Code("client settles by position without proof", by_position=True),
)
"""Those that are to be caught where operations travel together."""

NIGHTS = (0, 1, 2)
"""The seeds that the clean code passes and on which each mutant breaks a promise."""


def is_clean(code: Code, seed: int) -> bool:
    """Whether this code keeps its promises in the night of this seed."""
    with TemporaryDirectory() as folder:
        return play(seed, Path(folder) / "night", code=code, batches=code in BATCH_MUTANTS).is_clean


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 1 if a mutant is not caught, or if the clean code breaks one of the nights."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description=__doc__)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    clock = SystemClock()
    found: list[dict[str, object]] = []
    for mutant in (*MUTANTS, *BATCH_MUTANTS):
        began_s = clock.monotonic_s()
        caught = not all(is_clean(mutant, seed) for seed in NIGHTS)
        found.append({"name": mutant.name, "caught": caught, "seconds": round(clock.monotonic_s() - began_s, 1)})
    text = json.dumps(found, indent=2)
    sys.stdout.write(text + "\n")
    if asked.json is not None:
        asked.json.write_text(text + "\n", encoding="utf-8")
    return 0 if all(one["caught"] for one in found) and all(is_clean(Code(), seed) for seed in NIGHTS) else 1


if __name__ == "__main__":
    sys.exit(main())
