"""Pure: what devices and server say to each other about operations that the server may have lost."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from shared.domain.model import Model
from shared.ids import OperationId, OrderId

MAX_IDS: Final = 500
"""The most operations in one request of healing."""

MAX_NAME: Final = 26
"""A history's name is a ULID."""

_MOST: Final = 10**15
"""No counter comes as far; a database would not take much more."""


class KnownRequest(Model):
    """Which of these operations does the server have?"""

    ids: Annotated[tuple[OperationId, ...], Field(max_length=MAX_IDS)]
    history: Annotated[str, Field(max_length=MAX_NAME)] = ""
    """The name of the history that they are of, if the device knows it."""


class KnownAnswer(Model):
    """`known` are those that are done here, with the status that each was answered.

    `reported` are those that a device has reported to be done again, and that are not yet.
    """

    known: dict[OperationId, int]
    reported: tuple[OperationId, ...] = ()


class Retained(Model):
    """An operation that a device holds an acceptance of. `body` and `answer` are its very bytes, as text.

    `kind` may be one that only a newer program knows. `seq` is its place among the device's own; `revision` the cursor
    that its first answer named, if one did.
    """

    id: OperationId
    seq: Annotated[int, Field(ge=1, le=_MOST)]
    kind: Annotated[str, Field(max_length=64)]
    method: str
    path: str
    body: str
    status: int
    answer: str
    revision: str | None = None


class HealRequest(Model):
    """A device's report. `seen` is the highest cursor that it knows, `history` the name of the history that it is of.

    `healed` is the last healing that it went through. `is_whole`: this was all. `base_versions` are the order versions
    that its waiting changes were made on.
    """

    seen: Annotated[str, Field(max_length=200)] = ""
    history: Annotated[str, Field(max_length=MAX_NAME)] = ""
    healed: str | None = None
    operations: Annotated[tuple[Retained, ...], Field(max_length=MAX_IDS)] = ()
    is_whole: bool = False
    base_versions: dict[OrderId, Annotated[int, Field(ge=0, le=_MOST)]] = Field(default_factory=dict)


class Phase(StrEnum):
    """Where a healing stands."""

    NONE = "NONE"
    REPORTING = "REPORTING"
    APPLYING = "APPLYING"
    DONE = "DONE"


class HealAnswer(Model):
    """Where the healing stands; `is_reported`: this device's report is whole. `waiting_for` names who still has to."""

    healing: str
    phase: Phase
    is_reported: bool
    waiting_for: tuple[str, ...] = ()
