"""What the server does by itself: at the business's hours, whatever its clock does, and one failure stops nothing."""

from __future__ import annotations

import asyncio
import json
import socket
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from reference_server.app import build_app
from reference_server.chores import Chore, do_what_is_due, next_hour_ms, next_time_ms
from reference_server.deps import Deps
from reference_server.figures.metrics import Metrics
from reference_server.ops.cleanup import cleanup
from reference_server.ops.log_file import LogFile
from reference_server.ops.request_log import RequestLog
from reference_server.ops.statsd import MOST_BYTES, Figures, send_figures
from reference_server.payments.collecting import Collector
from shared.errors import BadSettings, DatabaseBusy, DiskFull, EvertillError
from tests.contract.house import START_MS, HandClock, Row
from tests.contract.web import Site

HOUR_MS = 3_600_000


def shown(moment_ms: int, timezone: str) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    ("after", "timezone", "found"),
    [
        ("2025-11-28T19:40:00", "UTC", "2025-11-29 03:30:00"),
        ("2025-11-28T03:29:59", "UTC", "2025-11-28 03:30:00"),
        ("2025-11-28T03:30:00", "UTC", "2025-11-29 03:30:00"),
        ("2025-11-28T19:40:00", "Africa/Kampala", "2025-11-29 03:30:00"),
        ("2025-03-29T20:00:00", "Europe/Berlin", "2025-03-30 03:30:00"),
        ("2025-10-25T20:00:00", "Europe/Berlin", "2025-10-26 03:30:00"),
        ("2025-12-31T23:00:00", "Asia/Kolkata", "2026-01-02 03:30:00"),
        ("2025-11-28T19:40:00", "No/Where", "2025-11-29 03:30:00"),
    ],
)
def test_a_time_of_day_is_the_business_s(after: str, timezone: str, found: str) -> None:
    moment_ms = next_time_ms(at(after), timezone, at="03:30")
    assert moment_ms > at(after)
    assert shown(moment_ms, "UTC" if timezone == "No/Where" else timezone) == found


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata", "Europe/Berlin"])
def test_every_full_hour_of_the_business_comes_and_two_in_the_night_is_one_of_them(timezone: str) -> None:
    moment_ms, seen = START_MS + 1, []
    for _ in range(24):
        moment_ms = next_hour_ms(moment_ms, timezone)
        seen.append(shown(moment_ms, timezone)[11:])
    assert "02:00:00" in seen
    assert all(one.endswith("00:00") for one in seen)


async def test_a_chore_that_fails_stops_no_other_and_comes_again() -> None:
    clock, done, told = HandClock(), list[str](), list[tuple[str, EvertillError]]()

    async def fail() -> None:
        done.append("first")
        raise DiskFull("no room")

    async def work() -> None:
        done.append("second")

    chores = [
        Chore("first", in_an_hour, fail, START_MS),
        Chore("second", in_an_hour, work, START_MS),
    ]

    async def look() -> None:
        await do_what_is_due(chores, clock=clock, trouble=lambda name, error: told.append((name, error)))

    await look()
    await look()
    assert done == ["first", "second"]
    assert [name for name, _ in told] == ["first"]
    clock.ms += HOUR_MS
    await look()
    assert done == ["first", "second"] * 2


async def in_an_hour(now_ms: int) -> int:
    return now_ms + HOUR_MS


async def test_while_a_slow_database_is_asked_when_next_the_loop_goes_on() -> None:
    """On PostgreSQL this is a read over a line, which may take seconds."""
    clock, answered, meanwhile = HandClock(), asyncio.Event(), list[str]()

    async def next_ms(now_ms: int) -> int:
        await answered.wait()
        return now_ms + HOUR_MS

    async def work() -> None:
        meanwhile.append("done")

    looking = asyncio.create_task(do_what_is_due([Chore("work", next_ms, work, START_MS)], clock=clock, trouble=print))
    await asyncio.sleep(0)
    meanwhile.append("another request")
    answered.set()
    await looking
    assert meanwhile == ["another request", "done"]


async def test_a_chore_whose_next_time_nobody_can_tell_now_is_looked_at_again() -> None:
    clock, done, told, away = HandClock(), list[int](), list[str](), [DatabaseBusy("away")]

    async def next_ms(now_ms: int) -> int:
        if away:
            raise away.pop()
        return now_ms + HOUR_MS

    async def work() -> None:
        done.append(clock.ms)

    chore = Chore("work", next_ms, work, START_MS)
    for _ in range(2):
        await do_what_is_due([chore], clock=clock, trouble=lambda name, _: told.append(name))
    assert (told, done) == (["work"], [START_MS])


async def test_a_clock_that_was_a_year_ahead_when_it_planned_does_not_put_a_chore_off() -> None:
    clock, done = HandClock(START_MS + 365 * 24 * HOUR_MS), list[int]()

    async def work() -> None:
        done.append(clock.ms)

    chore = Chore("work", in_an_hour, work, clock.ms + HOUR_MS)
    clock.ms = START_MS
    for _ in range(2):
        await do_what_is_due([chore], clock=clock, trouble=lambda *_: None)
        clock.ms += HOUR_MS
    assert done == [START_MS + HOUR_MS]


async def test_answers_older_than_their_day_go_while_the_server_runs_and_their_operations_stay(site: Site) -> None:
    await site.ask("POST", "/pos/orders", {}, key="old")
    site.clock.ms += 25 * HOUR_MS
    await site.ask("POST", "/pos/orders", {}, key="new")
    async with site.app.router.lifespan_context(site.app):
        while site.watch.cleaned_ms is None:  # noqa: ASYNC110 - the server announces it to nobody
            await asyncio.sleep(0)
    assert (site.count("answer"), site.count("operation")) == (1, 2)
    again = await site.ask("POST", "/pos/orders", {}, key="old")
    assert (again.status_code, again.json()["conflictType"]) == (409, "IDEMPOTENCY_DUPLICATE")


async def test_answers_are_looked_through_every_hour_of_the_business_at_two_in_the_night_too(site: Site) -> None:
    chore = cleanup(site.deps, site.storage)
    assert chore.due_ms == START_MS
    zone = site.storage.read(lambda tx: site.deps.catalogue.now(tx).business.timezone)
    moment_ms, seen = START_MS + 30 * 60_000, []
    for _ in range(24):
        moment_ms = await chore.next_ms(moment_ms)
        seen.append(shown(moment_ms, zone)[11:])
    assert (len(set(seen)), "02:00:00" in seen) == (24, True)


def test_a_log_file_is_turned_before_it_is_too_long_and_the_oldest_goes(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "log" / "server.log", max_bytes=100, keep=2)
    log = RequestLog(file, level="info", clock=HandClock())
    for number in range(12):
        log.happened("line", number=number)
    file.close()
    kept = {one.name: one.read_text().splitlines() for one in (tmp_path / "log").iterdir()}
    assert sorted(kept) == ["server.log", "server.log.1", "server.log.2"]
    assert [line for name in sorted(kept, reverse=True) for line in kept[name]][-1].count('"number": 11')
    assert all(sum(len(line) + 1 for line in lines) <= 100 for lines in kept.values())
    assert '"number": 10' in kept["server.log.1"][-1]


def test_a_log_file_goes_on_where_it_was_and_says_when_it_can_t(tmp_path: Path) -> None:
    for text in ("one\n", "two\n"):
        file = LogFile(tmp_path / "server.log", max_bytes=100, keep=1)
        file.write(text)
        file.close()
    assert (tmp_path / "server.log").read_text() == "one\ntwo\n"
    with pytest.raises(BadSettings) as caught:
        LogFile(tmp_path / "server.log" / "x", max_bytes=100, keep=1)
    assert caught.value.title == "The log can't be written"


def test_a_log_on_a_full_disk_loses_its_lines_and_keeps_nobody_from_working() -> None:
    file = LogFile(Path("/dev/full"), max_bytes=100, keep=1)
    RequestLog(file, level="info", clock=HandClock()).happened("line")
    file.close()


def test_statsd_gets_what_came_since_and_datagrams_that_every_network_carries() -> None:
    metrics = Metrics()
    figures = Figures(metrics)
    for number in range(100):
        metrics.exchanged("GET", f"/pos/orders/{{entity}}/{number}", status=200, duration_s=0.002)
    first = b"\n".join(figures.datagrams()).decode().splitlines()
    assert "evertill.http_request_duration_ms_count.GET.pos_orders_entity_7.2xx:1|c" in first
    assert "evertill.error_rate.pos_orders_entity_7:0|g" in first
    metrics.exchanged("GET", "/menu", status=200, duration_s=0.002)
    counted = [line for line in figures.lines() if line.endswith("|c") and "_count" in line]
    assert counted == ["evertill.http_request_duration_ms_count.GET.menu.2xx:1|c"]
    assert max(map(len, Figures(metrics).datagrams())) <= MOST_BYTES


async def test_the_figures_arrive_at_a_statsd_that_listens_and_nobody_minds_one_that_does_not() -> None:
    metrics = Metrics()
    metrics.exchanged("GET", "/menu", status=200, duration_s=0.002)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.setblocking(False)
        port = daemon.getsockname()[1]
        sending = asyncio.create_task(send_figures(metrics, to=f"127.0.0.1:{port}", every_s=0.0))
        async with asyncio.timeout(20):
            got = await asyncio.get_running_loop().sock_recv(daemon, 2048)
        sending.cancel()
    assert b"evertill." in got
    nobody = asyncio.create_task(send_figures(metrics, to="127.0.0.1:0", every_s=0.0))
    for _ in range(3):
        await asyncio.sleep(0)
    assert not nobody.done()
    nobody.cancel()


async def test_a_database_that_stays_away_is_told_once_a_minute_and_not_at_every_look() -> None:
    """Four looks a second through a night would push all else out of the log."""
    clock, told = HandClock(), list[EvertillError]()

    class Away:
        is_away = True

        async def fetch(self, _: object) -> bool:
            if self.is_away:
                raise DatabaseBusy("away")
            return False

        def write(self, _: object) -> Future[None]:
            done = Future[None]()
            done.set_result(None)
            return done

    class Log:
        def trouble(self, _: str, error: EvertillError) -> None:
            told.append(error)

    storage = Away()
    deps = Deps(clock=clock, ulids=Row(), version="9.9")
    cashier = Collector(deps, cast(Any, None), cast(Any, storage), log=cast(Any, Log()), changed=lambda: None)

    async def looks(count: int) -> int:
        for _ in range(count):
            await cashier.look()
            clock.ms += 250
        return len(told)

    assert await looks(240) == 1
    assert await looks(240) == 2
    storage.is_away = False
    assert await looks(4) == 2
    storage.is_away = True
    assert await looks(4) == 3


async def test_work_of_the_server_that_a_mistake_of_ours_ended_is_told(site: Site) -> None:
    """The cashier, the cleaning up, the backups: nobody waits for their answer, so nobody else would notice."""

    began = asyncio.Event()

    async def broken() -> None:
        began.set()
        raise ZeroDivisionError

    log = RequestLog(site.log, level="error", clock=site.clock)
    app = build_app(site.deps, site.storage, log=log, beside=[broken])
    async with app.router.lifespan_context(app):
        await began.wait()
    [line] = [json.loads(line) for line in site.log.getvalue().splitlines()]
    assert (line["event"], line["requestId"], line["error"]) == ("fault", "beside", "ZeroDivisionError")
