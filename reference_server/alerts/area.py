"""`/alerts`: what waits for a person, page by page, and the one word of what was done about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reference_server.area import Area, Wish, Write
from reference_server.deps import Deps
from reference_server.effect import Effect
from reference_server.exchange import Problem, Response
from reference_server.filling import Fields, Filler
from reference_server.people.roles import LEADERS
from reference_server.rows import Asked, Row, written
from reference_server.storage import alerts
from reference_server.storage.seam import Connection
from shared.domain.alerts import CloseAlert, HouseAlert, closed
from shared.domain.commands import Operation
from shared.domain.rejections import CommandRejected, Refusal
from shared.domain.versioned import Versioned
from shared.times import to_rfc3339
from shared.wire.alerts import ALERTS, AlertPage
from shared.wire.requests import Kind


def _find(tx: Connection, asked: Write) -> HouseAlert:
    alert = alerts.get(tx, asked.entity_id or "")
    if alert is None:
        raise _unknown()
    return alert


def _load(tx: Connection, command: Operation) -> HouseAlert | None:
    assert isinstance(command, CloseAlert), "an alert's path names an alert"
    return alerts.get(tx, command.alert_id)


def _body(tx: Connection, alert_id: str) -> bytes | None:
    alert = alerts.get(tx, alert_id)
    return None if alert is None else alert.to_json()


def _fill(filler: Filler, asked: Write, _: Versioned | None) -> Fields:
    return filler.start(asked.body, alertId=asked.entity_id)


def _decide(_: Connection, __: Deps, wish: Wish) -> Effect:
    command, alert = wish.command, wish.entity
    assert isinstance(command, CloseAlert), "an alert's path names an alert"
    if not isinstance(alert, HouseAlert):
        raise _unknown()
    first = wish.restaurant.people.get(alert.chosen_by or "")
    after = closed(alert, command, by_name="" if first is None else first.name)
    return Effect(after, (after,))


def _unknown() -> CommandRejected:
    return CommandRejected(Refusal.NOT_FOUND, "This alert is not known here.")


def _page(tx: Connection, deps: Deps, asked: Asked) -> Response:
    """`GET /alerts?state=&cursor=`. Raises the 422 for another state, and for a cursor of another history."""
    is_closed = _is_closed(asked.query)
    cursor = asked.query.get("cursor", "")
    if cursor and alerts.get(tx, cursor) is None:
        message = "No alert here has this cursor. Begin without one."
        raise Problem(422, message, errors=(("cursor", "There is no such alert."),))
    limit = deps.limits.page.entities
    found = alerts.page(tx, is_closed=is_closed, behind=alerts.number_of(cursor), limit=limit + 1)
    shown = found[:limit]
    told = AlertPage(
        alerts=shown,
        cursor=shown[-1].id if shown else cursor,
        server_time=to_rfc3339(deps.clock.now_ms()),
        has_more=len(found) > limit,
        open=alerts.count_open(tx),
    )
    return Response(200, told.to_json())


def _is_closed(query: Mapping[str, str]) -> bool:
    state = query.get("state", "") or "open"
    if state not in ("open", "closed"):
        raise Problem(422, "`state` is open or closed.", errors=(("state", "There is no such state."),))
    return state == "closed"


AREA: Final = Area(kinds=frozenset({Kind.CLOSE_ALERT}), find=_find, load=_load, body=_body, fill=_fill, decide=_decide)

ROWS: Final = (
    Row(
        *("GET", ALERTS, "What waits for a person, or what was done about it", "alerts", AlertPage),
        read=_page,
        query=("state", "cursor"),
        roles=LEADERS,
    ),
    written(Kind.CLOSE_ALERT, "Say what was done about an alert", area="alerts", answer=HouseAlert, roles=LEADERS),
)
