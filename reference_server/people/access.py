"""Who asks, by the device's token, and who wants it, by the person that the body names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from reference_server.exchange import Problem
from reference_server.people.at_the_time import Member, member_at
from reference_server.storage.catalogue import Restaurant
from reference_server.storage.devices import Device, DeviceKind
from shared.domain.approvals import Judge
from shared.domain.menu import Role


class Person(NamedTuple):
    """Who wants something: somebody of the staff, or a device that acts as itself."""

    id: str
    name: str
    role: Role


def token_hash(headers: Mapping[str, str]) -> bytes | None:
    """The SHA-256 of the bearer token, None when there is none."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    token = rest.strip()
    if not token or scheme.lower() != "bearer":
        return None
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def authenticate(device: Device | None, *, now_ms: int) -> Device:
    """The device that a token is of, if it still counts. Raises the 401 that tells a till to be enrolled again."""
    if device is None:
        raise unknown_device()
    if device.revoked_at is not None:
        raise _unknown("This device was signed off. Enrol it again.")
    if device.expires_at is not None and device.expires_at <= now_ms:
        raise _unknown("This device's token has expired. Enrol it again.")
    return device


class When(NamedTuple):
    """When something was done, as its device tells, and when that is judged. Without a moment it is done now."""

    now_ms: int
    at: object = None


def actor(restaurant: Restaurant, *, device: Device, actor_id: str, allowed: frozenset[Role], when: When) -> Person:
    """The person that a body names, judged by the role that they had then. Raises the 403 that says why not."""
    person = _person(restaurant, device, actor_id, when=when)
    if person.role not in allowed:
        raise Problem(403, f"{person.name} may not do this. Ask somebody with another role.")
    return person


def judge(restaurant: Restaurant, device: Device, *, when: When) -> Judge:
    """By what the server judges who may do alone what this device's people wanted: by the roles of that time."""

    def role_at(person_id: str, at: object) -> Role | None:
        if device.role is not None and person_id == device.id:
            return device.role
        member = member_at(restaurant, person_id, at=at, now_ms=when.now_ms)
        if member is None:
            return None
        return None if device.kind is DeviceKind.SCRIPT and member.role is not device.role else member.role

    return Judge(lambda person_id: role_at(person_id, when.at), restaurant.business, role_at)


def _person(restaurant: Restaurant, device: Device, actor_id: str, *, when: When) -> Person:
    if device.role is not None and actor_id == device.id:
        return Person(device.id, device.name, device.role)
    member = member_at(restaurant, actor_id, at=when.at, now_ms=when.now_ms)
    if member is None:
        raise Problem(403, "Nobody with this name works here. Log in again.")
    if member.role is None:
        raise Problem(403, _gone(member))
    if device.kind is DeviceKind.SCRIPT and member.role is not device.role:
        raise Problem(403, "This token may act only in its own role.")
    return Person(member.id, member.name, member.role)


def _gone(member: Member) -> str:
    if member.is_to_come:
        return f"{member.name} did not work here yet when this was done. Do it again as somebody who did."
    return f"{member.name} does not work here any more. Log in as somebody else."


def unknown_device() -> Problem:
    """The 401 for who has no token that was ever given here."""
    return _unknown("This device is not known here. Enrol it again.")


def _unknown(message: str) -> Problem:
    return Problem(401, message, headers=(("WWW-Authenticate", 'Bearer realm="evertill"'),))
