"""How the server is, for who operates it: what it counts, who may see that, and which statements were slow."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reference_server.catalogue.loading import Restaurant
from reference_server.deps import Deps
from reference_server.figures.metrics import RECENT, Metrics
from reference_server.ops.request_log import RequestLog
from reference_server.people import enrolment
from reference_server.settings import ServerSettings
from reference_server.storage.file import Storage
from reference_server.storage.timing import CLOSER_LOOK, SLOW_S, UNNAMED, Timing
from shared.domain.menu import Role
from shared.wire.operations import DetailedHealth
from tests.contract.house import HandClock, Row, pay
from tests.contract.web import Site, open_site


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What a page of metrics says, as Prometheus' own parser reads it."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def let_in(site: Site, role: Role) -> None:
    """Give the site a script that acts in this role, under its name."""
    deps = Deps(clock=site.clock, ulids=Row(f"01ARYZ6S4{len(site.tokens)}"))
    made = site.storage.write(lambda tx: enrolment.script_token(tx, deps, role=role)).result()
    site.tokens[role.value] = made.token


@pytest.mark.parametrize("path", ["/health/detailed", "/health/metrics"])
async def test_only_who_leads_sees_how_the_server_is(site: Site, path: str) -> None:
    for role in (Role.MANAGER, Role.OWNER, Role.ADMIN):
        let_in(site, role)
        assert (await site.ask("GET", path, who=role.value)).status_code == 200
    for who, status in (("nobody", 401), ("script", 403), ("chef", 403), ("till", 403), ("kitchen", 403)):
        refused = await site.ask("GET", path, who=who)
        assert (refused.status_code, refused.json()["statusCode"]) == (status, status)
    assert (await site.ask("GET", path, who="till", headers={"X-Actor": "nadia"})).status_code == 200
    assert (await site.ask("GET", path, who="till", headers={"X-Actor": "amina"})).status_code == 403


@pytest.mark.sqlite
async def test_the_detailed_health_tells_disk_queue_cleanup_healing_devices_and_uptime(site: Site) -> None:
    let_in(site, Role.MANAGER)
    async with site.app.router.lifespan_context(site.app):
        await site.ask("GET", "/pos/orders", who="till")
        site.clock.ms += 5_000
        found = DetailedHealth.model_validate_json((await site.ask("GET", "/health/detailed", who="MANAGER")).content)
    assert (found.version, found.started_at, found.uptime_s) == ("9.9", "2025-11-28T19:40:00.000Z", 5.0)
    assert found.storage.size_bytes is not None
    assert found.storage.size_bytes > 4096
    assert found.storage.free_bytes is not None
    assert found.storage.free_bytes > 0
    assert (found.storage.writes_waiting, found.storage.saturation) == (0, 0.0)
    assert (found.devices.enrolled, found.devices.streams) == (2, 0)
    assert len(found.devices.connected) == 1
    assert found.devices.connected[0].startswith("pos-")
    assert (found.healing, found.healing_waits_for, found.backed_up_at) == ("NONE", (), None)
    assert found.latency.p99 is not None
    assert found.latency.error_rate == 0.0


async def test_a_device_that_was_silent_for_a_while_is_not_connected(site: Site) -> None:
    let_in(site, Role.MANAGER)
    await site.ask("GET", "/pos/orders", who="till")
    site.clock.ms += 31_000
    answer = await site.ask("GET", "/health/detailed", who="MANAGER")
    assert answer.json()["devices"]["connected"] == []


async def test_the_metrics_count_exchanges_by_template_replays_conflicts_writes_and_revenue(site: Site) -> None:
    let_in(site, Role.MANAGER)
    wanted = {"tableId": "table-5", "items": [{"itemId": "cola", "quantity": 1}]}
    made = (await site.ask("POST", "/pos/orders", wanted, key="a")).json()
    await site.ask("POST", "/pos/orders", wanted, key="a")
    await site.ask("POST", "/pos/orders", {"tableId": "table-6"}, key="a")
    price = made["lines"][0]["priceMinor"]
    payment = pay(price + 100, "01ARYZ6S41000000000000PAY1")
    closed = await site.ask("POST", f"/pos/orders/{made['id']}/close", {"payments": [payment]}, key="b")
    assert (closed.status_code, closed.json()["surplusMinor"]) == (200, 100)
    late = await site.ask("POST", f"/pos/orders/{made['id']}/void", {"reason": "late"}, key="c")
    assert late.json()["conflictType"] == "INVALID_STATE_TRANSITION"
    await site.ask("GET", "/nothing")
    answer = await site.ask("GET", "/health/metrics", who="MANAGER")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = samples(answer.text)
    exchanges = {
        dict(labels)["endpoint"]: value
        for (name, labels), value in found.items()
        if name.endswith("_ms_count") and "endpoint" in dict(labels) and dict(labels)["status"] == "2xx"
    }
    assert exchanges == {"/pos/orders": 2, "/pos/orders/{entity}/close": 1}
    assert made["id"] not in answer.text
    facts = {
        (dict(labels)["fact"], dict(labels)["type"]): value
        for (name, labels), value in found.items()
        if name == "facts_total"
    }
    assert facts == {
        ("write", "create_order"): 1,
        ("replay", ""): 1,
        ("conflict", "IDEMPOTENCY_MISMATCH"): 1,
        ("write", "close_order"): 1,
        ("alert", "surplus"): 1,
        ("conflict", "INVALID_STATE_TRANSITION"): 1,
        ("refused", "404"): 1,
    }
    assert found[("idempotency_hit_rate", ())] == pytest.approx(1 / 3)
    assert found[("revenue_minor_total", ())] == price
    assert found[("error_rate", (("endpoint", "/pos/orders"),))] == 0.0
    assert ("http_request_duration_quantile_ms", (("endpoint", "none"), ("quantile", "0.95"))) in found


async def test_a_fault_of_the_server_is_an_error_and_what_is_turned_away_is_none(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_in(site, Role.MANAGER)

    def spoiled(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(site.storage, "promise", spoiled)
    assert (await site.ask("POST", "/pos/orders", {}, key="a")).status_code == 500
    await site.ask("GET", "/nothing")
    found = samples((await site.ask("GET", "/health/metrics", who="MANAGER")).text)
    assert found[("error_rate", (("endpoint", "/pos/orders"),))] == 1.0
    assert found[("facts_total", (("fact", "refused"), ("type", "404")))] == 1
    assert site.watch.metrics.error_rate() > 0


async def test_the_log_tells_how_far_a_healing_has_come_once(site: Site) -> None:
    seen = "900-01ARYZ6S410000000000000900"
    for _ in range(2):
        report = {"seen": seen, "operations": [], "isWhole": False}
        assert (await site.ask("POST", "/sync/heal", report, who="till")).status_code == 200
    told = [line["phase"] for line in site.log_lines() if line["event"] == "healing"]
    assert told == ["REPORTING"]


async def test_a_batch_is_counted_by_what_stands_in_it(site: Site) -> None:
    let_in(site, Role.MANAGER)
    entry = {"lanes": ["one"], "method": "POST", "path": "/pos/orders", "body": json.dumps({"tableId": "table-5"})}
    entries = [{**entry, "operationId": f"01ARYZ6S4100000000000BATC{n}"} for n in (1, 2, 1)]
    answers = (await site.ask("POST", "/sync/operations", {"operations": entries})).json()["answers"]
    assert [one["status"] for one in answers] == [201, 201, 201]
    found = samples((await site.ask("GET", "/health/metrics", who="MANAGER")).text)
    assert found[("facts_total", (("fact", "write"), ("type", "create_order")))] == 2
    assert found[("facts_total", (("fact", "replay"), ("type", "")))] == 1


def test_error_rate_and_quantiles_are_of_the_last_exchanges_only() -> None:
    metrics = Metrics()
    for _ in range(10):
        metrics.exchanged("GET", "/menu", status=500, duration_s=9.0)
    assert (metrics.error_rate(), metrics.quantiles_ms()[0.5]) == (1.0, 9000.0)
    for n in range(RECENT):
        metrics.exchanged("GET", "/menu", status=200, duration_s=(n + 1) / 1000)
    found = metrics.quantiles_ms()
    assert metrics.error_rate() == 0.0
    assert [round(found[one]) for one in (0.5, 0.95, 0.99)] == [513, 973, 1014]


@pytest.fixture
def slow() -> list[tuple[str, float]]:
    return []


def timed(folder: Path, slow: list[tuple[str, float]], *, slow_s: float) -> tuple[Storage, Metrics]:
    metrics = Metrics()
    timing = Timing(HandClock(), told=metrics, slow=lambda query, took_s: slow.append((query, took_s)), slow_s=slow_s)
    return Storage(folder, timing=timing), metrics


def test_a_slow_statement_is_named_without_what_was_put_into_it(tmp_path: Path, slow: list[tuple[str, float]]) -> None:
    storage, metrics = timed(tmp_path, slow, slow_s=0.0)
    with storage:
        storage.read(lambda tx: tx.execute("SELECT name\n  FROM device WHERE id = ?", ("secret-id",)).fetchall())
        assert "SELECT name FROM device WHERE id = ?" in [query for query, _ in slow]
        slow.clear()
        for _ in range(2):
            storage.write(lambda tx: tx.execute("DELETE FROM device WHERE id = ?", ("secret-id",)).fetchall()).result()
        assert [query for query, _ in slow] == [UNNAMED, "DELETE FROM device WHERE id = ?"]
    assert "secret" not in str(slow)
    found = samples(metrics.text().decode())
    assert found[("db_query_duration_ms_count", (("kind", "read"),))] == 1
    assert found[("db_query_duration_ms_count", (("kind", "write"),))] == 2
    assert found[("db_commit_group_size_sum", ())] == 2


def test_statements_of_quick_work_are_not_told(tmp_path: Path, slow: list[tuple[str, float]]) -> None:
    storage, _ = timed(tmp_path, slow, slow_s=600.0)
    with storage:
        storage.read(lambda tx: tx.execute("SELECT 1").get)
        storage.write(lambda tx: tx.execute("SELECT 1").get).result()
    assert slow == []
    assert CLOSER_LOOK > 0


def test_a_statement_is_slow_from_a_hundred_milliseconds_on_and_its_line_names_it() -> None:
    assert (SLOW_S, ServerSettings.model_fields["slow_query_ms"].default) == (0.1, 100)
    stream = io.StringIO()
    RequestLog(stream, level="warning", clock=HandClock()).slow("SELECT ?", 0.12345)
    told = json.loads(stream.getvalue())
    assert told.pop("at") == "2025-11-28T19:40:00.000Z"
    assert told == {"event": "slow query", "level": "warning", "query": "SELECT ?", "duration_ms": 123.45}


async def test_nobody_learns_what_a_request_carried_from_the_metrics(tmp_path: Path, restaurant: Restaurant) -> None:
    site = open_site(tmp_path, restaurant, level="warning")
    let_in(site, Role.MANAGER)
    await site.ask("POST", "/auth/login", {"staffId": "amina", "pin": "9876"}, who="till")
    await site.ask("GET", "/pos/orders/01ARYZ6S4100000000000SECRT", headers={"X-Request-Id": "named-by-me"})
    text = (await site.ask("GET", "/health/metrics", who="MANAGER")).text
    await site.client.aclose()
    site.storage.close()
    for hidden in (*site.tokens.values(), "9876", "amina", "SECRT", "named-by-me"):
        assert hidden not in text
