"""The client with one part spoiled, each in a way that somebody once found reasonable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from shared.database import Connection
from shared.domain.commands import Intent, PayCash, SendDraft
from shared.domain.intents import Numbers, Scene, expand, ids_of
from shared.domain.payment_intent import IntentState
from shared.ids import OperationId, derived_id
from shared.store import alerts, card_payments, entities, mending, outbox, scenes, taps
from shared.store.outcomes import Accepted, Deferred, Failed, FailReason, Flight
from shared.sync import turns, verdicts
from shared.sync.actions import Take
from shared.sync.exchange import Answered, Exchange
from shared.sync.ledger import Ledger
from shared.sync.reads import Page
from shared.sync.turns import Begun, Landed, Turned
from shared.sync.verdicts import Verdict
from shared.wire.requests import order_lane


def believes_the_cancel(tx: Connection, payment_id: str, *, actor_id: str, now_ms: int) -> frozenset[str]:
    """A payment is over when somebody taps *Cancel*: the guest may have typed the PIN meanwhile."""
    changed = card_payments.cancel(tx, payment_id, actor_id=actor_id, now_ms=now_ms)
    tx.execute(
        "UPDATE payment_intent SET state = ?, settled_at = ? WHERE id = ? AND settled_at IS NULL",
        (IntentState.EXPIRED, now_ms, payment_id),
    )
    return changed


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
        return Begun(0, await self.cursor(), None, history="", clock_offset_ms=0)


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


class GivesUp(Ledger):
    """Lets an operation go after three tries, whatever came of them."""

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        gone = Accepted(200, b"", (), None)
        tired = [
            Landed(one.flight, gone) if isinstance(one.outcome, Deferred) and one.flight.sends >= 3 else one
            for one in landed
        ]
        return await super().turn(tired, take)


class LetsDependantsRun(Ledger):
    """A conflict is the end of one operation; what was made on top of it goes all the same."""

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        alone: set[str] = set()
        for one in landed:
            if isinstance(one.outcome, Failed) and one.outcome.reason is FailReason.CONFLICT:
                alone |= await self._do(partial(fail_alone, one=one, now_ms=self.now_ms()))
        turned = await super().turn([one for one in landed if one.flight.id not in alone], take)
        return replace(turned, changed=turned.changed | alone)


def fail_alone(tx: Connection, *, one: Landed, now_ms: int) -> set[str]:
    """What `outbox.settle` does with a conflict, but for what depends on it."""
    assert isinstance(one.outcome, Failed)
    entities.put_all(tx, one.outcome.entities)
    outbox.fail(tx, one.flight.seq, one.outcome, now_ms=now_ms)
    alerts.raise_failed(tx, one.flight, one.outcome, now_ms=now_ms)
    return {one.flight.id}


class ProbesTheOldest(Ledger):
    """While the server answers nothing but errors the oldest operation is the probe, however often it failed."""

    async def turn(self, landed: Sequence[Landed], take: Take | None) -> Turned:
        return await super().turn(landed, None if take is None else replace(take, probe=False))


def accept_in_one_layer(tx: Connection, intent: Intent, *, teller: taps.Teller, now_ms: int) -> frozenset[str]:
    """What the server said and what was tapped are one row: a tap writes what it foresees over the server's word."""
    changed = taps.accept(tx, intent, teller=teller, now_ms=now_ms)
    for lane in changed:
        name, _, entity_id = lane.partition(":")
        if name == "order":
            order = scenes.of_order(tx, entity_id, author_of=teller.author_of).scene.order
            entities.put_all(tx, () if order is None else (order,))
    return changed


def retry_at_the_end(tx: Connection, operation_id: str, *, new_id: str, actor_id: str, now_ms: int) -> frozenset[str]:
    """What is mended stands behind all that was tapped meanwhile."""
    changed = mending.retry(tx, operation_id, new_id=new_id, actor_id=actor_id, now_ms=now_ms)
    tx.execute("UPDATE operation SET place = seq WHERE id = ?", (new_id,))
    tx.execute("UPDATE operation_lane SET place = seq WHERE seq = (SELECT seq FROM operation WHERE id = ?)", (new_id,))
    return changed
