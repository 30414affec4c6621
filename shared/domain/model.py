"""Pure: the shape that every model of the restaurant shares: frozen, strict, camelCase on the wire."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from shared.ids import (
    ULID_PATTERN,
    ChangeId,
    ClockingId,
    DayId,
    ItemId,
    LineId,
    OperationId,
    OrderId,
    PaymentId,
    ShiftId,
    StaffId,
    StationId,
    TableId,
    TicketId,
)

_DEFINED: "Final[list[type[Model]]]" = []


class Model(BaseModel):
    """A value that travels or is stored; read it from JSON, since strictness refuses lists for tuples elsewhere.

    Unknown fields are ignored, so that an older program reads what a newer one wrote. What checks and writes a model is
    built when it is first used, or by `build_models`: a window is up before most of them are.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        defer_build=True,
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Remember it for `build_models`."""
        _DEFINED.append(cls)

    def __copy__(self) -> Self:
        """As pydantic's own, less what our models never have (private and extra fields): rules copy at every tap."""
        copied = self.__class__.__new__(self.__class__)
        object.__setattr__(copied, "__dict__", self.__dict__.copy())
        object.__setattr__(copied, "__pydantic_extra__", None)
        object.__setattr__(copied, "__pydantic_fields_set__", self.__pydantic_fields_set__.copy())
        object.__setattr__(copied, "__pydantic_private__", None)
        return copied

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's own, less what it asks for each time: whether the model may have extra fields."""
        if deep:
            return super().model_copy(update=update, deep=True)
        copied = self.__copy__()
        if update:
            copied.__dict__.update(update)
            copied.__pydantic_fields_set__.update(update)
        return copied

    def to_json(self) -> bytes:
        """The model as canonical wire bytes: camelCase, fields in the order of their declaration, UTF-8."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True)


def build_models() -> Iterator[type[Model]]:
    """Build what checks and writes each model that was imported, one a turn, so that none has to when it is first used.

    In the order of their definition: what holds another model then uses what was built for that.
    """
    for model in _DEFINED:
        model.model_rebuild()
        yield model


class Request(Model):
    """A model that somebody sends us: a field we do not know is refused, since it may be a misspelt one."""

    model_config = ConfigDict(extra="forbid")


_ULID = StringConstraints(pattern=ULID_PATTERN)
_NAME = StringConstraints(min_length=1, max_length=64, strip_whitespace=False)

AnOperationId = Annotated[OperationId, _ULID]
AnOrderId = Annotated[OrderId, _ULID]
ALineId = Annotated[LineId, _ULID]
ATicketId = Annotated[TicketId, _ULID]
APaymentId = Annotated[PaymentId, _ULID]
AChangeId = Annotated[ChangeId, _ULID]
AShiftId = Annotated[ShiftId, _ULID]
AClockingId = Annotated[ClockingId, _ULID]
ADayId = Annotated[DayId, _ULID]
AnItemId = Annotated[ItemId, _NAME]
ATableId = Annotated[TableId, _NAME]
AStationId = Annotated[StationId, _NAME]
AStaffId = Annotated[StaffId, _NAME]

MAX_MINOR = 10**12
"""The largest amount of money in minor units that is believed: ten thousand million of most currencies."""

Minor = Annotated[int, Field(ge=0, le=MAX_MINOR)]
Quantity = Annotated[int, Field(ge=1, le=999)]
Guests = Annotated[int, Field(ge=0, le=999)]
Seat = Annotated[int, Field(ge=1, le=99)]
Course = Annotated[int, Field(ge=1, le=9)]
Note = Annotated[str, StringConstraints(max_length=200)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200)]
TaxBasisPoints = Annotated[int, Field(ge=0, le=10_000)]

_COMMON_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_LEAP_YEAR = r"(?:(?:19|[2-9][0-9])(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[3579][26])00)"
_DAY = rf"(?:(?:19|[2-9][0-9])[0-9]{{2}}-{_COMMON_DAY}|{_LEAP_YEAR}-02-29)"
MOMENT_PATTERN = rf"^{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{3}}Z$"
"""A day that exists, of the years 1900 to 9999, and a time of that day: every reader can count with it."""

Moment = Annotated[str, StringConstraints(pattern=MOMENT_PATTERN)]
PIN_PATTERN = "^[0-9]{4,8}$"
"""RFC 3339 in UTC with milliseconds, the only form of time that travels."""

MAX_LINES = 300
"""Lines of one order, voided ones included: what one screen, one receipt and one body can bear."""

MAX_NUMBER_CHARS = 20
"""Signs of an order's number as a till may give it."""
