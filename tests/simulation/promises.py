"""The promises that a night's files alone do not show at its end: looked at while it is played, and at each crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles
from typing import Any, Protocol

from demo.check import Findings
from reference_server.storage import entities as served
from shared.database import Connection, run_inline
from shared.domain.intents import Numbers
from shared.domain.menu import Floor
from shared.domain.order import Order
from shared.domain.ticket import Stage
from shared.store import agreement, scenes
from shared.store.rows import LineStage, SyncBadge
from shared.store.views import order_view
from shared.times import to_rfc3339
from shared.wire.agreement import MAX_NAMED, AgreeRequest
from tests.contract.house import House
from tests.simulation import looks
from tests.simulation.devices import Device
from tests.simulation.places import Place, Till

CLAIMS = {LineStage.SENT: 0, LineStage.SEEN: 0, LineStage.STARTED: 1, LineStage.READY: 2}
"""What a screen says of a line, as the least rank that its ticket has on the server."""

UNHURRIED_MS = 32_000
"""A quarter of the operations of other orders are through sooner than this, however long one order hangs.

Bad weather alone may make half of them wait for longer: seeds 19 and 30 had no link for a minute, and in seed 50 a
quarter took 26 s. With a single lane it takes 34 to 49 s.
"""

NO_NUMBERS = Numbers(str, str)


@dataclass(frozen=True)
class Story:
    """What came of one night."""

    findings: Findings
    faults: Counter[str]
    kills: int
    drained: bool
    broken: tuple[str, ...]
    """Promises that were seen broken while it was played."""
    stages_seen: int
    others_s: float
    """What a quarter of the other orders' operations took at most, while one order hung."""
    trace: str = ""
    """All sends, answers and commits in one figure."""
    batches: int = 0
    """How many requests held several operations."""

    @property
    def is_clean(self) -> bool:
        """Whether all promises were kept and the calm phase drained what waited."""
        return self.findings.is_clean and self.drained and not self.broken


@dataclass
class Watch:
    """Looks at one world; `broken` says in words which promise was seen broken."""

    house: House
    broken: list[str] = field(default_factory=list)
    stages_seen: int = 0
    was_restored: bool = False
    """Whether the server was put back to a copy. It may refuse a mark of a ticket whose send had no answer yet. A
    person is told and presses *Retry*, and a late copy of the mark that was refused may be done as well."""
    _saved: dict[str, set[str]] = field(default_factory=dict)
    _payments: set[str] = field(default_factory=set)

    def saved(self, name: str, device: Till, *, payment: str = "") -> None:
        """A tap returned: what is in the file now has been called saved."""
        self._saved[name] = set(device.read(operation_ids))
        self._payments |= {payment} - {""}

    def in_doubt(self, payment: str) -> None:
        """The device went dark while it stored this payment: it was called saving, and may be found there."""
        self._payments |= {payment} - {""}

    def after_crash(self, name: str, device: Till) -> None:
        """Promise 1: what the screen called saved is in the outbox or settled."""
        gone = self._saved.get(name, set()) - set(device.read(operation_ids))
        self.broken += [f"1: operation {one} was saved on {name} and is gone" for one in sorted(gone)]

    def screen(self, device: Till, order_id: str) -> None:
        """Promise 8: no screen claims a stage that is not so. The server may be further, never behind."""
        seen = device.read(lambda tx: scenes.of_order(tx, order_id, author_of=device.author_of))
        floor = Floor(version="1")
        view = order_view(seen, (), author_of=device.author_of, numbers=NO_NUMBERS, floor=floor, online=True)
        truth = run_inline(self.house.connection, lambda tx: served.order(tx, order_id))
        if view is None:
            return
        if view.badge is SyncBadge.SYNCED and (truth is None or seen.waiting):
            self.broken.append(f"8: order {order_id} is called synced and is not")
        for line in view.lines:
            if line.stage in CLAIMS:
                self.stages_seen += 1
                if self._rank(seen.scene.order, line.id) < CLAIMS[line.stage]:
                    self.broken.append(f"8: line {line.id} is called {line.stage} and is not")

    def others(self, device: Device, poisoned: str) -> float:
        """Promise 6: an order that hangs delays no other. The seconds that a quarter of the others took at most."""
        now_ms = device.clock.now_ms()
        waits = device.read(lambda tx: waits_ms(tx, but=poisoned, now_ms=now_ms))
        usual_ms = quantiles(waits, n=4)[0] if len(waits) > 1 else 0.0
        if usual_ms > UNHURRIED_MS:
            self.broken.append(
                f"6: three quarters of the other orders waited {usual_ms / 1000:.0f} s for one that hangs"
            )
        return usual_ms / 1000

    def at_the_end(self, name: str, device: Till) -> None:
        """Promises 1, 5 and 7: no payment on the server that no screen took; nothing is left in the lanes."""
        self.after_crash(name, device)
        lanes = int(device.read(lambda tx: tx.execute("SELECT count(*) FROM operation_lane").get))
        if lanes:
            self.broken.append(f"7: {lanes} lanes are left in the file of {name}")
        self.nobodys_payments()
        self.broken += [f"2: {name} and the server differ: {words}" for words in self._differences(device)]

    def nobodys_payments(self) -> None:
        """Promise 5: no payment on the server that no screen took."""
        found = self.house.connection.execute("SELECT body FROM pos_order").fetchall()
        orders = [Order.model_validate_json(bytes(body)) for (body,) in found]  # type: ignore[arg-type]
        stored = {payment.id for order in orders for payment in order.payments}
        self.broken += [f"5: payment {one} was taken by nobody" for one in sorted(stored - self._payments)]

    def _differences(self, device: Till) -> list[str]:
        """What the server says of all that the device did, as in every hour of a real night."""
        page = device.read(partial(agreement.page, since_ms=0, first_seq=1, after_seq=0, limit=MAX_NAMED))
        asked = AgreeRequest(since=to_rfc3339(0), first_seq=1, operations=page.named())
        told = self.house.call("POST", "/sync/agree", asked.to_json(), key="", who=device.road.who)
        assert told.status == 200, told.json
        known = device.read(looks.told_of) if self.was_restored else frozenset()
        return [f"{one['kind']} {one['what']}" for one in told.json["differences"] if one["what"] not in known]

    def _rank(self, shown: Order | None, line_id: str) -> int:
        """How far the server's own ticket is on which a line is shown; -1 if it has none with this line."""
        line = None if shown is None else shown.line(line_id)
        ticket_id = "" if line is None or line.ticket_id is None else line.ticket_id
        ticket = run_inline(self.house.connection, lambda tx: served.ticket(tx, ticket_id))
        if ticket is None or all(item.line_id != line_id for item in ticket.items):
            return -1
        return min(ticket.status.rank, Stage.READY.rank)


class Watched(Place, Protocol):
    """A world that somebody watches."""

    @property
    def watch(self) -> Watch:
        """Who does."""
        ...


def operation_ids(tx: Connection) -> Sequence[str]:
    """All operations in a device's file."""
    return [str(one) for (one,) in tx.execute("SELECT id FROM operation").fetchall()]


def waits_ms(tx: Connection, *, but: str, now_ms: int) -> list[int]:
    """How long each operation waited for its last word, or waits by now; of all orders but one."""
    rows: Sequence[tuple[Any, ...]] = tx.execute(
        "SELECT coalesce(settled_at, ?) - created_at FROM operation WHERE entity_id <> ?", (now_ms, but)
    ).fetchall()
    return [int(wait) for (wait,) in rows]
