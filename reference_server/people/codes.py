"""Enrolment by a code: read out in the office, typed at the device, good once and for a quarter of an hour.

The first group of signs is the code's name, the rest its secret. Five wrong secrets end the code, so that it is
guessed by a chance of one in a hundred million; and what is wrong with a code is never said, not even its name.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.people import enrolment
from reference_server.people.enrolment import Enrolled, LetterTaken, NoSuchDevice
from reference_server.storage import catalogue, devices, enrol_codes, histories, receipt_links
from reference_server.storage.devices import DeviceKind
from reference_server.storage.enrol_codes import EnrolCode
from reference_server.storage.seam import Connection
from shared.domain.menu import StaffList
from shared.ids import DeviceId
from shared.wire.devices import CODE_LENGTH, CODE_SIGNS, EnrolAnswer, EnrolRequest, in_groups, signs_of

NAME_SIGNS: Final = 3
LASTS_MS: Final = 15 * 60 * 1000
WRONG_TRIES: Final = 5
_KEPT_MS: Final = 24 * 60 * 60 * 1000

_OTHER: Final = {DeviceKind.POS: "a till", DeviceKind.KDS: "a kitchen screen"}
_NOT_GOOD: Final = (
    "This code does not enrol anything: it was mistyped, was used, or is older than 15 minutes."
    " Make a new one on the server (evertill-server code)."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a code is to enrol: a new device, or `device_id` again."""

    kind: DeviceKind
    name: str
    letter: str | None = None
    device_id: DeviceId | None = None


def wish_again(tx: Connection, device_id: DeviceId) -> Wish:
    """The wish to enrol a known device again. Raises NoSuchDevice, also for a script, which gets no settings."""
    device = devices.by_id(tx, device_id)
    if device is None or device.kind is DeviceKind.SCRIPT:
        raise NoSuchDevice(device_id)
    return Wish(device.kind, device.name, device.letter, device.id)


def make(tx: Connection, deps: Deps, wish: Wish) -> str:
    """A new code, as it is read out: `7KQ-M4X-P9T`. Raises LetterTaken."""
    now_ms = deps.clock.now_ms()
    if wish.device_id is None and wish.letter is not None and wish.letter in devices.letters(tx):
        raise LetterTaken(wish.letter)
    enrol_codes.forget(tx, before_ms=now_ms - _KEPT_MS)
    while True:
        signs = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
        name, secret = signs[:NAME_SIGNS], signs[NAME_SIGNS:]
        code = EnrolCode(
            name, _digest(secret), wish.kind, wish.name, wish.letter, wish.device_id, expires_at=now_ms + LASTS_MS
        )
        if enrol_codes.add(tx, code):
            return in_groups(signs)


def answer(tx: Connection, deps: Deps, asked: EnrolRequest, *, request_id: str) -> Response:
    """`POST /devices/enrol`. A refusal is answered, not raised: the wrong try has to stay counted."""
    refusal = _refusal(tx, deps, asked)
    if refusal is not None:
        return Problem(403, refusal).response(request_id)
    code = enrol_codes.by_name(tx, _parts(asked.code)[0])
    assert code is not None, "it was found good a moment ago"
    try:
        done = _enrolled(tx, deps, code, asked=asked)
    except LetterTaken as error:
        return Problem(403, f"{error.title}. {error.advice}").response(request_id)
    claim = None if asked.claim is None else _digest(asked.claim)
    enrol_codes.use(tx, code.name, device_id=done.device.id, claim_sha256=claim, now_ms=deps.clock.now_ms())
    return Response(200, _told(tx, done).to_json())


def _refusal(tx: Connection, deps: Deps, asked: EnrolRequest) -> str | None:
    """Why this code enrols nothing, for a person; None when it is good. Counts a wrong secret."""
    name, secret = _parts(asked.code)
    code = enrol_codes.by_name(tx, name)
    if code is None or deps.clock.now_ms() >= code.expires_at or code.wrong >= WRONG_TRIES:
        return _NOT_GOOD
    if not hmac.compare_digest(code.secret_sha256, _digest(secret)):
        enrol_codes.count_wrong(tx, name)
        return _NOT_GOOD
    if code.used_at is not None and not _may_ask_again(tx, code, asked.claim):
        return _NOT_GOOD
    if asked.kind not in (None, code.kind.value):
        return f"This code is for {_OTHER[code.kind]}. Type it there, or make one for this device."
    known = None if asked.device_id is None else devices.by_id(tx, asked.device_id)
    if known is not None and known.id != code.device_id:
        return (
            f"This device is known here already, as {known.name}. Make a code for it (evertill-server code --device"
            f" {known.id}): it keeps its letter and what waits on it."
        )
    return None


def _may_ask_again(tx: Connection, code: EnrolCode, claim: str | None) -> bool:
    """Whether a used code is in the hands of the very device that it made, whose answer was lost, and still wanted."""
    made = None if code.device_id is None else devices.by_id(tx, code.device_id)
    is_wanted = made is not None and made.revoked_at is None
    return is_wanted and claim is not None and code.claim_sha256 == _digest(claim)


def _enrolled(tx: Connection, deps: Deps, code: EnrolCode, *, asked: EnrolRequest) -> Enrolled:
    """The device with a new token: a new device, the one to be enrolled again, or the one whose answer was lost."""
    if code.device_id is not None:
        is_new = code.used_at is None and _lost_count(tx, code.device_id, asked)
        return enrolment.enrol_again(tx, deps, code.device_id, new_letter=is_new)
    return enrolment.enrol(tx, deps, kind=code.kind, name=code.device_name, letter=code.letter)


def _lost_count(tx: Connection, device_id: DeviceId, asked: EnrolRequest) -> bool:
    """Whether a till's file can't go on with its numbers: it says so, or it is a copy older than what came here."""
    device = devices.by_id(tx, device_id)
    letter = None if device is None else device.letter
    if letter is None or asked.new_series:
        return bool(asked.new_series)
    return asked.receipts is not None and asked.receipts < receipt_links.last(tx, letter)


def _told(tx: Connection, done: Enrolled) -> EnrolAnswer:
    """What a device needs before it has ever asked for anything; only a till gets the PIN verifiers."""
    device = done.device
    staff = catalogue.body(tx, catalogue.STAFF if device.kind is DeviceKind.POS else catalogue.STAFF_NAMES)
    return EnrolAnswer(
        device_id=device.id,
        device_name=device.name,
        kind=device.kind.value,
        letter=device.letter,
        token=done.token,
        history=histories.name(tx),
        staff=None if staff is None else StaffList.model_validate_json(staff),
    )


def _parts(code: str) -> tuple[str, str]:
    """Name and secret of a code as somebody typed it."""
    signs = "".join(signs_of(code))
    return signs[:NAME_SIGNS], signs[NAME_SIGNS:]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
