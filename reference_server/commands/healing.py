"""`heal`: where the healing of a restored server stands, and what a person may decide about it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from functools import partial

from reference_server.commands import command
from reference_server.commands.command import Commands, once, refuse_nothing
from reference_server.deps import Deps
from reference_server.healing import answers as healing
from reference_server.storage.changes import head_cursor
from reference_server.storage.healing import beginning
from reference_server.storage.seam import Connection
from shared.times import to_rfc3339
from shared.wire.healing import Phase


def add(commands: Commands) -> None:
    """Add `heal`."""
    heal = command.add_command(
        commands, "heal", command=_heal, words="say what a restored server waits for, or let it go on"
    )
    what = heal.add_mutually_exclusive_group()
    what.add_argument("--go", action="store_true", help="wait no longer for devices that have not reported")
    what.add_argument("--end", action="store_true", help="this server was never restored: heal nothing")
    what.add_argument(
        "--history",
        type=command.history,
        metavar="NAME",
        help="take over from a lost server, by what a device's doctor says",
    )


def _heal(asked: argparse.Namespace, deps: Deps) -> None:
    """Say where the healing stands; with `--go` do what was reported, step by step, and wait for nobody else.

    With `--end` nothing is healed. With `--history` a server that has done nothing yet goes on with a lost one's.
    """
    if asked.history is not None:
        once(asked, deps, partial(healing.take_over, history=asked.history))
        sys.stdout.write("This server goes on with that history: its devices tell it what they have when they come.\n")
        return
    refuse_nothing(asked)
    if asked.end:
        name = once(asked, deps, lambda tx: healing.end(tx, deps))
        sys.stdout.write(f"Ended: nothing was lost. {name} fetches everything anew.\n")
        return
    told = once(asked, deps, healing.standing)
    missing = ", ".join(told.waiting_for)
    if told.phase is Phase.NONE or told.phase is Phase.DONE:
        sys.stdout.write("Nothing is to be healed: every device that came has what this server has.\n")
        return
    if not asked.go:
        sys.stdout.write(f"This server was restored from an older copy and waits for: {missing or 'nobody'}.\n")
        sys.stdout.write(once(asked, deps, _how_it_began))
        return
    is_over = False
    while not is_over:
        now, came_back = once(asked, deps, lambda tx: healing.go(tx, deps))
        sys.stdout.writelines(f"Done again: {_words(one.about)}.\n" for one in came_back)
        is_over = now.phase is not Phase.APPLYING
    rest = f" These tell what they have when they come: {missing}." if missing else ""
    sys.stdout.write(f"Healed.{rest}\n")


def _words(about: Mapping[str, str]) -> str:
    """An operation that came back, as one reads it in a list: what it was, of which order, and who brought it."""
    numbers = [f"{name} {about[name]}" for name in ("order", "invoice") if name in about] or [about["entityId"]]
    return (
        f"{about['kind']}, {', '.join(numbers)}, from {about.get('device', about['deviceId'])}, {about['operationId']}"
    )


def _how_it_began(tx: Connection) -> str:
    """Who says that something was lost, for a manager who knows whether this server was restored."""
    began = beginning(tx)
    if began is None:
        return ""
    return (
        f"{began.name} began it at {to_rfc3339(began.at_ms)}: it has seen change {began.seen}, which is not here;"
        f" the newest here is {head_cursor(tx) or 'none'}.\n"
        "If this server was never restored, --end lets all go on, and that device fetches everything anew.\n"
    )
