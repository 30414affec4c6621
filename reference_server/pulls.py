"""Pulling: one page of what changed after a cursor, or of everything that is open or of today."""

from __future__ import annotations

from collections.abc import Mapping

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.healing import history
from reference_server.storage import histories, pages, shifts
from reference_server.storage.pages import Page
from reference_server.storage.seam import Connection
from shared.business_time import day_start_ms
from shared.ids import is_ulid
from shared.times import from_rfc3339, to_rfc3339


def orders(tx: Connection, deps: Deps, query: Mapping[str, str]) -> Response:
    """`GET /pos/orders?cursor=`."""
    size = deps.limits.page
    revision = asked_from(tx, query.get("cursor", ""))
    if revision is None:
        return _answer(tx, deps, pages.orders_now(tx, day_start_ms=_day_start_ms(tx, deps), size=size), name="orders")
    return _answer(tx, deps, pages.orders_after(tx, revision, size=size), name="orders")


def tickets(tx: Connection, deps: Deps, query: Mapping[str, str]) -> Response:
    """`GET /kds/queue?station=&cursor=` and `GET /kds/tickets?since=`: both take all three.

    `since` is a moment of server time for clients that know no cursor, or a cursor. A page also names the business day
    that was ended last: hearing of it, a board forgets what was done before.
    """
    size = deps.limits.page
    station = query.get("station") or None
    since = query.get("since", "")
    cursor = query.get("cursor", "") or (since if is_ulid(since.partition("-")[2]) else "")
    revision = asked_from(tx, cursor)
    day, ended_ms = shifts.last_day(tx)
    if revision is not None:
        page = pages.tickets_after(tx, revision, station=station, size=size)
    elif since:
        page = pages.tickets_since(tx, station=station, since_ms=_moment(since), size=size)
    else:
        start_ms = max(_day_start_ms(tx, deps), ended_ms)
        page = pages.tickets_now(tx, station=station, day_start_ms=start_ms, size=size)
    return _answer(tx, deps, page, name="tickets", day=day)


def asked_from(tx: Connection, cursor: str) -> int | None:
    """The revision that a cursor names, None for no cursor. Raises the 409 when it is not of this history."""
    if not cursor:
        return None
    history.refuse_unknown(tx, cursor)
    return int(cursor.partition("-")[0])


def _day_start_ms(tx: Connection, deps: Deps) -> int:
    return day_start_ms(deps.clock.now_ms(), deps.catalogue.now(tx).business.timezone)


def _moment(since: str) -> int:
    try:
        return from_rfc3339(since.replace(" ", "+"))  # a plus that was not written as %2B arrives as a blank
    except ValueError as error:
        message = "`since` has to be a moment like 2015-11-27T19:41:05.250Z, or a cursor."
        raise Problem(422, message, errors=(("since", "There is no such moment."),)) from error


def _answer(tx: Connection, deps: Deps, page: Page, *, name: str, day: str = "") -> Response:
    """The page as `wire.answers` has it; entities are passed on as they are stored."""
    more = b"true" if page.has_more else b"false"
    body = b'{"%b":[%b],"cursor":"%b","serverTime":"%b","hasMore":%b,"history":"%b"%b}' % (
        name.encode(),
        b",".join(page.bodies),
        page.cursor.encode(),
        to_rfc3339(deps.clock.now_ms()).encode(),
        more,
        histories.name(tx).encode(),
        b',"day":"%b"' % day.encode() if day else b"",
    )
    return Response(200, body)
