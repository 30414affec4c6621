"""Who guesses PINs waits: on the device where they guess, and wherever else they guess at the same person.

Five wrong PINs lock a person on one device, five minutes at first and fifteen after that. Who goes from device to
device is slowed down by person, but only on devices that the person does not use: nobody can lock a waiter out of her
own till from elsewhere. The reasons are in docs/decisions/0013-who-waits-after-wrong-pins.md.
"""

from __future__ import annotations

from dataclasses import replace

from reference_server.deps import Patience
from reference_server.exchange import Problem
from reference_server.storage import login_tries
from reference_server.storage.devices import Device
from reference_server.storage.login_tries import Tries
from reference_server.storage.seam import Connection
from shared.domain.menu import StaffMember


def count(tx: Connection, patience: Patience, *, device: Device, person: StaffMember, now_ms: int) -> Tries:
    """Count a try as wrong before it is looked at; gives what stands then. Raises the 429."""
    tries = login_tries.at_device(tx, device_id=device.id, staff_id=person.id)
    tries = _standing(patience, person, tries, now_ms=now_ms)
    if not _is_own(patience, tries, now_ms=now_ms):
        _count_elsewhere(tx, patience, person, now_ms=now_ms)
    tries = replace(tries, wrong=tries.wrong + 1, last_ms=now_ms)
    login_tries.keep(tx, tries, device_id=device.id, staff_id=person.id)
    return tries


def forgive(tx: Connection, patience: Patience, *, device: Device, person: StaffMember, now_ms: int) -> None:
    """The PIN was right: nothing stands against the person here any more, and the device is the person's own.

    What was mistyped here does not count elsewhere either. What others tried does, or the person's own work would give
    whoever guesses new tries.
    """
    tries = login_tries.at_device(tx, device_id=device.id, staff_id=person.id)
    others = login_tries.elsewhere(tx, person.id)
    if others.wrong and not _is_own(patience, tries, now_ms=now_ms):
        login_tries.keep_elsewhere(tx, person.id, wrong=max(0, others.wrong - tries.wrong), now_ms=others.last_ms)
    login_tries.keep(tx, Tries(right_ms=now_ms), device_id=device.id, staff_id=person.id)


def wait_ms(patience: Patience, tries: Tries) -> int:
    """How long the person waits on this device from the last wrong PIN on, 0 when more may be tried."""
    if tries.wrong < patience.wrong_pins:
        return 0
    return patience.again_ms if tries.locks else patience.first_ms


def _standing(patience: Patience, person: StaffMember, tries: Tries, *, now_ms: int) -> Tries:
    """What still stands of these tries. Raises the 429 while the person is locked on this device.

    A clock that was set back counts as time that went by: nobody is locked for hours by it.
    """
    gone_ms = abs(now_ms - tries.last_ms)
    if gone_ms >= patience.forgotten_ms:
        return Tries(right_ms=tries.right_ms)
    locked_ms = wait_ms(patience, tries)
    if locked_ms > gone_ms:
        raise _locked(person, "on this device", locked_ms - gone_ms)
    if locked_ms:
        return replace(tries, wrong=0, locks=tries.locks + 1)
    return replace(tries, wrong=0) if gone_ms >= patience.again_ms else tries


def _is_own(patience: Patience, tries: Tries, *, now_ms: int) -> bool:
    """Whether this is a device that the person uses."""
    return bool(tries.right_ms) and abs(now_ms - tries.right_ms) < patience.used_ms


def _count_elsewhere(tx: Connection, patience: Patience, person: StaffMember, *, now_ms: int) -> None:
    """Count a try on a device that the person does not use. Raises the 429 while all such devices wait."""
    tries = login_tries.elsewhere(tx, person.id)
    gone_ms = abs(now_ms - tries.last_ms)
    wrong = tries.wrong if gone_ms < patience.forgotten_ms else 0
    beyond = wrong - patience.wrong_elsewhere
    if beyond >= 0:
        pause_ms = min(patience.first_ms << min(beyond, 10), patience.most_ms)
        if pause_ms > gone_ms:
            raise _locked(person, "on devices that this person does not use", pause_ms - gone_ms)
    login_tries.keep_elsewhere(tx, person.id, wrong=wrong + 1, now_ms=now_ms)


def _locked(person: StaffMember, where: str, still_ms: int) -> Problem:
    seconds = max(1, -(-still_ms // 1000))
    minutes = -(-seconds // 60)
    when = "1 minute" if minutes == 1 else f"{minutes} minutes"
    message = f"Too many wrong PINs for {person.name} {where}. It opens again in {when}."
    return Problem(429, message, headers=(("Retry-After", str(seconds)),))
