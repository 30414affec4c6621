"""Pure: what a server answers, as models that both sides use."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.domain.alerts import HouseAlert
from shared.domain.model import Model
from shared.domain.order import Order
from shared.domain.payment_intent import PaymentIntent
from shared.domain.ticket import Ticket


class ConflictType(StrEnum):
    """Why a 409 (or a batch's 424) was answered."""

    IDEMPOTENCY_DUPLICATE = "IDEMPOTENCY_DUPLICATE"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    INVALID_STATE_TRANSITION = "INVALID_STATE_TRANSITION"
    STALE_WRITE = "STALE_WRITE"
    HISTORY_LOST = "HISTORY_LOST"
    OTHER_BRANCH = "OTHER_BRANCH"
    NOT_TRIED = "NOT_TRIED"


class OrderAnswer(Order):
    """An order after a write. `surplus_minor` is money of this very close that the order could not use."""

    surplus_minor: int = 0
    follow_up: Order | None = None
    """The order that took over lines which a close did not name."""
    others: tuple[Order, ...] = ()
    """The other orders that it changed: those to which it carried lines."""


class FieldError(Model):
    """One field of a refused body; `field` is its path, empty for the body as a whole."""

    field: str
    message: str


class ErrorAnswer(Model):
    """Every refusal has this shape. `status_code` equals the HTTP status: that is how a client knows it for ours."""

    status_code: int
    message: str
    request_id: str = ""
    conflict_type: ConflictType | None = None
    current_state: Order | Ticket | PaymentIntent | HouseAlert | None = None
    existing_resource: Order | Ticket | None = None
    errors: tuple[FieldError, ...] | None = None


class OrderPage(Model):
    """One page of the orders that changed after a cursor."""

    orders: tuple[Order, ...]
    cursor: str
    """`revision-operationId` of the last change that this page has covered; empty before the first change ever."""
    server_time: str
    has_more: bool = False
    history: str = ""
    """The name of the history that the cursor is of."""


class TicketPage(Model):
    """One page of the tickets that changed after a cursor; `day` names the last business day that was ended."""

    tickets: tuple[Ticket, ...]
    cursor: str
    server_time: str
    has_more: bool = False
    history: str = ""
    day: str = ""


class Health(Model):
    """What a server says of itself; `head` is the cursor of its newest change, `history` the name of its history.

    `catalogue` is another whenever anything of menu, floor, settings or staff is.
    """

    status: str
    version: str
    server_time: str
    head: str = ""
    capabilities: tuple[str, ...] = ()
    history: str = ""
    catalogue: str = ""


class LoginRequest(Model):
    """Who wants to work, by the PIN."""

    staff_id: Annotated[str, Field(min_length=1, max_length=64)]
    pin: Annotated[str, Field(min_length=4, max_length=8, pattern=r"^[0-9]+$")]


class LoginAnswer(Model):
    """Who is working now."""

    staff_id: str
    name: str
    role: str
