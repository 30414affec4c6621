"""Pure: what a person can intend with a till's drawer, with their own working hours, and with the business day."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.domain.command import Command
from shared.domain.model import (
    MAX_MINOR,
    AClockingId,
    ADayId,
    AShiftId,
    AStaffId,
    Minor,
    Request,
)

_Why = Annotated[str, StringConstraints(max_length=200)]
_Receipt = Annotated[str, StringConstraints(min_length=1, max_length=20)]
_Seq = Annotated[int, Field(ge=0, le=10**15)]
Signed = Annotated[int, Field(ge=-MAX_MINOR, le=MAX_MINOR)]
"""Money in minor units that may be missing: more can have been paid out than there was."""


class HouseCommand(Command):
    """A command about neither an order nor a ticket."""


class ShiftCommand(HouseCommand):
    """A command about one shift of one till."""

    shift_id: AShiftId


class OpenShift(ShiftCommand):
    """Begin a shift with the money that is in the drawer.

    `receipts` is how many receipts its till had printed before.
    """

    float_minor: Minor
    receipts: Annotated[int, Field(ge=0, le=10**9)] | None = None


class CashMove(StrEnum):
    """Why a drawer is opened without a bill."""

    PAY_IN = "PAY_IN"
    PAY_OUT = "PAY_OUT"
    NO_SALE = "NO_SALE"


class MoveCash(ShiftCommand):
    """Put money into the drawer or take some out, with the reason; or only open it."""

    type: CashMove
    amount_minor: Minor = 0
    reason: _Why = ""


class Series(Request):
    """What a till's own counts were over a shift: of its operations, and of its receipts where it printed any."""

    first_seq: _Seq
    last_seq: _Seq
    first_receipt: _Receipt | None = None
    last_receipt: _Receipt | None = None


class CloseShift(ShiftCommand):
    """Count the drawer without being told what should be in it, and end the shift.

    `expected_minor` is what the till itself reckoned, and `series` its own counts: both for the comparison.
    """

    counted_minor: Minor
    expected_minor: Signed | None = None
    series: Series | None = None


class Way(StrEnum):
    """Which way somebody goes past the clock."""

    IN = "IN"
    OUT = "OUT"


class Clock(HouseCommand):
    """Come to work or leave it. `staff_id` is whose hours they are, where somebody else writes them down."""

    clocking_id: AClockingId
    type: Way
    staff_id: AStaffId | None = None

    @property
    def person_id(self) -> str:
        """Whose hours they are."""
        return self.actor_id if self.staff_id is None else self.staff_id


class CloseDay(HouseCommand):
    """End the business day."""

    day_id: ADayId


ShiftOperation = OpenShift | MoveCash | CloseShift
HouseOperation = ShiftOperation | Clock | CloseDay
