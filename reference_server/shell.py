"""The web around the dispatcher: pure ASGI from a scope to a request, and from a response to bytes on the line."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_server import dispatch, events
from reference_server.deps import Deps
from reference_server.dispatch import Task
from reference_server.exchange import WHOLE, Fact, Problem, Request, Response, broken, busy, request_id_from
from reference_server.heads import REQUEST_ID, STREAM, fields_of, put, telling
from reference_server.ops import health
from reference_server.ops.request_log import RequestLog
from reference_server.people import login
from reference_server.protection.door import Door, Visit
from reference_server.protection.rates import Gate
from reference_server.rows import LIVE
from reference_server.storage.seam import Connection, Storage
from reference_server.streams import Streams
from shared.errors import DatabaseError
from shared.wire.protocol import (
    HEADER_CURSOR,
    HEADER_OPERATION,
    most_bytes,
)

T = TypeVar("T")

#: No transaction makes anybody wait for longer.
LONGEST_S: Final = 60.0
#: Under this name a fault of ours is counted, whatever was asked; the log says what it was.
FAULT: Final = "fault"


class Shell:
    """Answers what is in the table, and shows the documents that stand beside it (the OpenAPI document)."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        deps: Deps,
        storage: Storage,
        log: RequestLog,
        documents: Mapping[str, bytes],
        streams: Streams,
    ) -> None:
        self._app = app
        self._streams = streams
        self._deps = deps
        self._storage = storage
        self._log = log
        self._documents = documents
        self._run_id = deps.ulids.new()
        self._numbers = itertools.count(1)
        self._watch = deps.watch
        self._door = Door(
            Gate(deps.limits.rates, deps.clock, counts=deps.counts), storage, deps.clock, heavy=frozenset(documents)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One exchange."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = self._deps.clock.monotonic_s()
        is_over = False
        try:
            await self._exchange(scope, receive, send, started_s=started)
            is_over = True
        except asyncio.CancelledError:
            is_over = True
            raise
        finally:
            if not is_over:
                duration_s = self._deps.clock.monotonic_s() - started
                self._watch.metrics.exchanged("", FAULT, status=500, duration_s=duration_s)

    async def _exchange(self, scope: Scope, receive: Receive, send: Send, *, started_s: float) -> None:
        headers = _headers(scope["headers"])
        request_id = request_id_from(headers) or f"{self._run_id}-{next(self._numbers)}"
        task: Task | None = None
        visit: Visit | None = None
        method, path = scope["method"], scope["path"]
        try:
            visit = await self._door.knock(method, path, headers=headers, address=_address(scope))
            await self._door.let_in(visit, method, path)
            if path in self._documents:
                response = _shown(method, self._documents[path])
            else:
                request = Request(
                    method=method,
                    path=path,
                    headers=headers,
                    body=await _body(path, headers, receive),
                    query=scope["query_string"].decode("latin-1"),
                    request_id=request_id,
                )
                task = dispatch.prepare(request)
                response = await self._answer(task)
        except Problem as problem:
            response = problem.response(request_id)
        except DatabaseError as error:
            self._log.trouble(request_id, error)
            response = busy(error.title + ".").response(request_id)
        except Exception as error:  # noqa: BLE001 - whatever broke is told in the contract's shape, and logged
            self._log.fault(request_id, error)
            response = broken().response(request_id)
        if visit is not None:
            await self._door.left(visit, response.status)
        if task is not None and task.row.is_stream and response.status == 200 and method == "GET":
            await self._stream(task, response, (receive, telling(send, visit)), end=_end_of(scope))
        else:
            fields = fields_of(response, request_id=request_id, echo=headers.get(HEADER_OPERATION.lower()), visit=visit)
            await put(response, fields, scope=scope, send=send)
        duration_s = self._deps.clock.monotonic_s() - started_s
        self._count(task, response, duration_s=duration_s)
        if self._log.tells_requests:
            self._log.exchanged(
                request_id=request_id,
                device_id=task.device_id if task is not None else "",
                user_id=task.user_id if task is not None else "",
                method=method,
                path=path,
                status=response.status,
                duration_s=duration_s,
            )

    def _count(self, task: Task | None, response: Response, *, duration_s: float) -> None:
        """What was done, under the endpoint's template; a stream's life is no duration of an answer."""
        metrics = self._watch.metrics
        if task is None:
            if response.status >= 400:
                metrics.told((Fact("refused", str(response.status)),))
            metrics.exchanged("", "none", status=response.status, duration_s=duration_s)
            return
        if task.device_id:
            self._watch.asked(task.device_id, self._deps.clock.monotonic_s())
        if response.facts:
            metrics.told(response.facts)
            self._watch.notice(response.facts, self._log.happened)
        for one in response.happened:
            self._log.happened(one.event, **one.about)
        if not task.row.is_stream:
            metrics.exchanged(task.row.method, task.row.path, status=response.status, duration_s=duration_s)

    async def _answer(self, task: Task) -> Response:
        if task.row.kind is not None or task.row.asks is not None:
            response = await _within(self._storage.promise(partial(_run, self._deps, task)))
            self._streams.stir()
            return response
        if task.row.is_login:
            return await self._login(task)
        if task.row.path == LIVE:  # also while the database is away
            return health.live(self._deps)
        return await self._storage.fetch(partial(_run, self._deps, task))

    async def _stream(
        self, task: Task, opening: Response, line: tuple[Receive, Send], *, end: Callable[[], None]
    ) -> None:
        """What the opening begins goes on until one side ends it; the device is asked for again at every read."""

        def follow(tx: Connection, cursor: str) -> events.Frames:
            dispatch.admit(tx, self._deps, task)
            return events.frames_after(tx, cursor)

        async def read(cursor: str) -> events.Frames:
            return await self._storage.fetch(lambda tx: follow(tx, cursor))

        named = (REQUEST_ID, task.request.request_id.encode())
        await line[1]({"type": "http.response.start", "status": opening.status, "headers": [*STREAM, named]})
        cursor = opening.header(HEADER_CURSOR)
        if not await self._streams.serve(opening.body, cursor, device_id=task.device_id, read=read, line=line):
            end()

    async def _login(self, task: Task) -> Response:
        """The three steps of a login; the slow one in a thread of its own."""
        begin = partial(_begin_login, self._deps, task)
        attempt = await _within(self._storage.promise(begin))
        if not await asyncio.to_thread(login.is_right, attempt):
            raise login.refuse(attempt)
        return await _within(self._storage.promise(lambda tx: login.finish(tx, self._deps, attempt)))


def _run(deps: Deps, task: Task, tx: Connection) -> Response:
    return dispatch.run(tx, deps, task)


def _begin_login(deps: Deps, task: Task, tx: Connection) -> login.Try:
    return dispatch.begin_login(tx, deps, task)


async def _within(done: asyncio.Future[T]) -> T:
    """What a transaction gave. Raises the 503 after the longest time that anybody is made to wait.

    What has not begun by then is never done; what has is done all the same, and the same key asks what became of it.
    """
    timer = done.get_loop().call_later(LONGEST_S, done.cancel)
    try:
        return await done
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise busy("The server has too much to do.") from None
    finally:
        timer.cancel()


def _end_of(scope: Scope) -> Callable[[], None]:
    """How a line is ended that nobody reads; one that can't be ends with the answer that has no end."""
    end: Callable[[], None] = scope.get("extensions", {}).get(WHOLE, {}).get("end", lambda: None)
    return end


def _shown(method: str, document: bytes) -> Response:
    """A document that is the same for all. Raises the 405."""
    if method not in ("GET", "HEAD"):
        raise Problem(405, f"This address takes GET, not {method}.", headers=(("Allow", "GET, HEAD"),))
    return Response(200, document)


def _headers(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers by name; what stands on several lines is one value, as it is behind a proxy that joins them."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in lines:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _address(scope: Scope) -> str:
    """Where a request comes from, as the line says; what a header says of it can be made up."""
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _body(path: str, headers: Mapping[str, str], receive: Receive) -> bytes:
    """The whole body, given up as soon as it is beyond the limit, announced or not. Raises the 413.

    A request that was cut off is no shorter request: raises the 400, which nobody will read.
    """
    most = most_bytes(path)
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most:
        raise dispatch.too_large(path)
    parts = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(400, "The request was cut off before its end.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise dispatch.too_large(path)
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)
