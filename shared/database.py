"""SQLite as all use it: connections, the writer thread with its group commit, and reads of one moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from shared.connections import (
    WRITER_BUSY_TIMEOUT_S,
    Connection,
    Synchronous,
    close_untouched,
    copy_database,
    open_reader,
    open_writer,
    require_whole,
)
from shared.group_commit import COMPANY_S, GROUP_LIMIT, WAITING_LIMIT, GroupWriter, apart, run_inline

__all__ = [
    "COMPANY_S",
    "GROUP_LIMIT",
    "WAITING_LIMIT",
    "WRITER_BUSY_TIMEOUT_S",
    "Connection",
    "Synchronous",
    "Writer",
    "apart",
    "close_untouched",
    "copy_database",
    "open_reader",
    "open_writer",
    "require_whole",
    "run_inline",
    "snapshot",
]

T = TypeVar("T")


class Writer(GroupWriter[Connection]):
    """The writer of a file."""


def snapshot(connection: Connection, read: Callable[[Connection], T]) -> T:
    """Do several reads of a reading connection on one state of the file: no commit of the writer falls between them."""
    connection.execute("BEGIN")
    try:
        return read(connection)
    finally:
        connection.execute("COMMIT")
