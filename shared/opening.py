"""Opening a device: lock, file, migrations, writer, readers, worker, in the order in which they need each other."""

import random
from collections.abc import Callable
from pathlib import Path

from shared.clock import SteadyClock, SystemClock
from shared.database import Connection, Writer, open_reader, open_writer, run_inline
from shared.errors import AlreadyRunning, DatabaseReadOnly
from shared.locks import OsLock
from shared.migrations import migrate
from shared.settings import DeviceKind, DeviceSettings
from shared.store import meta
from shared.store.house import House
from shared.store.schema import MIGRATIONS
from shared.sync.exchange import Transport
from shared.sync.port import Announce, Sync
from shared.sync.transport import HttpTransport
from shared.sync.worker import Worker
from shared.terminal import Terminal
from shared.ulids import SystemUlids, Ulids


def open_terminal(
    settings: DeviceSettings, *, around: Callable[[Transport], Transport] = lambda transport: transport
) -> Terminal:
    """Open the device that the settings describe; `start` is still to be called. `around` may watch its transport.

    Takes the sender lock, which holds until `close`: two engines never send from one file. Raises AlreadyRunning, or
    what opening and migrating the file raise (DatabaseError).
    """
    clock = SteadyClock(SystemClock())
    ulids = SystemUlids(clock)
    path = settings.database_path
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseReadOnly(f"{settings.data_dir}: {error.strerror}") from error
    lock = OsLock(path.with_suffix(".lock"))
    if not lock.acquire():
        raise AlreadyRunning(str(path))
    try:
        connection = open_device_file(path, ulids=ulids)
        writer = Writer(connection)

        def make_sync(announce: Announce) -> Sync:
            return Worker(
                writer,
                around(HttpTransport(str(settings.server_url), settings.token)),
                clock,
                random=random.Random(),  # noqa: S311 - it spreads retries, it guards nothing
                kind="kds" if settings.kind is DeviceKind.KDS else "pos",
                announce=announce,
            )

        return Terminal(
            settings=settings,
            writer=writer,
            reader=open_reader(path),
            house=House(open_reader(path), device_id=settings.device_id),
            clock=clock,
            ulids=ulids,
            make_sync=make_sync,
            release=lock.release,
        )
    except BaseException:
        lock.release()
        raise


def open_device_file(path: Path, *, ulids: Ulids) -> Connection:
    """Open or make a device's file and bring its tables up to date. A new file gets its birth, by which copies show."""
    connection = open_writer(path)
    try:
        migrate(connection, path, MIGRATIONS)
        run_inline(connection, lambda tx: meta.give_birth(tx, ulids.new()))
    except BaseException:
        connection.close()
        raise
    return connection
