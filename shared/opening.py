"""Opening a device: claim, file, migrations, writer, readers, worker, in the order in which they need each other."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shared.claims import take_for_window
from shared.clock import Clock, SteadyClock, SystemClock
from shared.database import Connection, Writer, close_untouched, open_reader, open_writer, run_inline
from shared.database_errors import database_errors
from shared.disk import OUR_DISK, Disk
from shared.errors import DatabaseBusy, DatabaseForeign, DiskFailing, DiskFull
from shared.migrations import migrate
from shared.settings import DeviceKind, DeviceSettings
from shared.store import meta
from shared.store.card_payments import CardBook
from shared.store.house import House
from shared.store.room import Bounds
from shared.store.schema import APPLICATION_ID, MIGRATIONS
from shared.store.soundness import require_readable
from shared.store.taps import Teller
from shared.sync.late import LateSync
from shared.sync.port import Announce, Sync
from shared.terminal import Terminal
from shared.ulids import SystemUlids, Ulids

if TYPE_CHECKING:
    from shared.sync.exchange import Transport

#: At the start nobody tapped anything: what helps then, instead of what the errors say of a tap.
AT_START: Final = {
    DiskFull: "What was saved is still there. Make room on this device, then start again.",
    DiskFailing: "What was saved is still there. Start again; if it comes back, the disk needs replacing.",
    DatabaseBusy: "Close backup or database tools that have the file open, then start again.",
}
WHOSE: Final = {DeviceKind.POS: "a till", DeviceKind.KDS: "a kitchen screen"}


def open_terminal(
    settings: DeviceSettings,
    *,
    around: Callable[[Transport], Transport] = lambda transport: transport,
    bounds: Bounds | None = None,
    give_back: Callable[[], None] | None = None,
    clock: Clock | None = None,
) -> Terminal:
    """Open the device that the settings describe; `start` is still to be called. `around` may watch its transport.

    Takes the file for a window, until `close`: two engines never send from one file. Whoever claimed it already says
    with `give_back` what ends the claim; it is called at `close` and when opening fails. `bounds` are P8's unless a
    test has less room, and `clock` the machine's unless a test has a wrong one. Raises AlreadyRunning, or what opening
    and migrating the file raise (DatabaseError).
    """
    try:
        give_back = give_back or take_for_window(settings.database_path)
        return _open(settings, around=around, bounds=bounds, give_back=give_back, clock=clock or SystemClock())
    except (DiskFull, DiskFailing, DatabaseBusy) as error:
        raise type(error)(error.detail, title=error.title, advice=AT_START[type(error)]) from error


def _open(
    settings: DeviceSettings,
    *,
    around: Callable[[Transport], Transport],
    bounds: Bounds | None,
    give_back: Callable[[], None],
    clock: Clock,
) -> Terminal:
    clock = SteadyClock(clock)
    ulids = SystemUlids(clock)
    path = settings.database_path
    try:
        connection = open_device_file(path, ulids=ulids)
        _claim(connection, settings)
        offset_ms = run_inline(connection, lambda tx: meta.offset_at_start(tx, clock_ms=clock.now_ms()))
        writer = Writer(connection)
        house = House(open_reader(path), device_id=settings.device_id)
        book = CardBook(Teller(settings.letter, house.author_of)) if settings.kind is DeviceKind.POS else None

        def make_sync(announce: Announce) -> Sync:
            def make() -> Sync:
                return _worker(
                    settings,
                    writer=writer,
                    clock=clock,
                    announce=announce,
                    around=around,
                    offset_ms=offset_ms,
                    book=book,
                )

            return LateSync(make, now_ms=clock.now_ms() + offset_ms, offset_ms=offset_ms)

        return Terminal(
            settings=settings,
            writer=writer,
            reader=open_reader(path),
            house=house,
            clock=clock,
            ulids=ulids,
            make_sync=make_sync,
            release=give_back,
            bounds=bounds,
            book=book,
        )
    except BaseException:
        give_back()
        raise


def _worker(
    settings: DeviceSettings,
    *,
    writer: Writer,
    clock: Clock,
    announce: Announce,
    around: Callable[[Transport], Transport],
    offset_ms: int,
    book: CardBook | None,
) -> Sync:
    """Who sends and pulls. All that speaks to the network is loaded here, which a window waits for until it is up."""
    from shared.sync.ledger import Ledger  # noqa: PLC0415
    from shared.sync.transport import HttpTransport  # noqa: PLC0415
    from shared.sync.worker import Worker  # noqa: PLC0415

    return Worker(
        writer,
        around(HttpTransport(str(settings.server_url), settings.token, certificate=settings.server_certificate)),
        clock,
        random=random.Random(),  # noqa: S311 - it spreads retries, it guards nothing
        kind="kds" if settings.kind is DeviceKind.KDS else "pos",
        announce=announce,
        ledger=Ledger(writer, clock, offset_ms=offset_ms),
        book=book,
    )


def _claim(connection: Connection, settings: DeviceSettings) -> None:
    """Let a new file be of this kind of device; raises DatabaseForeign for one of the other kind."""
    kind = run_inline(connection, lambda tx: meta.give_kind(tx, settings.kind.value))
    if kind != settings.kind:
        close_untouched(connection)
        raise DatabaseForeign(
            str(settings.database_path),
            title=f"This is the file of {WHOSE[DeviceKind(kind)]}",
            advice="Take it back to its own device, or check data_dir in the settings. It was left as it is.",
        )
    if settings.file_birth:
        run_inline(connection, lambda tx: _stop_numbers_of_another(tx, settings))


def _stop_numbers_of_another(tx: Connection, settings: DeviceSettings) -> None:
    """Where the file is not the one that the till was enrolled with, nobody knows what that gave under its letter."""
    if meta.birth(tx) != settings.file_birth:
        meta.spend_letters(tx, {settings.letter})


def open_device_file(path: Path, *, ulids: Ulids, disk: Disk = OUR_DISK) -> Connection:
    """Open or make a device's file and bring its tables up to date. A new file gets its birth, by which copies show.

    Raises DatabaseDamaged also when something that the device still owes can't be read.
    """
    connection = open_writer(path, application_id=APPLICATION_ID, disk=disk)
    try:
        migrate(connection, path, MIGRATIONS, disk=disk)
        with database_errors(path):
            require_readable(connection)
        run_inline(connection, lambda tx: meta.give_birth(tx, ulids.new()))
    except BaseException:
        close_untouched(connection)
        raise
    return connection
