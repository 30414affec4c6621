"""Pure: what a read brought: a heartbeat, a page of the stream, a part of the catalogue; each has to prove itself."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, TypeVar, assert_never

from pydantic import ValidationError

from shared.domain.menu import Business, Floor, Menu, StaffList
from shared.domain.model import Model
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.ids import is_ulid
from shared.sync import proofs
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.sync.verdicts import Later, NoAnswer, Paused, Shown
from shared.times import from_rfc3339
from shared.wire.answers import ConflictType, Health

#: The parts of the catalogue, by the names under which they are stored and asked for.
CATALOG: Final[dict[str, type[Model]]] = {"menu": Menu, "floor": Floor, "settings": Business, "staff": StaffList}

#: Everything is read to its end; a server that never comes to one is left after so many pages.
MOST_WHOLE_PAGES: Final = 1000

E = TypeVar("E", Order, Ticket)


@dataclass(frozen=True, slots=True)
class Well:
    """The server is well. `server_ms` is its clock, `head` the cursor of its newest change.

    `history` is the name of its history, empty if it tells none.
    """

    server_ms: int
    head: str
    capabilities: tuple[str, ...]
    history: str = ""
    catalogue: str = ""
    """Another, whenever anything of the catalogue is; empty if it tells none."""


@dataclass(frozen=True, slots=True)
class Page:
    """What changed after a cursor. `cursor` is empty when the server keeps none (it sent all that is open).

    `unreadable` counts what is not as we know it (a newer server's): the rest is taken all the same, a board that
    shows all but one ticket and says so is better than one that stands still.
    """

    entities: tuple[Order | Ticket, ...]
    cursor: str
    has_more: bool
    unreadable: int = 0
    history: str = ""
    """The name of the history that the cursor is of; empty where nobody said."""
    day: str = ""
    """The last business day that was ended; empty where nobody said."""

    @property
    def is_open_set(self) -> bool:
        """Whether what is not on it is not open any more: all that there is, from a server that keeps no cursor."""
        return not (self.cursor or self.has_more or self.unreadable)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the catalogue, whole and understood. `is_empty`: a menu without a dish, a staff without a person."""

    etag: str
    body: bytes
    is_empty: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The part that is stored is the newest."""


NotRead = NoAnswer | Later | Paused


def read_beat(answer: Exchange) -> Well | Cause:
    """A heartbeat: the server is well, or why it counts as missed. A portal's 200 is no server."""
    match answer:
        case Unreachable():
            return answer.cause
        case TimedOut():
            return Cause.NO_SERVER
        case Answered():
            if answer.status == HTTPStatus.OK:
                return _well(answer.body)
            if proofs.refuses(answer, proofs.fields_of(answer.body)):
                return _cause_of(answer.status)
            return Cause.NO_SERVER
        case _:
            assert_never(answer)


def read_orders(answer: Exchange) -> Page | NotRead:
    """A page of orders; a bare array is taken for one without a cursor."""
    return _read_page(answer, "orders", Order.model_validate_json)


def read_tickets(answer: Exchange) -> Page | NotRead:
    """A page of tickets; a bare array is taken for one without a cursor."""
    return _read_page(answer, "tickets", Ticket.model_validate_json)


def read_order(answer: Exchange, order_id: str) -> Shown | NotRead:
    """One order, or that the server provably has none under this id."""
    if isinstance(answer, Answered):
        fields = proofs.fields_of(answer.body)
        if answer.status == HTTPStatus.OK and fields.get("id") == order_id:
            return Shown(proofs.entity_of(answer.body), answer.status, answer.body, proofs.cursor_of(answer.headers))
        if answer.status == HTTPStatus.NOT_FOUND and proofs.refuses(answer, fields):
            return Shown(None, answer.status, answer.body)
    return not_read(answer)


def read_part(name: str, answer: Exchange) -> Part | Unchanged | NotRead:
    """A part of the catalogue. One that cannot be read as what it should be never replaces one that can."""
    if isinstance(answer, Answered):
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return Unchanged()
        if answer.status == HTTPStatus.OK:
            try:
                found = CATALOG[name].model_validate_json(answer.body)
            except ValidationError:
                return NoAnswer(f"What came as {name} can't be read.")
            etag = answer.headers.get("etag", "")
            own_tag = f'"{hashlib.sha256(answer.body).hexdigest()}"'
            is_empty = (isinstance(found, Menu) and not found.items) or (
                isinstance(found, StaffList) and not found.staff
            )
            return Part(etag if etag and proofs.travels(etag) else own_tag, answer.body, is_empty)
    return not_read(answer)


def _read_page(answer: Exchange, name: str, parse: Callable[[bytes], E]) -> Page | NotRead:
    if not isinstance(answer, Answered) or answer.status != HTTPStatus.OK:
        return not_read(answer)
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return NoAnswer("A page of changes can't be read.")
    if isinstance(found, list):
        found = {name: found, "cursor": ""}
    rows = found.get(name) if isinstance(found, dict) else None
    cursor = found.get("cursor") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not isinstance(cursor, str) or not proofs.travels(cursor):
        return NoAnswer("What came is not a page of changes.")
    entities: list[Order | Ticket] = []
    for row in rows:
        try:
            entities.append(parse(json.dumps(row).encode()))
        except (ValidationError, RecursionError):
            continue
    unreadable, history = len(rows) - len(entities), found.get("history")
    more, day = found.get("hasMore") is True, found.get("day")
    return Page(tuple(entities), cursor, more, unreadable, _name(history), _name(day))


def not_read(answer: Exchange) -> NotRead:
    """Why a read brought nothing. Only a proven error pauses or holds anything."""
    match answer:
        case Unreachable():
            return NoAnswer(answer.detail)
        case TimedOut():
            return NoAnswer("No answer in time.")
        case Answered():
            fields = proofs.fields_of(answer.body)
            error = proofs.message_of(fields, f"The server answered {answer.status}.")
            if not proofs.refuses(answer, fields):
                return NoAnswer(f"Something answered {answer.status} that is not the restaurant's server.")
            if answer.status == HTTPStatus.CONFLICT and fields.get("conflictType") == ConflictType.HISTORY_LOST:
                return Paused(Cause.HISTORY_LOST, answer.status, error)
            if answer.status == HTTPStatus.CONFLICT and fields.get("conflictType") == ConflictType.OTHER_BRANCH:
                return Paused(Cause.OTHER_BRANCH, answer.status, error)
            cause = _cause_of(answer.status)
            if cause in (Cause.DEVICE_UNKNOWN, Cause.NEEDS_UPDATE):
                return Paused(cause, answer.status, error)
            if answer.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
                return Later(answer.status, error, after_s=proofs.retry_after_s(answer.headers), holds=True)
            return NoAnswer(error)
        case _:
            assert_never(answer)


def _name(told: object) -> str:
    """The name of a history or of a day, if it is one; a server that tells something else tells none."""
    return told if isinstance(told, str) and is_ulid(told) else ""


def _well(body: bytes) -> Well | Cause:
    try:
        health = Health.model_validate_json(body)
        server_ms, history = from_rfc3339(health.server_time), _name(health.history)
        return Well(server_ms, health.head, health.capabilities, history, health.catalogue)
    except ValueError:
        return Cause.NO_SERVER


def _cause_of(status: int) -> Cause:
    """What a proven error says of the link."""
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return Cause.DEVICE_UNKNOWN
        case HTTPStatus.UPGRADE_REQUIRED:
            return Cause.NEEDS_UPDATE
        case _:
            return Cause.SERVER_BUSY
