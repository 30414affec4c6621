"""A station whose screen or printer is down: another one's boards show its tickets, which stay what they are."""

from __future__ import annotations

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.storage import catalogue
from reference_server.storage.seam import Connection
from shared.ids import OperationId
from shared.times import to_rfc3339
from shared.wire.catalogue import TakeOverAnswer, TakeOverRequest


def take_over(tx: Connection, deps: Deps, *, station_id: str, asked: TakeOverRequest) -> Response:
    """`POST /kds/stations/{id}/take-over`. Raises the 404 and the 422 for stations that are not there."""
    menu = deps.catalogue.now(tx).menu
    stations = {one.id: one for one in menu.stations}
    station = next((one for one in menu.stations if one.id == station_id), None)
    if station is None:
        raise Problem(404, "There is no such station.")
    if asked.by_station is not None and (asked.by_station not in stations or asked.by_station == station.id):
        raise Problem(422, "Another station of the house has to take it over.", errors=(("byStation", "No such one."),))
    now_ms = deps.clock.now_ms()
    now = to_rfc3339(now_ms)
    at, by = min(asked.at or now, now), asked.id or OperationId(deps.ulids.new())
    if (at, by) > (station.set_at or "", station.set_by or ""):
        station = station.model_copy(update={"taken_over_by": asked.by_station, "set_at": at, "set_by": by})
        catalogue.put_stations(tx, {station.id: station}, now_ms=now_ms)
    told = TakeOverAnswer(station=station.id, taken_over_by=station.taken_over_by, set_at=station.set_at or at)
    return Response(200, told.to_json())
