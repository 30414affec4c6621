"""`import-catalogue`: what the restaurant sells, where its guests sit, and who works there."""

from __future__ import annotations

import argparse
from pathlib import Path

from reference_server.catalogue import loading
from reference_server.commands.command import Commands, add_command, once
from reference_server.deps import Deps
from shared.errors import BadSettings


def add(commands: Commands) -> None:
    """Add `import-catalogue`."""
    load = add_command(
        commands, "import-catalogue", command=_import_catalogue, words="load menu, floor, business and staff"
    )
    load.add_argument("--file", type=Path, required=True, help="a JSON file (docs/operating.md)")


def _import_catalogue(asked: argparse.Namespace, deps: Deps) -> None:
    try:
        text = asked.file.read_bytes()
    except OSError as error:
        raise BadSettings(f"{asked.file}: {error.strerror}", title="The file can't be read") from error
    restaurant = loading.read(text)
    once(asked, deps, lambda tx: loading.store(tx, restaurant, now_ms=deps.clock.now_ms()))
