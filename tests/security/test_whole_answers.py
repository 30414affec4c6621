"""An answer goes on the line in one piece, and says no more and no less than in two."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

import pytest

from reference_server.exchange import WHOLE, Response
from reference_server.heads import fields_of, put
from reference_server.protection.lines import Lines
from tests.contract.served import served
from tests.contract.web import Site
from tests.security.test_slow_callers import calling

HEALTH = "{} /health/live HTTP/{}\r\nHost: x\r\n{}\r\n"


async def test_a_head_is_answered_without_a_body_and_the_line_goes_on(site: Site) -> None:
    async with served(site, lines=Lines()) as url, calling(url) as caller:
        await caller.say(HEALTH.format("HEAD", "1.1", ""))
        head = await caller.hears_a_head()
        await caller.say(HEALTH.format("GET", "1.1", "Connection: close\r\n"))
        again, _, body = (await caller.hears()).partition("\r\n\r\n")
    assert again.replace("\r\nconnection: close", "") == _with_id_of(again, head.removesuffix("\r\n\r\n"))
    assert f"content-length: {len(body)}" in head


@pytest.mark.parametrize(("version", "field"), [("1.1", "Connection: close\r\n"), ("1.0", "")])
async def test_who_wants_no_more_is_told_that_the_line_ends(site: Site, version: str, field: str) -> None:
    async with served(site, lines=Lines()) as url, calling(url) as caller:
        await caller.say(HEALTH.format("GET", version, field))
        head, _, body = (await caller.hears()).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert head.endswith("\r\nconnection: close")
    assert f"\r\ncontent-length: {len(body)}\r\n" in head


async def test_each_answer_says_when_it_was_given(site: Site) -> None:
    async with served(site, lines=Lines()) as url, calling(url) as caller:
        await caller.say(HEALTH.format("GET", "1.1", "Connection: close\r\n"))
        head, _, _ = (await caller.hears()).partition("\r\n\r\n")
    told = [line.removeprefix("date: ") for line in head.split("\r\n") if line.startswith("date: ")]
    assert [parsedate_to_datetime(one).tzinfo for one in told] == [UTC]


async def test_what_is_unchanged_claims_no_length_and_the_line_goes_on(site: Site) -> None:
    ask = "GET /menu HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + site.tokens["till"] + "\r\n{}\r\n"
    async with served(site, lines=Lines()) as url, calling(url) as caller:
        await caller.say(ask.format("If-None-Match: *\r\n"))
        head = await caller.hears_a_head()
        await caller.say(ask.format("Connection: close\r\n"))
        again = await caller.hears()
    assert head.startswith("HTTP/1.1 304 ")
    assert "content-length" not in head
    assert "transfer-encoding" not in head
    assert again.startswith("HTTP/1.1 200 ")


async def test_what_is_no_http_is_told_the_protocol_too(site: Site) -> None:
    async with served(site, lines=Lines()) as url, calling(url) as caller:
        await caller.say("EXPLODE / HTTP/1.1\r\n\r\n")
        head, _, _ = (await caller.hears()).partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert "\r\nevertill-protocol: 1\r\n" in head


async def test_requests_that_come_at_once_are_answered_in_their_order(site: Site) -> None:
    ask = "GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + site.tokens["till"] + "\r\n{}\r\n"
    async with served(site, lines=Lines()) as url, calling(url) as caller:
        await caller.say(
            ask.format("/floor", "") + ask.format("/nowhere", "") + ask.format("/menu", "Connection: close\r\n")
        )
        heard = await caller.hears()
    assert [part[:3] for part in heard.split("HTTP/1.1 ")[1:]] == ["200", "404", "200"]


async def test_a_field_with_a_line_s_end_in_it_is_never_sent() -> None:
    sent: list[object] = []

    async def take(**parts: object) -> None:
        sent.append(parts)

    response = Response(200, b"{}", (("Retry-After", "1\r\nSet-Cookie: a"),))
    fields = fields_of(response, request_id="r", echo=None, visit=None)
    with pytest.raises(ValueError, match="line's end"):
        await put(response, fields, scope={"extensions": {WHOLE: {"put": take}}}, send=_nowhere)
    assert sent == []


async def _nowhere(_: object) -> None:
    """A line that takes nothing in two pieces."""
    raise AssertionError


def _with_id_of(told: str, head: str) -> str:
    """The head with the request's id and the date of another."""
    for name in ("x-request-id: ", "date: "):
        own, other = (next(line for line in one.split("\r\n") if line.startswith(name)) for one in (head, told))
        head = head.replace(own, other)
    return head
