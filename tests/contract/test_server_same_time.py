"""A key that comes again while its first transaction is still open waits for it: one effect, two equal answers."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import replace

from reference_server.dispatch import handle
from reference_server.exchange import Request, Response
from reference_server.storage.operations import Operations
from reference_server.storage.seam import Connection, Storage
from shared.clock import SystemClock
from tests.contract.house import HandClock, answer_of
from tests.contract.postgres_rig import LOCKED, PATIENCE_S, asked, opened
from tests.contract.web import Site


def is_waiting(second: Storage, database: str) -> bool:
    """Whether the second has come as far as it comes: to the writer's queue, or to the other process's lock."""
    return bool(asked(database, LOCKED) if database else second.waiting())


async def test_a_key_that_comes_again_before_the_first_is_committed_waits_and_gets_its_answer(
    site: Site, database: str
) -> None:
    """On PostgreSQL the second comes to another process of the branch."""
    began, go_on = threading.Event(), threading.Event()
    headers = {"authorization": f"Bearer {site.tokens['script']}", "idempotency-key": "test-key-1"}
    request = Request("POST", "/pos/orders", headers, b'{"tableId": "table-5"}')
    elsewhere = replace(site.deps, clock=HandClock(), operations=Operations())

    def slowly(tx: Connection) -> Response:
        response = handle(tx, site.deps, request)
        began.set()
        assert go_on.wait(PATIENCE_S)
        return response

    with ExitStack() as stack:
        other = stack.enter_context(opened(database)) if database else site.storage
        one = site.storage.write(slowly)
        stack.callback(go_on.set)
        assert began.wait(PATIENCE_S)
        two = other.write(lambda tx: handle(tx, elsewhere, request))
        clock = SystemClock()
        until_s = clock.monotonic_s() + PATIENCE_S
        while not two.done() and not is_waiting(other, database):
            assert clock.monotonic_s() < until_s
        assert not two.done(), "nobody is answered out of a transaction that may still fail"
        go_on.set()
        first, second = answer_of(one.result(PATIENCE_S)), answer_of(two.result(PATIENCE_S))
    assert (first.status, first.is_replay) == (201, False)
    assert (second.status, second.is_replay, second.body) == (201, True, first.body)
    assert site.count("pos_order") == site.count("operation") == site.count("change") == 1
