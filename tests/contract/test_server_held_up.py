"""What a server says whose database is held up or gone: who waits hears of it in time, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from reference_server import shell
from shared.domain.menu import Role
from shared.errors import DatabaseBusy
from tests.contract.test_server_figures import let_in, samples
from tests.contract.web import Site

PATIENCE_S = 30.0


@contextmanager
def held(site: Site) -> Iterator[None]:
    """Meanwhile one write has the database, and all others wait behind it."""
    begun, release = threading.Event(), threading.Event()

    def hold(_: object) -> bool:
        begun.set()
        return release.wait(PATIENCE_S)

    holding: Future[bool] = site.storage.write(hold)
    assert begun.wait(PATIENCE_S)
    try:
        yield
    finally:
        release.set()
    assert holding.result()


@pytest.mark.sqlite
async def test_who_waits_too_long_is_told_to_come_back_and_what_had_not_begun_is_never_done(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell.LONGEST_S == 60.0
    monkeypatch.setattr(shell, "LONGEST_S", 0.01)
    with held(site):
        late = await site.ask("POST", "/pos/orders", {}, key="k")
    assert (late.status_code, late.json()["message"]) == (503, "The server has too much to do.")
    assert int(late.headers["retry-after"]) >= 1
    monkeypatch.undo()
    assert (site.count("operation"), site.count("pos_order")) == (0, 0)
    assert (await site.ask("POST", "/pos/orders", {}, key="k")).status_code == 201
    assert (site.count("operation"), site.count("pos_order")) == (1, 1)


@pytest.mark.sqlite
async def test_the_gauges_show_the_writes_that_wait_for_the_disk(site: Site) -> None:
    let_in(site, Role.MANAGER)
    async with site.app.router.lifespan_context(site.app):
        with held(site):
            waiting = [site.storage.write(lambda tx: tx.execute("SELECT 1").get) for _ in range(3)]
            text = site.watch.metrics.text().decode()
        assert [one.result() for one in waiting] == [1, 1, 1]
        after = site.watch.metrics.text().decode()
    found, at_rest = samples(text), samples(after)
    assert found["db_writes_waiting", ()] >= 3
    assert 0 < found["db_pool_saturation", ()] < 1
    assert (at_rest["db_writes_waiting", ()], at_rest["db_pool_saturation", ()]) == (0, 0)


async def test_a_server_that_cannot_ask_its_database_lives_and_is_not_ready(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> Future[object]:
        raise DatabaseBusy("The disk does not answer")

    monkeypatch.setattr(site.storage, "fetch", away)
    found = {
        path: (await site.ask("GET", path, who="nobody")).status_code for path in ("/health/live", "/health/ready")
    }
    assert found == {"/health/live": 200, "/health/ready": 503}
    monkeypatch.undo()
    await site.ask("POST", "/pos/orders", {}, key="k")
    ready = await site.ask("GET", "/health/ready", who="nobody")
    assert ready.json()["head"].startswith("1-"), "it has looked into its database, not only been handed it"
