"""Pure: what a person can intend. Each command is a frozen model with a ULID made before its button was pressed.

Commands that travel (`Operation kinds`) become one queued request each. `EditDraft`, `SendDraft` and `PayCash` are
intentions at the till; `shared.domain.intents` says which travelling commands they turn into.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.domain.alerts import CloseAlert
from shared.domain.bill import Method
from shared.domain.cancelling import CancelIntent
from shared.domain.command import OrderCommand
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.marks import (
    BumpTicket,
    PrioritiseTicket,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    StartTicket,
)
from shared.domain.model import (
    MAX_LINES,
    MAX_NUMBER_CHARS,
    AChangeId,
    ALineId,
    AnItemId,
    AnOperationId,
    AnOrderId,
    APaymentId,
    AShiftId,
    AStaffId,
    AStationId,
    ATableId,
    Course,
    Guests,
    Minor,
    Model,
    Moment,
    Note,
    Quantity,
    Reason,
    Request,
    Seat,
    TaxBasisPoints,
    Title,
)
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Channel, Modifier
from shared.domain.payment_intent import OpenIntent
from shared.domain.receipts import ReceiptLink
from shared.domain.refunds import RefundOrder
from shared.domain.shift_commands import HouseOperation
from shared.ids import ChangeId, LineId


class NewLine(Request):
    """A line as it is ordered. What is left out, the server fills in from its menu; what is told is honoured."""

    id: ALineId
    item_id: AnItemId
    quantity: Quantity
    name: Title | None = None
    price_minor: Minor | None = None
    modifiers: tuple[Modifier, ...] = Field(default=(), max_length=40)
    note: Note = ""
    seat: Seat | None = None
    course: Course | None = None
    tax_bp: TaxBasisPoints | None = None
    station: AStationId | None = None


class AddLine(Request):
    """Put a line on the order. The line's own id is the id of this change."""

    type: Literal["addLine"] = "addLine"
    line: NewLine

    @property
    def id(self) -> ChangeId:
        """The id by which the order knows that this change is in."""
        return ChangeId(self.line.id)


class SetQuantity(Request):
    """Change how many of a line that the kitchen has not been sent. In a draft, see `RemoveLine` for none."""

    type: Literal["setQuantity"] = "setQuantity"
    id: AChangeId
    line_id: ALineId
    quantity: Quantity


class SetNote(Request):
    """Write a note on a line that the kitchen has not been sent."""

    type: Literal["setNote"] = "setNote"
    id: AChangeId
    line_id: ALineId
    note: Note


class SetSeat(Request):
    """Say which guest a line is for."""

    type: Literal["setSeat"] = "setSeat"
    id: AChangeId
    line_id: ALineId
    seat: Seat | None = None


class VoidLine(Request):
    """Take a line off the bill, with the reason. The line stays on the order, marked."""

    type: Literal["voidLine"] = "voidLine"
    id: AChangeId
    line_id: ALineId
    reason: Reason
    approved_by: AStaffId | None = None


class MoveTable(Request):
    """Carry the order to another table, or to none."""

    type: Literal["moveTable"] = "moveTable"
    id: AChangeId
    table_id: ATableId | None = None


class SetGuests(Request):
    """Say how many guests the order is for."""

    type: Literal["setGuests"] = "setGuests"
    id: AChangeId
    guests: Guests


LineChange = AddLine | SetQuantity | SetNote | SetSeat | VoidLine | ApplyDiscount | RemoveDiscount
Change = Annotated[LineChange | MoveTable | SetGuests | TransferLines, Field(discriminator="type")]


class CreateOrder(OrderCommand):
    """Open an order under the id and number that the till gave it."""

    number: Annotated[str, Field(min_length=1, max_length=MAX_NUMBER_CHARS)] | None = None
    table_id: ATableId | None = None
    channel: Channel = Channel.DINE_IN
    guests: Guests = 0
    items: tuple[NewLine, ...] = Field(default=(), max_length=MAX_LINES)


class ChangeOrder(OrderCommand):
    """Change an order; it applies whole or not at all. `base_version` is the server's version on the screen."""

    base_version: Annotated[int, Field(ge=0)]
    changes: tuple[Change, ...] = Field(min_length=1, max_length=MAX_LINES)


class SendToKitchen(OrderCommand):
    """Send the lines that the screen showed, and no others. `paper_at` says that a slip came out of a printer.

    `held_ids` are lines of later courses: the kitchen gets them when they are fired.
    """

    line_ids: tuple[ALineId, ...] = Field(min_length=1, max_length=MAX_LINES)
    held_ids: Annotated[tuple[ALineId, ...], Field(max_length=MAX_LINES)] | None = None
    paper_at: Moment | None = None

    @property
    def named_ids(self) -> tuple[LineId, ...]:
        """All lines that it names, sent and held."""
        return (*self.line_ids, *(self.held_ids or ()))


class FireCourse(SendToKitchen):
    """Send lines that were held: those that the screen showed as the next course, and no others."""


class ServeOrder(OrderCommand):
    """Say that everything that the screen showed is at the table; it names those lines."""

    line_ids: tuple[ALineId, ...] = Field(min_length=1, max_length=MAX_LINES)


class NewPayment(Request):
    """Money that a guest gave. `amount` is what counts for the bill, `tendered` what was handed over."""

    id: APaymentId
    method: Method
    amount: Minor
    tendered: Minor
    tip: Minor = 0
    taken_at: Moment
    reference: Annotated[str, Field(max_length=64)] | None = None
    """What the gateway calls a charge."""


class CloseOrder(OrderCommand):
    """Take the money and close. It names the lines and the total that the guest was told."""

    line_ids: tuple[ALineId, ...] = Field(min_length=1, max_length=MAX_LINES)
    total_minor: Minor
    payments: tuple[NewPayment, ...] = Field(default=(), max_length=20)
    receipt_number: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    receipt_link: ReceiptLink | None = None
    shift_id: AShiftId | None = None


class VoidOrder(OrderCommand):
    """Cancel an open order, with the reason; it names the lines that the screen showed, none for an empty order."""

    reason: Reason
    line_ids: tuple[ALineId, ...] = Field(max_length=MAX_LINES)
    approved_by: AStaffId | None = None
    shift_id: AShiftId | None = None


class RemoveLine(Request):
    """Take a line out of the draft: it was never saved as an order, so nothing needs to remember it."""

    type: Literal["removeLine"] = "removeLine"
    id: AChangeId
    line_id: ALineId


DraftChange = Annotated[
    AddLine | SetQuantity | SetNote | SetSeat | RemoveLine | MoveTable | SetGuests,
    Field(discriminator="type"),
]


class EditDraft(Model):
    """Tiles, + and -, notes and seats on lines that were not sent. Written to the till's draft, never queued.

    The first edit of a new order also says what the order is: `table_id`, `channel`, `guests`.
    A line that is in the draft may be removed by `RemoveLine`; all other changes are those of orders.
    """

    id: AnOperationId
    actor_id: AStaffId
    at: Moment
    order_id: AnOrderId
    table_id: ATableId | None = None
    channel: Channel = Channel.DINE_IN
    guests: Guests = 0
    changes: tuple[DraftChange, ...] = Field(min_length=1, max_length=MAX_LINES)


class SendDraft(Model):
    """Send what the screen showed as not sent yet: unsent lines of the draft and of the order.

    Of them `held_ids` wait until they are fired; something has to go now.
    """

    id: AnOperationId
    actor_id: AStaffId
    at: Moment
    order_id: AnOrderId
    line_ids: tuple[ALineId, ...]
    held_ids: tuple[ALineId, ...] = ()


class PayCash(Model):
    """Take cash for what the screen showed and close; a draft among it is saved and sent first."""

    id: AnOperationId
    actor_id: AStaffId
    at: Moment
    order_id: AnOrderId
    line_ids: tuple[ALineId, ...]
    total_minor: Minor
    tendered_minor: Minor
    tip_minor: Minor = 0


MoveOperation = MergeOrder | SplitOrder
OrderOperation = (
    CreateOrder
    | ChangeOrder
    | SendToKitchen
    | FireCourse
    | ServeOrder
    | CloseOrder
    | VoidOrder
    | RefundOrder
    | MoveOperation
)
TicketOperation = StartTicket | ReadyTicket | BumpTicket | RecallTicket | SeenTicket | ReadyItem | PrioritiseTicket
Operation = OrderOperation | TicketOperation | OpenIntent | CancelIntent | CloseAlert | HouseOperation
"""The commands that travel: each is one request, one row in the outbox, one row on the server."""

Intent = EditDraft | SendDraft | PayCash | OrderOperation | TicketOperation | HouseOperation
"""Everything that a screen may hand to the terminal."""
