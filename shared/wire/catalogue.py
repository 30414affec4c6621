"""Pure: what changes the catalogue while the house is open: what is sold out, the floor, who is on a table."""

from typing import Annotated

from pydantic import Field

from shared.domain.menu import Room, Table
from shared.domain.model import AnItemId, AnOperationId, AStaffId, AStationId, Model, Moment, Request

MAX_REMAINING = 9999
"""So many of one dish are counted at most."""


class AvailabilityRequest(Request):
    """What is left of a dish. `remaining` counts down with every sale; without it nobody counts.

    The word that was said last counts, by `at` and then by `id`: one that comes late or twice changes nothing.
    """

    actor_id: AStaffId | None = None
    id: AnOperationId | None = None
    at: Moment | None = None
    sold_out: bool = False
    remaining: Annotated[int, Field(ge=0, le=MAX_REMAINING)] | None = None


class AvailabilityAnswer(Model):
    """What is left of a dish now."""

    item_id: AnItemId
    sold_out: bool
    remaining: int | None = None
    set_at: Moment


class TakeOverRequest(Request):
    """Which station's boards show a station's tickets too; none when its own do again.

    The word that was said last counts, by `at` and then by `id`: one that comes late or twice changes nothing.
    """

    actor_id: AStaffId | None = None
    id: AnOperationId | None = None
    at: Moment | None = None
    by_station: AStationId | None = None


class TakeOverAnswer(Model):
    """Who shows a station's tickets now."""

    station: AStationId
    taken_over_by: AStationId | None = None
    set_at: Moment


MAX_ROOMS, MAX_TABLES = 50, 1000


class FloorRequest(Request):
    """The whole floor as its editor has it; `base_version` is the version that it was made from."""

    actor_id: AStaffId | None = None
    base_version: str
    rooms: Annotated[tuple[Room, ...], Field(max_length=MAX_ROOMS)]
    tables: Annotated[tuple[Table, ...], Field(max_length=MAX_TABLES)]


class PresenceRequest(Request):
    """Somebody looks at a table on this device, or goes away from it. It holds for 90 seconds."""

    actor_id: AStaffId | None = None
    leaves: bool = False


class Present(Model):
    """Somebody who looks at a table just now. A table is no lock: several may."""

    device: str
    actor_id: str
    name: str
    until: Moment


class PresenceAnswer(Model):
    """Who looks at a table now, the asking device left out, in the order of their devices."""

    table_id: str
    others: tuple[Present, ...] = ()
