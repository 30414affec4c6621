"""The chore of comparing: now and then a device names all that it did, and the server says what differs."""

from __future__ import annotations

from functools import partial
from typing import Final

from pydantic import ValidationError

from shared.store import agreement
from shared.store.agreement import Page
from shared.store.retention import Tidied
from shared.sync.exchange import Answered, Transport
from shared.sync.ledger import Ledger
from shared.times import to_rfc3339
from shared.wire.agreement import MAX_NAMED, AgreeAnswer, AgreeRequest, Named

PAGE: Final = 500


async def keep_house(transport: Transport, ledger: Ledger, server_ms: int, *, can_agree: bool) -> Tidied:
    """Let the file forget what nobody needs, and when that is done compare with the server."""
    tidied = await ledger.tidy(server_ms)
    if can_agree and not tidied.has_more:
        changed = await agree(transport, ledger, server_ms=server_ms)
        tidied = Tidied(tidied.changed | changed, tidied.rows, tidied.has_more)
    return tidied


async def agree(transport: Transport, ledger: Ledger, *, server_ms: int) -> frozenset[str]:
    """Let the server compare, and store what it says. Returns what changed on screens.

    A server that does not answer, or is being healed, is asked another time: nothing is remembered then.
    """
    asked = await question(ledger, server_ms=server_ms)
    found = await transport.sync("agree", asked.to_json())
    if not isinstance(found, Answered) or found.status != 200:
        return frozenset()
    try:
        told = AgreeAnswer.model_validate_json(found.body)
    except ValidationError:
        return frozenset()
    return await ledger.ask(partial(agreement.store, told=told, now_ms=server_ms))


async def question(ledger: Ledger, *, server_ms: int) -> AgreeRequest:
    """All that was done here since the last comparison, and a little before it."""
    since_ms = await ledger.ask(partial(agreement.since_ms, now_ms=server_ms))
    first_seq = await ledger.ask(partial(agreement.first_seq, since_ms=since_ms, now_ms=server_ms))
    named: list[Named] = []
    while page := await _next(ledger, since_ms=since_ms, first_seq=first_seq, after_seq=_last(named)):
        named += page.named()
    if len(named) > MAX_NAMED:
        named, first_seq = named[-MAX_NAMED:], None
        since_ms = server_ms  # what is not named is not asked for either
    return AgreeRequest(
        seen=ledger.seen or "", since=to_rfc3339(since_ms), first_seq=first_seq, operations=tuple(named)
    )


async def _next(ledger: Ledger, *, since_ms: int, first_seq: int | None, after_seq: int) -> Page | None:
    """The next page of the file; None behind the last one."""
    read = partial(agreement.page, since_ms=since_ms, first_seq=first_seq, after_seq=after_seq, limit=PAGE)
    page = await ledger.ask(read)
    return page if page.rows else None


def _last(named: list[Named]) -> int:
    return named[-1].seq if named else 0
