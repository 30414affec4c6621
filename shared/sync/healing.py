"""A device's part in healing: it tells a restored server what that lost, waits for the others, and begins anew.

Nothing of it is kept between two tries but what stands in the file anyway: the server says what it lacks, so a report
that was broken off goes on where it was, and one that was whole is not told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from pydantic import ValidationError

from shared.domain.model import Model
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.ids import OperationId, OrderId
from shared.store import retained
from shared.sync import reads
from shared.sync.exchange import Answered, Transport
from shared.sync.ledger import Ledger
from shared.sync.reads import NotRead, Page
from shared.sync.verdicts import OTHER_BRANCH, NoAnswer
from shared.wire.healing import MAX_IDS, HealAnswer, HealRequest, KnownAnswer, KnownRequest, Phase, Retained

M = TypeVar("M", bound=Model)

#: A page of a report is no larger than about this, unless it is one operation alone.
PAGE_BYTES: Final = 1024 * 1024
#: However much there is to do again, a server that says so for ever is asked again later.
MOST_STEPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Anew:
    """The file stands on the healed history: what changed in it, and where it is now."""

    changed: frozenset[str]
    cursor: str | None
    unreadable: int


async def heal(transport: Transport, ledger: Ledger, *, is_till: bool) -> Anew | HealAnswer | NotRead:
    """Go as far as it goes now: report, and when the server is through, fetch everything anew.

    A `HealAnswer` says who is waited for. Each step may be the last before a crash of either side.
    """
    standing = await ledger.ask(retained.standing)
    said = HealRequest(seen=ledger.seen or "", history=ledger.history, healed=standing.healed)
    told = await _ask(transport, "heal", asked=said, answer=HealAnswer)
    if isinstance(told, HealAnswer) and told.phase is not Phase.NONE and not told.is_reported:
        stopped = await _report(transport, ledger, said, healing=told.healing)
        if stopped is not None:
            return stopped
        versions = {OrderId(order_id): version for order_id, version in standing.base_versions.items()}
        whole = said.model_copy(update={"is_whole": True, "base_versions": versions})
        told = await _ask(transport, "heal", asked=whole, answer=HealAnswer)
    for _ in range(MOST_STEPS):
        if not isinstance(told, HealAnswer) or told.phase is not Phase.APPLYING:
            break
        told = await _ask(transport, "heal", asked=said, answer=HealAnswer)
    if isinstance(told, HealAnswer) and told.phase is Phase.DONE and told.is_reported:
        return await _begin_anew(transport, ledger, healed=told.healing, is_till=is_till)
    return told


async def is_known(transport: Transport, ledger: Ledger, operation_id: str) -> bool | None:
    """Whether the server has done this operation, or will do it again after a restore; None if it can't be asked."""
    wanted = KnownRequest(ids=(OperationId(operation_id),), history=ledger.history)
    found = await _ask(transport, "known", asked=wanted, answer=KnownAnswer)
    if not isinstance(found, KnownAnswer):
        return None
    return found.known.get(OperationId(operation_id), 400) < 400 or operation_id in found.reported


async def _report(transport: Transport, ledger: Ledger, said: HealRequest, *, healing: str) -> NotRead | None:
    """Tell what the server lacks of what was accepted here. None when all is told, else what stopped it."""
    after_seq = 0
    while page := await ledger.ask(partial(retained.page, after_seq=after_seq, limit=MAX_IDS)):
        after_seq = page[-1].seq
        wanted = KnownRequest(ids=tuple(one.id for one in page), history=ledger.history)
        found = await _ask(transport, "known", asked=wanted, answer=KnownAnswer)
        if not isinstance(found, KnownAnswer):
            return found
        lacking = (one for one in page if one.id not in found.known and one.id not in found.reported)
        for part in _parts(lacking):
            piece = said.model_copy(update={"operations": part})
            told = await _ask(transport, "heal", asked=piece, answer=HealAnswer)
            if not isinstance(told, HealAnswer):
                return told
            if told.healing != healing:
                return NoAnswer("The server was restored once more while it was told what it lost.")
    return None


def _parts(operations: Iterable[Retained]) -> Iterator[tuple[Retained, ...]]:
    """The operations in their order, in pieces that a server takes."""
    part: list[Retained] = []
    size = 0
    for one in operations:
        own = len(one.body) + len(one.answer)
        if part and size + own > PAGE_BYTES:
            yield tuple(part)
            part, size = [], 0
        part.append(one)
        size += own
    if part:
        yield tuple(part)


async def _begin_anew(transport: Transport, ledger: Ledger, *, healed: str, is_till: bool) -> Anew | NotRead:
    """Fetch everything, and put it in the place of what was there in one transaction: no screen is ever empty.

    Where a server never comes to an end nothing is put anywhere, and the device says on that the server lost history.
    """
    rows: list[Order | Ticket] = []
    cursor: str | None = None
    unreadable = 0
    for _ in range(reads.MOST_WHOLE_PAGES):
        if is_till:
            page = reads.read_orders(await transport.pull_orders(cursor))
        else:
            page = reads.read_tickets(await transport.pull_tickets(cursor))
        if not isinstance(page, Page):
            return page
        if ledger.is_of_other(page.history):
            return OTHER_BRANCH
        rows += page.entities
        unreadable += page.unreadable
        if not page.has_more:
            at = page.cursor or cursor or ""
            changed = await ledger.begin_anew(healed, rows, cursor=at, history=page.history)
            return Anew(changed, page.cursor or cursor, unreadable)
        if page.cursor in ("", cursor):
            break
        cursor = page.cursor
    return NoAnswer("The server lists more than was read.")


async def _ask(transport: Transport, name: str, *, asked: Model, answer: type[M]) -> M | NotRead:
    """One question, and the answer if it is what it should be."""
    found = await transport.sync(name, asked.to_json())
    if isinstance(found, Answered) and found.status == 200:
        try:
            return answer.model_validate_json(found.body)
        except ValidationError:
            return NoAnswer(f"What came as an answer to {name} can't be read.")
    return reads.not_read(found)
