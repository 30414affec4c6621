"""*Fix*: a refused operation goes again with what a person changed of it, as a new one in its place and its lanes.

What waits behind it asks for lines that were taken out, and the server would refuse it for them. So it goes again the
same way, without them: a send still brings the other plates, and nothing passes anything else.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from shared.database import Connection
from shared.domain.command import OrderCommand
from shared.domain.commands import CreateOrder, OrderOperation
from shared.domain.fixing import Correction, TakeOut, with_part, without_lines
from shared.domain.together import apply_all
from shared.ids import OperationId, derived_id
from shared.store import alerts, dependants, left_over, mending, outbox, scenes
from shared.store.dependants import Unsettled
from shared.store.mending import NotMendable
from shared.store.outcomes import SENT_WITHOUT, Failed, FailReason, Status
from shared.store.taps import Teller
from shared.wire.requests import Kind, decode

#: Also in those that it came to stand in later, since its order was merged.
_IN_ITS_LANES: Final = """
    INSERT INTO operation_lane (lane, place, seq) SELECT lane, place, ? FROM operation_lane WHERE seq = ?
    ON CONFLICT DO NOTHING"""

Less = Callable[..., OrderOperation | None]
"""What is left of what waits behind a line that was taken out: see `without_lines`."""

_WITHOUT_IT: Final = Failed(FailReason.DISCARDED, None, SENT_WITHOUT, b"")
_NOTHING_LEFT: Final = Failed(FailReason.DISCARDED, None, "All that it asked for was taken out.", b"")


def fix(
    tx: Connection,
    operation_id: str,
    *,
    parts: Sequence[Correction],
    new_id: str,
    actor_id: str,
    teller: Teller,
    now_ms: int,
    is_unknown: bool = False,
    less: Less = without_lines,
) -> frozenset[str]:
    """Let a refused operation go again with these parts in the place of its own, or without those taken out.

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
    behind = outbox.behind(tx, flight.seq)
    _put_in_its_place(tx, flight.seq, command, now_ms=now_ms)
    gone = frozenset(str(part.id) for part in parts if isinstance(part, TakeOut))
    changed = _leave_out(tx, behind, less=partial(less, gone=gone), new_id=new_id, now_ms=now_ms) if gone else set()
    alerts.record_choice_on(tx, flight.seq, choice=mending.FIXED, actor_id=actor_id, now_ms=now_ms)
    return frozenset({*flight.lanes, *changed, "alerts"})


def _leave_out(
    tx: Connection,
    behind: Sequence[Unsettled],
    *,
    less: Callable[[OrderOperation], OrderOperation | None],
    new_id: str,
    now_ms: int,
) -> set[str]:
    """What asks for more than is `less` goes again as that, each in its own place; returns the lanes that changed.

    None of it was ever done: it stands behind what was refused. Where nothing is left of one it ends here.
    """
    changed: set[str] = set()
    for later in behind:
        lanes = outbox.lanes_of(tx, later.seq)
        if later.status is not Status.PENDING or not lanes or not isinstance(later.command, OrderCommand):
            continue
        rest = less(later.command)
        if rest is later.command:
            continue
        changed.update(lanes)
        if rest is None:
            changed |= _end(tx, later, now_ms=now_ms)
        else:
            again = rest.model_copy(update={"id": OperationId(derived_id(new_id, f"without {later.command.id}"))})
            _put_in_its_place(tx, later.seq, again, now_ms=now_ms)
            outbox.fail(tx, later.seq, _WITHOUT_IT, now_ms=now_ms)
    return changed


def _end(tx: Connection, later: Unsettled, *, now_ms: int) -> set[str]:
    """Nothing is left to ask for. The order that a split was to open is not there, nor what was tapped on it."""
    not_there = dependants.of(later.command, outbox.behind(tx, later.seq)) if later.kind is Kind.SPLIT_ORDER else []
    changed: set[str] = set()
    for one in (later, *not_there):
        changed.update(outbox.lanes_of(tx, one.seq))
        outbox.fail(tx, one.seq, _NOTHING_LEFT, now_ms=now_ms)
        changed |= left_over.after_a_split(tx, one.seq, _NOTHING_LEFT, now_ms=now_ms)
    return changed


def _put_in_its_place(tx: Connection, seq: int, command: OrderOperation, *, now_ms: int) -> None:
    """The new one stands where the old one stood, which has been decided."""
    place: int = tx.execute("SELECT place FROM operation WHERE seq = ?", (seq,)).get
    new_seq = outbox.append(tx, command, now_ms=now_ms, place=place)
    tx.execute("UPDATE operation SET replaces = ? WHERE seq = ?", (seq, new_seq))
    tx.execute(_IN_ITS_LANES, (new_seq, seq))
    tx.execute("UPDATE operation SET settled_at = ? WHERE seq = ?", (now_ms, seq))
    outbox.leave_lanes(tx, seq)
