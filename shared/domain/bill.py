"""Pure: what stands on a bill beside its lines: discounts, payments, and what was given back."""

from enum import StrEnum

from shared.domain.model import (
    AChangeId,
    ALineId,
    AnOperationId,
    AnOrderId,
    APaymentId,
    AShiftId,
    AStaffId,
    Minor,
    Model,
    Moment,
    Reason,
)


class Method(StrEnum):
    """How a guest pays."""

    CASH = "CASH"
    CARD = "CARD"
    MOBILE_MONEY = "MOBILE_MONEY"


class Share(Model):
    """What one line bears of an amount that was taken off a whole order."""

    line_id: ALineId
    minor: Minor


class Discount(Model):
    """What was taken off a line or off a whole order: a percentage in basis points, or an amount."""

    id: AChangeId
    percent_bp: int | None = None
    amount_minor: Minor | None = None
    reason: Reason
    given_by: AStaffId
    given_at: Moment
    approved_by: AStaffId | None = None
    removed: bool = False
    of_order: AnOrderId | None = None
    """The order that it was given on as a whole, where a line took its part along from there."""
    spares: tuple[ALineId, ...] = ()
    """Lines that a whole order's leaves out: those that were voided before it, or came with a part of another's."""
    shares: tuple[Share, ...] | None = None
    """Who bears an amount since lines that bore of it went elsewhere; None while all that are here do."""


class Payment(Model):
    """Money that was taken. It is a fact: what the order could not use stays on it as not applied."""

    id: APaymentId
    method: Method
    amount_minor: Minor
    tendered_minor: Minor
    tip_minor: Minor = 0
    taken_at: Moment
    taken_by: str = ""
    unapplied_minor: Minor = 0
    """The part that the order did not owe: a person refunds it or moves it."""
    receipt_number: str | None = None
    """What stands on the guest's paper: two tills that close one order at the same moment have printed one each."""
    reference: str | None = None  # what the gateway calls the charge, where it was no cash
    shift_id: AShiftId | None = None
    """The shift whose drawer it went into."""


class Refund(Model):
    """Money that was given back."""

    id: APaymentId
    method: Method
    amount_minor: Minor
    given_at: Moment
    payment_id: APaymentId | None = None
    """The payment that it gives back, which a card needs to be told."""
    refused: bool = False
    """The gateway did not give it back after all: the guest does not have it, and a person has to give it otherwise."""


class Return(Model):
    """Lines of a closed order that were taken back, and the money that was given back for them: marks, like a payment.

    Named after its operation. `number` is the server's, and missing while the server has not said yes.
    """

    id: AnOperationId
    number: str | None = None
    line_ids: tuple[ALineId, ...] = ()
    money: tuple[Refund, ...] = ()
    surplus_minor: Minor = 0
    """The part of the money that the order never could use."""
    reason: Reason
    given_at: Moment
    given_by: str = ""
    approved_by: AStaffId | None = None
    shift_id: AShiftId | None = None

    @property
    def amount_minor(self) -> int:
        """All money of it that went back to the guest."""
        return sum(one.amount_minor for one in self.money if not one.refused)

    @property
    def refused_minor(self) -> int:
        """What of it a gateway did not give back."""
        return sum(one.amount_minor for one in self.money if one.refused)
