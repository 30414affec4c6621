"""Reads bodies: what can't be read, or could be read in two ways, is refused in words."""

from __future__ import annotations

from json import JSONDecoder
from typing import Final, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from reference_server.exchange import Problem
from shared.domain.model import Model
from shared.findings import doubled
from shared.wire.requests import BadRequest

M = TypeVar("M", bound=Model)

_UNREADABLE: Final = "This can't be read as it is. The fields that are wrong are named."


def read(model: type[M], body: bytes, *, otherwise: str = _UNREADABLE) -> M:
    """The question in a body, an empty one for no body. Raises the 400 for no JSON object, else the 422.

    `otherwise` is what the 422 says; it names every field that is wrong.
    """
    try:
        found = model.model_validate_json(body or b"{}")
        refuse_doubled(body, found.to_json())
        return found
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise no_json(body) from error
        if not first["loc"] and first["type"] == "model_type":
            raise no_object() from error
        raise Problem(422, otherwise, errors=BadRequest.from_validation(error).errors) from error


def read_object(body: bytes) -> dict[str, object]:
    """The JSON object of a body, an empty one for no body. Raises the 400."""
    try:
        found = from_json(body or b"{}", allow_inf_nan=False)
    except ValueError as error:
        raise no_json(body) from error
    if not isinstance(found, dict):
        raise no_object()
    refuse_doubled(body, to_json(found))
    return found


def refuse_doubled(body: bytes, again: bytes) -> None:
    """Raises the 400 for JSON in which one object has a field twice: readers differ about which of the two counts.

    `again` is what was read of it, written without spaces: where that is the body, nothing of it was left out, and
    nothing has to be looked for.
    """
    if body and again != body:
        _ONCE_EACH.decode(body.decode())


def _once_each(fields: list[tuple[str, object]]) -> None:
    name = doubled(name for name, _ in fields)
    if name is not None:
        raise Problem(400, f"The body has the field {name[:_NAMED]} twice. Send it once, with what is meant.")


#: Looks only at names: numbers stay text, so that none is too long for it.
_ONCE_EACH: Final = JSONDecoder(object_pairs_hook=_once_each, parse_int=str, parse_float=str, strict=False)
_NAMED: Final = 80
_MARKED: Final = " It begins with a byte order mark. Send UTF-8 without one."
_BEGINNINGS: Final = (
    (b"\x1f\x8b", " It is compressed. Send it as it is, without Content-Encoding."),
    *((mark, _MARKED) for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")),
)


def no_json(body: bytes) -> Problem:
    """The 400 for a body that nobody can read, with what its first bytes say of why."""
    why = next((words for begins, words in _BEGINNINGS if body.startswith(begins)), "")
    return Problem(400, f"The body is not JSON.{why}")


def no_object() -> Problem:
    """The 400 for JSON that has no fields."""
    return Problem(400, "The body has to be a JSON object.")
