"""What the areas of the command line share: adding a command, one short transaction, and words in their right shape."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias, TypeVar
from urllib.parse import urlsplit

from reference_server.deps import Deps
from reference_server.settings import ENVIRONMENT, load_settings
from reference_server.storage import backup
from reference_server.storage.file import FILE_NAME
from reference_server.storage.opening import open_storage
from reference_server.storage.seam import Connection, Storage
from shared.ids import is_ulid

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name

T = TypeVar("T")

MAX_NAME: Final = 64


def add_command(
    commands: Commands,
    name: str,
    *,
    command: Callable[[argparse.Namespace, Deps], None],
    words: str,
    may_be_set: bool = False,
) -> argparse.ArgumentParser:
    """A command with its `--data`, which the environment may name instead; `command` is what it does.

    `may_be_set`: the settings may name the folder too, so that nobody has to.
    """
    parser = commands.add_parser(name, help=words, description=words)
    named = os.environ.get(f"{ENVIRONMENT}DATA")
    parser.add_argument(
        "--data",
        type=Path,
        required=not named and not may_be_set,
        default=Path(named) if named and not may_be_set else None,
        help=f"the folder of the server's file (or {ENVIRONMENT}DATA)",
    )
    parser.add_argument(
        "--database",
        default=os.environ.get("EVERTILL_DATABASE", ""),
        help="postgresql://USER@HOST/NAME instead of the file (default: $EVERTILL_DATABASE)",
    )
    parser.set_defaults(command=command)
    return parser


def once(asked: argparse.Namespace, deps: Deps, work: Callable[[Connection], T]) -> T:
    """One short transaction, whether a server runs on the same storage or not."""
    with closing(storage_of(asked, deps)) as storage:
        return storage.write(work).result()


def refuse_nothing(asked: argparse.Namespace) -> None:
    """Raises BadSettings for a folder in which no server ever was: what asks about one must not make an empty one."""
    if not database_of(asked):
        backup.required(asked.data)


def database_of(asked: argparse.Namespace) -> str:
    """The database that `--database` names, or else the settings in the folder: the one that `run` would serve from."""
    return str(asked.database) or load_settings(None, {"data": asked.data}).database


def storage_of(asked: argparse.Namespace, deps: Deps) -> Storage:
    """The storage of the server in this folder, opened; the caller closes it.

    A new server may begin with any command that gives it something, and a slip in `--data` begins one too: that is said
    on standard error, so that what a command prints for others stays alone.
    """
    ulids, database = deps.ulids, database_of(asked)
    begins = not database and not (asked.data / FILE_NAME).exists()
    storage = open_storage(asked.data, database=database, clock=deps.clock, history=ulids.new(), name=ulids.new())
    if begins:
        sys.stderr.write(
            f"There was no server's file in {asked.data}: a new one was begun there.\n"
            "If you meant another folder, check --data, and remove that file.\n"
        )
    return storage


def port(text: str) -> int:
    """A port to listen on."""
    if not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return int(text)


def days(text: str) -> int:
    """How long something lasts, at most a hundred years."""
    if not text.isdigit() or not 0 < int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"{text} is no number of days: 1 to 36500")
    return int(text)


def letter(text: str) -> str:
    """What a till's numbers begin with."""
    if not 1 <= len(text) <= 3 or not text.isascii() or not text.isalpha() or not text.isupper():
        raise argparse.ArgumentTypeError(f"{text} is no letter: A to Z, at most three")
    return text


def history(text: str) -> str:
    """The name of a server's history."""
    if not is_ulid(text):
        raise argparse.ArgumentTypeError(
            f"{text} is no name of a history: 26 digits and letters, as the doctor says it"
        )
    return text


def url(text: str) -> str:
    """Where a device finds the server."""
    try:
        found = urlsplit(text)
        is_address = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
        is_plain = not (found.username or found.query or found.fragment)
    except ValueError:
        is_address = is_plain = False
    if not is_address or not is_plain:
        raise argparse.ArgumentTypeError(f"{text} is no address of a server, like http://192.168.1.10:8080")
    return text


def name(text: str) -> str:
    """What people call a device."""
    if not 1 <= len(text) <= MAX_NAME or not text.isprintable():
        raise argparse.ArgumentTypeError(f"a name has 1 to {MAX_NAME} printable characters")
    return text
