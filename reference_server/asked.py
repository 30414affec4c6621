"""Reads the body of a question that is no operation; what can't be read is refused in words."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import ValidationError

from reference_server.exchange import Problem
from shared.domain.model import Model
from shared.wire.requests import BadRequest

M = TypeVar("M", bound=Model)

_UNREADABLE: Final = "This can't be read as it is. The fields that are wrong are named."


def read(model: type[M], body: bytes, *, otherwise: str = _UNREADABLE) -> M:
    """The question in a body, an empty one for no body. Raises the 400 for no JSON object, else the 422.

    `otherwise` is what the 422 says; it names every field that is wrong.
    """
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise no_json() from error
        if not first["loc"] and first["type"] == "model_type":
            raise no_object() from error
        raise Problem(422, otherwise, errors=BadRequest.from_validation(error).errors) from error


def no_json() -> Problem:
    """The 400 for a body that nobody can read."""
    return Problem(400, "The body is not JSON.")


def no_object() -> Problem:
    """The 400 for JSON that has no fields."""
    return Problem(400, "The body has to be a JSON object.")
