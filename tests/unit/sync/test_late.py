"""Syncing that is made at its start: before it the same is shown and nothing is asked; after it all goes through."""

import random
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import pytest

from shared.database import Connection
from shared.sync.actions import Cause, LinkState, LinkView
from shared.sync.late import LateSync
from shared.sync.ledger import Ledger
from shared.sync.worker import Worker
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.virtual import VirtualClock, VirtualLoop

T = TypeVar("T")

OFFLINE = LinkView(LinkState.OFFLINE, Cause.NO_SERVER, 1, 2, None, 0, 7)


class Made:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def start(self) -> None:
        self.heard.append("start")

    def wake(self) -> None:
        self.heard.append("wake")

    def try_now(self) -> None:
        self.heard.append("try now")

    def ask_known(self, operation_id: str, told: Callable[[bool | None], None]) -> None:
        self.heard.append(operation_id)
        told(True)

    def stop(self, timeout_s: float) -> None:
        self.heard.append(timeout_s)

    def link(self) -> LinkView:
        return OFFLINE


class NoWriter:
    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        raise AssertionError("nothing is written before the start")


def late(made: Made) -> LateSync:
    return LateSync(lambda: made, now_ms=1_000, offset_ms=7)


def all_methods(sync: LateSync) -> list[bool | None]:
    told: list[bool | None] = []
    sync.wake()
    sync.try_now()
    sync.ask_known("one", told.append)
    sync.stop(5.0)
    return told


def test_before_the_start_nothing_is_made_and_nobody_knows() -> None:
    made = Made()
    assert all_methods(late(made)) == [None]
    assert made.heard == []


def test_after_the_start_all_goes_through() -> None:
    made = Made()
    sync = late(made)
    sync.start()
    assert all_methods(sync) == [True]
    assert made.heard == ["start", "wake", "try now", "one", 5.0]
    assert sync.link() is OFFLINE


def test_before_the_start_the_link_stands_as_a_worker_shows_it_before_its_own() -> None:
    loop = VirtualLoop()
    clock, writer = VirtualClock(loop), NoWriter()
    worker = Worker(
        writer,
        FakeServer(clock),
        clock,
        random=random.Random(1),
        kind="pos",
        announce=lambda _: None,
        ledger=Ledger(writer, clock, offset_ms=7),
    )
    assert LateSync(Made, now_ms=clock.now_ms() + 7, offset_ms=7).link() == worker.link()
    loop.close()


def test_what_can_not_be_made_is_said_and_leaves_nothing_half_begun() -> None:
    def make() -> Made:
        raise OSError("no certificates")

    sync = LateSync(make, now_ms=1_000, offset_ms=7)
    with pytest.raises(OSError, match="no certificates"):
        sync.start()
    assert all_methods(sync) == [None]
    assert sync.link().state is LinkState.RECONNECTING
