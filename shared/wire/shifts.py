"""Pure: what a server answers when somebody asks for a shift's report."""

from enum import StrEnum

from shared.domain.model import Model, Moment
from shared.domain.shift import Figures, Shift
from shared.wire.agreement import AgreeAnswer


class ReportKind(StrEnum):
    """X: how a shift stands now. Z: how it ended."""

    X = "X"
    Z = "Z"


class ShiftReport(Model):
    """All that this server knows of a shift, added up at `server_time`.

    `agreement` is the last comparison with what the till itself says that it did; None before there was one. What a
    till has not sent yet is not in it: the till shows that beside it.
    """

    kind: ReportKind
    server_time: Moment
    shift: Shift
    figures: Figures
    difference_minor: int | None = None
    agreement: AgreeAnswer | None = None
