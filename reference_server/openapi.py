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
from shared.wire.events import HEADER_LAST_ID
from shared.wire.protocol import HEADER_ACTOR, HEADER_KEY, HEADER_PROTOCOL, HEADER_SEEN, PROTOCOL_VERSION
from shared.wire.requests import SHAPES, Shape

_REFS: Final = "#/components/schemas/{model}"
#: Fields that a body may leave out: this server puts in its own time, new names, the token's own actor, and what the
#: order itself says.
_FILLED_IN: Final = {"actorId", "at", "baseVersion", "givenAt", "id", "lineIds", "takenAt", "tendered", "totalMinor"}
#: The parts of a body that it may leave such fields out of.
_PARTS: Final = (
    *(NewLine, NewPayment, SetQuantity, SetNote, SetSeat, VoidLine, MoveTable, SetGuests, TransferLines),
    *(ApplyDiscount, RemoveDiscount, NewRefund),
)

Schema = dict[str, Any]


def document(rows: Iterable[Row], *, version: str) -> Schema:
    """OpenAPI 3.1 for these rows."""
    rows = tuple(rows)
    models: set[type[Model]] = {ErrorAnswer, LoginRequest}
    models |= {row.asks for row in rows if row.asks is not None}
    models |= {row.answer for row in rows if row.answer is not None} | {
        SHAPES[row.kind].model for row in rows if row.kind is not None
    }
    modes = [(model, "validation") for model in sorted(models, key=lambda one: one.__name__)]
    _, definitions = models_json_schema(modes, ref_template=_REFS)  # type: ignore[arg-type]
    schemas: Schema = definitions["$defs"]
    for part in _PARTS:
        schemas[part.__name__]["required"] = _asked(schemas[part.__name__])
    paths: Schema = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Evertill", "version": version, "description": "What tills and kitchen screens speak."},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(row: Row, schemas: Schema) -> Schema:
    described: Schema = {
        "summary": row.summary,
        "operationId": _name(row),
        "tags": [row.area],
        "parameters": _parameters(row),
        "responses": _responses(row),
    }
    if not row.is_open:
        described["security"] = [{"device": []}]
    if row.kind is not None:
        body = _body(SHAPES[row.kind], schemas)
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    elif row.is_login or row.asks is not None:
        body = {"$ref": _REFS.format(model="LoginRequest" if row.asks is None else row.asks.__name__)}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return described


def _body(shape: Shape, schemas: Schema) -> Schema:
    """The schema of a command's body: the model's own, without what stands in the path or in a header."""
    whole: Schema = schemas[shape.model.__name__]
    hidden = {"id", shape.alias, *(["lineId"] if "{line}" in shape.path else [])}
    fields = {name: field for name, field in whole["properties"].items() if name not in hidden}
    if shape.makes:
        fields = {"id": whole["properties"][shape.alias], **fields}
    required = [name for name in _asked(whole) if name in fields]
    return {"type": "object", "title": shape.model.__name__, "properties": fields, "required": required}


def _asked(schema: Schema) -> list[str]:
    """The fields that a body can't do without."""
    return [name for name in schema.get("required", ()) if name not in _FILLED_IN]


def _parameters(row: Row) -> list[Schema]:
    found = [_parameter(part[1:-1], "path", required=True) for part in row.path.split("/") if part.startswith("{")]
    found += [_parameter(name, "query") for name in row.query]
    found += [_parameter(HEADER_LAST_ID, "header")] if row.is_stream else []
    found.append(_parameter(HEADER_PROTOCOL, "header", schema={"type": "string", "const": PROTOCOL_VERSION}))
    if row.kind is not None:
        found.append(_parameter(HEADER_KEY, "header", schema={"type": "string", "minLength": 1, "maxLength": 255}))
    if row.asks_who:
        found.append(_parameter(HEADER_ACTOR, "header"))
    if row.area in ("orders", "kitchen", "payments"):
        found.append(_parameter(HEADER_SEEN, "header"))
    return found


def _parameter(name: str, place: str, *, required: bool = False, schema: Schema | None = None) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema or {"type": "string"}}


def _responses(row: Row) -> Schema:
    """The statuses that an endpoint answers, each with its shape."""
    success: Schema = {"type": "string"}
    if row.answer is not None:
        success = {"$ref": _REFS.format(model=row.answer.__name__)}
    refusal = {"$ref": _REFS.format(model="ErrorAnswer")}
    done = ("200", "201") if row.kind is not None and SHAPES[row.kind].makes else ("200",)
    refused = ["404", "426"] if row.is_open else ["401", "404", "409", "426"]
    refused += ["403"] if row.asks_who else []
    refused += [] if row.path == LIVE else ["429"]
    if row.kind is not None or row.is_login or row.asks is not None:
        refused += ["400", "403", "413", "422", "503"]
    elif row.query:
        refused += ["422"]
    found = {status: _described("Done.", success, media=row.media) for status in done}
    return found | {status: _described("Refused.", refusal) for status in sorted(set(refused))}


def _described(words: str, schema: Schema, *, media: str = "application/json") -> Schema:
    return {"description": words, "content": {media: {"schema": schema}}}


def _name(row: Row) -> str:
    if row.kind is not None:
        return row.kind.value
    parts = [part for part in row.path.strip("/").replace("-", "_").split("/") if not part.startswith("{")]
    ending = "_one" if row.path.endswith("}") else ""
    return f"{row.method.lower()}_{'_'.join(parts)}{ending}"
