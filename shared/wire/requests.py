"""Pure: how a command becomes the bytes of a request, and bytes a command. What is encoded once is frozen for ever."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json, to_json

from shared.domain.alerts import CloseAlert
from shared.domain.cancelling import CancelIntent
from shared.domain.commands import (
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    FireCourse,
    Operation,
    SendToKitchen,
    ServeOrder,
    TicketOperation,
    VoidOrder,
)
from shared.domain.marks import (
    BumpTicket,
    PrioritiseTicket,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    StartTicket,
    TicketCommand,
)
from shared.domain.moves import MergeOrder, SplitOrder
from shared.domain.payment_intent import OpenIntent
from shared.domain.refunds import RefundOrder
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.shift_commands import Clock, CloseDay, CloseShift, MoveCash, OpenShift
from shared.findings import UNKNOWN_FIELD
from shared.wire.alerts import ALERTS
from shared.wire.bad_request import BadRequest
from shared.wire.lanes import lanes_of, order_lane, shift_lane, ticket_lane
from shared.wire.payments import INTENTS
from shared.wire.protocol import HEADER_KEY, MAX_BODY_BYTES

__all__ = [
    "DRAWER_KINDS",
    "MARK_KINDS",
    "MONEY_KINDS",
    "SHAPES",
    "BadRequest",
    "Encoded",
    "Kind",
    "Shape",
    "decode",
    "decode_fields",
    "encode",
    "entity_of",
    "kind_of",
    "lanes_of",
    "order_lane",
    "shift_lane",
    "ticket_lane",
]


class Kind(StrEnum):
    """The kinds of operation, as they are stored in outboxes and on the server. A released kind is never renamed."""

    CREATE_ORDER = "create_order"
    CHANGE_ORDER = "change_order"
    SEND_TO_KITCHEN = "send_to_kitchen"
    FIRE_COURSE = "fire_course"
    SERVE_ORDER = "serve_order"
    CLOSE_ORDER = "close_order"
    VOID_ORDER = "void_order"
    MERGE_ORDER = "merge_order"
    SPLIT_ORDER = "split_order"
    REFUND_ORDER = "refund_order"
    START_TICKET = "start_ticket"
    READY_TICKET = "ready_ticket"
    BUMP_TICKET = "bump_ticket"
    RECALL_TICKET = "recall_ticket"
    SEEN_TICKET = "seen_ticket"
    READY_ITEM = "ready_item"
    PRIORITISE_TICKET = "prioritise_ticket"
    OPEN_INTENT = "open_intent"
    CANCEL_INTENT = "cancel_intent"
    OPEN_SHIFT = "open_shift"
    MOVE_CASH = "move_cash"
    CLOSE_SHIFT = "close_shift"
    CLOCK = "clock"
    CLOSE_DAY = "close_day"
    CLOSE_ALERT = "close_alert"


_alias_of: Final = cache(to_camel)  # two searches in a text, and each encoding asks


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind travels: its model, method and path. `{entity}` and `{line}` in the path are ids.

    `names` is the command's field that says what it is about: it stands for `{entity}`. Where the path has none, the
    command makes it, and it travels as `id` in the body.
    """

    model: type[Operation]
    method: str
    path: str
    names: str = "order_id"

    @property
    def alias(self) -> str:
        """That field as JSON calls it."""
        return _alias_of(self.names)

    @property
    def makes(self) -> bool:
        """Whether what it is about is made by it, under the id in its body."""
        return "{entity}" not in self.path


def _mark(model: type[TicketOperation], path: str) -> Shape:
    return Shape(model, "POST", "/kds/tickets/{entity}/" + path, "ticket_id")


SHAPES: Final[dict[Kind, Shape]] = {
    Kind.CREATE_ORDER: Shape(CreateOrder, "POST", "/pos/orders"),
    Kind.CHANGE_ORDER: Shape(ChangeOrder, "PATCH", "/pos/orders/{entity}"),
    Kind.SEND_TO_KITCHEN: Shape(SendToKitchen, "POST", "/pos/orders/{entity}/send-to-kitchen"),
    Kind.FIRE_COURSE: Shape(FireCourse, "POST", "/pos/orders/{entity}/fire"),
    Kind.SERVE_ORDER: Shape(ServeOrder, "POST", "/pos/orders/{entity}/serve"),
    Kind.CLOSE_ORDER: Shape(CloseOrder, "POST", "/pos/orders/{entity}/close"),
    Kind.VOID_ORDER: Shape(VoidOrder, "POST", "/pos/orders/{entity}/void"),
    Kind.MERGE_ORDER: Shape(MergeOrder, "POST", "/pos/orders/{entity}/merge"),
    Kind.SPLIT_ORDER: Shape(SplitOrder, "POST", "/pos/orders/{entity}/split"),
    Kind.REFUND_ORDER: Shape(RefundOrder, "POST", "/pos/orders/{entity}/refund"),
    Kind.START_TICKET: _mark(StartTicket, "start"),
    Kind.READY_TICKET: _mark(ReadyTicket, "mark-ready"),
    Kind.BUMP_TICKET: _mark(BumpTicket, "bump"),
    Kind.RECALL_TICKET: _mark(RecallTicket, "recall"),
    Kind.SEEN_TICKET: _mark(SeenTicket, "seen"),
    Kind.READY_ITEM: _mark(ReadyItem, "items/{line}/mark-ready"),
    Kind.PRIORITISE_TICKET: _mark(PrioritiseTicket, "priority"),
    Kind.OPEN_INTENT: Shape(OpenIntent, "POST", INTENTS, "intent_id"),
    Kind.CANCEL_INTENT: Shape(CancelIntent, "POST", INTENTS + "/{entity}/cancel", "intent_id"),
    Kind.OPEN_SHIFT: Shape(OpenShift, "POST", "/pos/shifts", "shift_id"),
    Kind.MOVE_CASH: Shape(MoveCash, "POST", "/pos/shifts/{entity}/movements", "shift_id"),
    Kind.CLOSE_SHIFT: Shape(CloseShift, "POST", "/pos/shifts/{entity}/close", "shift_id"),
    Kind.CLOCK: Shape(Clock, "POST", "/attendance", "clocking_id"),
    Kind.CLOSE_DAY: Shape(CloseDay, "POST", "/business-day/close", "day_id"),
    Kind.CLOSE_ALERT: Shape(CloseAlert, "POST", ALERTS + "/{entity}/close", "alert_id"),
}

DRAWER_KINDS: Final = frozenset({Kind.OPEN_SHIFT, Kind.MOVE_CASH, Kind.CLOSE_SHIFT})
"""Kinds about a till's drawer."""

MONEY_KINDS: Final = frozenset({Kind.CLOSE_ORDER}) | DRAWER_KINDS
"""Kinds that carry money: they can be resolved by a person, never discarded.

A refund is none: no money is given back before the server said yes, so one that it refused has moved none.
"""

MARK_KINDS: Final = frozenset(kind for kind, shape in SHAPES.items() if issubclass(shape.model, TicketCommand))
"""The kitchen's marks: they say how far a ticket is, and carry no money."""

_KIND_OF: Final = {shape.model: kind for kind, shape in SHAPES.items()}


class _Plan(NamedTuple):
    """How commands of one model are encoded: what of them is not in the body, and how what they make is named there."""

    kind: Kind
    shape: Shape
    hidden: set[str]
    named: bytes


def _plan(kind: Kind, shape: Shape) -> _Plan:
    hidden = {"id"} | ({"line_id"} if "{line}" in shape.path else set())
    if shape.makes:
        return _Plan(kind, shape, hidden, f'"{shape.alias}":'.encode())
    return _Plan(kind, shape, hidden | {shape.names}, b"")


_PLANS: Final = {shape.model: _plan(kind, shape) for kind, shape in SHAPES.items()}


def shape_of(kind: str) -> tuple[Kind, Shape] | None:
    """The kind of this name and its shape; None for one that this program does not know."""
    return next((found for found in SHAPES.items() if found[0] == kind), None)


class Encoded(NamedTuple):
    """A request as it will be sent, now and at every retry. `lanes` are the entities that it must keep its order in."""

    kind: Kind
    method: str
    path: str
    body: bytes
    lanes: tuple[str, ...]


def encode(command: Operation) -> Encoded:
    """Freeze a command into its request. Raises CommandRejected when it is too large for any server to read."""
    kind, shape, hidden, named = _PLANS[type(command)]
    body = command.__pydantic_serializer__.to_json(command, by_alias=True, exclude=hidden, exclude_none=True)
    if named:
        body = body.replace(named, b'"id":', 1)
    if len(body) > MAX_BODY_BYTES:
        raise CommandRejected(Refusal.INVALID, "This is too much at once. Send the order in two parts.")
    path = shape.path if named else _path(shape, command)
    return Encoded(kind, shape.method, path, body, lanes_of(command))


def decode(kind: Kind, *, operation_id: str, path: str, body: bytes) -> Operation:
    """Read a command back from its request. Raises BadRequest with a sentence for each field that is wrong."""
    shape = SHAPES[kind]
    ids = _ids_in(kind, path)
    fields = _object(body)
    if shape.makes and "id" in fields:
        ids[shape.alias] = fields.pop("id")
    in_body_too = fields.keys() & {"id", shape.alias, *ids}
    if in_body_too:
        raise BadRequest(tuple((name, UNKNOWN_FIELD) for name in sorted(in_body_too)))
    return decode_fields(kind, {"id": operation_id, **ids, **fields})


def decode_fields(kind: Kind, fields: dict[str, object]) -> Operation:
    """Validate the fields of a command, ids included, as they stand in JSON. Raises BadRequest."""
    try:
        return SHAPES[kind].model.model_validate_json(to_json(fields), by_alias=True, by_name=False)
    except ValidationError as error:
        shape = SHAPES[kind]
        names = {"id": HEADER_KEY} | ({shape.alias: "id"} if shape.makes else {})
        raise BadRequest.from_validation(error, names=names) from error
    except ValueError as error:
        raise BadRequest((("", "The body has text or nesting that JSON can't hold."),)) from error


def _object(body: bytes) -> dict[str, object]:
    try:
        found = from_json(body or b"{}")
    except ValueError as error:
        raise BadRequest((("", "The body is not JSON."),)) from error
    if not isinstance(found, dict):
        raise BadRequest((("", "The body has to be a JSON object."),))
    return found


def entity_of(command: Operation) -> str:
    """The id of what a command is about."""
    return str(getattr(command, SHAPES[_KIND_OF[type(command)]].names))


def kind_of(command: Operation) -> Kind:
    """What kind of operation a command is."""
    return _KIND_OF[type(command)]


def _path(shape: Shape, command: Operation) -> str:
    line = command.line_id if isinstance(command, ReadyItem) else ""
    return shape.path.format(entity=getattr(command, shape.names), line=line)


def _ids_in(kind: Kind, path: str) -> dict[str, object]:
    """The ids that a path carries, by the names of the fields that they are."""
    expected, given = SHAPES[kind].path.split("/"), path.split("/")
    ids: dict[str, object] = {}
    for pattern, part in zip(expected, given, strict=False):
        if pattern == "{entity}":
            ids[SHAPES[kind].alias] = part
        elif pattern == "{line}":
            ids["lineId"] = part
        elif pattern != part:
            break
    else:
        if len(expected) == len(given):
            return ids
    raise BadRequest((("", f"The path {path[:80]} is not one of {kind}."),))
