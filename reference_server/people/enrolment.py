"""Making devices: a token of 256 random bits, told once; a till's letter; the settings file that enrolment prints."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from reference_server.deps import Deps
from reference_server.storage import devices
from reference_server.storage.devices import Device, DeviceKind
from reference_server.storage.seam import Connection
from shared.domain.menu import Role
from shared.errors import EvertillError
from shared.ids import DeviceId

_TOKEN_BYTES: Final = 32
_LETTERS: Final[tuple[str, ...]] = (*ascii_uppercase, *(a + b for a in ascii_uppercase for b in ascii_uppercase))


class LetterTaken(EvertillError):
    """A till's letter begins its order and receipt numbers, so that no two tills ever share one."""

    title = "This letter belongs to another till"
    advice = "Choose another letter, or leave it out and the next free one is taken."


class NoSuchDevice(EvertillError):
    """Only a device that is known here can be enrolled again."""

    title = "No device has this id"
    advice = "Its settings file names it as device_id. With `enrol` it becomes a new device."


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device with its token, which nobody can read again later."""

    device: Device
    token: str


def enrol(tx: Connection, deps: Deps, *, kind: DeviceKind, name: str, letter: str | None) -> Enrolled:
    """Enrol a till or a kitchen screen. A kitchen screen acts as itself, as a chef would. Raises LetterTaken."""
    taken = devices.letters(tx)
    if kind is not DeviceKind.POS:
        letter = None
    elif letter is None:
        letter = _free(taken)
    elif letter in taken:
        raise LetterTaken(letter)
    device_id = DeviceId(f"{kind.value}-{deps.ulids.new()}")
    role = Role.CHEF if kind is DeviceKind.KDS else None
    return _add(tx, deps, Device(device_id, name, kind, letter, role))


def enrol_again(tx: Connection, deps: Deps, device_id: DeviceId, *, new_letter: bool = False) -> Enrolled:
    """A new token for a device that has lost its own or was signed off. Raises NoSuchDevice.

    It stays the same device, and what waits on it goes out under the ids that it has. A till's letter goes on, unless
    its file is gone (`new_letter`): what that had printed nobody knows for sure, and no number may come twice.
    """
    device = devices.by_id(tx, device_id)
    if new_letter and device is not None and device.kind is DeviceKind.POS:
        devices.give_letter(tx, device_id, _free(devices.letters(tx)), now_ms=deps.clock.now_ms())
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    device = devices.renew(tx, device_id, token_sha256=_digest(token))
    if device is None:
        raise NoSuchDevice(device_id)
    return Enrolled(device, token)


def script_token(tx: Connection, deps: Deps, *, role: Role, days: int | None = None) -> Enrolled:
    """Make a token for scripts, which act in this role; it ends after so many days, or never."""
    expires_at = None if days is None else deps.clock.now_ms() + days * 24 * 60 * 60 * 1000
    device_id = DeviceId(f"script-{deps.ulids.new()}")
    name = f"Script ({role.value.lower()})"
    return _add(tx, deps, Device(device_id, name, DeviceKind.SCRIPT, None, role, expires_at=expires_at))


def settings_toml(enrolled: Enrolled, *, url: str, certificate: str = "") -> str:
    """What goes into the device's settings file (`shared.settings.DeviceSettings`); `certificate` is what it pins.

    The token, which no device goes without, comes last: a file that was cut short is never taken for a whole one.
    """
    device = enrolled.device
    rows = {"kind": device.kind.value, "server_url": url, "device_id": device.id, "device_name": device.name}
    if device.letter is not None:
        rows["letter"] = device.letter
    if certificate:
        rows["server_certificate"] = certificate
    rows["token"] = enrolled.token
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in rows.items())


def _free(taken: Collection[str]) -> str:
    return next(one for one in _LETTERS if one not in taken)


def _add(tx: Connection, deps: Deps, device: Device) -> Enrolled:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    devices.add(tx, device, token_sha256=_digest(token), now_ms=deps.clock.now_ms())
    return Enrolled(device, token)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
