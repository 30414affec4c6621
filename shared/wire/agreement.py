"""Pure: what a device and the server say to each other to find out whether both have the same operations."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from shared.domain.model import AShiftId, Model
from shared.domain.shift_commands import Series
from shared.ids import OperationId

MAX_NAMED: Final = 20_000
"""The most operations that are compared at once: some days of a busy till, 3 MB."""
MAX_DIFFERENCES: Final = 500
"""So many differences are named at most; how many there are is said besides."""

_MOST: Final = 10**15


class Became(StrEnum):
    """What became of an operation, as its device knows it."""

    DONE = "DONE"
    NOT_DONE = "NOT_DONE"
    """Refused, in conflict, or given up by a person."""
    OPEN = "OPEN"
    """No answer is stored yet, or a person has still to decide: the server may have it or not."""


class Named(Model):
    """One operation of a device. `sha256` is the fingerprint of its request in hex, `receipt` what a close printed."""

    id: OperationId
    seq: Annotated[int, Field(ge=1, le=_MOST)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    became: Became
    receipt: Annotated[str, Field(min_length=1, max_length=20)] | None = None


class AgreeRequest(Model):
    """All that a device made since a moment of the server's time, in its own order, and what it has seen.

    `since` is RFC 3339. Places of its own count (`seq`) from `first_seq` on have no hole, unless its file lost rows.
    Of a shift that was closed, it names all that was done in it instead, and its own counts as the close told them; the
    server keeps what it found with the shift.
    """

    seen: Annotated[str, Field(max_length=200)] = ""
    since: str
    first_seq: Annotated[int, Field(ge=1, le=_MOST)] | None = None
    operations: Annotated[tuple[Named, ...], Field(max_length=MAX_NAMED)] = ()
    shift_id: AShiftId | None = None
    series: Series | None = None


class Differs(StrEnum):
    """In what device and server differ."""

    MISSING = "MISSING"
    """The device holds an acceptance, the server has not done it."""
    OTHER_BODY = "OTHER_BODY"
    """Both have the operation, with another content."""
    OTHER_ANSWER = "OTHER_ANSWER"
    """One says done, the other not."""
    UNNAMED = "UNNAMED"
    """The server did it for this device, which does not name it: its file lost it, or a copy of it sells besides."""
    NO_SUCH_RECEIPT = "NO_SUCH_RECEIPT"
    """A payment was accepted, and no order here holds its receipt."""
    HOLE = "HOLE"
    """A number is missing in the device's own series: of its operations, or of its receipts."""
    OTHER_SUM = "OTHER_SUM"
    """Till and server reckon differently what should have been in the drawer."""
    LATE = "LATE"
    """Money came when the shift was closed."""


class Difference(Model):
    """One difference: `what` is the id of the operation or the number that is missing, `message` is for a person."""

    kind: Differs
    what: str
    message: str


class AgreeAnswer(Model):
    """So many operations were compared, and this is what differs; `count` says how many differences there are."""

    compared: int
    count: int
    differences: tuple[Difference, ...]
