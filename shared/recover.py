"""evertill-recover: takes what can be read out of a device's file, damaged or not, into a new file that can be sent.

The old file is never opened, only read and copied. The new one has a birth of its own and gives no numbers under the
old one's letters. It is sent like any other file: by the agent, to the server that its settings name.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.claims import take_for_reading
from shared.clock import SystemClock
from shared.database import open_reader, require_whole, run_inline
from shared.database_errors import database_errors
from shared.disk import OUR_DISK
from shared.domain.command import OrderCommand
from shared.domain.commands import CreateOrder
from shared.errors import DatabaseBusy, DatabaseDamaged, DatabaseError, DatabaseNewer, DiskFull, EvertillError
from shared.migrations import kept_copies
from shared.opening import open_device_file
from shared.settings import DeviceKind
from shared.store import salvage
from shared.store.alerts import WHAT_IT_WAS
from shared.store.salvage import Salvage, Saved
from shared.store.schema import APPLICATION_ID, MIGRATIONS
from shared.store.soundness import require_readable
from shared.ulids import SystemUlids
from shared.wal import log_of
from shared.wire.requests import Kind

IN_PART: Final = 3
"""The exit code when the file is damaged: what was found was taken, and nobody can tell whether that was all."""


class NothingFound(EvertillError):
    """There is nothing in the file that a device wrote."""

    title = "Nothing of a till or a kitchen screen was found in this file"
    advice = "Check that it is the right file, and that its log (the same name with -wal) lies beside it."


class InTheWay(EvertillError):
    """A file stands where the new one has to be."""

    title = "There is a device's file in this folder already"
    advice = "Name a folder that is empty or not there yet. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and why SQLite could not read it all; nothing when it could."""

    salvage: Salvage
    damage: str = ""

    @property
    def kind(self) -> DeviceKind:
        """What kind of device the file is of."""
        return DeviceKind.KDS if self.salvage.facts.get("kind") == DeviceKind.KDS else DeviceKind.POS


def look_into(path: Path) -> Found:
    """Read the file at `path` and its log, which stay as they are. Raises NothingFound, DatabaseNewer, DiskFull."""
    with tempfile.TemporaryDirectory(prefix="evertill-recover-") as folder:
        copy = Path(folder) / path.name
        with database_errors(copy):
            for file in (path, log_of(path)):
                if file.is_file():
                    shutil.copyfile(file, copy.with_name(file.name))
        try:
            require_whole(copy, application_id=APPLICATION_ID)
            with closing(open_reader(copy)) as connection, database_errors(copy):
                _require_known(int(str(connection.pragma("user_version"))), path)
                require_readable(connection)
                return Found(_something(salvage.read_whole(connection), path))
        except (DatabaseNewer, DatabaseBusy, DiskFull):
            raise
        except DatabaseError as error:
            with closing(open_device_file(Path(folder) / "new" / "new.sqlite", ulids=_ulids())) as new:
                shape = salvage.shape_of(new)
            with database_errors(path):
                return Found(_something(salvage.carve(path, shape, disk=OUR_DISK), path), damage=error.title)


def write_new(found: Found, folder: Path) -> Path:
    """Make the new file in `folder`. Raises InTheWay, or a DatabaseError; then there is no new file."""
    target = folder / f"{found.kind.value}.sqlite"
    if target.exists() or log_of(target).exists():
        raise InTheWay(str(target))
    now_ms = SystemClock().now_ms()
    connection = open_device_file(target, ulids=_ulids())
    try:
        run_inline(connection, lambda tx: salvage.write(tx, found.salvage, now_ms=now_ms))
    except BaseException:
        connection.close()
        for file in (target, log_of(target), target.with_name(f"{target.name}-shm")):
            file.unlink(missing_ok=True)
        raise
    connection.close()
    return target


def told(found: Found, path: Path) -> Iterator[str]:
    """What was found, in sentences."""
    read = found.salvage
    owed = [saved for saved in read.operations if saved.is_owed]
    held = [saved for saved in owed if saved.is_held]
    whose = "a kitchen screen" if found.kind is DeviceKind.KDS else "a till"
    if found.damage:
        yield f"{path}: {found.damage}. What stands in its pages was taken out one by one."
    else:
        yield f"{path} is whole, the file of {whose}."
    yield (
        f"{_count(len(read.operations), 'operation')} found: {len(owed) - len(held)} waiting for the server,"
        f" {len(held)} for a person, {len(read.operations) - len(owed)} done."
    )
    if read.drafts:
        yield f"{_count(len(read.drafts), 'order')} with lines that were tapped and not sent: {_drafts(read)}."
    if read.in_doubt:
        yield (
            f"{_count(read.in_doubt, 'payment')} by card or mobile money of which it is not known yet what became: the"
            " server is asked, and nobody is charged anew."
        )
    if read.unreadable:
        places = ", ".join(map(str, read.unreadable[:20]))
        yield f"Of {_count(len(read.unreadable), 'operation')} only a part is left, at place {places} of the queue."
    if found.damage:
        yield "Compare the day's receipts with the server: what stood in a destroyed page can't be told."


def listed(read: Salvage) -> Iterator[str]:
    """Each operation that the server has not settled, one in a row."""
    numbers: dict[str, str] = {
        saved.command.order_id: saved.command.number
        for saved in read.operations
        if isinstance(saved.command, CreateOrder) and saved.command.number
    }
    for saved in read.operations:
        if saved.is_owed:
            yield f"  {saved.seq}. {_what(saved, numbers)}: {_state(saved)}"


def main(words: list[str] | None = None) -> int:
    """Look into a file and, unless it is only to be listed, write the new one. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="evertill-recover", description="Takes what can be read out of a file.")
    parser.add_argument("file", type=Path, help="the damaged or foreign file of a till or a kitchen screen")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--into", type=Path, metavar="FOLDER", help="where the new file is made")
    what.add_argument("--dry-run", action="store_true", help="only list what waits; write nothing")
    asked = parser.parse_args(words)
    try:
        if not asked.file.is_file() and not log_of(asked.file).is_file():
            raise NothingFound(f"{asked.file} is {'no file' if asked.file.exists() else 'not there'}")
        give_back = take_for_reading(asked.file)
        try:
            found = look_into(asked.file)
            # The new file first: whoever reads the words may stop reading.
            after = listed(found.salvage) if asked.dry_run else _next_steps(found, write_new(found, asked.into))
            _say((*told(found, asked.file), *after))
        finally:
            give_back()
    except EvertillError as error:
        sys.stderr.write(f"{error.title}.\n{error.detail}\n{error.advice}\n")
        return 1
    return IN_PART if found.damage else 0


def _require_known(version: int, path: Path) -> None:
    if not version:
        raise DatabaseDamaged(f"{path}: it has no tables")
    if version > len(MIGRATIONS):
        raise DatabaseNewer(f"{path}: schema {version}, this program knows up to {len(MIGRATIONS)}")


def _something(read: Salvage, path: Path) -> Salvage:
    if read.operations or read.drafts or read.payments or read.unreadable:
        return read
    copies = ", ".join(copy.name for copy in kept_copies(path)) if path.parent.is_dir() else ""
    raise NothingFound(f"{path}; copies from before an upgrade: {copies}" if copies else str(path))


def _next_steps(found: Found, written: Path) -> Iterator[str]:
    letters = ", ".join(sorted(found.salvage.letters))
    yield f"Written: {written}. The old file was left as it was; keep it."
    yield "Send what waits with the settings of the device that the file was of, until it says All is sent:"
    yield f"  EVERTILL_DATA_DIR={written.parent} evertill-agent --settings SETTINGS"
    if letters:
        yield f"To sell again, enrol this till anew: it gets a new letter. No number under {letters} is given any more."


def _what(saved: Saved, numbers: dict[str, str]) -> str:
    about = saved.command.order_id if isinstance(saved.command, OrderCommand) else str(saved.row["entity_id"])
    return f"{WHAT_IT_WAS[Kind(str(saved.row['kind']))]}, {numbers.get(about, about)}"


def _state(saved: Saved) -> str:
    return "needs a person" if saved.is_held else "waits"


def _drafts(read: Salvage) -> str:
    return ", ".join(
        f"{draft.number} ({', '.join(f'{line.quantity} x {line.name or line.item_id}' for line in draft.lines)})"
        for draft in read.drafts
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _ulids() -> SystemUlids:
    return SystemUlids(SystemClock())


def _say(sentences: Iterable[str]) -> None:
    try:
        sys.stdout.write("".join(f"{sentence}\n" for sentence in sentences))
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough; what Python would still flush at its end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
