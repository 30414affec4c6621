"""Whether a till's file can go on with the numbers under its letter: looked at when the till is enrolled."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.clock import Clock
from shared.database import open_reader
from shared.errors import DatabaseError
from shared.opening import open_device_file
from shared.settings import DeviceKind, DeviceSettings
from shared.store import meta, receipts
from shared.ulids import SystemUlids

_ANY: dict[str, Any] = {"server_url": "http://127.0.0.1", "device_id": "-", "token": "-" * 16, "letter": "A"}
"""What stands for what enrolment is about to tell: where the file is does not hang on it."""


@dataclass(frozen=True, slots=True)
class Series:
    """How far a till's file has counted. `is_new`: it can't know what was given under the letter."""

    is_new: bool
    receipts: int | None = None


def file_of(found: Mapping[str, Any]) -> Path | None:
    """Where a till with these settings keeps its file, as the program will look for it; None where they are wrong."""
    try:
        return DeviceSettings(**{**found, "kind": DeviceKind.POS, **_ANY}).database_path
    except ValidationError:
        return None


def series_of(found: Mapping[str, Any]) -> Series:
    """What the file of these settings can go on with. A file that is not there or can't be read knows nothing."""
    path = file_of(found)
    if path is None or not path.exists():
        return Series(is_new=True)
    try:
        with closing(open_reader(path)) as reader:
            birth, spent = meta.birth(reader), meta.spent_letters(reader)
            given = meta.number(reader, receipts.COUNT)
    except DatabaseError:
        return Series(is_new=True)
    is_another = found.get("file_birth", birth) != birth
    return Series(is_new=is_another or found.get("letter") in spent, receipts=given)


def birth_of(path: Path, clock: Clock) -> str:
    """By what the file of a till is known; one that is not there yet is made. Raises what opening it raises."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        open_device_file(path, ulids=SystemUlids(clock)).close()
    with closing(open_reader(path)) as reader:
        return meta.birth(reader) or ""
