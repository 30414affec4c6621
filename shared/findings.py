"""Pure: what pydantic found wrong in somebody's input, a plain sentence for each thing."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final


def sentence(row: Mapping[str, Any], *, patterns: Mapping[str, str]) -> str:
    """One of pydantic's findings in plain words; its own message where we have none.

    `patterns` has a sentence for each regular expression that the input's fields are held to.
    """
    context: Mapping[str, Any] = row.get("ctx", {})
    if row["type"] == "string_pattern_mismatch":
        return patterns.get(context["pattern"], "This text has another form than is needed.")
    make = _SENTENCES.get(row["type"])
    return str(row["msg"]) if make is None else make(context)


UNKNOWN_FIELD: Final = "This field is not known here."

_NUMBER: Final = "A number is needed."
_WHOLE: Final = "A whole number is needed."
_WEB_ADDRESS: Final = "A web address is needed, like http://192.168.1.10:8080."

_SENTENCES: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "missing": lambda _: "This field is missing.",
    "extra_forbidden": lambda _: UNKNOWN_FIELD,
    "int_type": lambda _: _WHOLE,
    "int_parsing": lambda _: _WHOLE,
    "int_from_float": lambda _: _WHOLE,
    "int_parsing_size": lambda _: "This number is too large.",
    "float_type": lambda _: _NUMBER,
    "float_parsing": lambda _: _NUMBER,
    "bool_type": lambda _: "true or false is needed.",
    "bool_parsing": lambda _: "true or false is needed.",
    "string_type": lambda _: "A text is needed.",
    "path_type": lambda _: "A text is needed.",
    "tuple_type": lambda _: "A list is needed.",
    "model_type": lambda _: "An object is needed.",
    "model_attributes_type": lambda _: "An object is needed.",
    "string_too_short": lambda ctx: f"It has to have at least {ctx['min_length']} characters.",
    "string_too_long": lambda ctx: f"It can have at most {ctx['max_length']} characters.",
    "too_short": lambda ctx: f"It has to have at least {ctx['min_length']} entries.",
    "too_long": lambda ctx: f"It can have at most {ctx['max_length']} entries.",
    "greater_than_equal": lambda ctx: f"It has to be at least {ctx['ge']}.",
    "less_than_equal": lambda ctx: f"It can be at most {ctx['le']}.",
    "enum": lambda ctx: f"One of these is needed: {ctx['expected']}.",
    "literal_error": lambda ctx: f"One of these is needed: {ctx['expected']}.",
    "union_tag_invalid": lambda ctx: f"Its type has to be one of these: {ctx['expected_tags']}.",
    "union_tag_not_found": lambda _: "Its type is missing.",
    "json_invalid": lambda _: "The body is not JSON.",
    "url_type": lambda _: _WEB_ADDRESS,
    "url_parsing": lambda _: _WEB_ADDRESS,
    "url_scheme": lambda _: _WEB_ADDRESS,
    "url_too_long": lambda _: _WEB_ADDRESS,
    "value_error": lambda ctx: str(ctx["error"]),
}


def doubled(names: Iterable[str]) -> str | None:
    """The first name that stands there for the second time; None where each stands once."""
    seen = set[str]()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
