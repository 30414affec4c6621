"""*Fix*: a refused operation goes again with what a person changed of it, as a new one in its place and its lanes."""

from collections.abc import Sequence
from typing import Final

from shared.database import Connection
from shared.domain.commands import CreateOrder, OrderOperation
from shared.domain.fixing import Part, with_part
from shared.domain.together import apply_all
from shared.ids import OperationId
from shared.store import alerts, mending, outbox, scenes
from shared.store.mending import NotMendable
from shared.store.outcomes import FailReason
from shared.store.taps import Teller
from shared.wire.requests import decode

#: Also in those that it came to stand in later, since its order was merged.
_IN_ITS_LANES: Final = """
    INSERT INTO operation_lane (lane, place, seq) SELECT lane, place, ? FROM operation_lane WHERE seq = ?
    ON CONFLICT DO NOTHING"""


def fix(
    tx: Connection,
    operation_id: str,
    *,
    parts: Sequence[Part],
    new_id: str,
    actor_id: str,
    teller: Teller,
    now_ms: int,
    is_unknown: bool = False,
) -> frozenset[str]:
    """Let a refused operation go again with these parts in the place of its own.

    It stands where the old one stood, before all that was tapped after it, keeps the ULIDs inside, and has to be right
    by the rules on the order as it was there. `new_id` was made when its button was shown: a second tap changes
    nothing. Returns the ids that changed. Raises NotMendable for what was never judged, and CommandRejected by the
    rules; then nothing is written.
    """
    if outbox.knows(tx, new_id):
        return frozenset()
    found = mending.held(tx, operation_id)
    if found is None:
        return frozenset()
    flight = found.flight
    mending.refuse_what_may_have_happened(found, is_unknown=is_unknown)
    command = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    if found.reason is FailReason.MISMATCH or not isinstance(command, OrderOperation):
        raise NotMendable(f"{operation_id}: {found.reason}, {flight.kind}")
    before = scenes.orders_before(tx, command, author_of=teller.author_of)
    for part in parts:
        command = with_part(command, part)
    command = command.model_copy(update={"id": OperationId(new_id)})
    if isinstance(command, CreateOrder) or command.order_id in before:  # else its server's word is waited for
        apply_all(before, command, teller.author_of(command.actor_id))
    _put_in_its_place(tx, flight.seq, command, now_ms=now_ms)
    alerts.record_choice_on(tx, flight.seq, choice=mending.FIXED, actor_id=actor_id, now_ms=now_ms)
    return frozenset({*flight.lanes, "alerts"})


def _put_in_its_place(tx: Connection, seq: int, command: OrderOperation, *, now_ms: int) -> None:
    """The new one stands where the old one stood, which has been decided."""
    place: int = tx.execute("SELECT place FROM operation WHERE seq = ?", (seq,)).get
    new_seq = outbox.append(tx, command, now_ms=now_ms, place=place)
    tx.execute("UPDATE operation SET replaces = ? WHERE seq = ?", (seq, new_seq))
    tx.execute(_IN_ITS_LANES, (new_seq, seq))
    tx.execute("UPDATE operation SET settled_at = ? WHERE seq = ?", (now_ms, seq))
    outbox.leave_lanes(tx, seq)
