"""Loading a restaurant from one JSON file: menu, floor, business and staff, checked as a whole before any is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from reference_server.catalogue.json_lines import line_of
from reference_server.storage import catalogue
from reference_server.storage.seam import Connection
from shared.business_time import UnknownTimezone, zone
from shared.domain.menu import Business, Floor, Menu, Role, StaffList, StaffMember
from shared.domain.model import PIN_PATTERN, AStaffId, Request, Title
from shared.errors import EvertillError
from shared.findings import doubled
from shared.pins import pin_verifier
from shared.wire.requests import BadRequest

#: How the files of Excel and LibreOffice begin, and those of an older Excel.
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class BadRestaurant(EvertillError):
    """A restaurant's file that can't be loaded; `problems` has a sentence for each thing that is wrong."""

    title = "This file can't be loaded"
    advice = "Correct what is named here and load it again. Nothing was changed."

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class NewPerson(Request):
    """Somebody who works here, with the PIN in clear: it is hashed at once and never stored."""

    id: AStaffId
    name: Title
    role: Role
    pin: Annotated[str, Field(pattern=PIN_PATTERN, repr=False)]
    active: bool = True


class RestaurantFile(Request):
    """What the file may hold; what it leaves out stays as it is on the server."""

    menu: Menu | None = None
    floor: Floor | None = None
    business: Business | None = None
    staff: tuple[NewPerson, ...] | None = None


@dataclass(frozen=True, slots=True)
class Restaurant:
    """A checked file, PINs hashed, ready to be stored."""

    menu: Menu | None
    floor: Floor | None
    business: Business | None
    staff: StaffList | None


def read(text: str | bytes) -> Restaurant:
    """Read and check a file; takes 50 ms for each person, for their PIN. Raises BadRestaurant."""
    text, fields = _parsed(text)
    try:
        return checked(_validated(fields))
    except BadRestaurant as error:
        raise BadRestaurant(f"line {line_of(text, _path(told))}, {told}" for told in error.problems) from error


def checked(found: RestaurantFile) -> Restaurant:
    """What is well formed, checked as a whole. Raises BadRestaurant."""
    problems = [*_menu_problems(found.menu), *_floor_problems(found.floor), *_staff_problems(found.staff or ())]
    if found.business is not None:
        try:
            zone(found.business.timezone)
        except UnknownTimezone as error:
            problems.append(f"business.timezone: {error.title} ({error.detail}). {error.advice}")
    if problems:
        raise BadRestaurant(problems)
    return Restaurant(
        menu=found.menu,
        floor=found.floor,
        business=found.business,
        staff=None if found.staff is None else _hashed(found.staff),
    )


def store(tx: Connection, restaurant: Restaurant, *, now_ms: int) -> None:
    """Let the restaurant be this one from now on."""
    if restaurant.menu is not None:
        catalogue.put_menu(tx, restaurant.menu, now_ms=now_ms)
    if restaurant.floor is not None:
        catalogue.put(tx, name=catalogue.FLOOR, body=restaurant.floor.to_json(), now_ms=now_ms)
    if restaurant.business is not None:
        catalogue.put(tx, name=catalogue.SETTINGS, body=restaurant.business.to_json(), now_ms=now_ms)
    if restaurant.staff is not None:
        catalogue.put_staff(tx, restaurant.staff, now_ms=now_ms)


def _once_each(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    if (name := doubled(name for name, _ in fields)) is not None:
        raise BadRestaurant([f"One object has the field {name[:64]} twice. Which of the two is meant?"])
    return dict(fields)


def _parsed(text: str | bytes) -> tuple[str, dict[str, Any]]:
    if isinstance(text, bytes) and text.startswith(_WORKBOOKS):
        raise BadRestaurant(["This is a workbook of a spreadsheet program. Save its sheet as CSV, and load that."])
    try:
        text = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
        raw = json.loads(text, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise BadRestaurant([f"The file is not JSON: {error}"]) from error
    if not isinstance(raw, dict):
        raise BadRestaurant(["The file has to be one JSON object with menu, floor, business and staff."])
    return text, raw


def _path(problem: str) -> str:
    """What a sentence is about: it begins with that."""
    return problem.partition(":")[0].partition(" ")[0]


def _validated(raw: dict[str, Any]) -> RestaurantFile:
    """The file as models; a part that names no version gets one made of its content."""
    for name in ("menu", "floor", "business"):
        part = raw.get(name)
        if isinstance(part, dict) and "version" not in part:
            part["version"] = version_of(json.dumps(part, sort_keys=True))
    try:
        return RestaurantFile.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        rows = BadRequest.from_validation(error).errors
        raise BadRestaurant(f"{field}: {wrong}" for field, wrong in rows) from error


def _menu_problems(menu: Menu | None) -> list[str]:
    if menu is None:
        return []
    categories = {category.id for category in menu.categories}
    stations = {station.id for station in menu.stations}
    groups = {group.id for group in menu.groups}
    problems = [
        *_twice("menu.categories", (category.id for category in menu.categories)),
        *_twice("menu.items", (item.id for item in menu.items)),
        *_twice("menu.groups", (group.id for group in menu.groups)),
        *_twice("menu.stations", (station.id for station in menu.stations)),
    ]
    for place, item in enumerate(menu.items):
        where = f"menu.items.{place} ({item.name})"
        if item.category_id not in categories:
            problems.append(f"{where}: there is no category {item.category_id}")
        if item.station not in stations:
            problems.append(f"{where}: there is no station {item.station}")
        problems += [f"{where}: there is no modifier group {one}" for one in item.group_ids if one not in groups]
    for place, group in enumerate(menu.groups):
        where = f"menu.groups.{place} ({group.name})"
        problems += _twice(f"{where}.options", (option.id for option in group.options))
        if not 0 <= group.least <= group.most or group.least > len(group.options):
            problems.append(f"{where}: least {group.least} and most {group.most} of {len(group.options)} can't be met")
    return problems


def _floor_problems(floor: Floor | None) -> list[str]:
    if floor is None:
        return []
    rooms = {room.id for room in floor.rooms}
    problems = [
        *_twice("floor.rooms", (room.id for room in floor.rooms)),
        *_twice("floor.tables", (table.id for table in floor.tables)),
    ]
    problems += [
        f"floor.tables.{place} ({table.name}): there is no room {table.room_id}"
        for place, table in enumerate(floor.tables)
        if table.room_id not in rooms
    ]
    return problems


def _staff_problems(staff: tuple[NewPerson, ...]) -> list[str]:
    return [*_twice("staff", (person.id for person in staff)), *_twice("staff", (person.name for person in staff))]


def _twice(where: str, names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    problems = []
    for place, name in enumerate(names):
        if name in seen:
            problems.append(f"{where}.{place}: {name} is there twice")
        seen.add(name)
    return problems


def _hashed(staff: tuple[NewPerson, ...]) -> StaffList:
    members = tuple(
        StaffMember(
            id=person.id,
            name=person.name,
            role=person.role,
            pin_verifier=pin_verifier(person.pin),
            active=person.active,
        )
        for person in staff
    )
    return StaffList(version=version_of("".join(member.to_json().decode() for member in members)), staff=members)


def version_of(text: str) -> str:
    """A version made of what it is the version of."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
