"""The command line of evertill-doctor: one line a finding, and an exit code for whoever watches many devices."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from shared.clock import Clock, SystemClock
from shared.doctor.checks import (
    NEVER_STARTED,
    Finding,
    Level,
    ServerFacts,
    check_clock,
    check_file,
    check_printer,
    check_queue,
    check_receipts,
    check_server,
)
from shared.doctor.finding import find_servers
from shared.doctor.looking import look_at_file, look_at_receipts, look_at_server
from shared.doctor.printer import look_at_printer
from shared.errors import BadSettings, DatabaseError
from shared.settings import DeviceKind, DeviceSettings, default_settings_path, load_settings
from shared.sync.exchange import Transport
from shared.sync.transport import HttpTransport
from shared.wal import log_of

RECEIPTS: Final = "verify-receipts"

MakeTransport = Callable[[DeviceSettings], Transport]


def our_transport(settings: DeviceSettings) -> Transport:
    """The line to the server that the settings name."""
    return HttpTransport(str(settings.server_url), settings.token, certificate=settings.server_certificate)


def findings(settings: DeviceSettings, *, clock: Clock, make_transport: MakeTransport) -> Iterator[Finding]:
    """All that there is to say of this device."""
    file, queue, cursor = look_at_file(settings.database_path, now_ms=clock.now_ms())
    server = asyncio.run(
        _asked(settings, cursor=cursor, history=file.history, clock=clock, make_transport=make_transport)
    )
    yield from check_file(file, letter=settings.letter, enrolled_with=settings.file_birth)
    if queue is not None:
        yield from check_queue(queue, holder=file.holder, is_server_well=server.beat is None)
    yield check_clock(server)
    yield check_server(server)
    if settings.printer or settings.kind is DeviceKind.POS:
        yield check_printer(look_at_printer(settings.printer))


def of_receipts(path: Path) -> Finding:
    """What there is to say of the till's receipts."""
    if not path.exists() and not log_of(path).exists():
        return Finding(Level.WRONG, "receipts", f"{path} {NEVER_STARTED}")
    try:
        return check_receipts(look_at_receipts(path))
    except DatabaseError as error:
        return Finding(Level.WRONG, "receipts", f"{error.title}. {error.advice} ({error.detail})")


def main(words: list[str] | None = None) -> int:
    """Print the findings. Returns 0 when nothing is wrong, else 1; settings that can't be used are wrong too."""
    parser = argparse.ArgumentParser(prog="evertill-doctor", description="Says what is wrong with this device.")
    parser.add_argument(
        "--settings", type=Path, default=default_settings_path(DeviceKind.POS), help="the device's file of settings"
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=(RECEIPTS,),
        help="look at one thing: the chain of the till's receipts, from the first to the last",
    )
    parser.add_argument("--find", action="store_true", help="only say which servers this network has")
    asked = parser.parse_args(words)
    if asked.find:
        return _find()
    try:
        settings = load_settings(asked.settings)
    except BadSettings as error:
        _print(Finding(Level.WRONG, "settings", f"{error.title}. {error.advice} ({error.detail})"))
        return 1
    if asked.what == RECEIPTS:
        found = [of_receipts(settings.database_path)]
    else:
        _print(Finding(Level.WELL, "settings", f"{asked.settings}: {settings.device_name}, {settings.device_id}."))
        found = list(findings(settings, clock=SystemClock(), make_transport=our_transport))
    for one in found:
        _print(one)
    return int(any(one.level is Level.WRONG for one in found))


def _find() -> int:
    try:
        found = asyncio.run(find_servers())
    except OSError as error:
        _print(Finding(Level.WRONG, "network", f"This device has no network that could be asked. ({error})"))
        return 1
    for one in found:
        words = f"{' or '.join(one.urls)}, version {one.version}, history {one.history}."
        _print(Finding(Level.NOTE, "server", f"{one.name}: {words}"))
    if not found:
        _print(Finding(Level.WRONG, "server", "No server says in this network that it is there."))
    return int(not found)


async def _asked(
    settings: DeviceSettings, *, cursor: str | None, history: str, clock: Clock, make_transport: MakeTransport
) -> ServerFacts:
    transport = make_transport(settings)
    try:
        url = str(settings.server_url)
        kind = settings.kind
        return await look_at_server(transport, url=url, kind=kind, cursor=cursor, history=history, clock=clock)
    finally:
        await transport.close()


def _print(finding: Finding) -> None:
    sys.stdout.write(f"{finding.level.value}  {finding.about}: {finding.words}\n")


if __name__ == "__main__":
    sys.exit(main())
