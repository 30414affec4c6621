"""How much who may ask: strangers little, devices more than they ever need, and nobody else pays for either."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Final

import httpx
import pytest
from starlette.types import Message

from reference_server.deps import Rates
from reference_server.exchange import Problem
from reference_server.people import codes
from reference_server.people.codes import Wish
from reference_server.protection.counts import MemoryCounts
from reference_server.protection.rates import Gate, Sort, caller_of
from reference_server.storage.devices import DeviceKind
from tests.contract.house import HandClock, Row
from tests.contract.web import Site

QUARTER_MS: Final = 15 * 60 * 1000
DEVICE_LIMIT: Final = Rates().device_per_min


async def asked(site: Site, method: str, path: str, times: int, *, who: str = "nobody") -> list[int]:
    return [(await site.ask(method, path, who=who)).status_code for _ in range(times)]


async def status_of(site: Site, method: str, path: str, *, who: str, key: str = "", body: object = None) -> int:
    """One exchange below any HTTP client, for those who ask thousands of times."""
    headers = [(b"authorization", f"Bearer {site.tokens[who]}".encode()), (b"idempotency-key", key.encode())]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    statuses = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await site.app(scope, receive, send)
    return int(statuses[0])


def stranger_at(site: Site, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://server")


async def test_a_stranger_is_told_how_much_is_left_and_then_when_to_come_back(site: Site) -> None:
    first = await site.ask("GET", "/menu", who="nobody")
    told = {name: first.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")}
    assert (first.status_code, told) == (401, {"limit": "60", "remaining": "59", "reset": "60"})
    assert await asked(site, "GET", "/menu", 59) == [401] * 59
    site.clock.ms += 20_500
    late = await site.ask("GET", "/menu", who="nobody")
    assert late.status_code == 429
    assert late.json()["message"] == "Too many requests. Come back in 40 seconds."
    assert late.json()["statusCode"] == 429
    assert (late.headers["retry-after"], late.headers["x-ratelimit-remaining"]) == ("40", "0")
    site.clock.ms += 39_500
    assert (await site.ask("GET", "/menu", who="nobody")).status_code == 401


async def test_a_stranger_asks_a_hundred_times_in_a_quarter_of_an_hour(site: Site) -> None:
    seen = []
    for _ in range(14):
        seen += await asked(site, "GET", "/menu", 10)
        site.clock.ms += 60_000
    assert (seen.count(401), seen.count(429)) == (100, 40)
    site.clock.ms += 60_000
    assert await asked(site, "GET", "/menu", 1) == [401]


async def test_heavy_things_are_fewer(site: Site) -> None:
    assert await asked(site, "GET", "/openapi.json", 21) == [200] * 20 + [429]
    assert await asked(site, "POST", "/sync/heal", 1) == [429]
    assert await asked(site, "GET", "/menu", 1) == [401]


async def test_who_watches_the_process_is_never_sent_away(site: Site) -> None:
    assert await asked(site, "GET", "/health/live", 150) == [200] * 150
    answer = await site.ask("GET", "/health/live", who="nobody")
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


async def test_health_has_a_count_of_its_own_that_ten_tills_without_a_token_share(site: Site) -> None:
    assert await asked(site, "GET", "/health", 600) == [200] * 600
    assert await asked(site, "GET", "/health/ready", 1) == [429]
    assert await asked(site, "GET", "/menu", 1) == [401]


async def test_a_stranger_s_count_is_no_device_s_and_no_other_stranger_s(site: Site) -> None:
    await asked(site, "GET", "/menu", 61)
    assert await asked(site, "GET", "/menu", 1) == [429]
    assert await asked(site, "GET", "/menu", 3, who="till") == [200] * 3
    async with stranger_at(site, "10.0.0.7") as other:
        assert (await other.get("/menu")).status_code == 401


async def test_a_wrong_token_makes_nobody_a_device(site: Site) -> None:
    site.tokens["forged"] = "a token that was never given"
    assert await asked(site, "GET", "/menu", 61, who="forged") == [401] * 60 + [429]


async def test_five_wrong_codes_in_a_quarter_of_an_hour_and_no_more(site: Site) -> None:
    wish = Wish(DeviceKind.POS, "Till 9")
    code = site.storage.write(lambda tx: codes.make(tx, site.deps, wish)).result()
    wrong = [await site.ask("POST", "/devices/enrol", {"code": "ZZZ-ZZZ-ZZZ"}, who="nobody") for _ in range(6)]
    assert [answer.status_code for answer in wrong] == [403] * 5 + [429]
    assert wrong[-1].headers["retry-after"] == "900"
    right = {"code": code}
    assert (await site.ask("POST", "/devices/enrol", right, who="nobody")).status_code == 429
    async with stranger_at(site, "10.0.0.7") as other:
        assert (await other.post("/devices/enrol", json=right)).status_code == 200
    site.clock.ms += QUARTER_MS
    assert (await site.ask("POST", "/devices/enrol", right, who="nobody")).status_code == 403


async def test_many_wrong_codes_at_once_are_still_only_five(site: Site) -> None:
    wrong = {"code": "ZZZ-ZZZ-ZZZ"}
    answers = await asyncio.gather(*(site.ask("POST", "/devices/enrol", wrong, who="nobody") for _ in range(9)))
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [429] * 4


async def test_eight_tills_enrol_from_one_address_in_a_minute(site: Site) -> None:
    wish = Wish(DeviceKind.POS, "Till 9")
    for _ in range(8):
        code = site.storage.write(lambda tx: codes.make(tx, site.deps, wish)).result()
        assert (await site.ask("POST", "/devices/enrol", {"code": code}, who="nobody")).status_code == 200


async def test_ten_of_an_address_are_let_in_a_minute_and_the_eleventh_a_minute_later(site: Site) -> None:
    """Each with a right code: that nobody guesses is another limit."""
    wish, seen = Wish(DeviceKind.POS, "Till 9"), list[int]()
    made = [site.storage.write(lambda tx: codes.make(tx, site.deps, wish)).result() for _ in range(11)]
    for code in made:
        seen.append((await site.ask("POST", "/devices/enrol", {"code": code}, who="nobody")).status_code)
    assert seen == [200] * 10 + [429]
    site.clock.ms += 60_000
    assert (await site.ask("POST", "/devices/enrol", {"code": made[-1]}, who="nobody")).status_code == 200


async def test_a_stranger_s_login_is_a_guess(site: Site) -> None:
    body = {"staffId": "amina", "pin": "1111"}
    answers = [(await site.ask("POST", "/auth/login", body, who="nobody")).status_code for _ in range(7)]
    assert answers == [401] * 5 + [429] * 2


async def test_a_drain_of_three_thousand_with_polls_and_pins_meets_no_limit(site: Site) -> None:
    """In one minute: every operation by itself, two beats and a poll each second, and somebody at the PIN pad."""
    assert DEVICE_LIMIT == 6_000
    names = Row("01JDSC8T4Z")

    def create() -> Coroutine[None, None, int]:
        return status_of(site, "POST", "/pos/orders", who="script", key=names.new(), body={"tableId": "table-5"})

    seen = set()
    for _ in range(60):
        seen.update(await asyncio.gather(*(create() for _ in range(50))))
        for path in ("/health", "/health", "/menu"):
            seen.add(await status_of(site, "GET", path, who="script"))
    login = await site.ask("POST", "/auth/login", {"staffId": "amina", "pin": "1111"})
    assert seen | {login.status_code} == {200, 201}
    assert int(login.headers["x-ratelimit-remaining"]) == 6_000 - 3_000 - 180 - 1


async def test_a_batch_is_one_request(site: Site) -> None:
    before = int((await site.ask("GET", "/health", who="till")).headers["x-ratelimit-remaining"])
    operations = [
        {
            "operationId": f"01JDSC8T4Z{number:016d}",
            "lanes": [f"order:{number}"],
            "method": "POST",
            "path": "/pos/orders",
            "body": json.dumps({"actorId": "amina", "tableId": "table-5"}),
        }
        for number in range(50)
    ]
    answer = await site.ask("POST", "/sync/operations", {"operations": operations}, who="till")
    assert [one["status"] for one in answer.json()["answers"]] == [201] * 50
    assert int(answer.headers["x-ratelimit-remaining"]) == before - 1


async def test_a_device_that_went_mad_is_slowed_down_alone(site: Site) -> None:
    assert DEVICE_LIMIT is not None
    for _ in range(DEVICE_LIMIT):
        await status_of(site, "GET", "/health", who="till")
    mad = await site.ask("GET", "/health", who="till")
    assert (mad.status_code, mad.headers["retry-after"]) == (429, "60")
    assert (await site.ask("GET", "/health", who="kitchen")).status_code == 200


async def test_however_many_strangers_come_the_memory_is_bounded() -> None:
    clock = HandClock()
    counts = MemoryCounts(clock, most=1_000)
    gate = Gate(Rates(), clock, counts=counts)
    for number in range(5_000):
        await gate.stranger(f"10.0.{number // 250}.{number % 250}", Sort.API)
    assert len(counts) == 1_000


async def test_the_oldest_count_is_let_go_first() -> None:
    counts = MemoryCounts(HandClock(), most=2)
    for key in ("a", "b", "a", "c"):
        await counts.incr(key, 60)
    assert [await counts.get(key) for key in ("a", "b", "c")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("192.168.1.7", "192.168.1.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.168.1.7", "192.168.1.7"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_an_ipv6_caller_is_its_network(address: str, caller: str) -> None:
    assert caller_of(address) == caller


async def test_without_a_limit_for_devices_none_is_told() -> None:
    gate = Gate(Rates(device_per_min=None), HandClock())
    assert {await gate.device("till") for _ in range(10_000)} == {None}


async def test_a_limit_that_counts_nothing_would_be_seen() -> None:
    """The mutant: a store that forgets."""

    class Forgetful(MemoryCounts):
        async def incr(self, key: str, expiry_s: int, amount: int = 1) -> int:
            return amount

    async def passed(gate: Gate) -> int:
        count = 0
        try:
            for _ in range(200):
                await gate.stranger("10.0.0.1", Sort.API)
                count += 1
        except Problem:
            pass
        return count

    clock = HandClock()
    assert await passed(Gate(Rates(), clock)) == 60
    assert await passed(Gate(Rates(), clock, counts=Forgetful(clock))) == 200
