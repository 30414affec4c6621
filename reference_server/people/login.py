"""Login by PIN in three steps, so that the slow one, Argon2, holds up neither the writer nor the loop."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.storage import login_tries
from reference_server.storage.devices import Device
from reference_server.storage.seam import Connection
from shared.domain.menu import StaffMember
from shared.pins import pin_matches
from shared.wire.answers import LoginAnswer, LoginRequest
from shared.wire.requests import BadRequest


@dataclass(frozen=True, slots=True)
class Try:
    """One try that has been counted as wrong already: whoever asks many times at once gains nothing."""

    device: Device
    person: StaffMember
    pin: str
    left: int


def begin(tx: Connection, deps: Deps, *, device: Device, body: bytes) -> Try:
    """Count the try. Raises the 422 for a body that says too little, 403 for nobody of ours, 429 while locked."""
    try:
        asked = LoginRequest.model_validate_json(body)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Problem(400, "The body is not JSON.") from error
        errors = BadRequest.from_validation(error).errors
        raise Problem(422, "A login needs a person and a PIN of 4 to 8 digits.", errors=errors) from error
    person = deps.catalogue.now(tx).people.get(asked.staff_id)
    if person is None or not person.active:
        raise Problem(403, "Nobody with this name works here.")
    now_ms = deps.clock.now_ms()
    wrong, last_ms = login_tries.wrong_tries(tx, device_id=device.id, staff_id=person.id)
    still_ms = deps.limits.locked_ms - abs(now_ms - last_ms)
    if still_ms <= 0:
        wrong = 0
    elif wrong >= deps.limits.wrong_pins:
        raise _locked(person, still_ms)
    login_tries.count(tx, device_id=device.id, staff_id=person.id, wrong=wrong + 1, now_ms=now_ms)
    return Try(device, person, asked.pin, deps.limits.wrong_pins - wrong - 1)


def is_right(attempt: Try) -> bool:
    """Whether the PIN is right; takes about 50 ms on purpose."""
    return pin_matches(attempt.person.pin_verifier, attempt.pin)


def refuse(attempt: Try) -> Problem:
    """The 403 for a wrong PIN; a 401 would tell the till that it is not known itself."""
    if attempt.left <= 0:
        return Problem(403, "This PIN is not right. Wait five minutes, or ask somebody else to log in.")
    tries = "1 try" if attempt.left == 1 else f"{attempt.left} tries"
    return Problem(403, f"This PIN is not right. {tries} left.")


def finish(tx: Connection, attempt: Try) -> Response:
    """The PIN was right: forget the wrong ones, and say who is working."""
    login_tries.clear(tx, device_id=attempt.device.id, staff_id=attempt.person.id)
    person = attempt.person
    return Response(200, LoginAnswer(staff_id=person.id, name=person.name, role=person.role.value).to_json())


def _locked(person: StaffMember, still_ms: int) -> Problem:
    seconds = max(1, -(-still_ms // 1000))
    minutes = -(-seconds // 60)
    when = "1 minute" if minutes == 1 else f"{minutes} minutes"
    message = f"Too many wrong PINs for {person.name} on this device. It opens again in {when}."
    return Problem(429, message, headers=(("Retry-After", str(seconds)),))
