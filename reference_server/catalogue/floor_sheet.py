"""The floor plan as a sheet, a row for each table."""

from __future__ import annotations

from typing import Final

from reference_server.catalogue import cells, sheets
from reference_server.catalogue.loading import BadRestaurant, version_of
from reference_server.catalogue.sheets import Faults
from shared.domain.menu import Floor, Room, Table
from shared.ids import TableId

TABLES: Final = ("id", "name", "room", "x", "y", "width", "height", "seats")
_NEEDED: Final = ("name", "room", "x", "y")
WIDTH, HEIGHT = 18, 12
"""The grid that tables stand on, in cells."""


def tables(raw: bytes, present: Floor) -> Floor:
    """The floor with exactly these tables, and rooms in the order in which they come. Raises BadRestaurant."""
    faults = Faults()
    rooms: dict[str, Room] = {}
    found: dict[str, Table] = {}
    for row in sheets.lines(raw, known=TABLES, needed=_NEEDED, faults=faults):
        name, where = cells.text(row, "name", faults), cells.text(row, "room", faults)
        known = {room.name.casefold(): room for room in (*present.rooms, *rooms.values())}
        room = known.get(where.casefold()) or Room(id=cells.plain_id(where), name=where)
        rooms.setdefault(room.id, room)
        same = next((one for one in present.tables if (one.name, one.room_id) == (name, room.id)), None)
        table_id = row["id"] or (same.id if same is not None else f"table-{cells.plain_id(name)}"[:64])
        if table_id in found:
            faults.add(row.number, "id" if row["id"] else "name", f"{table_id} is there twice")
        width = cells.whole(row, "width", faults, least=1, most=WIDTH, empty=2)
        height = cells.whole(row, "height", faults, least=1, most=HEIGHT, empty=2)
        found[table_id] = Table(
            id=TableId(table_id[:64]),
            name=name,
            room_id=room.id,
            x=cells.whole(row, "x", faults, least=0, most=WIDTH - width),
            y=cells.whole(row, "y", faults, least=0, most=HEIGHT - height),
            width=width,
            height=height,
            seats=cells.whole(row, "seats", faults, least=1, most=99, empty=4),
        )
    if faults.found:
        raise BadRestaurant(faults.told())
    floor = present.model_copy(update={"rooms": tuple(rooms.values()), "tables": tuple(found.values())})
    if floor == present:
        return present
    return floor.model_copy(update={"version": version_of(floor.model_copy(update={"version": ""}).to_json().decode())})


def tables_sheet(floor: Floor) -> bytes:
    """The floor as a sheet that `tables` reads."""
    rooms = {room.id: room.name for room in floor.rooms}
    return sheets.written(
        TABLES,
        (
            (
                *(one.id, one.name, rooms.get(one.room_id, one.room_id)),
                *map(str, (one.x, one.y, one.width, one.height, one.seats)),
            )
            for one in floor.tables
        ),
    )
