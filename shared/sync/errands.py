"""The worker's errands: one question to the server each, brought back judged, or as what was stored of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal, Protocol, TypeAlias

from shared.clock import Clock
from shared.domain.closing import follow_up_id
from shared.domain.command import OrderCommand
from shared.domain.order import Order
from shared.ids import OrderId
from shared.store import entities
from shared.store.house_alerts import NAME
from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync import healing, house_alerts, reads, verdicts
from shared.sync.actions import Cause
from shared.sync.evidence import Evidence
from shared.sync.exchange import Exchange, TimedOut, Transport
from shared.sync.ledger import Ledger, Told
from shared.sync.reads import NotRead, Page, Part, Unchanged, Well
from shared.sync.verdicts import CheckEntity, Later, NoAnswer, Paused, Shown, Verdict
from shared.wire.requests import MARK_KINDS, MONEY_KINDS, SHAPES, order_lane, ticket_lane

Kind: TypeAlias = Literal["pos", "kds"]

#: Where one ticket is looked for among all, so many pages are read at most.
MOST_PAGES: Final = 20


class Judge(Protocol):
    """What an answer means for what was sent: `verdicts.judge`, or a test's spoiled copy of it."""

    def __call__(self, flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
        """The verdict on one answer."""
        ...


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a heartbeat brought, when it was sent (monotonic), how long it took, and when it came by our wall clock."""

    found: Well | Cause
    sent_s: float
    round_trip_s: float
    received_ms: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A page that is in the file, and the cursor that is there now; `has_more`: the next is to be asked for."""

    changed: frozenset[str]
    cursor: str | None
    has_more: bool
    unreadable: int = 0
    missed: str = ""
    """From a stream: the server's head, where the stream did not bring what leads to it."""
    whole: bool = True
    """Whether all came, where everything was asked for."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What of the catalogue was new and is stored; `whole` if no part failed."""

    new: frozenset[str]
    whole: bool


async def send(
    transport: Transport, flight: Flight, *, seen: str | None, judge: Judge, evidence: Evidence, clock: Clock
) -> Verdict:
    """Send an operation and judge the answer."""
    sent_s = clock.monotonic_s()
    answer = await transport.send(flight, seen=seen)
    return await judged(transport, flight, answer, sent_s=sent_s, judge=judge, evidence=evidence)


def judged_at_once(
    flight: Flight, answer: Exchange, *, sent_s: float, judge: Judge, evidence: Evidence
) -> Verdict | None:
    """As `judged`, where nothing more has to be asked: of an acceptance that shows what it made of it. Else None."""
    verdict = judge(flight, answer, link_up=evidence.link_up())
    if not isinstance(verdict, Accepted) or not verdict.entities or flight.kind in MONEY_KINDS:
        return None
    evidence.answered(sent_s)
    return verdict


async def judged(
    transport: Transport, flight: Flight, answer: Exchange, *, sent_s: float, judge: Judge, evidence: Evidence
) -> Verdict:
    """What an answer says of an operation, by what is known of the server when it is there.

    What failed ten times goes to a person only if the server is well otherwise: another operation passed meanwhile, or
    it says now that it is ready.
    """
    verdict = judge(flight, answer, link_up=evidence.link_up())
    if isinstance(verdict, CheckEntity):
        if shown := await _show(transport, flight):
            verdict = verdicts.judge_entity(flight, shown, link_up=evidence.link_up())
        else:
            verdict = verdicts.judge_unasked(flight, verdict, link_up=evidence.link_up())
    elif isinstance(verdict, Accepted) and not verdict.entities and (shown := await _show(transport, flight)):
        verdict = verdicts.shown_with(verdict, shown, flight)
    if isinstance(verdict, Accepted) and flight.kind in MONEY_KINDS:
        verdict = await _with_left_over(transport, flight, verdicts.with_surplus(verdict, flight))
    if isinstance(answer, TimedOut) and isinstance(verdict, NoAnswer) and evidence.overtaken(sent_s):
        verdict = verdicts.overtaken(flight, link_up=evidence.link_up())
    if not isinstance(verdict, NoAnswer):
        evidence.answered(sent_s)
    if isinstance(verdict, Failed) and verdict.reason is FailReason.EXHAUSTED and not evidence.others_pass(flight.id):
        ready = reads.read_beat(await transport.ready())
        return verdict if isinstance(ready, Well) else verdicts.not_yet(verdict)
    return verdict


async def beat(transport: Transport, ledger: Ledger, clock: Clock) -> Heartbeat:
    """Ask for the server's health. One of another branch is no server of ours, however well it is."""
    sent_s = clock.monotonic_s()
    found = reads.read_beat(await transport.beat())
    if isinstance(found, Well) and ledger.is_of_other(found.history):
        found = Cause.OTHER_BRANCH
    return Heartbeat(found, sent_s, clock.monotonic_s() - sent_s, clock.now_ms())


async def pull(
    transport: Transport, ledger: Ledger, kind: Kind, *, told: Told = lambda _: None, whole: bool = False
) -> Stored | NotRead:
    """Ask for what changed after the stored cursor, orders for a till and tickets for the kitchen, and store it.

    `whole`: before that ask for everything, and mend what is missing here although the cursor is past it. `told` hears
    at once what is in the file already, whatever comes of the rest.
    A server that lost history is told what it lost; when that is healed, everything is fetched anew.
    If the stored cursor moved meanwhile (the kitchen's cache was cleared), nothing is stored and it is asked again.
    What was open before the question and is not in a plain server's open set was closed or bumped elsewhere.
    """
    mended = not whole or await _mend(transport, ledger, kind, told=told)
    asked = await ledger.cursor()
    open_before = frozenset() if asked is not None else await ledger.ask(entities.open_lanes)
    page = await _page(transport, ledger, kind, cursor=asked)
    is_lost = isinstance(page, Paused) and page.cause is Cause.HISTORY_LOST
    if (is_lost or isinstance(page, Page)) and ledger.hears_two_servers(is_lost=is_lost):
        return Paused(Cause.TWO_SERVERS, 409, "Two servers answer under one name in turn.")
    if is_lost:
        healed = await healing.heal(transport, ledger, is_till=kind == "pos")
        if isinstance(healed, healing.Anew):
            return Stored(healed.changed, healed.cursor, has_more=False, unreadable=healed.unreadable)
        if isinstance(healed, Later | Paused):
            return healed
    if not isinstance(page, Page):
        return page
    if page.day not in ("", ledger.day):
        await _mend(transport, ledger, kind, told=told)
    changed = await ledger.store_page(asked, page)
    if changed is None:
        return Stored(frozenset(), await ledger.cursor(), has_more=True, whole=mended)
    if page.is_open_set and open_before:
        told(changed)
        listed = {order_lane(one.id) if isinstance(one, Order) else ticket_lane(one.id) for one in page.entities}
        own = "order:" if kind == "pos" else "ticket:"
        gone = [lane for lane in open_before - listed if lane.startswith(own)]
        changed |= await ledger.ask(partial(entities.forget_gone, lanes=gone))
    cursor = page.cursor or asked
    has_more = page.has_more and cursor != asked
    return Stored(changed, cursor, has_more=has_more, unreadable=page.unreadable, whole=mended)


async def _mend(transport: Transport, ledger: Ledger, kind: Kind, *, told: Told) -> bool:
    """Read what a new device would be told, and store what is newer than what is here; False if not all came.

    Where all of it came and can be read, and a business day was ended, what is not on it leaves the kitchen's cache.
    """
    cursor: str | None = None
    listed: list[str] = []
    day, unreadable = "", 0
    for _ in range(reads.MOST_WHOLE_PAGES):
        page = await _page(transport, ledger, kind, cursor=cursor)
        if not isinstance(page, Page):
            return False
        told(await ledger.store_whole(page))
        listed += [str(one.id) for one in page.entities]
        day, unreadable = day or page.day, unreadable + page.unreadable
        if day and not unreadable and not page.has_more:
            told(await ledger.ask(partial(entities.end_day, day=day, listed=listed)))
            ledger.day = day
        if not page.has_more or page.cursor in ("", cursor):
            return not page.has_more
        cursor = page.cursor
    return False


async def _page(transport: Transport, ledger: Ledger, kind: Kind, *, cursor: str | None) -> Page | NotRead:
    page: Page | NotRead
    if kind == "pos":
        page = reads.read_orders(await transport.pull_orders(cursor, seen=ledger.seen))
    else:
        page = reads.read_tickets(await transport.pull_tickets(cursor, seen=ledger.seen))
    return verdicts.OTHER_BRANCH if isinstance(page, Page) and ledger.is_of_other(page.history) else page


async def fetch(transport: Transport, ledger: Ledger, *, told: Told = lambda _: None) -> Fetched:
    """Ask for every part of the catalogue that has changed since it was stored, and store what is new.

    A menu without a dish and a list without a person replace none: nobody could sell by them, or log in. `told` hears
    of each thing when it is in the file.
    """
    tags = await ledger.tags()
    parts: dict[str, Part] = {}
    whole = True
    for name in reads.CATALOG:
        found = reads.read_part(name, await transport.catalogue(name, etag=tags.get(name)))
        if isinstance(found, Part) and found.etag != tags.get(name) and not (found.is_empty and name in tags):
            parts[name] = found
        whole = whole and isinstance(found, Part | Unchanged)
    await ledger.store_parts(parts)
    told(frozenset({"catalog"} if parts else ()))
    has_alerts = await house_alerts.fetch(transport, ledger, actor_id=tags.get(NAME))
    told(frozenset({"alerts"} if has_alerts else ()))
    return Fetched(frozenset(parts), whole)


async def _with_left_over(transport: Transport, flight: Flight, accepted: Accepted) -> Accepted:
    """A close that left lines over, with the order that took them, where the answer does not bring it.

    Without it those lines would be on no screen until the next pull.
    """
    late_id = follow_up_id(OrderId(flight.entity_id))
    shown = {one.id: one for one in accepted.entities if isinstance(one, Order)}
    paid = shown.get(OrderId(flight.entity_id))
    if paid is None or late_id in shown or all(line.moved_to != late_id for line in paid.lines):
        return accepted
    late = reads.read_order(await transport.get_order(late_id), late_id)
    if not isinstance(late, Shown) or late.entity is None:
        return accepted
    return replace(accepted, entities=(*accepted.entities, late.entity))


async def _show(transport: Transport, flight: Flight) -> Shown | NotRead | None:
    """The order or ticket of a flight as the server has it. The contract has no question for one ticket.

    None where it has no question at all: for a shift, who is at work, the end of a day, a card or an alert.
    """
    if issubclass(SHAPES[flight.kind].model, OrderCommand):
        return reads.read_order(await transport.get_order(flight.entity_id), flight.entity_id)
    if flight.kind not in MARK_KINDS:
        return None
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = reads.read_tickets(await transport.pull_tickets(cursor))
        if not isinstance(page, Page):
            return page
        for ticket in page.entities:
            if ticket.id == flight.entity_id:
                return Shown(ticket, 200, ticket.to_json(), page.cursor)
        if not page.has_more or page.cursor == cursor:
            return Shown(None, 200, b"", page.cursor)
        cursor = page.cursor
    return NoAnswer("The server lists more tickets than were read.")
