"""Heartbeats, pages and parts of the catalogue: what is taken, and what a portal or a strange server can't pass off."""

from __future__ import annotations

import json

import pytest

from shared.domain.menu import Floor, Menu
from shared.sync.actions import Cause
from shared.sync.exchange import Answered, Exchange, TimedOut, Unreachable
from shared.sync.reads import Page, Part, Unchanged, Well, read_beat, read_order, read_orders, read_part, read_tickets
from shared.sync.verdicts import Later, NoAnswer, Paused, Shown
from shared.times import from_rfc3339
from tests.contract.house import HISTORY
from tests.unit.sync.flights import AT, ORDER, answer, as_json, create, error, order_after, ticket

HEALTH = {"status": "ok", "version": "1.0", "serverTime": AT, "head": "7-abc", "capabilities": ["cursor", "echo"]}
NOTHING: list[Exchange] = [TimedOut(), Unreachable(Cause.NO_NETWORK, "gone")]
PORTAL = [b"", b"<html>", b"{}", b"[", b'{"status": "ok"}', b"null", b"\xff"]


def test_a_heartbeat_tells_time_head_and_what_the_server_can() -> None:
    assert read_beat(answer(200, HEALTH)) == Well(from_rfc3339(AT), "7-abc", ("cursor", "echo"))
    plain = {"status": "ok", "version": "1.0", "serverTime": AT}
    assert read_beat(answer(200, plain)) == Well(from_rfc3339(AT), "", ())


@pytest.mark.parametrize(
    ("got", "cause"),
    [
        (Unreachable(Cause.NO_NETWORK, "gone"), Cause.NO_NETWORK),
        (Unreachable(Cause.NO_SERVER, "refused"), Cause.NO_SERVER),
        (TimedOut(), Cause.NO_SERVER),
        (answer(200, {**HEALTH, "serverTime": "today"}), Cause.NO_SERVER),
        (answer(302, b""), Cause.NO_SERVER),
        (answer(503, b"<html>"), Cause.NO_SERVER),
        (answer(404, b""), Cause.NO_SERVER),
        (answer(503, error(503)), Cause.SERVER_BUSY),
        (answer(500, error(500)), Cause.SERVER_BUSY),
        (answer(429, error(429)), Cause.SERVER_BUSY),
        (answer(401, error(401)), Cause.DEVICE_UNKNOWN),
        (answer(426, error(426)), Cause.NEEDS_UPDATE),
        *((answer(200, body), Cause.NO_SERVER) for body in PORTAL),
    ],
)
def test_what_is_no_good_heartbeat_has_a_cause(got: Exchange, cause: Cause) -> None:
    assert read_beat(got) is cause


def test_a_page_brings_entities_cursor_and_whether_there_is_more() -> None:
    order = order_after(create())
    body = {"orders": [as_json(order)], "cursor": "7-abc", "serverTime": AT, "hasMore": True}
    assert read_orders(answer(200, body)) == Page((order,), "7-abc", True)
    tickets = {"tickets": [as_json(ticket())], "cursor": "", "serverTime": AT}
    assert read_tickets(answer(200, tickets)) == Page((ticket(),), "", False)


@pytest.mark.parametrize(("told", "read"), [(HISTORY, HISTORY), ("mine", ""), (7, ""), (None, "")])
def test_a_history_s_name_is_read_where_it_is_one(told: object, read: str) -> None:
    page = read_orders(answer(200, {"orders": [], "cursor": "7-abc", "history": told}))
    assert page == Page((), "7-abc", False, history=read)


def test_a_bare_array_is_taken_for_a_page_without_a_cursor() -> None:
    assert read_tickets(answer(200, [as_json(ticket())])) == Page((ticket(),), "", False)


def test_one_entity_that_we_cannot_read_does_not_hide_the_others() -> None:
    strange = {**as_json(ticket()), "status": "FLAMBEED"}
    found = read_tickets(answer(200, {"tickets": [strange, as_json(ticket()), 7], "cursor": "7-abc"}))
    assert found == Page((ticket(),), "7-abc", False, unreadable=2)


@pytest.mark.parametrize(
    "body",
    [
        *PORTAL,
        b'{"orders": [], "cursor": 7}',
        b'{"orders": {}, "cursor": "7-abc"}',
        b'{"cursor": "7-abc"}',
        '{"orders": [], "cursor": "7-\u2603"}'.encode(),
        b'{"orders": [], "cursor": "7\\r\\nHost: x"}',
        json.dumps({"orders": [], "cursor": "7" * 201}).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_page_is_no_answer(body: bytes) -> None:
    assert isinstance(read_orders(answer(200, body)), NoAnswer)


@pytest.mark.parametrize(
    ("got", "found"),
    [
        (answer(401, error(401)), Paused(Cause.DEVICE_UNKNOWN, 401, "No.")),
        (answer(426, error(426)), Paused(Cause.NEEDS_UPDATE, 426, "No.")),
        (answer(409, error(409, "HISTORY_LOST")), Paused(Cause.HISTORY_LOST, 409, "No.")),
        (answer(409, error(409, "OTHER_BRANCH")), Paused(Cause.OTHER_BRANCH, 409, "No.")),
        (answer(429, error(429), retry_after="9"), Later(429, "No.", after_s=9, holds=True)),
        (answer(503, error(503)), Later(503, "No.", holds=True)),
        (answer(500, error(500)), NoAnswer("No.")),
        (answer(409, error(409, "STALE_WRITE")), NoAnswer("No.")),
        (Unreachable(Cause.NO_NETWORK, "gone"), NoAnswer("gone")),
        (TimedOut(), NoAnswer("No answer in time.")),
    ],
)
def test_why_a_read_brought_nothing(got: Exchange, found: object) -> None:
    assert read_orders(got) == found
    assert read_tickets(got) == found
    assert read_part("menu", got) == found
    assert read_order(got, ORDER) == found


@pytest.mark.parametrize("status", [301, 302, 401, 404, 426, 429, 503])
def test_an_unproven_error_pauses_and_holds_nothing(status: int) -> None:
    assert isinstance(read_orders(answer(status, b"<html>", retry_after="60")), NoAnswer)


def test_one_order_is_shown_or_provably_not_there() -> None:
    order = order_after(create())
    body = order.to_json()
    assert read_order(Answered(200, {"x-cursor": "7-abc"}, body), ORDER) == Shown(order, 200, body, "7-abc")
    foreign = answer(200, {"id": ORDER, "sum": 1})
    assert read_order(foreign, ORDER) == Shown(None, 200, foreign.body)
    gone = answer(404, error(404))
    assert read_order(gone, ORDER) == Shown(None, 404, gone.body)
    assert isinstance(read_order(answer(404, b"<html>"), ORDER), NoAnswer)
    assert isinstance(read_order(answer(200, {"id": "another"}), ORDER), NoAnswer)


def test_a_part_of_the_catalogue_comes_with_its_tag_or_with_one_of_our_own() -> None:
    menu = Menu(version="1").to_json()
    assert read_part("menu", Answered(200, {"etag": '"7"'}, menu)) == Part('"7"', menu)
    own = read_part("menu", Answered(200, {}, menu))
    assert isinstance(own, Part)
    assert own == read_part("menu", Answered(200, {"etag": "\u2603"}, menu))
    other = read_part("menu", Answered(200, {}, Menu(version="2").to_json()))
    assert isinstance(other, Part)
    assert own.etag != other.etag
    assert read_part("floor", answer(304)) == Unchanged()


@pytest.mark.parametrize("body", [*PORTAL, b'{"version": 7}'])
def test_what_cannot_be_read_never_replaces_a_menu(body: bytes) -> None:
    assert isinstance(read_part("menu", answer(200, body)), NoAnswer)
    assert isinstance(read_part("staff", Answered(200, {}, Floor(version="1").to_json() + b"}")), NoAnswer)
