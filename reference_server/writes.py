"""A write: judged and decided without touching anything, then recorded whole, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from reference_server import idempotency
from reference_server.alerts import answered
from reference_server.alerts import area as told
from reference_server.area import Area, Wish, Write
from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.exchange import Fact, Headers, Problem, Request, Response
from reference_server.filling import Fields, Filler
from reference_server.kitchen import area as kitchen
from reference_server.orders import area as orders
from reference_server.orders import lifting
from reference_server.payments import area as payments
from reference_server.payments import refunding
from reference_server.people.access import Person, When, actor, judge
from reference_server.rows import Row
from reference_server.shifts import area as house
from reference_server.storage import alerts, catalogue, changes, entities, numbers, receipt_links, shifts, used_ids
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.devices import Device
from reference_server.storage.operations import OperationRow
from reference_server.storage.seam import Connection
from shared.domain.commands import Operation
from shared.domain.lines import Author
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.versioned import Versioned
from shared.ids import OperationId
from shared.times import to_rfc3339
from shared.wire.answers import ConflictType
from shared.wire.fingerprint import fingerprint
from shared.wire.protocol import BODY_KEY, HEADER_CURSOR, HEADER_OPERATION
from shared.wire.requests import BadRequest, Kind, decode_fields

#: Who knows about which kinds of write.
_ALL: Final = (orders.AREA, kitchen.AREA, payments.AREA, house.AREA, told.AREA)
AREAS: Final[dict[Kind, Area]] = {kind: area for area in _ALL for kind in area.kinds}


def write(tx: Connection, deps: Deps, *, device: Device, asked: Write) -> Response:
    """Do it, or answer what it was answered before.

    Raises Problem for what is no verdict (403, 404, another body under a known key); then nothing of it was written.
    """
    known = deps.operations.answered(tx, asked.key)
    if known is not None:
        moves_on = AREAS[asked.kind].moves_on
        by, asked_for = device.id, asked.fingerprint
        return idempotency.answer_again(tx, *known, device=by, asked=asked_for, body_of=_body_of, moves_on=moves_on)
    restaurant = deps.catalogue.now(tx)
    now_ms = deps.clock.now_ms()
    person = _person(restaurant, device=device, asked=asked, now_ms=now_ms)
    entity: Versioned | None = None
    try:
        entity = AREAS[asked.kind].find(tx, asked)
        entity = lifting.as_far_as(tx, entity, asked.body.get("baseVersion"), device=device.id, now_ms=now_ms)
        who = Asking(restaurant, device, person, now_ms)
        effect = _effect(tx, deps, who, asked=asked, entity=entity)
    except BadRequest as error:
        refusal = Problem(422, "This can't be read as it is. The fields that are wrong are named.", errors=error.errors)
        return _refused(tx, deps, device=device, asked=asked, entity=entity, refusal=refusal, now_ms=now_ms)
    except CommandRejected as error:
        refusal = _problem(_named(tx, error), entity)
        return _refused(tx, deps, device=device, asked=asked, entity=entity, refusal=refusal, now_ms=now_ms)
    return _recorded(tx, deps, device=device, asked=asked, effect=effect, now_ms=now_ms)


class Asking(NamedTuple):
    """Who asks in which restaurant, and when: the `person` that the body names, None where it names nobody."""

    restaurant: Restaurant
    device: Device
    person: Person | None
    now_ms: int


def _person(restaurant: Restaurant, *, device: Device, asked: Write, now_ms: int) -> Person | None:
    """Whoever may not do it learns nothing of what it is about. Who is not named, or wrongly, is told so later."""
    named = asked.body.get("actorId", device.id)
    if not isinstance(named, str) or (named == device.id and device.role is None):
        return None
    when = When(now_ms, asked.body.get("at"))
    return actor(restaurant, device=device, actor_id=named, allowed=asked.allowed, when=when)


def _effect(tx: Connection, deps: Deps, who: Asking, *, asked: Write, entity: Versioned | None) -> Effect:
    """What the write is going to change. Only reads."""
    restaurant, device, person, now_ms = who
    area = AREAS[asked.kind]
    filler = Filler(
        operation_id=asked.operation_id,
        actor_id=None if device.role is None else device.id,
        now=to_rfc3339(now_ms),
        new_id=deps.ulids.new,
        number=lambda: numbers.next_order_number(tx),
        menu=restaurant.menu,
    )
    frozen = decode_fields(asked.kind, area.fill(filler, asked, entity))
    command = _not_later(frozen, filler.now, moments=area.moments(frozen, filler.now))
    when = When(now_ms, command.at)
    if person is None:
        person = actor(restaurant, device=device, actor_id=command.actor_id, allowed=asked.allowed, when=when)
    author = Author(device.id, person.name, restaurant.business.prices_include_tax)
    wish = Wish(command, entity, author, restaurant, now_ms, judge(restaurant, device, when=when), frozen)
    effect = area.decide(tx, deps, wish)
    area.approve(tx, wish, effect)
    return effect


def _not_later(command: Operation, now: str, *, moments: dict[str, object]) -> Operation:
    """The command with its moments brought back to now where a device's clock runs ahead.

    Moments are text of one length, so that the smaller text is the earlier moment.
    """
    if command.at > now:
        moments = {**moments, "at": now}
    return command.model_copy(update=moments) if moments else command


def _recorded(tx: Connection, deps: Deps, *, device: Device, asked: Write, effect: Effect, now_ms: int) -> Response:
    """Write the effect, its revisions, the operation and its answer."""
    by = asked.operation_id
    numbers.store(tx, effect, at_ms=now_ms)
    refunding.keep_all(tx, effect, now_ms=now_ms)
    answered.by_refund(tx, effect, actor_id=str(asked.body.get("actorId", device.id)), at_ms=now_ms)
    if effect.receipt is not None:
        receipt_links.put(tx, effect.receipt, at_ms=now_ms)
    catalogue.put_items(tx, {item.id: item for item in effect.items}, now_ms=now_ms)
    is_new = asked.kind in (Kind.CREATE_ORDER, Kind.SPLIT_ORDER)
    if is_new and effect.changed and asked.body.get("number") is None:
        numbers.count_order(tx)
    for alert in effect.alerts:
        alerts.raise_alert(tx, alert, by=by, at_ms=now_ms)
    if effect.booked or effect.ended:
        shifts.book(tx, effect.booked, effect.ended, at_ms=now_ms)
    used_ids.use(tx, effect.used, order_id=effect.used_by or effect.primary.id)
    cursor, bodies = entities.store(tx, effect.changed, by=by, at_ms=now_ms)
    answer = AREAS[asked.kind].answer(effect, dict(zip((one.id for one in effect.changed), bodies, strict=True)))
    revision = changes.revision_by(cursor, by)
    row = _row(device, asked, entity_id=effect.primary.id, revision=revision, verdict=effect.status)
    deps.operations.keep(tx, row, answer=answer, now_ms=now_ms)
    raised = tuple(Fact("alert", alert.kind) for alert in effect.alerts)
    return Response(effect.status, answer, _headers(by, cursor), raised)


def _refused(
    tx: Connection,
    deps: Deps,
    *,
    device: Device,
    asked: Write,
    entity: Versioned | None,
    refusal: Problem,
    now_ms: int,
) -> Response:
    """A verdict that changes nothing is remembered too; what is no verdict goes back as it came."""
    if refusal.status not in (409, 422) or refusal.conflict is ConflictType.HISTORY_LOST:
        raise refusal
    response = refusal.response(asked.request_id)
    row = _row(device, asked, entity_id=None if entity is None else entity.id, revision=0, verdict=response.status)
    deps.operations.keep(tx, row._replace(conflict=refusal.conflict), answer=response.body, now_ms=now_ms)
    headers = _headers(asked.operation_id, changes.head_cursor(tx))
    return Response(response.status, response.body, headers)


def _named(tx: Connection, error: CommandRejected) -> CommandRejected:
    """The refusal as people read it: another order that it is about has a number here."""
    about = None if error.about is None else entities.order(tx, error.about)
    return error if about is None else error.naming(about.number)


def _problem(error: CommandRejected, entity: Versioned | None) -> Problem:
    match error.refusal:
        case Refusal.INVALID:
            return Problem(422, error.message)
        case Refusal.NOT_FOUND:
            return Problem(404, error.message)
        case Refusal.FORBIDDEN:
            return Problem(403, error.message)
        case Refusal.NOT_YET:
            return Problem(425, error.message)
        case Refusal.HISTORY_LOST:
            return Problem(409, error.message, conflict=ConflictType.HISTORY_LOST)
        case Refusal.INVALID_STATE_TRANSITION | Refusal.STALE_WRITE:
            state = None if entity is None else entity.to_json()
            return Problem(409, error.message, conflict=ConflictType(error.refusal.value), current_state=state)


def _body_of(tx: Connection, row: OperationRow) -> bytes | None:
    """What an operation was about, as it stands now."""
    return None if row.entity_id is None else AREAS[Kind(row.kind)].body(tx, row.entity_id)


def _row(device: Device, asked: Write, *, entity_id: str | None, revision: int, verdict: int) -> OperationRow:
    return OperationRow(
        key=asked.key,
        operation_id=asked.operation_id,
        revision=revision,
        device=device.id,
        kind=str(asked.kind),
        path=asked.path,
        entity_id=entity_id,
        fingerprint=asked.fingerprint,
        verdict=verdict,
        conflict=None,
    )


def _headers(operation_id: OperationId, cursor: str) -> Headers:
    return ((HEADER_OPERATION, operation_id), (HEADER_CURSOR, cursor))


def write_from(row: Row, *, request: Request, body: Fields, params: Mapping[str, str]) -> Write:
    """The write that a request asks for. Raises the 400 for a missing or impossible key."""
    assert row.kind is not None, "a row of a write has its kind"
    key = idempotency.key_from(request.headers, body)
    return Write(
        kind=row.kind,
        key=key,
        operation_id=idempotency.operation_id_of(key),
        path=request.path,
        fingerprint=fingerprint(request.method, request.path, body),
        body={name: value for name, value in body.items() if name != BODY_KEY} if BODY_KEY in body else body,
        entity_id=params.get("entity"),
        line_id=params.get("line"),
        request_id=request.request_id,
        allowed=row.allowed,
    )
