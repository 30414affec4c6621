"""Operations on their way, and the answers that a server of the house gives to them."""

from __future__ import annotations

import json

from shared.domain.bill import Method
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    CloseOrder,
    CreateOrder,
    NewLine,
    NewPayment,
    Operation,
    OrderOperation,
    SendToKitchen,
    VoidOrder,
)
from shared.domain.lines import Author
from shared.domain.marks import BumpTicket, ReadyTicket
from shared.domain.order import Order
from shared.domain.rules import apply
from shared.domain.ticket import Stage, Ticket, TicketItem
from shared.ids import ItemId, LineId, OperationId, OrderId, PaymentId, StaffId, StationId, TableId, TicketId
from shared.store.outcomes import Flight
from shared.sync.exchange import Answered
from shared.wire.protocol import HEADER_CURSOR, HEADER_OPERATION
from shared.wire.requests import encode

AT = "2015-11-27T19:41:05.250Z"
AUTHOR = Author(device_id="till-a", actor_name="Ann")


def ulid(number: int) -> str:
    return f"01ARZ3NDEK{number:016d}"


ORDER, LINE, LATE_LINE, TICKET, PAYMENT = ulid(1), ulid(2), ulid(3), ulid(4), ulid(5)


def new_line(line_id: str = LINE) -> NewLine:
    return NewLine(
        id=LineId(line_id),
        item_id=ItemId("pizza"),
        quantity=1,
        name="Pizza",
        price_minor=1250,
        tax_bp=1000,
        station=StationId("kitchen"),
    )


def create(*items: NewLine) -> CreateOrder:
    return CreateOrder(
        id=OperationId(ulid(101)),
        actor_id=StaffId("ann"),
        at=AT,
        order_id=OrderId(ORDER),
        number="A-1",
        table_id=TableId("table-5"),
        items=items,
    )


def change(line_id: str = LINE) -> ChangeOrder:
    return ChangeOrder(
        id=OperationId(ulid(102)),
        actor_id=StaffId("ann"),
        at=AT,
        order_id=OrderId(ORDER),
        base_version=0,
        changes=(AddLine(line=new_line(line_id)),),
    )


def send_to_kitchen() -> SendToKitchen:
    return SendToKitchen(
        id=OperationId(ulid(103)), actor_id=StaffId("ann"), at=AT, order_id=OrderId(ORDER), line_ids=(LineId(LINE),)
    )


def close() -> CloseOrder:
    payment = NewPayment(id=PaymentId(PAYMENT), method=Method.CASH, amount=1250, tendered=2000, taken_at=AT)
    return CloseOrder(
        id=OperationId(ulid(104)),
        actor_id=StaffId("ann"),
        at=AT,
        order_id=OrderId(ORDER),
        line_ids=(LineId(LINE),),
        total_minor=1250,
        payments=(payment,),
        receipt_number="A-000001",
    )


def void() -> VoidOrder:
    return VoidOrder(
        id=OperationId(ulid(105)), actor_id=StaffId("ann"), at=AT, order_id=OrderId(ORDER), reason="left", line_ids=()
    )


def ready() -> ReadyTicket:
    return ReadyTicket(
        id=OperationId(ulid(106)), actor_id=StaffId("ann"), at=AT, ticket_id=TicketId(TICKET), line_ids=()
    )


def bump() -> BumpTicket:
    return BumpTicket(
        id=OperationId(ulid(107)), actor_id=StaffId("ann"), at=AT, ticket_id=TicketId(TICKET), line_ids=()
    )


def flight_of(command: Operation, *, sends: int = 1, attempts: int = 0) -> Flight:
    """The command as the outbox hands it out."""
    encoded = encode(command)
    return Flight(
        seq=1,
        id=command.id,
        kind=encoded.kind,
        method=encoded.method,
        path=encoded.path,
        body=encoded.body,
        lanes=encoded.lanes,
        entity_id=encoded.lanes[0].partition(":")[2],
        sends=sends,
        attempts=attempts,
        created_at_ms=0,
    )


def order_after(*commands: OrderOperation) -> Order:
    """The order as the server has it after these."""
    order: Order | None = None
    for command in commands:
        order = apply(order, command, AUTHOR)
    assert order is not None
    return order


def ticket(status: Stage = Stage.QUEUED) -> Ticket:
    return Ticket(
        id=TicketId(TICKET),
        order_id=OrderId(ORDER),
        order_number="A-1",
        station=StationId("kitchen"),
        status=status,
        sent_at=AT,
        updated_at=AT,
        items=(TicketItem(line_id=LineId(LINE), name="Pizza", quantity=1),),
        version=1,
    )


def answer(status: int, body: object = None, *, echo: Flight | None = None, **headers: str) -> Answered:
    """A response with a JSON body (or bytes as they are); `echo` carries that flight's id back as our servers do."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if echo is not None:
        sent[HEADER_OPERATION.lower()] = echo.id
        sent[HEADER_CURSOR.lower()] = f"7-{echo.id}"
    return Answered(status, sent, raw)


def error(status: int, conflict: str | None = None, *, message: str = "No.", **more: object) -> dict[str, object]:
    """The body of a refusal in the contract's shape."""
    body: dict[str, object] = {"statusCode": status, "message": message, "requestId": "r-1", **more}
    return body if conflict is None else {**body, "conflictType": conflict}


def as_json(entity: Order | Ticket) -> dict[str, object]:
    found: dict[str, object] = json.loads(entity.to_json())
    return found
