"""The OpenAPI document, made from the same table that answers the requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from reference_server.rows import LIVE, Row
from shared.domain.commands import (
    MoveTable,
    NewLine,
    NewPayment,
    SetGuests,
    SetNote,
    SetQuantity,
    SetSeat,
    VoidLine,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.model import Model
from shared.domain.moves import TransferLines
from shared.domain.refunds import NewRefund
from shared.wire.answers import ErrorAnswer, LoginRequest
from shared.wire.events import CHANGE, HEADER_LAST_ID, HELLO, HISTORY_LOST, PING, Change, Hello, Ping
from shared.wire.protocol import HEADER_ACTOR, HEADER_KEY, HEADER_PROTOCOL, HEADER_SEEN, PROTOCOL_VERSION
from shared.wire.requests import SHAPES, Kind

_REFS: Final = "#/components/schemas/{model}"
#: Fields that a body may leave out: this server puts in its own time, new names, the token's own actor, and what the
#: order itself says.
_FILLED_IN: Final = {
    *("actorId", "at", "baseVersion", "givenAt", "id", "lineIds", "newOrderId", "takenAt", "tendered", "totalMinor"),
}
#: Where such a field is needed all the same: nothing of a split follows from the order.
_NEEDED: Final = {Kind.SPLIT_ORDER: frozenset({"lineIds"})}
#: The parts of a body that it may leave such fields out of.
_PARTS: Final = (
    *(NewLine, NewPayment, SetQuantity, SetNote, SetSeat, VoidLine, MoveTable, SetGuests, TransferLines),
    *(ApplyDiscount, RemoveDiscount, NewRefund),
)

#: The areas of which a device tells the newest change that it has seen, and those whose documents carry an ETag.
_OF_HISTORY: Final = ("orders", "kitchen", "payments", "shifts")
_DOCUMENTS: Final = ("catalogue", "auth")
#: Blanks around a header's value belong to nobody, and two quotes alone are no key.
_KEY: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": '^([!#-~]([ -~]*[!-~])?|"[ -~]+")$'}
_KEY_WORDS: Final = (
    "Made once for a wish and the same at every retry; bare or in double quotes. A caller that can't set headers leaves"
    " it out and puts it into the body as `_idempotencyKey`."
)
_WORDS: Final = {
    200: "Done.",
    201: "Made.",
    304: "Nothing changed since the ETag that was told.",
    400: "No JSON object, a field twice in one, no usable key, or too many parameters.",
    401: "The device is unknown, signed off, or its token expired.",
    403: "This person, or this device, may not do it.",
    404: "Nothing of this name is known here.",
    409: "Something else happened meanwhile: `conflictType` says what, `currentState` what is so now.",
    413: "More than one request may carry.",
    422: "It makes no sense; `errors` names the fields.",
    425: "What it hangs on is still under way; come back with the same key.",
    426: "Another version of the protocol.",
    431: "The head of the request is longer than 32 KiB.",
    429: "Too many tries; come back after `Retry-After`.",
    500: "A fault of the server; come back with the same key.",
    503: "The server can't do it now; come back with the same key.",
}
_ABOUT: Final = (
    "What tills and kitchen screens speak. An address that is not here is answered 404, another method of one that is"
    " here 405 with `Allow`, what is no request 400; each as `ErrorAnswer`. Who has no token is answered 401 first."
)

#: The events of the stream, and what stands in the data of each.
_EVENTS: Final[dict[str, type[Model]]] = {CHANGE: Change, HELLO: Hello, PING: Ping, HISTORY_LOST: ErrorAnswer}

Schema = dict[str, Any]


def document(rows: Iterable[Row], *, version: str) -> Schema:
    """OpenAPI 3.1 for these rows."""
    rows = tuple(rows)
    models: set[type[Model]] = {LoginRequest, *_EVENTS.values()}
    models |= {row.asks for row in rows if row.asks is not None}
    models |= {row.answer for row in rows if row.answer is not None} | {
        SHAPES[row.kind].model for row in rows if row.kind is not None
    }
    modes = [(model, "validation") for model in sorted(models, key=lambda one: one.__name__)]
    _, definitions = models_json_schema(modes, ref_template=_REFS)  # type: ignore[arg-type]
    schemas: Schema = definitions["$defs"]
    for part in _PARTS:
        schemas[part.__name__]["required"] = _asked(schemas[part.__name__])
    for schema in schemas.values():
        if "const" in schema.get("properties", {}).get("type", {}):
            schema["required"] = ["type", *schema.get("required", ())]
    for kind in {row.kind: row for row in rows if row.kind is not None}:
        name = SHAPES[kind].model.__name__
        schemas[name] = _body(kind, schemas[name])
    paths: Schema = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Evertill", "version": version, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(row: Row) -> Schema:
    described: Schema = {
        "summary": row.summary,
        "operationId": _name(row),
        "tags": [row.area],
        "parameters": _parameters(row),
        "responses": _responses(row),
    }
    if not row.is_open:
        described["security"] = [{"device": []}]
    if row.kind is not None or row.is_login or row.asks is not None:
        model = SHAPES[row.kind].model if row.kind is not None else row.asks or LoginRequest
        body = {"$ref": _REFS.format(model=model.__name__)}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return described


def _body(kind: Kind, whole: Schema) -> Schema:
    """The schema of a command's body: the model's own, without what stands in the path or in a header."""
    shape, needed = SHAPES[kind], _NEEDED.get(kind, frozenset())
    hidden = {"id", shape.alias, *(["lineId"] if "{line}" in shape.path else [])}
    fields = {name: field for name, field in whole["properties"].items() if name not in hidden}
    if shape.makes:
        fields = {"id": whole["properties"][shape.alias], **fields}
    required = [name for name in whole.get("required", ()) if name in fields and name in {*_asked(whole), *needed}]
    return {**whole, "properties": fields, "required": required}


def _asked(schema: Schema) -> list[str]:
    """The fields that a body can't do without."""
    return [name for name in schema.get("required", ()) if name not in _FILLED_IN]


def _parameters(row: Row) -> list[Schema]:
    found = [_parameter(part[1:-1], "path", required=True) for part in row.path.split("/") if part.startswith("{")]
    found += [_parameter(name, "query") for name in row.query]
    found += [_parameter(HEADER_LAST_ID, "header")] if row.is_stream else []
    found.append(_parameter(HEADER_PROTOCOL, "header", schema={"type": "string", "pattern": f"^{PROTOCOL_VERSION}$"}))
    if row.kind is not None:
        found.append({**_parameter(HEADER_KEY, "header", required=True, schema=_KEY), "description": _KEY_WORDS})
    if row.asks_who:
        found.append(_parameter(HEADER_ACTOR, "header"))
    if row.area in _OF_HISTORY:
        found.append(_parameter(HEADER_SEEN, "header"))
    return found


def _parameter(name: str, place: str, *, required: bool = False, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema or {"type": "string"}}


def statuses(row: Row) -> frozenset[int]:
    """Every status that this endpoint can answer with."""
    done = {200, 201} if row.kind is not None and SHAPES[row.kind].makes else {200}
    found = done | {400, 413, 426, 431, 500, 503} | (set() if row.path == LIVE else {429})
    writes = row.kind is not None or row.asks is not None or row.is_login
    found |= set() if row.is_open else {401}
    found |= {403} if writes or row.asks_who else set()
    found |= {404} if writes or "{" in row.path or row.area in _DOCUMENTS else set()
    found |= {409} if writes or row.area in _OF_HISTORY else set()
    found |= {422} if writes or row.query else set()
    found |= {425} if row.kind is Kind.CLOSE_ORDER else set()
    return frozenset(found | ({304} if row.area in _DOCUMENTS else set()))


def _responses(row: Row) -> Schema:
    """The statuses that an endpoint answers, each with its shape."""
    success: Schema = {"type": "string"}
    if row.is_stream:
        success = _event()
    elif row.answer is not None:
        success = {"$ref": _REFS.format(model=row.answer.__name__)}
    refusal = {"$ref": _REFS.format(model="ErrorAnswer")}
    found: Schema = {}
    for status in sorted(statuses(row)):
        described: Schema = {"description": _WORDS[status]}
        if status < 300:
            described["content"] = {row.media: {"schema": success}}
        elif status >= 400:
            described["content"] = {"application/json": {"schema": refusal}}
        found[str(status)] = described
    return found


def _event() -> Schema:
    """One event of the stream; its data is JSON of one of these models."""
    data = {"anyOf": [{"$ref": _REFS.format(model=model.__name__)} for model in _EVENTS.values()]}
    text = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    fields = {"event": {"enum": list(_EVENTS)}, "id": {"type": "string"}, "data": text}
    return {"type": "object", "properties": fields, "required": ["event", "data"]}


def _name(row: Row) -> str:
    if row.kind is not None:
        return row.kind.value
    parts = [part for part in row.path.strip("/").replace("-", "_").split("/") if not part.startswith("{")]
    ending = "_one" if row.path.endswith("}") else ""
    return f"{row.method.lower()}_{'_'.join(parts)}{ending}"
