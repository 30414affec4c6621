"""Enrolment at the device: a code is sent, and what comes back is written as its settings, durably and for it alone."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import ssl
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from shared.clock import Clock, SystemClock
from shared.disk import OUR_DISK, Disk
from shared.domain.commands import CreateOrder, Operation, VoidOrder
from shared.domain.menu import Role
from shared.errors import BadSettings, DatabaseError, EvertillError
from shared.ids import OperationId, OrderId, StaffId
from shared.series import birth_of, file_of, series_of
from shared.settings import DeviceKind, load_settings
from shared.store.outcomes import Flight
from shared.sync import proofs
from shared.sync.exchange import Answered, Exchange
from shared.sync.reads import Well, read_beat
from shared.sync.transport import HttpTransport
from shared.times import to_rfc3339
from shared.ulids import SystemUlids
from shared.wire.devices import PRINT_LENGTH, EnrolAnswer, EnrolRequest, in_groups, print_of, signs_of
from shared.wire.requests import encode

MakeTransport = Callable[[str, str, str], HttpTransport]
"""From the server's address, a token, and the certificate to be shown; the last two may be empty."""

#: What a server announces that repeats our ids on every answer: it need not be looked whether it keeps them.
_ECHO: Final = "echo"
_WHAT: Final = {DeviceKind.POS: "a till", DeviceKind.KDS: "a kitchen screen"}
_CLAIM_BYTES: Final = 24
_PATIENCE_S: Final = 10.0


class NotEnrolled(EvertillError):
    """The server was asked and did not take this device; nothing was written."""

    title = "This device was not enrolled"
    advice = "Try again with the same code; after 15 minutes make a new one on the server (evertill-server code)."


class OtherCertificate(EvertillError):
    """Who answers is not who printed the code: it gets neither the code nor a token."""

    title = "Another server answers at this address"
    advice = "Compare the address and the code, to its last sign. If both are right, somebody listens in between."


class GivesOwnIds(EvertillError):
    """A server that renames what a till has named can't be told twice of one thing without doing it twice."""

    title = "This server does not keep the ids that a till gives"
    advice = "Evertill needs a server that does what docs/protocol.md says. This device was not enrolled."


def _transport(url: str, token: str, certificate: str) -> HttpTransport:
    return HttpTransport(url, token, certificate=certificate)


def enrol(
    path: Path,
    *,
    code: str,
    url: str,
    kind: DeviceKind,
    make_transport: MakeTransport = _transport,
    clock: Clock | None = None,
    disk: Disk = OUR_DISK,
) -> None:
    """Write the settings of this device to `path`; what a person had set there stays.

    A device that was known before stays itself, with its file, its numbers and what waits in it; a till whose file is
    new gets another letter. May be called again with the same code when it failed.

    Raises NotEnrolled, OtherCertificate, GivesOwnIds, BadSettings.
    """
    clock = clock or SystemClock()
    try:
        found = _standing(path, kind, disk)
        claim = _claim(path, disk)
        signs, seal = _parts(code)
        pinned = _certificate(url, seal=seal, known=found.pop("server_certificate", ""))
        series = series_of(found) if kind is DeviceKind.POS else None
        asked = EnrolRequest(
            code=signs,
            claim=claim,
            device_id=found.get("device_id"),
            kind=kind.value,
            new_series=None if series is None else series.is_new,
            receipts=None if series is None else series.receipts,
        )
        told = asyncio.run(_asked(asked, partial(make_transport, url), url=url, pinned=pinned, clock=clock))
        if told.kind != kind.value:
            raise NotEnrolled(f"{url} took this device for another kind: {told.kind}")
        pins = {"server_certificate": pinned} if pinned else {}
        _write(path, {**found, **pins, **_birth(found, kind, clock), **_rows(told, url)}, disk)
        disk.remove(_claim_path(path))
    except ValidationError as error:
        raise NotEnrolled(f"The code {code!r} or the device_id in {path} is no such thing.") from error
    except OSError as error:
        raise BadSettings(
            f"{path} can't be written: {error.strerror}", title="The settings can't be written"
        ) from error


def _standing(path: Path, kind: DeviceKind, disk: Disk) -> dict[str, Any]:
    """What a person or an earlier enrolment had set; a file that is not whole is set aside. Raises BadSettings."""
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        disk.replace(path, path.with_name(f"{path.name}.old"))
        return {}
    of = found.get("kind", DeviceKind.POS.value)
    if of != kind.value:
        raise BadSettings(
            f"{path}: kind is {of}",
            title="These are the settings of another kind of device",
            advice=f"This program is for {_WHAT[kind]}. Give it a settings file of its own (--settings).",
        )
    return found


def _claim_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.claim")


def _claim(path: Path, disk: Disk) -> str:
    """This device's secret of this enrolment, kept until it is done: a lost answer is asked for again by it."""
    kept = _claim_path(path)
    with suppress(FileNotFoundError):
        text = kept.read_text(encoding="ascii", errors="replace")
        if text.endswith("\n"):
            return text.strip()
    claim = secrets.token_urlsafe(_CLAIM_BYTES)
    _keep(kept, f"{claim}\n", disk)
    return claim


def _parts(code: str) -> tuple[str, str]:
    """The code, and the print of a certificate if one stands behind it; what has another shape is sent as it is."""
    signs, seal = signs_of(code)
    return (signs, seal) if len(seal) == PRINT_LENGTH else (code.strip(), "")


def _certificate(url: str, *, seal: str, known: str) -> str:
    """The certificate that the server has to show: the one whose print stands behind the code, else the known one.

    Raises NotEnrolled and OtherCertificate.
    """
    try:
        found = urlsplit(url)
        where = (found.hostname or "", found.port or 443)
        if found.scheme != "https":
            return ""
        if not seal:
            return known
        pem = ssl.get_server_certificate(where, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        raise NotEnrolled(f"Nobody answered at {url}.") from error
    if print_of(ssl.PEM_cert_to_DER_cert(pem)) != seal:
        raise OtherCertificate(f"{url} shows a certificate whose print is not {in_groups(seal)}.")
    return pem


async def _asked(
    asked: EnrolRequest, make: Callable[[str, str], HttpTransport], *, url: str, pinned: str, clock: Clock
) -> EnrolAnswer:
    """What the server said. Raises NotEnrolled and GivesOwnIds."""
    stranger = make("", pinned)
    try:
        told = _read(await stranger.enrol(asked.model_dump_json(by_alias=True, exclude_none=True).encode()), url)
    finally:
        await stranger.close()
    if told.kind == DeviceKind.POS.value:
        known = make(told.token, pinned)
        try:
            await _look_for_our_ids(known, told, clock=clock)
        finally:
            await known.close()
    return told


def _read(answer: Exchange, url: str) -> EnrolAnswer:
    if not isinstance(answer, Answered):
        raise NotEnrolled(f"Nobody answered at {url}.")
    fields = proofs.fields_of(answer.body)
    if answer.status == 200:
        with suppress(ValidationError):
            return EnrolAnswer.model_validate_json(answer.body)
    if proofs.refuses(answer, fields):
        raise NotEnrolled(proofs.message_of(fields, f"The server answered {answer.status}."))
    raise NotEnrolled(f"What answered at {url} is not the restaurant's server.")


async def _look_for_our_ids(transport: HttpTransport, told: EnrolAnswer, *, clock: Clock) -> None:
    """Open an order under an id of ours where the server does not say that it keeps ids, and cancel it."""
    health = read_beat(await transport.beat())
    if not isinstance(health, Well):
        raise NotEnrolled("The server went away in the middle of it.")
    if _ECHO in health.capabilities:
        return
    ulids = SystemUlids(clock)
    staff = () if told.staff is None else told.staff.staff
    actor = next((one.id for one in staff if one.active and one.role is not Role.CHEF), StaffId(told.device_id))
    about = {"actor_id": actor, "at": to_rfc3339(clock.now_ms()), "order_id": OrderId(ulids.new())}
    create = CreateOrder(id=OperationId(ulids.new()), **about)  # type: ignore[arg-type]
    flight = _flight(create)
    answer = await transport.send(flight, seen=None)
    if not isinstance(answer, Answered) or answer.status not in (200, 201):
        raise NotEnrolled("The server did not open an order, by which it is looked whether it keeps our ids.")
    if not proofs.names_entity(proofs.fields_of(answer.body), flight):
        raise GivesOwnIds(f"It was given order {flight.entity_id} and answered with another id.")
    void = VoidOrder(id=OperationId(ulids.new()), reason="Looked at enrolment", line_ids=(), **about)  # type: ignore[arg-type]
    await transport.send(_flight(void), seen=None)


def _flight(command: Operation) -> Flight:
    encoded = encode(command)
    entity_id = getattr(command, "order_id", "")
    return Flight(1, command.id, encoded.kind, encoded.method, encoded.path, encoded.body, (), entity_id, 1, 0, 0)


def _birth(found: dict[str, Any], kind: DeviceKind, clock: Clock) -> dict[str, str]:
    """By what a till's file is known from now on; one that can't be opened says so when the program opens it."""
    file = file_of(found) if kind is DeviceKind.POS else None
    with suppress(DatabaseError):
        return {} if file is None else {"file_birth": birth_of(file, clock)}
    return {}


def _rows(told: EnrolAnswer, url: str) -> dict[str, Any]:
    rows = {"kind": told.kind, "server_url": url, "device_id": told.device_id, "device_name": told.device_name}
    if told.letter is not None:
        rows["letter"] = told.letter
    return {**rows, "token": told.token}


def _write(path: Path, rows: dict[str, Any], disk: Disk) -> None:
    """The settings as TOML, looked at as a whole before they take the place of what was there."""
    plain = {name: value for name, value in rows.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in rows.items() if isinstance(value, dict)}
    text = _toml(plain) + "".join(f"\n[{name}]\n{_toml(table)}" for name, table in tables.items())
    beside = path.with_name(f"{path.name}.new")
    _keep(beside, text, disk)
    load_settings(beside)
    disk.replace(beside, path)
    disk.sync_folder(path.parent)


def _toml(rows: dict[str, Any]) -> str:
    """Names and values; TOML writes both as JSON does."""
    return "".join(f"{_name(name)} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in rows.items())


def _name(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name, ensure_ascii=False)


def _keep(path: Path, text: str, disk: Disk) -> None:
    """A file that only this user reads, and that a power cut leaves whole or not there."""
    disk.make_private(path)
    path.write_text(text, encoding="utf-8")
    if os.name == "posix":
        path.chmod(0o600)
    disk.sync_file(path)
