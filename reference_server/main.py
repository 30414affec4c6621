"""The command line of `evertill-server`: what its areas add (reference_server/commands), with errors in words."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version

from reference_server.commands import backups, certificates, healing, moving, people, restaurant, running
from reference_server.commands.running import DEMO_FILE
from reference_server.deps import Deps
from shared.clock import SystemClock
from shared.errors import EvertillError
from shared.ulids import SystemUlids

__all__ = ["DEMO_FILE", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it did what was asked, 2 with words on standard error when it could not."""
    asked = _parser().parse_args(arguments)
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock), version=version("evertill"))
    try:
        command: Callable[[argparse.Namespace, Deps], None] = asked.command
        command(asked, deps)
    except EvertillError as error:
        sys.stderr.write("".join(f"{line}\n" for line in (f"{error.title}.", error.detail, error.advice) if line))
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="evertill-server", description="The server that tills and kitchens share.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for area in (running, people, healing, restaurant, backups, certificates, moving):
        area.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
