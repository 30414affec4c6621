"""The chore of comparing: now and then a device names all that it did, and the server says what differs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from pydantic import ValidationError

from shared.ids import ShiftId
from shared.store import agreement
from shared.store.agreement import Page
from shared.store.retention import Tidied
from shared.sync.exchange import Answered, Transport
from shared.sync.ledger import Ledger, Told
from shared.times import to_rfc3339
from shared.wire.agreement import MAX_NAMED, AgreeAnswer, AgreeRequest, Named

PAGE: Final = 500


async def keep_house(
    transport: Transport, ledger: Ledger, server_ms: int, *, can_agree: bool, told: Told = lambda _: None
) -> Tidied:
    """Let the file forget what nobody needs, and when that is done compare with the server.

    `told` hears of each change when it is in the file, whatever comes of the rest.
    """
    tidied = await ledger.tidy(server_ms)
    told(tidied.changed)
    if can_agree and not tidied.has_more:
        told(await agree(transport, ledger, server_ms=server_ms))
        await agree_on_shifts(transport, ledger, server_ms=server_ms, told=told)
    return tidied


async def agree(transport: Transport, ledger: Ledger, *, server_ms: int) -> frozenset[str]:
    """Let the server compare, and store what it says. Returns what changed on screens.

    A server that does not answer, or is being healed, is asked another time: nothing is remembered then.
    """
    asked = await question(ledger, server_ms=server_ms)
    told = await _ask(transport, asked)
    return frozenset() if told is None else await ledger.ask(partial(agreement.store, told=told, now_ms=server_ms))


async def agree_on_shifts(transport: Transport, ledger: Ledger, *, server_ms: int, told: Told) -> None:
    """Let the server compare what was done in each shift that was closed since; `told` hears what is new on screens."""
    while (shift := await ledger.ask(agreement.shift_to_compare)) is not None:
        named = await _named(ledger, partial(agreement.page_of_shift, shift=shift, limit=PAGE))
        asked = AgreeRequest(
            seen=ledger.seen or "",
            since=to_rfc3339(server_ms),
            operations=tuple(named[-MAX_NAMED:]),
            shift_id=ShiftId(shift.shift_id),
            series=shift.series if len(named) <= MAX_NAMED else None,
        )
        found = await _ask(transport, asked)
        if found is None:
            break
        store = partial(agreement.store_of_shift, told=found, shift=shift, now_ms=server_ms)
        told(await ledger.ask(store))


async def _ask(transport: Transport, asked: AgreeRequest) -> AgreeAnswer | None:
    """What the server found; None if it did not answer, or not so that it can be read."""
    found = await transport.sync("agree", asked.to_json())
    if not isinstance(found, Answered) or found.status != 200:
        return None
    try:
        return AgreeAnswer.model_validate_json(found.body)
    except ValidationError:
        return None


async def question(ledger: Ledger, *, server_ms: int) -> AgreeRequest:
    """All that was done here since the last comparison, and a little before it."""
    since_ms = await ledger.ask(partial(agreement.since_ms, now_ms=server_ms))
    first_seq = await ledger.ask(partial(agreement.first_seq, since_ms=since_ms, now_ms=server_ms))
    named = await _named(ledger, partial(agreement.page, since_ms=since_ms, first_seq=first_seq, limit=PAGE))
    if len(named) > MAX_NAMED:
        named, first_seq = named[-MAX_NAMED:], None
        since_ms = server_ms  # what is not named is not asked for either
    return AgreeRequest(
        seen=ledger.seen or "", since=to_rfc3339(since_ms), first_seq=first_seq, operations=tuple(named)
    )


async def _named(ledger: Ledger, read: Callable[..., Page]) -> list[Named]:
    """All that these pages of the file name."""
    named: list[Named] = []
    while rows := (page := await ledger.ask(partial(read, after_seq=named[-1].seq if named else 0))).rows:
        named += page.named()
        if len(rows) < PAGE:
            break
    return named
