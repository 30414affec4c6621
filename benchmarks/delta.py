"""`delta`: one change of an order, from the tap until it is settled, and from another till's into this one's file."""

import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

import httpx

from benchmarks import pouch
from benchmarks.measure import Row, median
from benchmarks.replay import orders
from benchmarks.sending import Sender, sender
from benchmarks.serving import serving
from shared.clock import SystemClock
from shared.domain.commands import CreateOrder
from shared.wire.protocol import HEADER_KEY
from shared.wire.requests import encode, order_lane

ROUNDS: Final = 5
CHANGES: Final = 30
PUSH_MS: Final = 10.0
PULL_MS: Final = 14.0
"""What PouchDB took on a quiet machine of two cores: used only where it can't be measured, and said."""


def run() -> list[Row]:
    """Interleaved rounds against PouchDB: its one-document push and pull, to a server on this machine too."""
    pushes: list[float] = []
    pulls: list[float] = []
    theirs: dict[str, list[float]] = {"push": [], "pull": []}
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "server") as served:
        settings, other = (served.enrol(Path(folder) / name) for name in ("till", "other"))
        news = News()
        with sender(Path(folder), served.url, settings.token, announce=news.heard) as device:
            for _ in range(ROUNDS):
                for name, found in (pouch.pushes_and_pulls(CHANGES) if pouch.is_here() else {}).items():
                    theirs[name] += found
                pushes += [_push(device, order) for order in orders(CHANGES)]
                pulls += _pulls(news, served.url, other.token)
    if not theirs["push"]:
        sys.stderr.write(
            "delta: PouchDB is not here, so its figures are those of another machine (docs/performance.md)\n"
        )
    against = "PouchDB" if theirs["push"] else "PouchDB's figure of another machine"
    push_ms, pull_ms = median(theirs["push"] or [PUSH_MS]), median(theirs["pull"] or [PULL_MS])
    return [
        Row("delta.push", median(pushes), push_ms, f"ms, against {against}", 2.0, at_most=True),
        Row("delta.pull", median(pulls), pull_ms, f"ms, against {against}", 2.0, at_most=True),
    ]


class News:
    """Waits until a change of one order is in the file."""

    def __init__(self) -> None:
        self._lane = ""
        self._came = threading.Event()

    def expect(self, order_id: str) -> None:
        """From now on it is this one."""
        self._came.clear()
        self._lane = order_lane(order_id)

    def heard(self, changed: frozenset[str]) -> None:
        """What the worker announces, after the commit."""
        if self._lane in changed:
            self._came.set()

    def wait(self) -> None:
        """Until it came."""
        assert self._came.wait(60.0), "the change did not come"


def _push(device: Sender, order: CreateOrder) -> float:
    """Milliseconds from the enqueueing until it is settled on the disk."""
    return 1000 / device.rate([order])


def _pulls(news: News, url: str, token: str) -> list[float]:
    """Milliseconds from another till's request until its order is in our file."""
    clock = SystemClock()
    found = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
        for order in orders(CHANGES):
            request = encode(order)
            headers = {HEADER_KEY: order.id, "Content-Type": "application/json"}
            news.expect(order.order_id)
            began_s = clock.monotonic_s()
            client.request(request.method, request.path, headers=headers, content=request.body).raise_for_status()
            news.wait()
            found.append((clock.monotonic_s() - began_s) * 1000)
    return found
