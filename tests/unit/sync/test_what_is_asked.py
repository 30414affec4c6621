"""What each question of the transport looks like on the line, seen by a router in place of the network."""

import gzip
from collections.abc import AsyncIterator, Iterator

import pytest
import respx

from shared.store.outcomes import Flight
from shared.sync.exchange import Answered
from shared.sync.transport import HttpTransport
from shared.wire.protocol import HEADER_KEY, HEADER_OPERATION, HEADER_PROTOCOL, HEADER_SEEN, PROTOCOL_VERSION
from shared.wire.requests import Kind

SERVER = "http://server.invalid/till"
FLIGHT = Flight(
    seq=1,
    id="01JDSC8T4Z0000000000000S01",
    kind=Kind.CREATE_ORDER,
    method="POST",
    path="/pos/orders",
    body=b'{"tableId":"table-5"}',
    lanes=("order:01JDSC8T4Z0000000000000A01",),
    entity_id="01JDSC8T4Z0000000000000A01",
    sends=1,
    attempts=0,
    created_at_ms=0,
)


@pytest.fixture
def line() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=SERVER, assert_all_called=True) as router:
        yield router


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    opened = HttpTransport(SERVER, "s3cret")
    yield opened
    await opened.close()


async def test_an_operation_goes_with_its_frozen_bytes_under_its_own_id(
    line: respx.MockRouter, transport: HttpTransport
) -> None:
    route = line.post("/pos/orders").respond(201, content=b"{}", headers={"X-Operation-Id": FLIGHT.id})
    found = await transport.send(FLIGHT, seen="7-x")
    asked = route.calls.last.request
    assert asked.content == FLIGHT.body
    assert asked.headers[HEADER_KEY] == asked.headers[HEADER_OPERATION] == FLIGHT.id
    assert asked.headers[HEADER_SEEN] == "7-x"
    assert asked.headers["Content-Type"] == "application/json"
    assert isinstance(found, Answered)
    assert (found.status, found.headers["x-operation-id"]) == (201, FLIGHT.id)


async def test_every_question_says_who_asks_and_in_which_protocol(
    line: respx.MockRouter, transport: HttpTransport
) -> None:
    routes = [line.get(path).respond(200) for path in ("/health", "/health/ready", "/pos/orders/A", "/menu")]
    routes.append(line.post("/sync/known").respond(200))
    await transport.beat()
    await transport.ready()
    await transport.get_order("A")
    await transport.catalogue("menu", etag='"3"')
    await transport.sync("known", b"{}")
    for route in routes:
        headers = route.calls.last.request.headers
        assert headers["Authorization"] == "Bearer s3cret"
        assert headers[HEADER_PROTOCOL] == PROTOCOL_VERSION
        assert headers["Host"] == "server.invalid"
    assert routes[3].calls.last.request.headers["If-None-Match"] == '"3"'


@pytest.mark.parametrize("cursor", [None, "12-01JDSC8T4Z0000000000000S01", "a b&c=d"])
async def test_a_pull_asks_from_its_cursor_whatever_signs_that_has(
    line: respx.MockRouter, transport: HttpTransport, cursor: str | None
) -> None:
    route = line.get("/kds/queue").respond(200)
    await transport.pull_tickets(cursor)
    asked = route.calls.last.request
    assert dict(asked.url.params) == ({} if cursor is None else {"cursor": cursor})
    assert asked.headers.get(HEADER_SEEN) == cursor


async def test_a_header_that_came_twice_is_read_as_both(line: respx.MockRouter, transport: HttpTransport) -> None:
    line.get("/health").respond(200, headers=[("X-Way", "one"), ("x-way", "two")])
    found = await transport.beat()
    assert isinstance(found, Answered)
    assert found.headers["x-way"] == "one, two"


async def test_an_answer_that_was_packed_on_its_way_is_unpacked(
    line: respx.MockRouter, transport: HttpTransport
) -> None:
    packed = gzip.compress(b'{"status":"ok"}')
    line.get("/health").respond(200, content=packed, headers={"Content-Encoding": "gzip"})
    found = await transport.beat()
    assert isinstance(found, Answered)
    assert found.body == b'{"status":"ok"}'
