"""Pure: what is said of a branch's devices, and how one becomes known."""

import hashlib
from typing import Annotated, Final

from pydantic import Field

from shared.domain.menu import StaffList
from shared.domain.model import AStaffId, Model, Request

MAX_RECEIPTS: Final = 10**9
CODE_SIGNS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""What codes are made of: no sign that is taken for another one, neither I, L, 1 nor O, 0, nor U for V."""
CODE_LENGTH: Final = 9
GROUP: Final = 3
PRINT_LENGTH: Final = 12
"""Signs by which a certificate is known: 59 bits, so that nobody finds another one in a quarter of an hour."""


def signs_of(code: str) -> tuple[str, str]:
    """What somebody typed, without what does not matter: the code itself, and the print of a certificate behind it."""
    signs = "".join(sign for sign in code.upper() if sign not in "- ")
    return signs[:CODE_LENGTH], signs[CODE_LENGTH:]


def in_groups(signs: str) -> str:
    """As it is read out: `7KQ-M4X-P9T`."""
    return "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))


def print_of(certificate: bytes) -> str:
    """By what a certificate, as DER, is known to who types it."""
    left = int.from_bytes(hashlib.sha256(certificate).digest())
    signs = []
    for _ in range(PRINT_LENGTH):
        left, at = divmod(left, len(CODE_SIGNS))
        signs.append(CODE_SIGNS[at])
    return "".join(signs)


class DeviceSeen(Model):
    """A device as managers see it. `role` is what it may do as itself: a script's, or a kitchen screen's."""

    id: str
    name: str
    kind: str
    letter: str | None = None
    """What a till's numbers begin with."""
    role: str | None = None
    enrolled_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    """Since when its token counts no more."""


class DeviceList(Model):
    """All devices that ever were enrolled, in their order: a letter is never given twice."""

    devices: tuple[DeviceSeen, ...] = ()


class RevokeRequest(Request):
    """Who signs a device off; a script leaves it out."""

    actor_id: AStaffId | None = None


class EnrolRequest(Request):
    """A device that wants to be known."""

    code: Annotated[str, Field(min_length=1, max_length=32)]
    """As it was read out; small letters, spaces and hyphens do not matter."""
    claim: Annotated[str | None, Field(min_length=16, max_length=200)] = None
    """A secret of the device's own. When an answer was lost, the same code with the same claim is answered again."""
    device_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    """Whom this device was known as before, if it was."""
    kind: Annotated[str | None, Field(min_length=1, max_length=16)] = None
    """What it is: a code for another kind of device is not used up by it."""
    new_series: bool | None = None
    """Whether a till can't know which numbers were given under its letter: it has no file, a new or a salvaged one."""
    receipts: Annotated[int | None, Field(ge=0, le=MAX_RECEIPTS)] = None
    """How many receipts the till's file has given a number."""


class EnrolAnswer(Model):
    """What goes into a device's settings. Nobody can read the token again later."""

    device_id: str
    device_name: str
    kind: str
    letter: str | None = None
    token: str
    history: str = ""
    """The name of the history of the branch that it belongs to now."""
    staff: StaffList | None = None
    """For a till with the PIN verifiers, so that people can log in at it from now on; None before any was loaded."""
