"""Pure: how a command becomes the bytes of a request, and bytes a command. What is encoded once is frozen for ever."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import ValidationError

from shared.domain.commands import (
    BumpTicket,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    Operation,
    OrderCommand,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    SendToKitchen,
    ServeOrder,
    StartTicket,
    TicketCommand,
    VoidOrder,
)
from shared.domain.rejections import CommandRejected, Refusal
from shared.errors import EvertillError
from shared.wire.protocol import MAX_BODY_BYTES


class Kind(StrEnum):
    """The kinds of operation, as they are stored in outboxes and on the server. A released kind is never renamed."""

    CREATE_ORDER = "create_order"
    CHANGE_ORDER = "change_order"
    SEND_TO_KITCHEN = "send_to_kitchen"
    SERVE_ORDER = "serve_order"
    CLOSE_ORDER = "close_order"
    VOID_ORDER = "void_order"
    START_TICKET = "start_ticket"
    READY_TICKET = "ready_ticket"
    BUMP_TICKET = "bump_ticket"
    RECALL_TICKET = "recall_ticket"
    SEEN_TICKET = "seen_ticket"
    READY_ITEM = "ready_item"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind travels: its model, method and path. `{entity}` and `{line}` in the path are ids."""

    model: type[Operation]
    method: str
    path: str


SHAPES: Final[dict[Kind, Shape]] = {
    Kind.CREATE_ORDER: Shape(CreateOrder, "POST", "/pos/orders"),
    Kind.CHANGE_ORDER: Shape(ChangeOrder, "PATCH", "/pos/orders/{entity}"),
    Kind.SEND_TO_KITCHEN: Shape(SendToKitchen, "POST", "/pos/orders/{entity}/send-to-kitchen"),
    Kind.SERVE_ORDER: Shape(ServeOrder, "POST", "/pos/orders/{entity}/serve"),
    Kind.CLOSE_ORDER: Shape(CloseOrder, "POST", "/pos/orders/{entity}/close"),
    Kind.VOID_ORDER: Shape(VoidOrder, "POST", "/pos/orders/{entity}/void"),
    Kind.START_TICKET: Shape(StartTicket, "POST", "/kds/tickets/{entity}/start"),
    Kind.READY_TICKET: Shape(ReadyTicket, "POST", "/kds/tickets/{entity}/mark-ready"),
    Kind.BUMP_TICKET: Shape(BumpTicket, "POST", "/kds/tickets/{entity}/bump"),
    Kind.RECALL_TICKET: Shape(RecallTicket, "POST", "/kds/tickets/{entity}/recall"),
    Kind.SEEN_TICKET: Shape(SeenTicket, "POST", "/kds/tickets/{entity}/seen"),
    Kind.READY_ITEM: Shape(ReadyItem, "POST", "/kds/tickets/{entity}/items/{line}/mark-ready"),
}

MONEY_KINDS: Final = frozenset({Kind.CLOSE_ORDER})
"""Kinds that carry money: they can be resolved by a person, never discarded."""

_KIND_OF: Final = {shape.model: kind for kind, shape in SHAPES.items()}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request as it will be sent, now and at every retry. `lanes` are the entities that it must keep its order in."""

    kind: Kind
    method: str
    path: str
    body: bytes
    lanes: tuple[str, ...]


def encode(command: Operation) -> Encoded:
    """Freeze a command into its request. Raises CommandRejected when it is too large for any server to read."""
    kind = _KIND_OF[type(command)]
    shape = SHAPES[kind]
    hidden = {"id"}
    if isinstance(command, CreateOrder):
        body = command.model_dump_json(by_alias=True, exclude=hidden, exclude_none=True).encode()
        body = body.replace(b'"orderId":', b'"id":', 1)
    else:
        hidden |= {"order_id", "ticket_id"} | ({"line_id"} if isinstance(command, ReadyItem) else set())
        body = command.model_dump_json(by_alias=True, exclude=hidden, exclude_none=True).encode()
    if len(body) > MAX_BODY_BYTES:
        raise CommandRejected(Refusal.INVALID, "This is too much at once. Send the order in two parts.")
    return Encoded(kind, shape.method, _path(shape, command), body, (lane_of(command),))


def lane_of(command: Operation) -> str:
    """The lane of a command: its order or its ticket."""
    match command:
        case OrderCommand():
            return order_lane(command.order_id)
        case TicketCommand():
            return ticket_lane(command.ticket_id)


def order_lane(order_id: str) -> str:
    """The name of an order's lane."""
    return f"order:{order_id}"


def ticket_lane(ticket_id: str) -> str:
    """The name of a ticket's lane."""
    return f"ticket:{ticket_id}"


def decode(kind: Kind, *, operation_id: str, path: str, body: bytes) -> Operation:
    """Read a command back from its request. Raises BadRequest with a sentence for each field that is wrong."""
    fields = _object(body)
    fields["id"] = operation_id
    entity, line = _ids_in(SHAPES[kind], path)
    match kind:
        case Kind.CREATE_ORDER:
            fields["orderId"] = _object(body).get("id")
        case Kind.CHANGE_ORDER | Kind.SEND_TO_KITCHEN | Kind.SERVE_ORDER | Kind.CLOSE_ORDER | Kind.VOID_ORDER:
            fields["orderId"] = entity
        case _:
            fields["ticketId"] = entity
    if line is not None:
        fields["lineId"] = line
    return decode_fields(kind, fields)


def decode_fields(kind: Kind, fields: dict[str, object]) -> Operation:
    """Validate the fields of a command, ids included, as they stand in JSON. Raises BadRequest."""
    try:
        return SHAPES[kind].model.model_validate_json(json.dumps(fields))
    except ValidationError as error:
        raise BadRequest.from_validation(error) from error


class BadRequest(EvertillError):
    """A body that no server could accept; `errors` has a row for each field: (path of the field, what is wrong)."""

    title = "The request can't be understood"
    advice = "Correct the fields named below and send it again as a new request."

    def __init__(self, errors: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{field}: {wrong}" if field else wrong for field, wrong in errors))
        self.errors = errors

    @classmethod
    def from_validation(cls, error: ValidationError) -> "BadRequest":
        """The same, from what pydantic found; values are left out, since they may be private or long."""
        rows = error.errors(include_url=False, include_context=False, include_input=False)
        return cls(tuple((".".join(str(part) for part in row["loc"]), row["msg"]) for row in rows[:20]))


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest((("", "The body is not JSON."),)) from error
    if not isinstance(found, dict):
        raise BadRequest((("", "The body has to be a JSON object."),))
    return found


def _path(shape: Shape, command: Operation) -> str:
    entity = command.order_id if isinstance(command, OrderCommand) else command.ticket_id
    line = command.line_id if isinstance(command, ReadyItem) else ""
    return shape.path.format(entity=entity, line=line)


def _ids_in(shape: Shape, path: str) -> tuple[str | None, str | None]:
    entity = line = None
    for pattern, part in zip(shape.path.split("/"), path.split("/"), strict=True):
        if pattern == "{entity}":
            entity = part
        elif pattern == "{line}":
            line = part
    return entity, line
