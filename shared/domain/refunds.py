"""Pure: the intention to take lines of a paid bill back and to give money back."""

from typing import Annotated

from pydantic import Field

from shared.domain.bill import Method
from shared.domain.command import OrderCommand
from shared.domain.model import MAX_LINES, MAX_MINOR, ALineId, APaymentId, AShiftId, AStaffId, Moment, Reason, Request


class NewRefund(Request):
    """Money to be given back. `payment_id` is the payment that it gives back, which a card needs to be told."""

    id: APaymentId
    method: Method
    amount: Annotated[int, Field(ge=1, le=MAX_MINOR)]
    given_at: Moment
    payment_id: APaymentId | None = None


class RefundOrder(OrderCommand):
    """Take lines of a closed order back, and give money back for them, or give back what it could not use.

    It names the lines that the screen showed as taken back: none, where only money is given back that was too much.
    """

    line_ids: Annotated[tuple[ALineId, ...], Field(max_length=MAX_LINES)]
    refunds: Annotated[tuple[NewRefund, ...], Field(max_length=20)] = ()
    reason: Reason
    approved_by: AStaffId | None = None
    shift_id: AShiftId | None = None
