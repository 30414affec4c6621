"""Pure: on which line of a JSON text something stands, for words about a file that somebody wrote by hand."""

from __future__ import annotations

import json
import re
from typing import Final

_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()


def line_of(text: str, path: str) -> int:
    """The line of what a path like `menu.items.0.name` names, or of the innermost thing on it that is there.

    The text has to be JSON.
    """
    at = _after_blanks(text, 0)
    for part in path.split("."):
        inside = _place_in(text, at, part)
        if inside is None:
            break
        at = inside
    return text.count("\n", 0, at) + 1


def _place_in(text: str, at: int, part: str) -> int | None:
    """Where the field of this name begins in the object at `at`, or the entry of this number in the list."""
    opening = text[at]
    if opening not in "{[":
        return None
    found, number = None, 0
    at = _after_blanks(text, at + 1)
    while text[at] not in "}]":
        name: object = str(number)
        if opening == "{":
            name, at = _DECODER.raw_decode(text, at)
            at = _after_blanks(text, _after_blanks(text, at) + 1)
        if name == part:
            found = at  # of two of one name the last one counts
        _, at = _DECODER.raw_decode(text, at)
        at = _after_blanks(text, at)
        if text[at] == ",":
            at = _after_blanks(text, at + 1)
        number += 1
    return found


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return at if blanks is None else blanks.end()
