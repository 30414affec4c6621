"""The errand that lasts: listens to the server's stream of changes and stores what it says, until it is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.sync import reads
from shared.sync.errands import Kind, Stored
from shared.sync.exchange import Event, Exchange, Transport
from shared.sync.frames import Frames, Moved, Over
from shared.sync.ledger import Ledger
from shared.sync.verdicts import NoAnswer
from shared.wire.events import DEAD_AFTER_S

#: So many events wait for the disk at most; then the line waits, and the server with it.
MOST_EVENTS: Final = 200

Said = asyncio.Queue[Event | Exchange]


async def listen(
    transport: Transport,
    ledger: Ledger,
    kind: Kind,
    *,
    heard: Callable[[Stored], None],
    dead_after_s: float = DEAD_AFTER_S,
) -> Over:
    """Listen from the stored cursor on. `heard` is called with what is in the file, first when the stream has begun.

    Returns why it is over. What was heard and not stored is told again next time.
    """
    asked = await ledger.cursor()
    frames = Frames(asked, Order if kind == "pos" else Ticket)
    said: Said = asyncio.Queue(MOST_EVENTS)
    reading = asyncio.create_task(_read(transport, asked, said))
    try:
        while True:
            try:
                async with asyncio.timeout(dead_after_s):
                    event = await said.get()
            except TimeoutError:
                if reading.done():
                    reading.result()  # raises what it met
                return NoAnswer("The stream of changes is silent.")
            over = _hear(frames, said, event)
            if frames.due:  # also what came whole before the stream broke
                moved = await _store(frames, ledger, heard)
                over = over or moved
            if over is not None:
                return over
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(transport: Transport, asked: str | None, said: Said) -> None:
    async with aclosing(transport.listen(asked)) as events:
        async for event in events:
            await said.put(event)


def _hear(frames: Frames, said: Said, event: Event | Exchange) -> Over | None:
    """This event and all that came with it."""
    while isinstance(event, Event):
        over = frames.hear(event)
        if over is not None or said.empty():
            return over
        event = said.get_nowait()
    return reads.not_read(event)


async def _store(frames: Frames, ledger: Ledger, heard: Callable[[Stored], None]) -> Moved | None:
    """Rows and cursor together, and only behind the cursor that they follow."""
    page = frames.take()
    if page is None:
        heard(Stored(frozenset(), frames.stored or None, has_more=False, missed=frames.missed))
        return None
    changed = await ledger.store_page(frames.stored or None, page)
    if changed is None:
        return Moved()
    frames.keep(page)
    heard(Stored(changed, page.cursor, has_more=False, unreadable=page.unreadable, missed=frames.missed))
    return None
