"""The request log: one JSON line an exchange, and nothing at all, not even its making, below the chosen level."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, cast

import structlog

from shared.clock import Clock
from shared.errors import EvertillError
from shared.times import to_rfc3339

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class LogStream(Protocol):
    """What a log is written to: standard error, a file that is turned, a text in memory."""

    def write(self, text: str, /) -> int:
        """Take a line."""

    def flush(self) -> None:
        """Keep nothing back."""


class RequestLog:
    """Writes to one stream. Bodies, tokens and PINs never reach it."""

    def __init__(self, stream: LogStream, *, level: str, clock: Clock) -> None:
        """`level` is one of `LEVELS`; requests are told at info, trouble with the file at error."""
        self.tells_requests = LEVELS[level] <= logging.INFO
        self._clock = clock
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(cast("Any", stream)),
            wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
            processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        )

    def exchanged(
        self, *, request_id: str, device_id: str, user_id: str, method: str, path: str, status: int, duration_s: float
    ) -> None:
        """One request was answered."""
        self._log.info(
            "request",
            at=to_rfc3339(self._clock.now_ms()),
            requestId=request_id,
            deviceId=device_id,
            userId=user_id,
            method=method,
            path=path,
            statusCode=status,
            duration_ms=round(duration_s * 1000, 2),
        )

    def slow(self, query: str, duration_s: float) -> None:
        """A statement had the database for long. Its text has places where values were, and never the values."""
        at = to_rfc3339(self._clock.now_ms())
        self._log.warning("slow query", at=at, query=query, duration_ms=round(duration_s * 1000, 2))

    def happened(self, event: str, **facts: str | int | float) -> None:
        """The server did something that who operates it wants to find again: a start, a stop, a backup, a healing."""
        self._log.info(event, at=to_rfc3339(self._clock.now_ms()), **facts)

    def beware(self, event: str) -> None:
        """Something is as no house that is open would want it."""
        self._log.warning(event, at=to_rfc3339(self._clock.now_ms()))

    def gateway(self, payment_id: str, error: BaseException) -> None:
        """The payment gateway's own code met a mistake; it is asked again what became of this payment."""
        at = to_rfc3339(self._clock.now_ms())
        self._log.error("gateway", at=at, paymentId=payment_id, error=type(error).__name__)

    def undone(self, chore: str, error: EvertillError) -> None:
        """Something that the server does by itself could not be done; it is tried again at its next time."""
        at = to_rfc3339(self._clock.now_ms())
        self._log.error("undone", at=at, chore=chore, title=error.title, detail=error.detail)

    def fault(self, request_id: str, error: BaseException) -> None:
        """The server met a mistake of its own over a request; the client was told its id and nothing else."""
        self._broke("fault", error, requestId=request_id)

    def said(self, record: logging.LogRecord) -> None:
        """A library, or a part of ours that knows no log, said something, perhaps with what had broken."""
        about = {"logger": record.name, "message": record.getMessage()}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            self._broke("said", error, **about)
        elif record.levelno >= logging.ERROR:
            self._log.error("said", at=to_rfc3339(self._clock.now_ms()), **about)
        else:
            self._log.warning("said", at=to_rfc3339(self._clock.now_ms()), **about)

    def _broke(self, event: str, error: BaseException, **about: str) -> None:
        at, trace = to_rfc3339(self._clock.now_ms()), "".join(_trace(error))
        self._log.error(event, at=at, **about, error=type(error).__name__, trace=trace)

    def trouble(self, request_id: str, error: EvertillError) -> None:
        """The file could not be used; the client was told to come back."""
        at = to_rfc3339(self._clock.now_ms())
        self._log.error("file", at=at, requestId=request_id, title=error.title, detail=error.detail)


def _trace(error: BaseException) -> Iterator[str]:
    """Where it broke, the first cause first; without the words of errors, in which there may be what somebody sent."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _trace(before)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__name__}\n"


class _Hearing(logging.Handler):
    """Hands what is said by Python's own way of logging to ours."""

    def __init__(self, log: RequestLog) -> None:
        super().__init__(logging.WARNING)
        self._to = log

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        self._to.said(record)


@contextmanager
def heard(log: RequestLog) -> Iterator[None]:
    """Let all that libraries say come as lines of this log, and no other way, until the end."""
    root, hearing = logging.getLogger(), _Hearing(log)
    root.addHandler(hearing)
    try:
        yield
    finally:
        root.removeHandler(hearing)
