"""Login by PIN in three steps, so that the slow one, Argon2, holds up neither the writer nor the loop."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.asked import read
from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.people import lockout
from reference_server.storage.devices import Device
from reference_server.storage.seam import Connection
from shared.domain.menu import StaffMember
from shared.pins import pin_matches
from shared.wire.answers import LoginAnswer, LoginRequest


@dataclass(frozen=True, slots=True)
class Try:
    """One try that has been counted as wrong already: whoever asks many times at once gains nothing."""

    device: Device
    person: StaffMember
    pin: str
    left: int
    wait_ms: int
    """How long the person waits here if this one is wrong, 0 while some are left."""


def begin(tx: Connection, deps: Deps, *, device: Device, body: bytes) -> Try:
    """Count the try. Raises 400 and 422 for a body that says too little, 403 for nobody of ours, 429 while locked."""
    asked = read(LoginRequest, body, otherwise="A login needs a person and a PIN of 4 to 8 digits.")
    person = deps.catalogue.now(tx).people.get(asked.staff_id)
    if person is None or not person.active:
        raise Problem(403, "Nobody with this name works here.")
    patience = deps.limits.patience
    tries = lockout.count(tx, patience, device=device, person=person, now_ms=deps.clock.now_ms())
    return Try(device, person, asked.pin, patience.wrong_pins - tries.wrong, lockout.wait_ms(patience, tries))


def is_right(attempt: Try) -> bool:
    """Whether the PIN is right; takes about 50 ms on purpose."""
    return pin_matches(attempt.person.pin_verifier, attempt.pin)


def refuse(attempt: Try) -> Problem:
    """The 403 for a wrong PIN; a 401 would tell the till that it is not known itself."""
    if attempt.wait_ms:
        minutes = attempt.wait_ms // 60_000
        return Problem(403, f"This PIN is not right. Wait {minutes} minutes, or ask somebody else to log in.")
    tries = "1 try" if attempt.left == 1 else f"{attempt.left} tries"
    return Problem(403, f"This PIN is not right. {tries} left.")


def finish(tx: Connection, deps: Deps, attempt: Try) -> Response:
    """The PIN was right: forget the wrong ones, and say who is working."""
    person, now_ms = attempt.person, deps.clock.now_ms()
    lockout.forgive(tx, deps.limits.patience, device=attempt.device, person=person, now_ms=now_ms)
    return Response(200, LoginAnswer(staff_id=person.id, name=person.name, role=person.role.value).to_json())
