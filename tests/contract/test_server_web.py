"""The server as a client meets it: headers, ETags, HEAD, the OpenAPI document, fifty requests with one key at once."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import cast

import httpx
import pytest

from reference_server.routes import ROWS
from reference_server.storage.file import Storage
from shared.wire.answers import ErrorAnswer, Health, OrderAnswer, OrderPage
from tests.contract.web import Site


async def test_fifty_requests_with_one_key_at_once_have_one_effect_and_one_answer(site: Site) -> None:
    body = {"tableId": "table-5", "items": [{"itemId": "cola", "quantity": 1}]}
    answers = await asyncio.gather(*(site.ask("POST", "/pos/orders", body, key="one") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sorted("x-idempotent-replay" in answer.headers for answer in answers) == [False] + [True] * 49
    assert site.count("pos_order") == site.count("operation") == site.count("change") == 1


async def test_twenty_tills_closing_at_once_get_twenty_numbers_without_a_gap(site: Site) -> None:
    orders = [
        (await site.ask("POST", "/pos/orders", {"items": [{"itemId": "cola", "quantity": 1}]}, key=f"k{n}")).json()
        for n in range(20)
    ]
    body = {"payments": [{"method": "CASH", "amount": 310}]}
    closing = (site.ask("POST", f"/pos/orders/{order['id']}/close", body, key=f"c{order['id']}") for order in orders)
    closed = await asyncio.gather(*closing)
    numbers = sorted(int(answer.json()["invoiceNumber"].rpartition("-")[2]) for answer in closed)
    assert numbers[0] == 1
    assert all(after == before + 1 for before, after in pairwise(numbers))


async def test_every_answer_says_who_answered_what(site: Site) -> None:
    key = "01ARYZ6S410000000000000001"
    made = await site.ask("POST", "/pos/orders", {}, key=key, headers={"X-Operation-Id": key})
    assert made.headers["evertill-protocol"] == "1"
    assert made.headers["x-operation-id"] == key
    assert made.headers["x-cursor"] == f"1-{key}"
    assert made.headers["x-request-id"]
    assert made.headers["cache-control"] == "no-store"
    assert made.headers["x-content-type-options"] == "nosniff"
    refused = await site.ask("POST", "/pos/orders", b"{", key=key, headers={"X-Operation-Id": key})
    assert (refused.status_code, refused.headers["x-operation-id"]) == (400, key)
    stranger = await site.ask("POST", "/pos/orders", {}, key=key, who="nobody", headers={"X-Operation-Id": key})
    assert (stranger.status_code, stranger.headers["x-operation-id"]) == (401, key)


async def test_a_proxy_s_request_id_is_kept_and_an_unfit_one_replaced(site: Site) -> None:
    kept = await site.ask("GET", "/health", headers={"X-Request-Id": "proxy-77"})
    assert kept.headers["x-request-id"] == "proxy-77"
    for unfit in ("x" * 65, "tab\there"):
        answer = await site.ask("GET", "/health", headers={"X-Request-Id": unfit})
        assert answer.headers["x-request-id"] != unfit
    wrong = await site.ask("GET", "/nothing", headers={"X-Request-Id": "proxy-78"})
    assert ErrorAnswer.model_validate_json(wrong.content).request_id == "proxy-78"


async def test_answers_are_the_models_that_clients_read(site: Site) -> None:
    made = await site.ask("POST", "/pos/orders", {"items": [{"itemId": "cola", "quantity": 1}]}, key="k")
    order = OrderAnswer.model_validate_json(made.content)
    page = OrderPage.model_validate_json((await site.ask("GET", "/pos/orders")).content)
    health = Health.model_validate_json((await site.ask("GET", "/health", who="nobody")).content)
    assert page.orders[0].id == order.id
    assert (health.head, health.capabilities, health.status) == (
        page.cursor,
        ("cursor", "echo", "known", "heal", "agree", "push", "batch"),
        "ok",
    )


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_health_is_open_to_all(site: Site, path: str) -> None:
    answer = await site.ask("GET", path, who="nobody")
    assert (answer.status_code, answer.json()["version"]) == (200, "9.9")
    assert answer.json()["serverTime"] == "2025-11-28T19:40:00.000Z"


@pytest.mark.parametrize("path", ["/menu", "/floor", "/settings", "/staff"])
async def test_an_unchanged_document_costs_nothing(site: Site, path: str) -> None:
    first = await site.ask("GET", path)
    etag = first.headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = await site.ask("GET", path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    changed = await site.ask("GET", path, headers={"If-None-Match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)
    assert first.headers["cache-control"] == "no-cache"


async def test_only_a_till_gets_the_pin_verifiers(site: Site) -> None:
    for who, shown in (("till", True), ("kitchen", False), ("script", False)):
        staff = (await site.ask("GET", "/staff", who=who)).json()["staff"]
        assert [person["name"] for person in staff][:3] == ["Amina K.", "Joel", "Grace"]
        assert all(person["pinVerifier"].startswith("$argon2id$") == shown for person in staff)


async def test_head_answers_as_get_does_without_its_body(site: Site) -> None:
    answer = await site.client.head("/health")
    assert answer.status_code == 200
    assert (await site.ask("DELETE", "/pos/orders")).headers["allow"] == "GET, HEAD, POST"


async def test_a_key_on_two_lines_is_the_key_that_a_proxy_makes_of_them(site: Site) -> None:
    headers = [("Authorization", f"Bearer {site.tokens['script']}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    first = await site.client.post("/pos/orders", headers=headers, content=b"{}")
    joined = await site.ask("POST", "/pos/orders", {}, key="a, b")
    assert joined.headers["x-idempotent-replay"] == "true"
    assert joined.content == first.content


async def test_an_older_or_newer_protocol_is_told_so(site: Site) -> None:
    for path, method in (("/health", "GET"), ("/pos/orders", "POST")):
        answer = await site.ask(method, path, headers={"Evertill-Protocol": "2"})
        assert (answer.status_code, answer.json()["statusCode"]) == (426, 426)
    assert (await site.ask("GET", "/health", headers={"Evertill-Protocol": "1"})).status_code == 200


async def test_the_openapi_document_names_every_endpoint_and_every_schema_that_it_uses(site: Site) -> None:
    answer = await site.ask("GET", "/openapi.json", who="nobody")
    document = answer.json()
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == {(row.path, row.method.lower()) for row in ROWS}
    schemas = document["components"]["schemas"]
    used = {part.split('"')[0] for part in answer.text.split("#/components/schemas/")[1:]}
    assert used <= schemas.keys()
    names = [method["operationId"] for methods in document["paths"].values() for method in methods.values()]
    assert len(names) == len(set(names))
    create = document["paths"]["/pos/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schemas[create["$ref"].rpartition("/")[2]]["required"] == []


async def test_the_openapi_document_is_served_like_every_answer(site: Site) -> None:
    shown = await site.ask("GET", "/openapi.json", who="nobody", headers={"X-Request-Id": "r-1"})
    beside = await site.ask("GET", "/health")
    own = {"content-length", "x-request-id", "x-ratelimit-limit", "x-ratelimit-remaining"}
    assert {*shown.headers.items()} ^ {*beside.headers.items()} <= {
        (name, one.headers[name]) for name in own for one in (shown, beside)
    }
    assert shown.headers["x-request-id"] == "r-1"
    refused = await site.ask("POST", "/openapi.json", {})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    assert ErrorAnswer.model_validate_json(refused.content).status_code == 405
    assert [(line["path"], line["statusCode"]) for line in site.log_lines()][::2] == [
        ("/openapi.json", 200),
        ("/openapi.json", 405),
    ]


async def test_one_line_a_request_is_logged_with_its_names_and_without_its_secrets(site: Site) -> None:
    await site.ask("POST", "/pos/orders", {"actorId": "amina"}, key="k", who="till", headers={"X-Request-Id": "r-1"})
    await site.ask("POST", "/auth/login", {"staffId": "amina", "pin": "1111"}, who="till")
    first, second = site.log_lines()
    assert (first["requestId"], first["method"], first["path"], first["statusCode"]) == (
        "r-1",
        "POST",
        "/pos/orders",
        201,
    )
    assert (first["deviceId"][:4], first["userId"], first["duration_ms"]) == ("pos-", "amina", 0.0)
    assert second["path"] == "/auth/login"
    assert "1111" not in site.log.getvalue()
    assert site.tokens["till"] not in site.log.getvalue()


async def test_what_breaks_inside_is_told_in_the_contract_s_shape_without_details(site: Site) -> None:
    site.storage.write(lambda tx: tx.execute("DROP TABLE answer")).result()
    answer = await site.ask("POST", "/pos/orders", {}, key="k")
    assert answer.status_code == 500
    assert ErrorAnswer.model_validate_json(answer.content).status_code == 500
    assert "answer" not in answer.text.replace("statusCode", "")
    assert (answer.headers["evertill-protocol"], answer.headers["x-content-type-options"]) == ("1", "nosniff")
    fault, line = site.log_lines()
    assert answer.json()["requestId"] == answer.headers["x-request-id"] == fault["requestId"] == line["requestId"]
    assert (fault["event"], line["event"], line["statusCode"]) == ("fault", "request", 500)
    assert "reference_server" in fault["trace"]
    assert site.count("pos_order") == site.count("operation") == 0


async def test_a_server_that_is_closing_asks_its_clients_to_come_back(site: Site) -> None:
    await site.ask("GET", "/menu")
    site.storage.close()
    answer = await site.ask("POST", "/pos/orders", {}, key="k")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert isinstance(answer, httpx.Response)
    assert "file" in [line["event"] for line in site.log_lines()]


@pytest.mark.sqlite
async def test_a_full_disk_is_told_as_such_and_the_same_key_succeeds_when_there_is_room(site: Site) -> None:
    first = await site.ask("POST", "/pos/orders", {}, key="before")
    file = cast(Storage, site.storage)
    file.write(lambda tx: tx.pragma("max_page_count", tx.pragma("page_count"))).result()
    body = {"items": [{"itemId": "cola", "quantity": 1, "note": "x" * 200}] * 100}
    full = await site.ask("POST", "/pos/orders", body, key="k")
    assert (full.status_code, full.json()["message"], full.headers["retry-after"]) == (503, "The disk is full.", "2")
    assert (await site.ask("GET", f"/pos/orders/{first.json()['id']}")).status_code == 200
    file.write(lambda tx: tx.pragma("max_page_count", 1_000_000)).result()
    assert (await site.ask("POST", "/pos/orders", body, key="k")).status_code == 201
    assert site.count("pos_order") == 2


async def test_a_running_server_lets_go_of_old_answers_by_itself(site: Site) -> None:
    await site.ask("POST", "/pos/orders", {}, key="k")
    site.clock.ms += 24 * 60 * 60 * 1000 + 1
    async with site.app.router.lifespan_context(site.app):
        while site.watch.cleaned_ms is None:  # noqa: ASYNC110 - the server announces it to nobody
            await asyncio.sleep(0)
    assert site.count("answer") == 0
    assert site.count("operation") == 1
    again = await site.ask("POST", "/pos/orders", {}, key="k")
    assert again.json()["conflictType"] == "IDEMPOTENCY_DUPLICATE"
