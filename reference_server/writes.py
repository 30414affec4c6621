"""A write: judged and decided without touching anything, then recorded whole, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reference_server import idempotency
from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.exchange import Headers, Problem, Request, Response
from reference_server.kitchen import decide as kitchen
from reference_server.orders import decide as orders
from reference_server.orders.filling import Fields, Filler
from reference_server.people.access import KITCHEN_ROLES, ORDER_ROLES, actor
from reference_server.storage import alerts, changes, entities, numbers, used_ids
from reference_server.storage.devices import Device
from reference_server.storage.operations import OperationRow
from reference_server.storage.seam import Connection
from shared.domain.command import OrderCommand
from shared.domain.commands import CloseOrder, Operation, SendToKitchen, TicketCommand
from shared.domain.lines import Author
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.ticket import Ticket
from shared.ids import OperationId, OrderId, is_ulid
from shared.times import to_rfc3339
from shared.wire.answers import ConflictType
from shared.wire.fingerprint import fingerprint
from shared.wire.protocol import BODY_KEY, HEADER_CURSOR, HEADER_OPERATION
from shared.wire.requests import SHAPES, BadRequest, Kind, decode_fields

_TICKET_KINDS = frozenset(kind for kind, shape in SHAPES.items() if issubclass(shape.model, TicketCommand))


@dataclass(frozen=True, slots=True)
class Write:
    """A write that passed the door: its key, what it asks, and the ids that stand in its path."""

    kind: Kind
    key: str
    path: str
    fingerprint: bytes
    body: Fields
    entity_id: str | None
    line_id: str | None
    request_id: str

    @property
    def operation_id(self) -> OperationId:
        """The ULID by which its changes are known."""
        return idempotency.operation_id_of(self.key)


def write(tx: Connection, deps: Deps, *, device: Device, asked: Write) -> Response:
    """Do it, or answer what it was answered before.

    Raises Problem for what is no verdict (403, 404, another body under a known key); then nothing was written.
    """
    known = deps.operations.find(tx, asked.key)
    if known is not None:
        return idempotency.answer_again(tx, deps, known, device=device.id, asked=asked.fingerprint)
    now_ms = deps.clock.now_ms()
    entity: Order | Ticket | None = None
    try:
        entity = _entity(tx, asked)
        effect = _effect(tx, deps, device=device, asked=asked, entity=entity, now_ms=now_ms)
    except BadRequest as error:
        refusal = Problem(422, "This can't be read as it is. The fields that are wrong are named.", errors=error.errors)
        return _refused(tx, deps, device=device, asked=asked, entity=entity, refusal=refusal, now_ms=now_ms)
    except CommandRejected as error:
        refusal = _problem(_named(tx, error), entity)
        return _refused(tx, deps, device=device, asked=asked, entity=entity, refusal=refusal, now_ms=now_ms)
    return _recorded(tx, deps, device=device, asked=asked, effect=effect, now_ms=now_ms)


def _effect(
    tx: Connection, deps: Deps, *, device: Device, asked: Write, entity: Order | Ticket | None, now_ms: int
) -> Effect:
    """What the write is going to change. Only reads."""
    restaurant = deps.catalogue.now(tx)
    filler = Filler(
        operation_id=asked.operation_id,
        actor_id=None if device.role is None else device.id,
        now=to_rfc3339(now_ms),
        new_id=deps.ulids.new,
        number=lambda: numbers.next_order_number(tx),
        menu=restaurant.menu,
    )
    fields = _filled(filler, asked=asked, entity=entity)
    command = _not_later(decode_fields(asked.kind, fields), filler.now)
    allowed = ORDER_ROLES if isinstance(command, OrderCommand) else KITCHEN_ROLES
    person = actor(restaurant, device=device, actor_id=command.actor_id, allowed=allowed)
    if isinstance(command, OrderCommand):
        assert not isinstance(entity, Ticket), "an order's path names no ticket"
        author = Author(device.id, person.name, restaurant.business.prices_include_tax)
        return orders.decide(tx, restaurant, command=command, order=entity, author=author, now_ms=now_ms)
    assert isinstance(entity, Ticket), "a ticket's path names a ticket"
    return kitchen.decide(tx, command=command, ticket=entity)


def _entity(tx: Connection, asked: Write) -> Order | Ticket | None:
    """The order or ticket that the path names; for a create the order that has its id already, mostly None."""
    if asked.entity_id is None:
        wanted = asked.body.get("id")
        return entities.order(tx, wanted) if isinstance(wanted, str) and is_ulid(wanted) else None
    known = is_ulid(asked.entity_id)
    if asked.kind in _TICKET_KINDS:
        ticket = entities.ticket(tx, asked.entity_id) if known else None
        if ticket is None:
            raise CommandRejected(Refusal.NOT_FOUND, "This ticket is not known here.")
        if asked.line_id is not None and all(item.line_id != asked.line_id for item in ticket.items):
            raise CommandRejected(Refusal.NOT_FOUND, "This line is not on the ticket.")
        return ticket
    order = entities.order(tx, asked.entity_id) if known else None
    if order is None:
        raise CommandRejected(Refusal.NOT_FOUND, "This order is not known here.")
    return order


def _filled(filler: Filler, *, asked: Write, entity: Order | Ticket | None) -> Fields:
    """The fields of the command, with what its caller left out."""
    match entity:
        case _ if asked.kind is Kind.CREATE_ORDER:
            return filler.create(asked.body)
        case Order():
            return filler.about(asked.kind, asked.body, order_id=OrderId(entity.id), order=entity)
        case Ticket():
            line = {} if asked.line_id is None else {"lineId": asked.line_id}
            fields = filler.start(asked.body, ticketId=entity.id, **line)
            fields.setdefault("round", entity.round)
            fields.setdefault("lineIds", [item.line_id for item in entity.items])
            return fields
        case None:
            raise AssertionError("only a create is about nothing yet")


def _not_later(command: Operation, now: str) -> Operation:
    """The command with its moments brought back to now where a device's clock runs ahead.

    Moments are text of one length, so that the smaller text is the earlier moment.
    """
    update: dict[str, object] = {}
    if command.at > now:
        update["at"] = now
    if isinstance(command, CloseOrder):
        update["payments"] = tuple(
            payment.model_copy(update={"taken_at": now}) if payment.taken_at > now else payment
            for payment in command.payments
        )
    if isinstance(command, SendToKitchen) and command.paper_at is not None:
        update["paper_at"] = min(command.paper_at, now)
    return command.model_copy(update=update) if update else command


def _recorded(tx: Connection, deps: Deps, *, device: Device, asked: Write, effect: Effect, now_ms: int) -> Response:
    """Write the effect, its revisions, the operation and its answer."""
    by = asked.operation_id
    if effect.invoice is not None:
        invoice = effect.invoice
        numbers.store_invoice(tx, number=invoice.number, month=invoice.month, order_id=invoice.order_id, at_ms=now_ms)
    is_new = asked.kind in (Kind.CREATE_ORDER, Kind.SPLIT_ORDER)
    if is_new and effect.changed and asked.body.get("number") is None:
        numbers.count_order(tx)
    for alert in effect.alerts:
        alerts.raise_alert(tx, alert, by=by, at_ms=now_ms)
    used_ids.use(tx, effect.used, order_id=effect.used_by or effect.primary.id)
    cursor, bodies = entities.store(tx, effect.changed, by=by, at_ms=now_ms)
    answer = _answer(effect, bodies)
    revision = int(cursor.partition("-")[0]) if bodies else 0
    row = _row(device, asked, entity_id=effect.primary.id, revision=revision, verdict=effect.status)
    deps.operations.keep(tx, row, answer=answer, now_ms=now_ms)
    return Response(effect.status, answer, _headers(by, cursor))


def _refused(
    tx: Connection,
    deps: Deps,
    *,
    device: Device,
    asked: Write,
    entity: Order | Ticket | None,
    refusal: Problem,
    now_ms: int,
) -> Response:
    """A verdict that changes nothing is remembered too; what is no verdict goes back as it came."""
    if refusal.status not in (409, 422) or refusal.conflict is ConflictType.HISTORY_LOST:
        raise refusal
    response = refusal.response(asked.request_id)
    row = _row(device, asked, entity_id=None if entity is None else entity.id, revision=0, verdict=response.status)
    deps.operations.keep(tx, replace(row, conflict=refusal.conflict), answer=response.body, now_ms=now_ms)
    headers = _headers(asked.operation_id, changes.head_cursor(tx))
    return Response(response.status, response.body, headers)


def _named(tx: Connection, error: CommandRejected) -> CommandRejected:
    """The refusal as people read it: another order that it is about has a number here."""
    about = None if error.about is None else entities.order(tx, error.about)
    return error if about is None else error.naming(about.number)


def _problem(error: CommandRejected, entity: Order | Ticket | None) -> Problem:
    match error.refusal:
        case Refusal.INVALID:
            return Problem(422, error.message)
        case Refusal.NOT_FOUND:
            return Problem(404, error.message)
        case Refusal.FORBIDDEN:
            return Problem(403, error.message)
        case Refusal.HISTORY_LOST:
            return Problem(409, error.message, conflict=ConflictType.HISTORY_LOST)
        case Refusal.INVALID_STATE_TRANSITION | Refusal.STALE_WRITE:
            state = None if entity is None else entity.to_json()
            return Problem(409, error.message, conflict=ConflictType(error.refusal.value), current_state=state)


def _answer(effect: Effect, bodies: list[bytes]) -> bytes:
    """The entity as it was just written; to an order's own fields come those of `wire.answers.OrderAnswer`."""
    stored = dict(zip((one.id for one in effect.changed), bodies, strict=True))
    body = stored.get(effect.primary.id) or effect.primary.to_json()
    if isinstance(effect.primary, Ticket):
        return body
    late = b"null" if effect.follow_up is None else stored[effect.follow_up.id]
    others = b",".join(stored.get(one.id) or one.to_json() for one in effect.others)
    surplus = str(effect.surplus_minor).encode()
    return body[:-1] + b',"surplusMinor":' + surplus + b',"followUp":' + late + b',"others":[' + others + b"]}"


def _row(device: Device, asked: Write, *, entity_id: str | None, revision: int, verdict: int) -> OperationRow:
    return OperationRow(
        key=asked.key,
        operation_id=asked.operation_id,
        revision=revision,
        device=device.id,
        kind=asked.kind.value,
        path=asked.path,
        entity_id=entity_id,
        fingerprint=asked.fingerprint,
        verdict=verdict,
        conflict=None,
    )


def _headers(operation_id: OperationId, cursor: str) -> Headers:
    return ((HEADER_OPERATION, operation_id), (HEADER_CURSOR, cursor))


def write_from(kind: Kind, *, request: Request, body: Fields, params: Mapping[str, str]) -> Write:
    """The write that a request asks for. Raises the 400 for a missing or impossible key."""
    return Write(
        kind=kind,
        key=idempotency.key_from(request.headers, body),
        path=request.path,
        fingerprint=fingerprint(request.method, request.path, body),
        body={name: value for name, value in body.items() if name != BODY_KEY},
        entity_id=params.get("entity"),
        line_id=params.get("line"),
        request_id=request.request_id,
    )
