"""What may go together in one request: successive operations of one lane too, since the server keeps their order.

Inside a transaction of the writer that the caller opened, as everything of `outbox`.
"""

from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Final

from shared.database import Connection
from shared.store import outbox
from shared.store.outcomes import Status, Taken
from shared.wire.batch import FEWEST, MAX_BATCH_BYTES
from shared.wire.requests import MONEY_KINDS, Kind

#: Everything that stands in a lane, in its order, a row for each lane, read only as far as is asked for. What got no
#: answer has been sent, and has no status.
_STANDING: Final = " UNION ALL ".join(
    f"""
    SELECT o.seq, l.lane, o.status, o.not_before, o.attempts OR o.sends AND o.last_status IS NULL, length(o.body),
        o.kind, o.place
    FROM operation AS o CROSS JOIN operation_lane AS l ON l.seq = o.seq WHERE {of_these}"""  # noqa: S608 - constants
    for of_these in ("o.status IN ('PENDING', 'REPLAYING')", "o.status = 'FAILED'")
)
_IN_ORDER: Final = f"{_STANDING} ORDER BY 8, 1"


@dataclass(slots=True)
class _Choice:
    """Who goes: `together` in one request, `alone` in one each. Lanes that are `taken` have somebody before us."""

    most: int
    most_alone: int
    now_ms: int
    together: list[int] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    size: int = 0
    taken: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    is_full: bool = False

    def look_at(self, standing: list[tuple[Any, ...]]) -> None:
        """The next operation by its place, one row for each lane in which it stands."""
        lanes = {row[1] for row in standing}
        seq, _, status, not_before, goes_alone, size, kind, _ = standing[0]
        waits = status != Status.PENDING or not_before > self.now_ms or (kind == Kind.CLOSE_SHIFT and bool(self.taken))
        if waits or goes_alone or not self.held.isdisjoint(lanes):
            if goes_alone and not waits and len(self.alone) < self.most_alone and self.taken.isdisjoint(lanes):
                self.alone.append(seq)
            self.held |= lanes
        elif self.together and (len(self.together) >= self.most or self.size + size > MAX_BATCH_BYTES):
            self.is_full = True
        else:
            self.together.append(seq)
            self.size += size
            if kind in MONEY_KINDS:
                self.held |= lanes
        self.taken |= lanes


def take(tx: Connection, *, most: int, alone: int, now_ms: int) -> Taken | None:
    """Mark operations as REPLAYING that go in one request, in the order of their places; None if they are too few.

    One goes only if all before it in its lanes go before it in the same request. What failed before, or got no answer,
    goes alone, so that poison spoils no other's request; up to `alone` of those that are first in their lanes go beside
    it. What stands behind a close waits for its answer, which says what becomes of that. The end of a shift goes when
    nothing before it is unsettled.
    """
    choice = _Choice(most, alone, now_ms)
    for _, of_one in groupby(tx.execute(_IN_ORDER), key=lambda row: row[0]):
        choice.look_at(list(of_one))
        if choice.is_full:
            break
    if len(choice.together) < FEWEST:
        return None
    seqs = choice.together + choice.alone
    is_full = choice.is_full and len(seqs) > alone
    taken = outbox.full_hand(tx, seqs) if is_full else outbox.hand_out(tx, seqs, now_ms=now_ms)
    return replace(taken, together=len(choice.together))
