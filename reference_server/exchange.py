"""Pure: a request and a response without any web framework, and the one shape of a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from shared.wire.answers import ConflictType
from shared.wire.protocol import HEADER_REQUEST

Headers = tuple[tuple[str, str], ...]

#: A reverse proxy's own id for a request is kept when it is no longer than this.
REQUEST_ID_LENGTH: Final = 64
#: A server that is out of disk or of room in its queue asks for this pause, in seconds.
RETRY_AFTER_S: Final = 2

#: A line that has this ASGI extension takes an answer in one piece by its `put`: status, lines of the head, body.
#: In two parts it costs the system as much again, and uvicorn looks each field through once more. By its `end` it ends
#: at once where nobody reads what it carries, and nothing is said of an answer without an end.
WHOLE: Final = "evertill.whole"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks. Header names are in lower case; `query` is what stands behind the question mark."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: str = ""
    request_id: str = ""


class Fact(NamedTuple):
    """Something that an answer says about the work of the server, to be counted once it was given: see `ops`."""

    name: str
    type: str = ""
    amount: int = 1


class Happened(NamedTuple):
    """Something that the log is told once the transaction in which it was done is on the disk: see `ops`."""

    event: str
    about: Mapping[str, str]


class Response(NamedTuple):
    """What we answer: JSON bytes, or none. `facts` and what `happened` do not travel."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    facts: tuple[Fact, ...] = ()
    happened: tuple[Happened, ...] = ()

    def header(self, name: str) -> str | None:
        """The value of a header of the answer, whatever the case of its name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Problem(Exception):
    """A refusal on its way out. Raised before anything was written, so that nothing needs to be undone."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        conflict: ConflictType | None = None,
        current_state: bytes | None = None,
        existing_resource: bytes | None = None,
        errors: Sequence[tuple[str, str]] = (),
        headers: Headers = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.conflict = conflict
        self.current_state = current_state
        self.existing_resource = existing_resource
        self.errors = errors
        self.headers = headers

    def response(self, request_id: str) -> Response:
        """The refusal in the contract's shape (`wire.answers.ErrorAnswer`); entities are put in as they are stored."""
        head: dict[str, object] = {"statusCode": self.status, "message": self.message, "requestId": request_id}
        if self.conflict is not None:
            head["conflictType"] = self.conflict.value
        if self.errors:
            head["errors"] = [{"field": name, "message": wrong} for name, wrong in self.errors]
        body = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
        for name, entity in (("currentState", self.current_state), ("existingResource", self.existing_resource)):
            if entity is not None:
                body = body[:-1] + b',"' + name.encode() + b'":' + entity + b"}"
        return Response(self.status, body, self.headers, self._facts())

    def _facts(self) -> tuple[Fact, ...]:
        if self.conflict is None or self.conflict is ConflictType.NOT_TRIED:
            return ()
        return (Fact("conflict", self.conflict.value),)


def busy(message: str) -> Problem:
    """The server can't do it now and expects to be able to soon: come back with the same key."""
    return Problem(503, message, headers=(("Retry-After", str(RETRY_AFTER_S)),))


def broken() -> Problem:
    """A fault of ours, told without its details, which are in the log."""
    return Problem(500, "The server met a fault of its own. Try again; if it stays, ask for help.")


def request_id_from(headers: Mapping[str, str]) -> str | None:
    """The id that a proxy gave the request, if it is fit to be written into a log."""
    given = headers.get(HEADER_REQUEST.lower(), "")
    fits = 0 < len(given) <= REQUEST_ID_LENGTH and given.isascii() and given.isprintable()
    return given if fits else None
