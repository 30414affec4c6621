"""The OpenAPI document as a generator of requests meets it: as it is, or narrowed to names that the server knows."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]


def operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Each operation with its method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def narrowed(document: Schema, known: Mapping[str, list[Any]]) -> Schema:
    """The same document, in which everything of these names that is sent is one of what the server knows by it.

    Of everything else there is one at most: of many that have to go well together one always does not.
    """
    near = copy.deepcopy(document)
    schemas = near["components"]["schemas"]
    for _, path, operation in operations(near):
        for parameter in operation["parameters"]:
            in_path = f"{{{parameter['name']}}}"
            at = path[: path.index(in_path) + len(in_path)] if parameter["in"] == "path" else parameter["name"]
            for told in (at, f"{path}#{parameter['name']}"):
                if told in known:
                    parameter["schema"] = {"enum": known[told]}
    for sent in _sent(near):
        required = set(schemas[sent].get("required", ()))
        for name, field in schemas[sent].get("properties", {}).items():
            told = known.get(f"{sent}.{name}", known.get(name))
            if told is not None and "const" not in field:
                schemas[sent]["properties"][name] = {"enum": told}
                required.add(name)
            elif field.get("type") == "array":
                field.update(minItems=1, maxItems=1)
                required.add(name)
        if "properties" in schemas[sent]:
            schemas[sent]["required"] = sorted(required)
    return near


def without_security(document: Schema) -> Schema:
    """The same document for who has a token already: then nothing of the token can be wrong."""
    found = copy.deepcopy(document)
    for _, _, operation in operations(found):
        operation.pop("security", None)
    return found


def _sent(document: Schema) -> set[str]:
    """The names of all schemas that stand in the body of a request."""
    found: set[str] = set()
    waiting = [operation["requestBody"] for _, _, operation in operations(document) if "requestBody" in operation]
    while waiting:
        node = waiting.pop()
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(node)):
            if name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
    return found


def complaints(document: Schema) -> list[str]:
    """What a stranger could not build on: each a sentence that begins with where it is."""
    found = []
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        found += [f"{where} has a default response" for status in operation["responses"] if status == "default"]
        if method in ("POST", "PATCH", "PUT") and not _body_of(operation):
            found.append(f"{where} has no schema for its body")
        for status, response in operation["responses"].items():
            has_body = status not in ("204", "304")
            if has_body and not all(one.get("schema") for one in response.get("content", {"": {}}).values()):
                found.append(f"{where} has no schema for its answer {status}")
        found += [f"{where}: {words}" for words in _free_in(operation, "")]
    for name, schema in document["components"]["schemas"].items():
        found += _free_in(schema, name)
    return found


def _body_of(operation: Schema) -> Any:
    return operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")


def _free_in(node: Any, at: str) -> Iterator[str]:
    """Every schema below that takes whatever comes: an object of no named fields, an array of no named things."""
    if isinstance(node, list):
        for place, one in enumerate(node):
            yield from _free_in(one, f"{at}[{place}]")
    if not isinstance(node, dict):
        return
    is_typed_map = isinstance(node.get("additionalProperties"), dict) and node["additionalProperties"]
    if node.get("type") == "object" and not node.get("properties") and not is_typed_map:
        yield f"{at} is an object of whatever comes"
    if node.get("additionalProperties") is True:
        yield f"{at} takes whatever comes besides"
    if node.get("type") == "array" and not node.get("items") and not node.get("prefixItems"):
        yield f"{at} is an array of whatever comes"
    for name, one in node.items():
        if name in ("properties", "$defs", "parameters", "schema"):
            empty = [key for key, field in one.items() if field == {}] if isinstance(one, dict) else []
            yield from (f"{at}.{key} is whatever comes" for key in empty)
        if name not in ("examples", "default", "enum", "const"):
            yield from _free_in(one, f"{at}.{name}" if name != "properties" else at)
