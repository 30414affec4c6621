"""The table of routes: one row an endpoint, read by the dispatcher, the OpenAPI document and the simulator alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from reference_server import events, pulls
from reference_server.alerts import area as alerts
from reference_server.asked import read
from reference_server.catalogue import answers as catalogue
from reference_server.catalogue import writes as catalogue_writes
from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.healing import agreement
from reference_server.healing import answers as healing
from reference_server.ops import health
from reference_server.payments import area as payments
from reference_server.people import answers as people
from reference_server.people import codes
from reference_server.people.roles import EVERYBODY, LEADERS, OPEN, OWNERS, SALES
from reference_server.rows import LIVE, Asked, Read, Row, written
from reference_server.shifts import rows as shifts
from reference_server.storage import entities
from reference_server.storage.catalogue import FLOOR, MENU, SETTINGS
from reference_server.storage.seam import Connection
from shared.domain.menu import Business, Floor, Menu, StaffList
from shared.domain.order import Order
from shared.domain.ticket import Ticket
from shared.wire.agreement import AgreeAnswer, AgreeRequest
from shared.wire.answers import Health, LoginAnswer, OrderAnswer, OrderPage, TicketPage
from shared.wire.batch import BatchAnswer, BatchRequest
from shared.wire.devices import DeviceList, DeviceSeen, EnrolAnswer, EnrolRequest, RevokeRequest
from shared.wire.events import EVENT_STREAM, EVENTS_PATH, Change
from shared.wire.healing import HealAnswer, HealRequest, KnownAnswer, KnownRequest
from shared.wire.operations import DetailedHealth
from shared.wire.protocol import BATCH, ENROL
from shared.wire.requests import SHAPES, Kind


def _order(tx: Connection, _: Deps, asked: Asked) -> Response:
    body = entities.order_body(tx, asked.params["entity"])
    if body is None:
        raise Problem(404, "This order is not known here.")
    return Response(200, body)


def _staff(tx: Connection, _: Deps, asked: Asked) -> Response:
    assert asked.device is not None, "the staff list is open to devices only"
    return catalogue.staff(tx, asked.device, asked.request.headers)


def _known(tx: Connection, deps: Deps, asked: Asked) -> Response:
    return healing.known(tx, deps, asked.request.body)


def _heal(tx: Connection, deps: Deps, asked: Asked) -> Response:
    assert asked.device is not None, "only a device can report"
    return healing.heal(tx, deps, device=asked.device, body=asked.request.body)


def _agree(tx: Connection, deps: Deps, asked: Asked) -> Response:
    assert asked.device is not None, "only a device has operations of its own"
    return agreement.agree(tx, deps, device=asked.device, body=asked.request.body)


def _enrol(tx: Connection, deps: Deps, asked: Asked) -> Response:
    return codes.answer(tx, deps, read(EnrolRequest, asked.request.body), request_id=asked.request.request_id)


def _revoke(tx: Connection, deps: Deps, asked: Asked) -> Response:
    read(RevokeRequest, asked.request.body)
    return people.revoke(tx, deps, asked.params["device"])


def _document(name: str) -> Read:
    return lambda tx, _, asked: catalogue.document(tx, name, asked.request.headers)


_SUMMARIES: Final = {
    Kind.CREATE_ORDER: "Open an order",
    Kind.CHANGE_ORDER: "Change an order, whole or not at all",
    Kind.SEND_TO_KITCHEN: "Send the named lines to the kitchen",
    Kind.FIRE_COURSE: "Send lines that were held to the kitchen",
    Kind.SERVE_ORDER: "Say that everything is at the table",
    Kind.CLOSE_ORDER: "Take the money and close",
    Kind.VOID_ORDER: "Cancel an open order",
    Kind.MERGE_ORDER: "Carry all of an order to its heir",
    Kind.SPLIT_ORDER: "Carry lines to a new order",
    Kind.REFUND_ORDER: "Take lines of a paid order back, and give money back",
    Kind.START_TICKET: "Start a ticket",
    Kind.READY_TICKET: "All of a ticket is cooked",
    Kind.BUMP_TICKET: "A ticket leaves the board",
    Kind.RECALL_TICKET: "A ticket comes back as ready",
    Kind.SEEN_TICKET: "A kitchen screen has painted a ticket",
    Kind.READY_ITEM: "One line of a ticket is cooked",
    Kind.PRIORITISE_TICKET: "Cook a ticket before the others",
}


def _write(kind: Kind, summary: str) -> Row:
    if SHAPES[kind].path.startswith("/pos/"):
        return written(kind, summary, area="orders", answer=OrderAnswer, roles=SALES)
    return written(kind, summary, area="kitchen", answer=Ticket, roles=EVERYBODY)


def _tickets(tx: Connection, deps: Deps, asked: Asked) -> Response:
    return pulls.tickets(tx, deps, asked.query)


def _health(path: str, summary: str, read: Read) -> Row:
    return Row("GET", path, summary, "operations", Health, read=read, roles=OPEN)


ROWS: Final[tuple[Row, ...]] = (
    *(_write(kind, summary) for kind, summary in _SUMMARIES.items()),
    *payments.ROWS,
    Row(
        *("GET", "/pos/orders", "Pull orders", "orders", OrderPage),
        read=lambda tx, deps, asked: pulls.orders(tx, deps, asked.query),
        query=("cursor",),
        roles=EVERYBODY,
    ),
    Row("GET", "/pos/orders/{entity}", "One order", "orders", Order, read=_order, roles=EVERYBODY),
    Row(
        *("GET", "/kds/queue", "Pull tickets of one station or of all", "kitchen", TicketPage),
        read=_tickets,
        query=("station", "cursor", "since"),
        roles=EVERYBODY,
    ),
    Row(
        *("GET", "/kds/tickets", "Pull tickets since a moment or a cursor", "kitchen", TicketPage),
        read=_tickets,
        query=("since", "station", "cursor"),
        roles=EVERYBODY,
    ),
    Row(
        *("GET", EVENTS_PATH, "The branch's stream of changes", "push", Change),
        read=lambda tx, deps, asked: events.opening(tx, deps, asked.request),
        media=EVENT_STREAM,
        roles=EVERYBODY,
    ),
    *shifts.ROWS,
    *alerts.ROWS,
    Row("GET", "/menu", "What is on sale", "catalogue", Menu, read=_document(MENU), roles=EVERYBODY),
    *catalogue_writes.ROWS,
    Row("GET", "/floor", "Rooms and tables", "catalogue", Floor, read=_document(FLOOR), roles=EVERYBODY),
    Row(
        "GET", "/settings", "How the business counts", "catalogue", Business, read=_document(SETTINGS), roles=EVERYBODY
    ),
    Row("GET", "/staff", "Who works here", "auth", StaffList, read=_staff, roles=EVERYBODY),
    Row(
        *("POST", "/sync/known", "Which of these operations are done here", "healing", KnownAnswer),
        read=_known,
        asks=KnownRequest,
        roles=EVERYBODY,
    ),
    Row(
        *("POST", "/sync/heal", "Report what this server lost, or ask how far its healing is", "healing", HealAnswer),
        read=_heal,
        asks=HealRequest,
        roles=EVERYBODY,
    ),
    Row(
        *("POST", "/sync/agree", "Compare what a device did with what is done here", "healing", AgreeAnswer),
        read=_agree,
        asks=AgreeRequest,
        roles=EVERYBODY,
    ),
    Row(
        *("POST", BATCH, "Do several operations, each as if it were sent alone", "batch", BatchAnswer),
        asks=BatchRequest,
        roles=EVERYBODY,
    ),
    Row("GET", "/devices", "All devices", "devices", DeviceList, read=lambda tx, _, __: people.seen(tx), roles=LEADERS),
    Row(
        *("POST", "/devices/{device}/revoke", "Sign a device off", "devices", DeviceSeen),
        read=_revoke,
        asks=RevokeRequest,
        roles=OWNERS,
    ),
    Row(
        *("POST", ENROL, "Become known by a code", "auth", EnrolAnswer),
        read=_enrol,
        asks=EnrolRequest,
        roles=OPEN,
    ),
    Row("POST", "/auth/login", "Log in by PIN", "auth", LoginAnswer, roles=EVERYBODY),
    _health("/health", "What this server is and can", lambda tx, d, _: health.health(tx, d)),
    _health("/health/ready", "Whether it can work", lambda tx, d, _: health.health(tx, d)),
    _health(LIVE, "Whether it runs", lambda _, d, __: health.live(d)),
    Row(
        *("GET", "/health/detailed", "How it is, for who operates it", "operations", DetailedHealth),
        read=lambda tx, d, _: health.detailed(tx, d),
        roles=LEADERS,
    ),
    Row(
        *("GET", "/health/metrics", "What it counts, for Prometheus", "operations", None),
        read=lambda _, d, __: health.metrics(d),
        media="text/plain",
        roles=LEADERS,
    ),
)


class Table:
    """Rows by the shape of their path; finding one costs a dictionary and a few comparisons."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Raises ValueError for a row that nobody may use."""
        self._plain: dict[tuple[str, str], Row] = {}
        self._by_length: dict[tuple[int, str], list[tuple[tuple[str, ...], Row]]] = {}
        for row in rows:
            if not row.is_open and not row.allowed:
                raise ValueError(f"{row.method} {row.path} is for nobody: state its roles.")
            parts = tuple(row.path.split("/"))
            self._by_length.setdefault((len(parts), parts[1]), []).append((parts, row))
        for row in rows:
            if "{" not in row.path:
                self._plain[row.method, row.path] = self._matching(row.method, row.path)[0]

    def find(self, method: str, path: str) -> tuple[Row, dict[str, str]]:
        """The row for a request and the ids in its path. Raises the 404 and the 405."""
        plain = self._plain.get((method, path))
        return self._matching(method, path) if plain is None else (plain, {})

    def _matching(self, method: str, path: str) -> tuple[Row, dict[str, str]]:
        parts = path.split("/")
        allowed = []
        for pattern, row in self._by_length.get((len(parts), parts[1] if len(parts) > 1 else ""), ()):
            params: dict[str, str] = {}
            for want, part in zip(pattern, parts, strict=True):
                if want == part:
                    continue
                if not want.startswith("{") or not part:
                    break
                params[want[1:-1]] = part
            else:
                if row.method == method:
                    return row, params
                allowed.append(row.method)
        if allowed:
            names = ", ".join(sorted(set(allowed)))
            allow = names.replace("GET", "GET, HEAD")
            raise Problem(405, f"This address takes {names}, not {method}.", headers=(("Allow", allow),))
        raise Problem(404, "There is nothing at this address.")


TABLE: Final = Table(ROWS)
