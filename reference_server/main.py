"""The command line: run the server, enrol devices, make tokens for scripts, load a restaurant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from reference_server import serving
from reference_server.catalogue import loading
from reference_server.deps import Deps
from reference_server.healing import answers as healing
from reference_server.ops.request_log import LEVELS, RequestLog
from reference_server.people import enrolment
from reference_server.storage.changes import head_cursor
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import Storage
from reference_server.storage.healing import beginning
from shared.clock import SystemClock
from shared.database import Connection
from shared.domain.menu import Role
from shared.errors import BadSettings, EvertillError
from shared.ids import DeviceId, is_ulid
from shared.locks import OsLock
from shared.times import to_rfc3339
from shared.ulids import SystemUlids
from shared.wire.healing import Phase

T = TypeVar("T")

DEMO_FILE: Final = Path(__file__).parent / "demo_restaurant.json"
MAX_NAME: Final = 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what was asked, 2 with words on standard error when it could not."""
    asked = _parser().parse_args(arguments)
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock), version=version("evertill"))
    try:
        command: Callable[[argparse.Namespace, Deps], None] = asked.command
        command(asked, deps)
    except EvertillError as error:
        sys.stderr.write(f"{error.title}.\n{error.detail}\n{error.advice}\n")
        return 2
    return 0


def _run(asked: argparse.Namespace, deps: Deps) -> None:
    with OsLock(asked.data / "server.lock"), Storage(asked.data, history=deps.ulids.new()) as storage:
        if asked.seed_demo:
            restaurant = loading.read(DEMO_FILE.read_bytes())
            storage.write(lambda tx: _seed(tx, restaurant, deps)).result()
        log = RequestLog(sys.stderr, level=asked.log_level, clock=deps.clock)
        serving.serve(deps, storage, log=log, host=asked.host, port=asked.port, level=asked.log_level)


def _seed(tx: Connection, restaurant: loading.Restaurant, deps: Deps) -> None:
    """Store the demo restaurant, but never over one that is there already."""
    if not tx.execute("SELECT EXISTS (SELECT 1 FROM catalogue)").get:
        loading.store(tx, restaurant, now_ms=deps.clock.now_ms())


def _enrol(asked: argparse.Namespace, deps: Deps) -> None:
    kind = DeviceKind(asked.kind)
    done = _once(
        asked.data, deps, lambda tx: enrolment.enrol(tx, deps, kind=kind, name=asked.name, letter=asked.letter)
    )
    sys.stdout.write(enrolment.settings_toml(done, url=asked.url))


def _enrol_again(asked: argparse.Namespace, deps: Deps) -> None:
    done = _once(asked.data, deps, lambda tx: enrolment.enrol_again(tx, DeviceId(asked.device)))
    sys.stdout.write(enrolment.settings_toml(done, url=asked.url))


def _token(asked: argparse.Namespace, deps: Deps) -> None:
    role = Role(asked.role.upper())
    done = _once(asked.data, deps, lambda tx: enrolment.script_token(tx, deps, role=role, days=asked.days))
    sys.stdout.write(f"{done.token}\n")


def _import_catalogue(asked: argparse.Namespace, deps: Deps) -> None:
    try:
        text = asked.file.read_bytes()
    except OSError as error:
        raise BadSettings(f"{asked.file}: {error.strerror}", title="The file can't be read") from error
    restaurant = loading.read(text)
    _once(asked.data, deps, lambda tx: loading.store(tx, restaurant, now_ms=deps.clock.now_ms()))


def _heal(asked: argparse.Namespace, deps: Deps) -> None:
    """Say where the healing stands; with `--go` do what was reported, step by step, and wait for nobody else.

    With `--end` nothing is healed. With `--history` a server that has done nothing yet goes on with a lost one's.
    """
    if asked.history is not None:
        _once(asked.data, deps, partial(healing.take_over, history=asked.history))
        sys.stdout.write("This server goes on with that history: its devices tell it what they have when they come.\n")
        return
    if asked.end:
        name = _once(asked.data, deps, lambda tx: healing.end(tx, deps))
        sys.stdout.write(f"Ended: nothing was lost. {name} fetches everything anew.\n")
        return
    told = _once(asked.data, deps, healing.standing)
    missing = ", ".join(told.waiting_for)
    if told.phase is Phase.NONE or told.phase is Phase.DONE:
        sys.stdout.write("Nothing is to be healed: every device that came has what this server has.\n")
        return
    if not asked.go:
        sys.stdout.write(f"This server was restored from an older copy and waits for: {missing or 'nobody'}.\n")
        sys.stdout.write(_once(asked.data, deps, _how_it_began))
        return
    while _once(asked.data, deps, lambda tx: healing.go(tx, deps)).phase is Phase.APPLYING:
        pass
    rest = f" These tell what they have when they come: {missing}." if missing else ""
    sys.stdout.write(f"Healed.{rest}\n")


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


def _once(data: Path, deps: Deps, work: Callable[[Connection], T]) -> T:
    """One short transaction, whether a server runs on the same folder or not."""
    with Storage(data, history=deps.ulids.new()) as storage:
        return storage.write(work).result()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evertill-server", description="The server that tills and kitchens share.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = _command(commands, "run", command=_run, words="serve until stopped")
    run.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    run.add_argument("--port", type=_port, default=8080, help="port to listen on; 0 takes any free one")
    run.add_argument("--seed-demo", action="store_true", help="load the demo restaurant into an empty folder")
    run.add_argument("--log-level", choices=tuple(LEVELS), default="info", help="requests are told at info")

    enrol = _command(commands, "enrol", command=_enrol, words="enrol a till or kitchen screen and print its settings")
    enrol.add_argument("--kind", choices=(DeviceKind.POS.value, DeviceKind.KDS.value), required=True)
    enrol.add_argument("--name", type=_name, required=True, help="what people call it")
    enrol.add_argument("--letter", type=_letter, help="what a till's numbers begin with (default: the next free one)")
    again = _command(
        commands, "enrol-again", command=_enrol_again, words="print new settings for a device that was signed off"
    )
    again.add_argument("--device", required=True, help="the device_id of its settings file")
    for one in (enrol, again):
        one.add_argument(
            "--url", type=_url, default="http://127.0.0.1:8080", help="where the device will find this server"
        )

    token = _command(commands, "token", command=_token, words="print a token for scripts that act in a role")
    token.add_argument("--role", choices=tuple(role.value.lower() for role in Role), required=True)
    token.add_argument("--days", type=_days, help="let it expire after so many days (default: never)")

    heal = _command(commands, "heal", command=_heal, words="say what a restored server waits for, or let it go on")
    what = heal.add_mutually_exclusive_group()
    what.add_argument("--go", action="store_true", help="wait no longer for devices that have not reported")
    what.add_argument("--end", action="store_true", help="this server was never restored: heal nothing")
    what.add_argument(
        "--history", type=_history, metavar="NAME", help="take over from a lost server, by what a device's doctor says"
    )

    load = _command(
        commands, "import-catalogue", command=_import_catalogue, words="load menu, floor, business and staff"
    )
    load.add_argument("--file", type=Path, required=True, help="a JSON file (docs/operating.md)")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    *,
    command: Callable[[argparse.Namespace, Deps], None],
    words: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=words)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the server's file")
    parser.set_defaults(command=command)
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return int(text)


def _days(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"{text} is no number of days: 1 to 36500")
    return int(text)


def _letter(text: str) -> str:
    if not 1 <= len(text) <= 3 or not text.isascii() or not text.isalpha() or not text.isupper():
        raise argparse.ArgumentTypeError(f"{text} is no letter: A to Z, at most three")
    return text


def _history(text: str) -> str:
    if not is_ulid(text):
        raise argparse.ArgumentTypeError(
            f"{text} is no name of a history: 26 digits and letters, as the doctor says it"
        )
    return text


def _url(text: str) -> str:
    try:
        found = urlsplit(text)
        is_address = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
        is_plain = not (found.username or found.query or found.fragment)
    except ValueError:
        is_address = is_plain = False
    if not is_address or not is_plain:
        raise argparse.ArgumentTypeError(f"{text} is no address of a server, like http://192.168.1.10:8080")
    return text


def _name(text: str) -> str:
    if not 1 <= len(text) <= MAX_NAME or not text.isprintable():
        raise argparse.ArgumentTypeError(f"a name has 1 to {MAX_NAME} printable characters")
    return text


if __name__ == "__main__":
    sys.exit(main())
