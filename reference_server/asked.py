"""Reads the body of a question that is no operation; what can't be read is refused in words."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from reference_server.exchange import Problem
from shared.domain.model import Model

M = TypeVar("M", bound=Model)


def read(model: type[M], body: bytes) -> M:
    """The question in a body. Raises the 422 that names the first field that is wrong."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Problem(422, "This can't be read as it is.", errors=((where, first["msg"]),)) from error
