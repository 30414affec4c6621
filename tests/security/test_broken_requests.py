"""What is no request, or begins as one: it stands in the log under a name, and is no answer to a request before it."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.contract.served import served
from tests.contract.web import Site
from tests.security.test_slow_callers import calling

ORDER = '{"tableId":"table-5"}'
#: What Java's HTTP client says to a server that it does not know yet.
OFFER = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"


def order(site: Site, key: str, *fields: str, body: str = ORDER) -> str:
    token = f"Authorization: Bearer {site.tokens['script']}"
    head = ("POST /pos/orders HTTP/1.1", "Host: x", token, f"Idempotency-Key: {key}", f"Content-Length: {len(body)}")
    return "\r\n".join((*head, *fields)) + "\r\n\r\n" + body


def logged(site: Site) -> list[dict[str, Any]]:
    return [json.loads(line) for line in site.log.getvalue().splitlines()]


async def test_what_is_no_request_has_a_name_and_a_line_in_the_log(site: Site) -> None:
    async with served(site) as url, calling(url) as odd:
        await odd.say("GET /menu HTTP/9.7\r\n\r\n")
        head, _, body = (await odd.hears()).partition("\r\n\r\n")
    name = json.loads(body)["requestId"]
    assert name
    assert f"\r\nx-request-id: {name}\r\n" in head
    [line] = logged(site)
    assert (line["event"], line["requestId"], line["statusCode"]) == ("request", name, 400)


async def test_what_stands_behind_a_request_does_not_refuse_it(site: Site) -> None:
    """Our refusal is proof that nothing was done: a till told so would be wrong for ever."""
    async with served(site) as url, calling(url) as odd:
        await odd.say(order(site, "k1") + "what a wrong Content-Length leaves over\r\n\r\n")
        heard = await odd.hears()
    assert [part[:3] for part in heard.split("HTTP/1.1 ")[1:]] == ["201"]
    assert "\r\nconnection: close\r\n" in heard
    assert site.count("pos_order") == 1


async def test_all_that_was_asked_before_it_is_answered_in_its_order(site: Site) -> None:
    async with served(site) as url, calling(url) as odd:
        await odd.say(order(site, "k1") + order(site, "k2") + "EXPLODE\r\n\r\n")
        heard = await odd.hears()
    assert [part[:3] for part in heard.split("HTTP/1.1 ")[1:]] == ["201", "201"]


async def test_a_body_that_breaks_refuses_its_request_and_nothing_is_done(site: Site) -> None:
    chunked = order(site, "k1", body="").replace("Content-Length: 0", "Transfer-Encoding: chunked")
    async with served(site) as url, calling(url) as odd:
        await odd.say(chunked + '15\r\n{"tableId":"table-5"}\r\nZZ\r\n')
        heard = await odd.hears()
    assert heard.startswith("HTTP/1.1 400 ")
    assert site.count("pos_order") == 0


@pytest.mark.parametrize("is_in_two", [False, True])
async def test_a_request_that_offers_another_protocol_is_done_with_its_body(site: Site, is_in_two: bool) -> None:
    """Before, its body was taken for the other protocol: an order without a table was made, and answered 201."""
    head, _, body = order(site, "k1", *OFFER.strip().split("\r\n")).partition("\r\n\r\n")
    async with served(site) as url, calling(url) as java:
        if is_in_two:
            await java.say(head + "\r\n\r\n")
            await java.say(body)
        else:
            await java.say(head + "\r\n\r\n" + body)
        await java.say(order(site, "k2", "Connection: close"))
        heard = (await java.hears()).split("HTTP/1.1 ")[1:]
    answers = [json.loads(part.partition("\r\n\r\n")[2]) for part in heard]
    assert [answer["tableId"] for answer in answers] == ["table-5", "table-5"]
    assert [line["event"] for line in logged(site)] == ["request", "request"]


async def test_many_such_offers_at_once_and_a_tunnel_are_no_harm(site: Site) -> None:
    async with served(site) as url:
        async with calling(url) as many:
            await many.say(f"GET /health/live HTTP/1.1\r\nHost: x\r\n{OFFER}\r\n" * 2_000)
            assert await many.is_given_up()
        async with calling(url) as tunnel:
            await tunnel.say("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await tunnel.hears()).startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (gzip.compress(ORDER.encode()), "It is compressed. Send it as it is, without Content-Encoding."),
        (ORDER.encode("utf-8-sig"), "It begins with a byte order mark. Send UTF-8 without one."),
        (ORDER.encode("utf-16"), "It begins with a byte order mark. Send UTF-8 without one."),
    ],
    ids=["gzip", "utf-8", "utf-16"],
)
async def test_a_body_in_other_clothes_is_told_which(site: Site, body: bytes, said: str) -> None:
    refused = await site.ask("POST", "/pos/orders", body, key="k1")
    assert (refused.status_code, refused.json()["message"]) == (400, f"The body is not JSON. {said}")
