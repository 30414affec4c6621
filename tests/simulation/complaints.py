"""What raised in the code under test: the worker logs it and goes on, a world is broken by it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import extract_tb

LOGS = ("shared", "reference_server", "asyncio")


class Complaints(logging.Handler):
    """Keeps what is logged as an error, in words."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        words = record.getMessage() if error is None else raised(error)
        if words not in self.heard:
            self.heard.append(words)


def raised(error: BaseException) -> str:
    """An exception in one line, with the place it comes from."""
    frames = extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"raised {type(error).__name__}: {error}{place}"


@contextmanager
def overheard() -> Iterator[list[str]]:
    """Listen to the logs of the product while a world is played."""
    ear = Complaints()
    with logged_to(ear):
        yield ear.heard


@contextmanager
def logged_to(ear: logging.Handler) -> Iterator[None]:
    """The product's logs go here and nowhere else: a record of an error that is kept keeps its whole world alive."""
    logs = [logging.getLogger(name) for name in LOGS]
    before = [log.propagate for log in logs]
    for log in logs:
        log.addHandler(ear)
        log.propagate = False
    try:
        yield
    finally:
        for log, propagates in zip(logs, before, strict=True):
            log.removeHandler(ear)
            log.propagate = propagates
