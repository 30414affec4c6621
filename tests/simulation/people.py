"""How people touch terminals, as a Hypothesis state machine, and the promises that are looked at after each step."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from demo.check import check
from reference_server.storage import entities
from shared.database import Connection
from shared.domain.commands import AddLine, Change, ChangeOrder, EditDraft, Intent, NewLine
from shared.domain.menu import complete
from shared.domain.model import Model
from shared.domain.rejections import CommandRejected
from shared.domain.ticket import Stage, Ticket
from shared.ids import LineId
from shared.store.rows import OrderView, SyncBadge
from tests.contract.house import House
from tests.simulation.devices import Code
from tests.simulation.lane_promises import broken_in_lanes
from tests.simulation.moving_rush import KNOWN, broken_in_moves
from tests.simulation.premises import WAITER, Premises, told_of
from tests.simulation.promises import CLAIMS
from tests.simulation.terminals import Device
from tests.unit.domain.restaurant import MENU

M = TypeVar("M", bound=Model)

TILLS: Final = ("till-1", "till-2")
some_till = st.sampled_from(TILLS)
some_device = st.sampled_from((*TILLS, "kitchen-1"))
MOST_OPEN: Final = 3
nth = st.integers(0, MOST_OPEN)
"""Which of those that the screen shows, counted from the first again where there are fewer."""
pauses = st.sampled_from((0.01, 6.0, 20.0))
"""How long nobody does anything after it."""
ULID: Final = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b")


class Touched(RuleBasedStateMachine):
    """The premises, how they are touched, and what has to be so."""

    furniture: ClassVar[Path]
    furnished: ClassVar[House]
    code: ClassVar[Code] = Code()

    def __init__(self) -> None:
        super().__init__()
        self.place = TemporaryDirectory()
        folder = Path(self.place.name) / "house"
        shutil.copytree(self.furniture, folder)
        self.premises = Premises(folder, self.code)
        self.has_moved = False
        """Whether lines may stand elsewhere than where they were rung up."""
        self.given_up: set[str] = set()
        """What a manager took out of an operation that hung."""
        self.has_given_up = False
        """Whether a manager discarded one."""
        self.days: set[str] = set()
        """The ends of a business day that somebody tapped."""

    @invariant()
    def nothing_was_seen_broken(self) -> None:
        """Promises 1 and 5: what was saved is there, and no payment that nobody took."""
        watch = self.premises.watch
        for name, device in self.premises.devices.items():
            watch.after_crash(name, device)
        watch.nobodys_payments()
        assert not watch.broken, watch.broken

    @invariant()
    def no_guest_is_charged_twice(self) -> None:
        """Promise 5, by cards."""
        assert all(entry.charges <= 1 for entry in self.premises.desk.ledger().values())

    @invariant()
    def each_till_says_what_is_in_its_drawer(self) -> None:
        """Promise 5, by drawers: as the people have counted it, whatever the server knows of it."""
        for till in TILLS:
            shifts = self.device(till).terminal.shifts
            shift_id = shifts.last()
            report = None if shift_id is None else shifts.report(shift_id)
            if report is not None:
                noted_minor = self.premises.drawers.noted_minor(report.shift.id)
                assert report.total.expected_minor == noted_minor, f"5: {till} says {report.total.expected_minor}"

    @invariant()
    def no_screen_claims_what_is_not_so(self) -> None:
        """Promise 8. What a server said that was put back since is shown until the device stands on the new history."""
        ranks = self._ranks()
        known = self.orders()
        for till in filter(lambda name: self.premises.stands(self.device(name)), TILLS):
            for view in self.device(till).terminal.open_orders():
                assert view.badge is not SyncBadge.SYNCED or view.id in known, "8: called synced and not there"
                for line in view.lines:
                    if line.stage in CLAIMS:
                        assert ranks.get(line.id, -1) >= CLAIMS[line.stage], f"8: called {line.stage} and is not"

    def teardown(self) -> None:
        """Promises 1 to 5 and 7, when the weather is good again and nothing waits."""
        premises = self.premises
        try:
            assert premises.calm_down(), premises.waits_for()
            self._views_are_equal()
            for name, device in premises.devices.items():
                premises.watch.at_the_end(name, device)
            wrong = [*premises.watch.broken, *premises.drawers.broken()]
            wrong += premises.desk.wrong(premises.house, premises.desk.believed())
            assert not wrong, wrong
            self._note_what_was_given_up()
            assert self.days == set(self._days()), "2: not each end of a day is on the server once"
            for name, slip in premises.desk.slips(premises.house):
                premises.devices[name].journal.write("paid", **slip)
        finally:
            premises.close()
        try:
            wrong = [*self._found(), *broken_in_lanes(premises.folder)]
            assert not wrong, wrong
        finally:
            self.place.cleanup()

    def _found(self) -> list[str]:
        """What the files say, but for what a manager gave up on purpose."""
        found = check(self.premises.folder).details
        if self.has_moved:  # it looks for each line on the order where it was rung up
            found = [*(one for one in found if one.startswith(KNOWN)), *broken_in_moves(self.premises.folder)]
        return [words for words in found if not self.given_up.intersection(ULID.findall(words))]

    def _note_what_was_given_up(self) -> None:
        """What a manager discarded goes with all that depends on it: the file says which operations those are."""
        self.given_up |= self.premises.drawers.by_hand() | self._put_away()
        sql = "SELECT path, body FROM operation WHERE reason = 'DISCARDED'"
        for device in self.premises.devices.values() if self.has_given_up else ():
            for path, body in device.writer.connection.execute(sql).fetchall():
                self.given_up |= set(ULID.findall(bytes(body).decode()))  # type: ignore[arg-type]
                self.given_up |= set(ULID.findall(str(path))) if "/kds/" in str(path) else set()

    def _views_are_equal(self) -> None:
        """Promise 4, of what the screens are given: not of the rows beneath."""
        orders = self.orders()
        for till in TILLS:
            terminal = self.device(till).terminal
            for order_id, order in orders.items():
                view = terminal.order(order_id)
                if view is None and order_id in self._put_away():
                    continue
                assert view is not None, f"4: {till} does not know an order"
                shown = [(line.id, line.quantity, line.note, line.voided) for line in view.lines if not line.in_draft]
                there = [(one.id, one.quantity, one.note, one.voided) for one in order.lines if one.moved_to is None]
                assert shown == there, f"4: {till} shows {shown}, the server has {there}"
                assert (view.state, view.table_id, view.waiting, view.saving) == (order.state, order.table_id, 0, False)
        kitchen = self.device("kitchen-1").terminal
        shown_there = {row.ticket.id: row.ticket for row in (*kitchen.tickets(), *kitchen.recalled())}
        away = self._put_away() - shown_there.keys()
        there_now = {one.id: one for one in self._tickets() if one.id not in away}
        assert shown_there == there_now, "4: the board differs from the server"

    def _put_away(self) -> set[str]:
        """What may have left the screens with the end of a day: tickets that were done, and where a device began anew
        on the history of a server that was put back, orders that were over."""
        is_over = {str(one.id) for one in self._tickets() if one.status is Stage.BUMPED}
        if self.premises.watch.was_restored:
            is_over |= {order_id for order_id, order in self.orders().items() if not order.is_open}
        return is_over if self.days else set()

    def _days(self) -> list[str]:
        rows = self.premises.house.connection.execute("SELECT id FROM house_record WHERE kind = 'day'")
        return [str(one) for (one,) in rows]

    def device(self, name: str) -> Device:
        """The device as it runs now."""
        return self.premises.devices[name]

    def shown(self, till: str, order: int) -> OrderView | None:
        """One of the open orders on this till's floor."""
        views = [view for view in self.device(till).terminal.open_orders() if view.is_open]
        return views[order % len(views)] if views else None

    def tile(self, till: str, order_id: str, item: int, *, course: int = 1) -> None:
        """Tap a tile."""
        terminal = self.device(till).terminal
        sold = MENU.items[item % len(MENU.items)]
        bare = NewLine(id=LineId(terminal.new_id()), item_id=sold.id, quantity=1, course=course)
        self.edit(till, order_id, AddLine(line=complete(bare, terminal.menu)))

    def edit(self, till: str, order_id: str, *changes: Any) -> None:
        """Change what was not sent."""
        self.submit(till, self.made(till, EditDraft, order_id=order_id, table_id="table-1", changes=changes))

    def change(self, till: str, view: OrderView, change: Change) -> bool:
        """Change an order. Whether it was saved."""
        said = {"order_id": view.id, "base_version": view.base_version, "changes": (change,)}
        return self.submit(till, self.made(till, ChangeOrder, **said))

    def submit(self, name: str, intent: Intent, *, twice: bool = False) -> bool:
        """Tap, once or twice. Whether it was saved: a refusal says so on the screen."""
        return self.done(name, *[lambda: self.device(name).tap(intent)] * (1 + twice))

    def done(self, name: str, *buttons: Callable[[], None]) -> bool:
        """Press these, one after the other. Whether the last was not refused."""
        is_saved = False
        for button in buttons:
            is_saved = False
            with suppress(CommandRejected):
                button()
                is_saved = True
        self.premises.watch.saved(name, self.device(name))
        return is_saved

    def tries_for_long(self, till: str) -> None:
        """What the server fails on has been tried nine times, and goes once more: after ten a person is asked."""
        for attempts in (1, 9):
            self.device(till).terminal.try_now()
            self.premises.wait(1)
            self.device(till).read(partial(_failed_often, attempts=attempts))
        self.device(till).terminal.try_now()
        self.premises.wait(1)

    def sent(self, till: str, intent: Intent, view: OrderView, line_ids: Iterable[str]) -> None:
        """Write down that the screen called these sent."""
        named = set(line_ids)
        told = [told_of(line) for line in view.lines if line.id in named]
        self.write(till, "sent", intent=intent.id, order=view.id, number=view.number, lines=told)

    def write(self, name: str, event: str, **fields: object) -> None:
        """Put it into the device's journal."""
        self.device(name).journal.write(event, **fields)

    def made(self, name: str, kind: type[M], **fields: object) -> M:
        """An intention of this moment at this device."""
        terminal = self.device(name).terminal
        return kind.model_validate({"id": terminal.new_id(), "actor_id": WAITER, "at": terminal.at(), **fields})

    def orders(self) -> dict[str, Any]:
        """What the server has."""
        connection = self.premises.house.connection
        ids = [str(one) for (one,) in connection.execute("SELECT id FROM pos_order ORDER BY id")]
        return {one: entities.order(connection, one) for one in ids}

    def _tickets(self) -> list[Ticket]:
        rows = self.premises.house.connection.execute("SELECT body FROM ticket")
        return [Ticket.model_validate_json(bytes(body)) for (body,) in rows]

    def _ranks(self) -> dict[str, int]:
        """By line how far the server's ticket is on which it stands."""
        ranks: dict[str, int] = {}
        for ticket in self._tickets():
            ranks |= {item.line_id: min(ticket.status.rank, Stage.READY.rank) for item in ticket.items}
        return ranks


def _failed_often(tx: Connection, *, attempts: int) -> None:
    """As after a long evening in a line: so often it has failed, and nobody waits any longer."""
    failed = "UPDATE operation SET attempts = ?, not_before = 0 WHERE status = 'PENDING' AND last_status >= 500"
    tx.execute(failed, (attempts,))
