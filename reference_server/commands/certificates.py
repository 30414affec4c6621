"""`certificate`: what tills and kitchen screens know this server by."""

from __future__ import annotations

import argparse
import sys

from reference_server import certificate
from reference_server.commands import command
from reference_server.commands.command import Commands
from reference_server.deps import Deps


def add(commands: Commands) -> None:
    """Add `certificate`."""
    made = command.add_command(
        commands, "certificate", command=_certificate, words="make the certificate of the house, or say what it is"
    )
    made.add_argument(
        "--name", action="append", default=[], type=_host, help="a host name or address of this server, for curl"
    )
    made.add_argument("--new", action="store_true", help="make another; every device has to be enrolled again then")


def _certificate(asked: argparse.Namespace, deps: Deps) -> None:  # noqa: ARG001 - all commands are called alike
    found = None if asked.new else certificate.find(asked.data)
    if found is None:
        found = certificate.make(asked.data, names=asked.name)
    sys.stdout.write(
        f"{found.path}\nSHA-256 {found.fingerprint}\nfor {', '.join(found.names)}\n"
        "The server serves https with it when `tls = true` is set. Devices that are enrolled with an https:// address\n"
        "know the server by it and by nothing else. A server that runs shows another one from its next start on.\n"
    )


def _host(text: str) -> str:
    is_name = text.isascii() and 0 < len(text) <= 253 and all(sign.isalnum() or sign in "-.:" for sign in text)
    if not is_name:
        raise argparse.ArgumentTypeError(f"{text} is no host name or address")
    return text
