"""Other queues on SQLite files, each at synchronous FULL: put, take and, where it knows that, settle."""

import importlib
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PEERS: Final = Path(sys.prefix) / "peers"
"""Where `packaging/linux/peers.sh` puts them."""
FULL: Final = 2


class NotFull(Exception):
    """A peer that does not wait for the disk is no peer."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What is timed: put one; take one and be done with it; and how to let go of the file."""

    put: Callable[[str], object]
    finish: Callable[[], object]
    close: Callable[[], object]


def _persist_queue(module: Any, folder: Path) -> Queue:
    """It hands out again what was not settled: the only one of these that does."""
    queue = module.SQLiteAckQueue(str(folder / "peer"), multithreading=True)
    for connection in {queue._putter, queue._getter}:  # noqa: SLF001 - it has no setting for this
        _be_full(connection)
    return Queue(queue.put, lambda: queue.ack(queue.get()), queue.close)


def _huey(module: Any, folder: Path) -> Queue:
    """It forgets what it hands out."""
    storage = module.SqliteStorage("peer", str(folder / "peer.sqlite"), fsync=True, strict_fifo=True)
    _require_full(storage.conn)
    return Queue(lambda item: storage.enqueue(item.encode()), storage.dequeue, storage.close)


def _litequeue(module: Any, folder: Path) -> Queue:
    """It marks what it hands out, and leaves it to the caller to look for what stayed marked."""
    queue = module.LiteQueue(str(folder / "peer.sqlite"))
    _be_full(queue.conn)
    return Queue(queue.put, lambda: queue.done(queue.pop().message_id), queue.close)


def _diskcache(module: Any, folder: Path) -> Queue:
    """It forgets what it hands out."""
    cache = module.Cache(str(folder / "peer"), sqlite_synchronous=FULL, eviction_policy="none")
    _require_full(cache._con)  # noqa: SLF001 - looked at, not touched
    return Queue(cache.push, cache.pull, cache.close)


MAKERS: Final[dict[str, tuple[str, Callable[[Any, Path], Queue]]]] = {
    "persist-queue": ("persistqueue", _persist_queue),
    "huey": ("huey.storage", _huey),
    "litequeue": ("litequeue", _litequeue),
    "diskcache": ("diskcache", _diskcache),
}


def installed() -> dict[str, Callable[[Path], Queue]]:
    """Those that can be imported, by the names that they are known by."""
    if str(PEERS) not in sys.path:
        sys.path.append(str(PEERS))
    found: dict[str, Callable[[Path], Queue]] = {}
    for name, (module_name, make) in MAKERS.items():
        with suppress(ImportError):
            module = importlib.import_module(module_name)
            found[name] = lambda folder, module=module, make=make: make(module, folder)  # type: ignore[misc]
    return found


def _be_full(connection: Any) -> None:
    connection.execute(f"PRAGMA synchronous = {FULL}")
    _require_full(connection)


def _require_full(connection: Any) -> None:
    """Raises NotFull."""
    level = connection.execute("PRAGMA synchronous").fetchone()[0]
    if level != FULL:
        raise NotFull(f"synchronous is {level}")
