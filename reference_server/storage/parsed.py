"""Entities by their very bytes, so that what was written or read of late is not parsed once more.

An order is read at each of its changes, and mostly it stands as the last one wrote it. What is kept under its bytes
can't be out of date, whoever else writes into the database, and a write that was undone leaves nothing that is wrong.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, TypeVar, cast

from shared.domain.model import Model

M = TypeVar("M", bound=Model)

#: An evening's open orders with their tickets; longer bodies are parsed each time, so that it stays within some MiB.
KEPT: Final = 512
LONGEST_BYTES: Final = 16 * 1024

#: For any thread: who finds one gone that another has in hand just now parses it. The last one used is the last one.
_kept: Final[OrderedDict[tuple[type[Model], bytes], Model]] = OrderedDict()


def entity(model: type[M], body: bytes) -> M:
    """The entity that these bytes say. Raises pydantic's ValidationError for bytes that say none."""
    found = _kept.pop((model, body), None)
    if found is None:
        found = model.model_validate_json(body)
    keep(found, body)
    return cast(M, found)


def keep(one: Model, body: bytes) -> None:
    """Remember what these bytes say: `body` is `one.to_json()`, or `one` was read from it."""
    if len(body) > LONGEST_BYTES:
        return
    _kept[type(one), body] = one
    if len(_kept) > KEPT:
        _kept.popitem(last=False)
