"""Pure: what an answer means for the operation that was sent; the whole status table of the contract."""

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final, assert_never

from shared.domain.commands import CloseOrder
from shared.domain.order import Order
from shared.domain.versioned import Versioned
from shared.store.outcomes import Accepted, Failed, FailReason, Flight
from shared.sync import proofs
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.sync.inside import is_in
from shared.wire.answers import ConflictType
from shared.wire.requests import MONEY_KINDS, Kind, decode

#: So many answers have to speak against an operation before it is given to a person (product row P5).
MOST_ATTEMPTS: Final = 10
#: IN_PROGRESS means *again soon*; after so many sends something is stuck on the server, and the usual delays apply.
SOON_SENDS: Final = 3
SOON_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nobody who proves to be our server said anything, and the operation goes again.

    Usually that says nothing about it. `counts`: the server answered what was sent later, so it does.
    """

    error: str
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """The server wants it again later. `counts`: it is evidence against this operation.

    `after_s` is the pause that the server asked for; `holds` says that this pause is for all of us, not for this
    operation alone; `grows` that the operation's own delays apply if they are longer.
    """

    status: int
    error: str
    counts: bool = False
    after_s: float | None = None
    holds: bool = False
    grows: bool = True

    @property
    def hold_s(self) -> float | None:
        """How long all of us stay away; None when that was not asked."""
        return self.after_s if self.holds else None

    @property
    def busy(self) -> bool:
        """Whether the server has too much to do, rather than this very operation in hand."""
        return self.status in (429, 503)


@dataclass(frozen=True, slots=True)
class Paused:
    """The server takes nothing from this device before `cause` is mended; the operation waits for that, uncounted."""

    cause: Cause
    status: int
    error: str


#: Whoever answers tells the name of another history than this file's.
OTHER_BRANCH: Final = Paused(Cause.OTHER_BRANCH, 409, "This server is of another branch than this device's file.")


@dataclass(frozen=True, slots=True)
class CheckEntity:
    """The server says that it has this id already and shows nothing that holds what was sent: ask for the entity.

    It is settled only if the entity holds what was sent (`judge_entity`). `is_denied`: what it showed is another thing,
    or this one without what was sent.
    """

    error: str
    is_denied: bool = False
    body: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the server showed when it was asked for an order or ticket; no entity when it has or lists none such."""

    entity: Versioned | None
    status: int
    body: bytes
    cursor: str | None = None


Verdict = Accepted | Failed | NoAnswer | Later | Paused | CheckEntity


def judge(flight: Flight, answer: Exchange, *, link_up: bool) -> Verdict:
    """What came of sending `flight`. `link_up` says that the server is otherwise well, by its heartbeats."""
    match answer:
        case Unreachable():
            return NoAnswer(answer.detail)
        case TimedOut():
            return NoAnswer("No answer in time.")
        case Answered() if proofs.answers_another(answer, flight):
            return NoAnswer("What came is the answer to another operation.")
        case Answered():
            if answer.status in (200, 201):
                if proofs.accepts(answer, flight):
                    return _accepted(answer)
            elif answer.status >= 400:
                fields = proofs.fields_of(answer.body)
                if proofs.echoes(answer, flight) or proofs.refuses(answer, fields):
                    return _refused(flight, answer, fields, link_up=link_up)
            return NoAnswer(f"Something answered {answer.status} that is not the restaurant's server.")
        case _:
            assert_never(answer)


def judge_entity(flight: Flight, shown: Shown | NoAnswer | Later | Paused, *, link_up: bool) -> Verdict:
    """After `CheckEntity`: whether the order or ticket that was asked for holds what was sent.

    If it provably does not, the server contradicts itself: that counts against the operation, so that in the end a
    person hears of it.
    """
    if not isinstance(shown, Shown):
        return NoAnswer("The server has this already, but did not show it.")
    if shown.entity is not None and is_in(shown.entity, flight):
        return Accepted(shown.status, shown.body, (shown.entity,), shown.cursor)
    if shown.entity is None and shown.status == HTTPStatus.OK and flight.kind is Kind.BUMP_TICKET:
        return Accepted(shown.status, shown.body, (), shown.cursor)  # what was bumped has left the list
    error = "The server says that it has this already, but it is not there."
    return _evidence(flight, shown.status, body=shown.body, error=error, after_s=None, link_up=link_up)


def judge_unasked(flight: Flight, check: CheckEntity, *, link_up: bool) -> Verdict:
    """After `CheckEntity` of something that the contract has no question for, such as a shift.

    The server's proven word, that it has done this very id, is believed where it shows nothing that denies it: what was
    done would else wait for a person, and all of its shift with it.
    """
    if not check.is_denied:
        return Accepted(HTTPStatus.CONFLICT, check.body, (), None)
    error = "The server says that it has this already, and shows something else."
    return _evidence(flight, HTTPStatus.CONFLICT, body=check.body, error=error, after_s=None, link_up=link_up)


def shown_with(accepted: Accepted, shown: Shown | NoAnswer | Later | Paused, flight: Flight) -> Accepted | NoAnswer:
    """An acceptance that said nothing of its order or ticket, with what the server showed when it was asked.

    Settled without it, what was tapped would be gone from the screen until the next pull. So it goes again, which
    changes nothing there, a few times; a server that never shows anything is believed all the same.
    """
    if isinstance(shown, Shown):
        entities = () if shown.entity is None else (shown.entity,)
        return replace(accepted, entities=entities, cursor=accepted.cursor or shown.cursor)
    if flight.sends > SOON_SENDS:
        return accepted
    return NoAnswer("The server has this, but did not show what it made of it.")


def with_surplus(accepted: Accepted, flight: Flight) -> Accepted:
    """Money of this very close that its order could not use is told, also where the answer did not name it.

    A duplicate shows the order as it is now and no surplus: the payments of this close say it themselves.
    """
    if flight.kind not in MONEY_KINDS:
        return accepted
    close = decode(flight.kind, operation_id=flight.id, path=flight.path, body=flight.body)
    own = {payment.id for payment in close.payments} if isinstance(close, CloseOrder) else set()
    orders = (one for one in accepted.entities if isinstance(one, Order) and one.id == flight.entity_id)
    unapplied = (payment.unapplied_minor for order in orders for payment in order.payments if payment.id in own)
    return replace(accepted, surplus_minor=max(accepted.surplus_minor, sum(unapplied)))


def passed(verdict: Verdict) -> bool | None:
    """Whether the server works, by this verdict: True if it decided, False if it met an error of its own."""
    match verdict:
        case Accepted():
            return True
        case Failed():
            return True if verdict.reason is not FailReason.EXHAUSTED else None
        case Later():
            return False if verdict.status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
        case _:
            return None


def overtaken(flight: Flight, *, link_up: bool) -> NoAnswer | Failed:
    """No answer in time, although the server answered what was sent later: that speaks against this operation."""
    if link_up and flight.attempts + 1 >= MOST_ATTEMPTS:
        told = f"The server gave no answer to this {MOST_ATTEMPTS} times while it answered others."
        return Failed(FailReason.EXHAUSTED, None, told, b"")
    return NoAnswer("No answer in time, while others had one.", counts=link_up)


def not_yet(failed: Failed) -> NoAnswer | Later:
    """Ten attempts that prove nothing: the server is well for nobody, so this one waits on, uncounted."""
    error = f"{failed.message} Nothing else passes there now, so it goes again."
    return NoAnswer(error) if failed.status is None else Later(failed.status, error)


def _accepted(answer: Answered) -> Accepted:
    """The server has it. What it shows of it is taken along if it is an order or ticket as we know them."""
    cursor = proofs.cursor_of(answer.headers)
    found = proofs.order_answer_of(answer.body)
    if found is not None:
        return Accepted(answer.status, answer.body, found[0], cursor, found[1])
    entity = proofs.entity_of(answer.body)
    return Accepted(answer.status, answer.body, () if entity is None else (entity,), cursor)


def _refused(flight: Flight, answer: Answered, fields: dict[str, object], *, link_up: bool) -> Verdict:
    """A proven error, by its status; `Retry-After` is heard wherever it stands."""
    status = answer.status
    error = proofs.message_of(fields, f"The server answered {status}.")
    after_s = proofs.retry_after_s(answer.headers)
    match status:
        case 401:
            return Paused(Cause.DEVICE_UNKNOWN, status, error)
        case 426:
            return Paused(Cause.NEEDS_UPDATE, status, error)
        case 409:
            return _conflict(flight, answer, fields=fields, error=error)
        case 422:
            return Failed(FailReason.INVALID, status, error, answer.body)
        case 429:
            return Later(status, error, after_s=after_s, holds=True, grows=after_s is None)
        case 503:
            return Later(status, error, after_s=after_s, holds=True)
        case 424 if fields.get("conflictType") == ConflictType.NOT_TRIED:
            return Later(status, error, grows=False)
        case 408 | 424 | 425:
            return Later(status, error, after_s=after_s)
        case _ if status >= 500:
            return _evidence(flight, status, body=answer.body, error=error, after_s=after_s, link_up=link_up)
        case _:
            return Failed(FailReason.REFUSED, status, error, answer.body)


def _conflict(flight: Flight, answer: Answered, *, fields: dict[str, object], error: str) -> Verdict:
    """A 409, by its `conflictType`; one that we do not know is a refusal like any other."""
    match fields.get("conflictType"):
        case ConflictType.IDEMPOTENCY_DUPLICATE:
            existing = fields.get("existingResource")
            if not isinstance(existing, dict) or not proofs.names_entity(existing, flight):
                return CheckEntity(error, isinstance(existing, dict) and "id" in existing, answer.body)
            entity = proofs.entity_in(existing)
            if entity is not None and not is_in(entity, flight):
                return CheckEntity(error, is_denied=True, body=answer.body)
            cursor = proofs.cursor_of(answer.headers)
            return Accepted(answer.status, answer.body, () if entity is None else (entity,), cursor)
        case ConflictType.IDEMPOTENCY_IN_PROGRESS:
            soon_s = proofs.retry_after_s(answer.headers)
            grows = flight.sends > SOON_SENDS
            return Later(answer.status, error, after_s=SOON_S if soon_s is None else soon_s, holds=True, grows=grows)
        case ConflictType.IDEMPOTENCY_MISMATCH:
            return Failed(FailReason.MISMATCH, answer.status, error, answer.body)
        case ConflictType.INVALID_STATE_TRANSITION | ConflictType.STALE_WRITE:
            entity = proofs.entity_in(fields.get("currentState"))
            entities = () if entity is None else (entity,)
            return Failed(FailReason.CONFLICT, answer.status, error, answer.body, entities)
        case ConflictType.HISTORY_LOST:
            return Paused(Cause.HISTORY_LOST, answer.status, error)
        case ConflictType.OTHER_BRANCH:
            return Paused(Cause.OTHER_BRANCH, answer.status, error)
        case ConflictType.NOT_TRIED:
            return Later(answer.status, error)
        case _:
            return Failed(FailReason.REFUSED, answer.status, error, answer.body)


def _evidence(flight: Flight, status: int, *, body: bytes, error: str, after_s: float | None, link_up: bool) -> Verdict:
    """An answer that speaks against this operation, if the server is otherwise well; the tenth gives it to a person."""
    if link_up and flight.attempts + 1 >= MOST_ATTEMPTS:
        told = f"The server failed {MOST_ATTEMPTS} times on this. It last said: {error}"
        return Failed(FailReason.EXHAUSTED, status, told, body)
    return Later(status, error, counts=link_up, after_s=after_s)
