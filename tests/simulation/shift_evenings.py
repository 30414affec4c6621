"""Evenings with shifts: drawers of tills that are cut off for hours are opened, moved and counted, and all agrees."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from reference_server.storage import shifts as served
from shared.database import Connection, run_inline
from shared.domain.shift import Figures
from shared.domain.shift_commands import CashMove, CloseShift, MoveCash, OpenShift
from shared.ids import ShiftId
from shared.store import outbox, shifts, till_reports
from shared.store.outcomes import Flight
from shared.store.till_reports import TillReport
from shared.sync.actions import Take
from shared.sync.ledger import Ledger
from shared.sync.turns import Turned
from shared.wire.agreement import AgreeAnswer
from tests.simulation.restoring import Restored

FLOAT_MINOR = 10_000
AWAY_S = 3 * 3600.0
"""So long the tills sell without a server."""


@dataclass
class Drawers:
    """The people at the tills of a world, and what they do with their drawers."""

    world: Restored

    def open(self, till: str) -> ShiftId:
        """Begin a shift."""
        shift_id = ShiftId(self.world.ids.new())
        self._tap(till, self.world._made(OpenShift, shift_id=shift_id, float_minor=FLOAT_MINOR))
        return shift_id

    def move(self, till: str, kind: CashMove, amount_minor: int = 0) -> None:
        """Put something in or take something out."""
        reason = "milk" if amount_minor else ""
        fields: dict[str, Any] = {"type": kind, "amount_minor": amount_minor, "reason": reason}
        self._tap(till, self.world._made(MoveCash, shift_id=self._now(till), **fields))

    def close(self, till: str, *, short_minor: int = 0) -> ShiftId:
        """Count what is there, less what somebody lost, and end the shift."""
        shift_id = self._now(till)
        counted = self.report(till, shift_id).total.expected_minor - short_minor
        self._tap(till, self.world._made(CloseShift, shift_id=shift_id, counted_minor=counted))
        return shift_id

    async def evening(self, till: str, *, orders: int = 3) -> ShiftId:
        """A whole shift, with bills and movements."""
        self.open(till)
        self.move(till, CashMove.PAY_IN, 5_000)
        for place in range(orders):
            order_id = self.world.ids.new()
            self.world.order(till, order_id)
            await asyncio.sleep(30)
            assert self.world.pay(till, order_id)
            if place == 1:
                self.move(till, CashMove.PAY_OUT, 700)
                self.move(till, CashMove.NO_SALE)
        return self.close(till)

    def report(self, till: str, shift_id: str) -> TillReport:
        """The shift as its till shows it."""
        device = self.world.devices[till]
        found = device.read(lambda tx: till_reports.read(tx, shift_id, author_of=device.author_of))
        assert found is not None
        return found

    def z(self, shift_id: str) -> tuple[Figures, AgreeAnswer | None]:
        """The server's figures of a shift, and its comparison with the till."""

        def both(tx: Connection) -> tuple[Figures, AgreeAnswer | None]:
            shift = served.shift(tx, shift_id)
            assert shift is not None
            return served.figures_of(tx, shift), served.agreement(tx, shift_id)

        return run_inline(self.world.house.connection, both)

    def broken(self, till: str, shift_id: str) -> list[str]:
        """Promise 5, by shifts: till and server have the same money, all of it in time, and both say so."""
        here, (there, agreement) = self.report(till, shift_id), self.z(shift_id)
        found = []
        if not here.is_confirmed or here.only_here.payments:
            found.append(f"5: {here.waiting} operations of the shift are only on {till}")
        if there.late:
            found.append("5: money came when its shift was closed")
        if here.total.expected_minor != there.expected_minor:
            found.append(f"5: {here.total.expected_minor} by the till, {there.expected_minor} by the server")
        if agreement is None or agreement.count:
            found.append(f"5: till and server do not agree: {agreement}")
        return found

    async def sent(self) -> None:
        """Until nothing waits."""
        for _ in range(60_000):
            if not self.world.waiting():
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the tills never come to rest")

    async def settle(self) -> None:
        """Until nothing waits and what was closed was compared."""
        await self.sent()
        await asyncio.sleep(30)

    def cut(self, *, is_cut: bool) -> None:
        """The tills lose the server, or find it again."""
        for name, device in self.world.devices.items():
            if name.startswith("till"):
                device.road.is_cut = is_cut

    def _now(self, till: str) -> ShiftId:
        now = self.world.devices[till].read(shifts.current)
        assert now is not None, "no shift is open"
        return now.shift_id

    def _tap(self, till: str, intent: Any) -> None:
        self.world._tap(till, intent)


class ClosesAtOnce(Ledger):
    """A mutant: the end of a shift goes as soon as its own lane lets it, whatever its till has still to send."""

    async def turn(self, landed: Any, take: Take | None) -> Turned:
        turned = await super().turn(landed, take)
        if turned.taken is None or take is None or take.probe:
            return turned
        early = await self._do(_early)
        taken = replace(turned.taken, flights=(*turned.taken.flights, *early))
        return replace(turned, taken=taken)


def _early(tx: Connection) -> tuple[Flight, ...]:
    found = tx.execute("SELECT seq FROM operation WHERE kind = 'close_shift' AND status = 'PENDING'").fetchall()
    seqs = [int(str(seq)) for (seq,) in found]
    return outbox.hand_out(tx, seqs, now_ms=0).flights if seqs else ()
