"""Pure: what is wrong with a body, a sentence for each field, in words for the person who has to mend it."""

from collections.abc import Mapping
from typing import Final, Self

from pydantic import ValidationError

from shared.domain.model import MOMENT_PATTERN, PIN_PATTERN
from shared.errors import EvertillError
from shared.findings import sentence
from shared.ids import ULID_PATTERN

MAX_ERRORS: Final = 20
"""Fields that one refusal names: more would help nobody, and a body of a thousand mistakes would answer as many."""


class BadRequest(EvertillError):
    """A body that no server could accept; `errors` has a row for each field: (path of the field, what is wrong)."""

    title = "The request can't be understood"
    advice = "Correct the fields named here and send it again as a new request."

    def __init__(self, errors: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{field}: {wrong}" if field else wrong for field, wrong in errors))
        self.errors = errors

    @classmethod
    def from_validation(cls, error: ValidationError, *, names: Mapping[str, str] | None = None) -> Self:
        """The same, from what pydantic found; values are left out, since they may be private or long.

        `names` are the fields that the sender knows by another name.
        """
        rows = error.errors(include_url=False, include_input=False)
        inside = {row["loc"][:1] for row in rows if len(row["loc"]) > 1}
        # A list whose entries are wrong is counted without them: that it is too short is then no finding of its own.
        told = [row for row in rows if row["type"] != "too_short" or row["loc"] not in inside][:MAX_ERRORS]
        return cls(tuple((_path(row["loc"], names or {}), sentence(row, patterns=_PATTERNS)) for row in told))


def _path(loc: tuple[int | str, ...], names: Mapping[str, str]) -> str:
    """The path in the sender's JSON: pydantic puts the type of a change behind its number, where no field is."""
    parts = [
        str(part)
        for before, part in zip((None, *loc), loc, strict=False)
        if not (isinstance(before, int) and isinstance(part, str) and loc[0] == "changes" and part in _TYPES)
    ]
    return ".".join((names.get(parts[0], parts[0]), *parts[1:])) if parts else ""


_TYPES: Final = frozenset(
    (
        *("addLine", "setQuantity", "setNote", "setSeat", "voidLine", "moveTable", "setGuests"),
        *("applyDiscount", "removeDiscount", "transferLines"),
    )
)

_PATTERNS: Final = {
    ULID_PATTERN: "A ULID is needed: 26 digits and upper case letters.",
    MOMENT_PATTERN: "A moment is needed, like 2015-11-27T19:41:05.250Z.",
    PIN_PATTERN: "A PIN has 4 to 8 digits.",
}
