"""What may go together in one request: successive operations of one lane too, since the server keeps their order.

Inside a transaction of the writer that the caller opened, as everything of `outbox`.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

from shared.database import Connection
from shared.store import outbox
from shared.store.outcomes import Status, Taken
from shared.wire.batch import MAX_BATCH_BYTES
from shared.wire.requests import MONEY_KINDS

#: One alone goes as it always did.
FEWEST: Final = 2

_ONE: Final = f"{outbox.COLUMNS} FROM operation WHERE seq = ?"

_STANDING: Final = """
    SELECT l.seq, l.lane, o.status, o.not_before, o.attempts, length(o.body), o.kind
    FROM operation_lane AS l JOIN operation AS o ON o.seq = l.seq ORDER BY l.place, l.seq"""


def take(tx: Connection, *, most: int, now_ms: int) -> Taken | None:
    """Mark operations as REPLAYING that go in one request, in the order of their places; None if they are too few.

    One goes only if all before it in its lanes go before it in the same request. What failed before goes alone, so that
    poison spoils no other's request. What stands behind a close waits for its answer, which says what becomes of that.
    """
    chosen = list(_chosen(tx, most=most, now_ms=now_ms))
    if len(chosen) < FEWEST:
        return None
    rows = [row for seq in chosen for row in tx.execute(_ONE, (seq,))]
    return replace(outbox.hand_out(tx, rows, now_ms=now_ms), together=True)


def _chosen(tx: Connection, *, most: int, now_ms: int) -> Iterator[int]:
    held: set[str] = set()
    size = count = 0
    rows: Iterator[tuple[Any, ...]] = iter(tx.execute(_STANDING))
    for seq, of_one in groupby(rows, key=lambda row: row[0]):
        standing = list(of_one)
        lanes = {row[1] for row in standing}
        _, _, status, not_before, attempts, own, kind = standing[0]
        if status != Status.PENDING or not_before > now_ms or attempts or not held.isdisjoint(lanes):
            held |= lanes
            continue
        if count >= most or (count and size + own > MAX_BATCH_BYTES):
            return
        yield seq
        if kind in MONEY_KINDS:
            held |= lanes
        count, size = count + 1, size + own
