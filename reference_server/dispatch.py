"""From a request to its response without any web: first what needs no database, then the rest in one transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl

from reference_server import batches
from reference_server.area import Write
from reference_server.asked import read_object
from reference_server.deps import Deps
from reference_server.exchange import Problem, Request, Response, broken
from reference_server.figures import facts
from reference_server.healing import history
from reference_server.people import login
from reference_server.people.access import When, actor, authenticate, token_hash
from reference_server.people.roles import EVERYBODY
from reference_server.routes import TABLE
from reference_server.rows import Asked, Row
from reference_server.storage import devices
from reference_server.storage.devices import Device
from reference_server.storage.seam import Connection
from reference_server.writes import write, write_from
from shared.group_commit import apart
from shared.wire.protocol import HEADER_ACTOR, HEADER_PROTOCOL, HEADER_SEEN, PROTOCOL_VERSION, most_bytes

#: More parameters than this in one query is nobody's honest request.
MAX_QUERY_FIELDS = 20
#: The areas of which revisions are made: a device of another history is kept out of them.
_OF_HISTORY = frozenset({"orders", "kitchen", "payments", "shifts"})
_SEEN, _PROTOCOL = HEADER_SEEN.lower(), HEADER_PROTOCOL.lower()


log = logging.getLogger(__name__)


@dataclass(slots=True)
class Task:
    """A request that was understood as far as that goes without a database.

    `trouble` is what is wrong with it; strangers never hear of it, since the token is asked first. `device_id` is
    known, for the log, once that was done.
    """

    row: Row
    request: Request
    params: dict[str, str]
    token: bytes | None
    write: Write | None = None
    trouble: Problem | None = None
    device_id: str = ""

    @property
    def user_id(self) -> str:
        """Who wants it, as far as the body says."""
        named = None if self.write is None else self.write.body.get("actorId")
        return named if isinstance(named, str) else ""


def prepare(request: Request) -> Task:
    """Find the row, read the body, make the fingerprint. Raises Problem for 404, 405 and 426."""
    row, params = TABLE.find("GET" if request.method == "HEAD" else request.method, request.path)
    asked_protocol = request.headers.get(_PROTOCOL)
    if asked_protocol is not None and asked_protocol != PROTOCOL_VERSION:
        message = f"This server speaks version {PROTOCOL_VERSION} of the protocol. This device needs an update."
        raise Problem(426, message, headers=(("Upgrade", f"evertill/{PROTOCOL_VERSION}"),))
    token = token_hash(request.headers)
    if row.kind is None:
        return Task(row, request, params, token)
    try:
        asked = write_from(row, request=request, body=read_object(request.body), params=params)
    except Problem as trouble:
        return Task(row, request, params, token, trouble=trouble)
    return Task(row, request, params, token, write=asked)


@dataclass(slots=True)
class Admitted:
    """Who was let in with a batch, and whether it was asked of which history they are: once for all of it."""

    device: Device
    shares_history: bool = False


def run(tx: Connection, deps: Deps, task: Task, *, admitted: Admitted | None = None) -> Response:
    """Everything else, inside the caller's transaction. Raises Problem, and then nothing was written."""
    device = admit(tx, deps, task, admitted=admitted)
    if task.write is not None and device is not None:
        response = write(tx, deps, device=device, asked=task.write)
        told = facts.of_write(task.write.kind, task.write.body, response)
        return Response(response.status, response.body, response.headers, (*response.facts, *told))
    if task.row.is_batch:
        assert device is not None, "a batch is for devices only"
        admitted = Admitted(device)
        return batches.answer(task.request, lambda request: _alone(tx, deps, request, admitted=admitted))
    assert task.row.read is not None, "a row is a write, a batch, a read or the login"
    query = _parameters(task.request.query)
    return task.row.read(tx, deps, Asked(task.request, task.params, query, device))


def admit(tx: Connection, deps: Deps, task: Task, *, admitted: Admitted | None = None) -> Device | None:
    """Who asks, and whether we share a history. Raises the 401, the 409 HISTORY_LOST, and then the task's trouble."""
    if task.row.is_open:
        return None
    seen = task.request.headers.get(_SEEN, "")
    is_of_history = task.row.area in _OF_HISTORY
    if admitted is None:
        visitor = devices.at_the_door(tx, task.token, seen=seen)
        device = authenticate(visitor.device, now_ms=deps.clock.now_ms())
        task.device_id = device.id
        if is_of_history:
            history.refuse_stranger(visitor)
    else:
        device = admitted.device
        task.device_id = device.id
        if is_of_history and not admitted.shares_history:
            history.refuse_strangers(tx, seen)
            admitted.shares_history = True
    if task.trouble is not None:
        raise task.trouble
    if task.row.kind is None and task.row.allowed != EVERYBODY:
        _judge(tx, deps, task, device=device)
    return device


def _judge(tx: Connection, deps: Deps, task: Task, *, device: Device) -> None:
    """Let pass who may: the person of `X-Actor`, in a POST of `actorId`, else the device in its own role. Raises 403.

    Operations are judged where they are decided, by the same rule.
    """
    named: object = task.request.headers.get(HEADER_ACTOR.lower())
    if task.row.asks is not None:
        named = read_object(task.request.body).get("actorId")
    if not named and device.role is None:
        where = "actorId" if task.row.asks is not None else HEADER_ACTOR
        raise Problem(403, f"Say who wants this: name the person in {where}.")
    when = When(deps.clock.now_ms())
    actor(deps.catalogue.now(tx), device=device, actor_id=str(named or device.id), allowed=task.row.allowed, when=when)


def begin_login(tx: Connection, deps: Deps, task: Task) -> login.Try:
    """The login's first step, in a transaction of its own. Raises Problem."""
    device = admit(tx, deps, task)
    assert device is not None, "the login is for devices only"
    return login.begin(tx, deps, device=device, body=task.request.body)


def handle(tx: Connection, deps: Deps, request: Request) -> Response:
    """The whole of it in one call and one transaction: what the simulator and most tests drive."""
    try:
        if len(request.body) > most_bytes(request.path):
            raise too_large(request.path)
        task = prepare(request)
        if not task.row.is_login:
            return run(tx, deps, task)
        attempt = begin_login(tx, deps, task)
        if not login.is_right(attempt):
            raise login.refuse(attempt)
        return login.finish(tx, deps, attempt)
    except Problem as problem:
        return problem.response(request.request_id)


def _alone(tx: Connection, deps: Deps, request: Request, *, admitted: Admitted) -> Response:
    """One operation of a batch, with every check that it meets when it comes by itself.

    A fault of ours over it is its own 500: what it wrote is undone, and the others are done. Raises what the disk says.
    """
    done = apart(tx, lambda tx: _one(tx, deps, request, admitted=admitted))
    if isinstance(done, Response):
        return done
    log.error("a fault of the server over one operation of a batch", exc_info=done)
    return broken().response(request.request_id)


def _one(tx: Connection, deps: Deps, request: Request, *, admitted: Admitted) -> Response:
    try:
        if len(request.body) > most_bytes(request.path):
            raise too_large(request.path)
        task = prepare(request)
        if task.row.kind is None:
            raise Problem(400, "Only a write of an order or a ticket can stand in a batch.")
        return run(tx, deps, task, admitted=admitted)
    except Problem as problem:
        return problem.response(request.request_id)


def too_large(path: str) -> Problem:
    """The 413 for a body beyond the limit of this path."""
    return Problem(413, f"This is too much at once: at most {most_bytes(path) // 1024} KiB in one request.")


def _parameters(query: str) -> dict[str, str]:
    """What stands behind the question mark; of one name the last. Raises the 400 for more than anybody needs."""
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS))
    except ValueError as error:
        raise Problem(400, f"These are too many parameters: at most {MAX_QUERY_FIELDS}.") from error
