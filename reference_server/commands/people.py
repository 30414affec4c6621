"""`code`, `enrol`, `enrol-again`, `token`: who may speak to the server."""

from __future__ import annotations

import argparse
import ssl
import sys
from typing import Final

from reference_server import certificate
from reference_server.commands import command
from reference_server.commands.command import Commands, once, refuse_nothing
from reference_server.deps import Deps
from reference_server.people import codes, enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.seam import Connection
from shared.domain.menu import Role
from shared.errors import BadSettings
from shared.ids import DeviceId
from shared.wire.devices import in_groups, print_of

_CODE_NEEDS: Final = "Give --kind and --name for a new one, or --device alone for one that is enrolled again."


def add(commands: Commands) -> None:
    """Add the commands about devices and tokens."""
    code = command.add_command(
        commands, "code", command=_code, words="print a code by which a till or kitchen screen enrols itself"
    )
    code.add_argument("--kind", choices=(DeviceKind.POS.value, DeviceKind.KDS.value), help="what it is to be")
    code.add_argument("--name", type=command.name, help="what people call it")
    code.add_argument(
        "--letter", type=command.letter, help="what a till's numbers begin with (default: the next free one)"
    )
    code.add_argument("--device", help="enrol this device again, by the device_id of its settings")
    enrol = command.add_command(
        commands, "enrol", command=_enrol, words="enrol a till or kitchen screen and print its settings"
    )
    enrol.add_argument("--kind", choices=(DeviceKind.POS.value, DeviceKind.KDS.value), required=True)
    enrol.add_argument("--name", type=command.name, required=True, help="what people call it")
    enrol.add_argument(
        "--letter", type=command.letter, help="what a till's numbers begin with (default: the next free one)"
    )
    again = command.add_command(
        commands, "enrol-again", command=_enrol_again, words="print new settings for a device that was signed off"
    )
    again.add_argument("--device", required=True, help="the device_id of its settings file")
    again.add_argument(
        "--new-letter", action="store_true", help="its file is lost: let its numbers begin with another letter"
    )
    for one in (enrol, again):
        one.add_argument(
            "--url", type=command.url, default="http://127.0.0.1:8080", help="where the device will find this server"
        )

    token = command.add_command(commands, "token", command=_token, words="print a token for scripts that act in a role")
    token.add_argument("--role", choices=tuple(role.value.lower() for role in Role), required=True)
    token.add_argument("--days", type=command.days, help="let it expire after so many days (default: never)")


def _code(asked: argparse.Namespace, deps: Deps) -> None:
    if asked.device is None and (asked.kind is None or asked.name is None):
        raise BadSettings(title="A code is for a new device or for a known one", advice=_CODE_NEEDS)
    if asked.device is not None and (asked.kind or asked.name or asked.letter):
        raise BadSettings(title="A known device keeps its kind, name and letter", advice=_CODE_NEEDS)
    if asked.device is not None:
        refuse_nothing(asked)

    def made(tx: Connection) -> str:
        if asked.device is not None:
            return codes.make(tx, deps, codes.wish_again(tx, DeviceId(asked.device)))
        return codes.make(tx, deps, codes.Wish(DeviceKind(asked.kind), asked.name, asked.letter))

    code, own = once(asked, deps, made), certificate.find(asked.data)
    pinned = "" if own is None else f"-{in_groups(print_of(ssl.PEM_cert_to_DER_cert(own.pem)))}"
    sys.stdout.write(f"{code}{pinned}\n")


def _enrol(asked: argparse.Namespace, deps: Deps) -> None:
    kind = DeviceKind(asked.kind)
    done = once(asked, deps, lambda tx: enrolment.enrol(tx, deps, kind=kind, name=asked.name, letter=asked.letter))
    sys.stdout.write(enrolment.settings_toml(done, url=asked.url, certificate=_pinned(asked)))


def _enrol_again(asked: argparse.Namespace, deps: Deps) -> None:
    refuse_nothing(asked)
    done = once(
        asked, deps, lambda tx: enrolment.enrol_again(tx, deps, DeviceId(asked.device), new_letter=asked.new_letter)
    )
    sys.stdout.write(enrolment.settings_toml(done, url=asked.url, certificate=_pinned(asked)))


def _pinned(asked: argparse.Namespace) -> str:
    """The certificate of the house, for a device that comes by https; one that comes by http has nothing to pin."""
    found = certificate.find(asked.data) if asked.url.lower().startswith("https://") else None
    return "" if found is None else found.pem


def _token(asked: argparse.Namespace, deps: Deps) -> None:
    role = Role(asked.role.upper())
    done = once(asked, deps, lambda tx: enrolment.script_token(tx, deps, role=role, days=asked.days))
    sys.stdout.write(f"{done.token}\n")
