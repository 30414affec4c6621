"""Two tills and a kitchen screen in the hands of random people: whatever they do, the promises hold. It shrinks."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from demo.check import check
from reference_server.storage import entities
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    EditDraft,
    Intent,
    MoveTable,
    NewLine,
    PayCash,
    SendDraft,
    VoidLine,
)
from shared.domain.marks import BumpTicket, ReadyTicket, RecallTicket, StartTicket
from shared.domain.menu import complete
from shared.domain.model import Model
from shared.domain.ticket import Stage, Ticket
from shared.ids import ChangeId, LineId, derived_id
from shared.store.rows import LineStage, OrderView, SyncBadge
from tests.contract.house import House
from tests.simulation.devices import Code
from tests.simulation.lane_promises import broken_in_lanes
from tests.simulation.promises import CLAIMS
from tests.simulation.terminals import WEATHERS, Premises, furnish, told_of
from tests.unit.domain.restaurant import MENU

M = TypeVar("M", bound=Model)

TILLS = ("till-1", "till-2")
Mark: TypeAlias = StartTicket | ReadyTicket | BumpTicket | RecallTicket
MARKS: dict[type[Mark], str] = {StartTicket: "START", ReadyTicket: "READY", BumpTicket: "BUMP", RecallTicket: ""}
some_till = st.sampled_from(TILLS)
some_device = st.sampled_from((*TILLS, "kitchen-1"))
MOST_OPEN = 3
nth = st.integers(0, MOST_OPEN)
"""Which of those that the screen shows, counted from the first again where there are fewer."""


class People(RuleBasedStateMachine):
    """What people do, what befalls them, and the promises, looked at after each step and when all is quiet."""

    furniture: ClassVar[Path]
    furnished: ClassVar[House]
    code: ClassVar[Code] = Code()

    def __init__(self) -> None:
        super().__init__()
        self.place = TemporaryDirectory()
        folder = Path(self.place.name) / "house"
        shutil.copytree(self.furniture, folder)
        self.premises = Premises(folder, self.code)
        self.premises.open(self.furnished)
        self.saved: dict[str, frozenset[str]] = dict.fromkeys(self.premises.devices, frozenset())
        self.taken: set[str] = set()

    @initialize()
    def there_is_an_order_that_all_know(self) -> None:
        self.rings_up("till-1", MOST_OPEN, (0, 2), twice=False)
        self.premises.wait(6)

    @rule(till=some_till, order=nth, items=st.lists(nth, min_size=1, max_size=2), twice=st.booleans())
    def rings_up(self, till: str, order: int, items: Sequence[int], twice: bool) -> None:
        """Tiles and Send, on an order that the screen shows or, in every fourth case, on a new one."""
        view = self._shown(till, order)
        known = len(self.premises.devices[till].terminal.open_orders())
        is_new = view is None or (order >= MOST_OPEN and known < MOST_OPEN)
        order_id = self.premises.devices[till].terminal.new_id() if view is None or is_new else view.id
        for item in items:
            self._tile(till, order_id, item)
        self._send(till, self.premises.devices[till].terminal.order(order_id), twice=twice)

    @rule(till=some_till, order=nth, item=nth)
    def taps_a_tile(self, till: str, order: int, item: int) -> None:
        view = self._shown(till, order)
        if view is not None:
            self._tile(till, view.id, item)

    @rule(till=some_till, order=nth, twice=st.booleans())
    def sends(self, till: str, order: int, twice: bool) -> None:
        self._send(till, self._shown(till, order), twice=twice)

    def _send(self, till: str, view: OrderView | None, *, twice: bool) -> None:
        if view is None or not view.unsent_ids:
            return
        send = self._made(till, SendDraft, order_id=view.id, line_ids=view.unsent_ids)
        told = [told_of(line) for line in view.lines if line.id in view.unsent_ids]
        if self._submit(till, send, twice=twice):
            self._write(till, "sent", intent=send.id, order=view.id, number=view.number, lines=told)

    @rule(till=some_till, order=nth, line=nth)
    def voids_a_line(self, till: str, order: int, line: int) -> None:
        view = self._shown(till, order)
        sent = [] if view is None else [one for one in view.lines if one.stage is not LineStage.NEW and not one.voided]
        if view is not None and sent:
            change_id = ChangeId(self.premises.devices[till].terminal.new_id())
            void = VoidLine(id=change_id, line_id=LineId(sent[line % len(sent)].id), reason="wrong")
            self._change(till, view, void)

    @rule(till=some_till, order=nth, table=st.integers(2, 4))
    def moves_to_a_table(self, till: str, order: int, table: int) -> None:
        view = self._shown(till, order)
        if view is not None and view.base_version:
            change_id = ChangeId(self.premises.devices[till].terminal.new_id())
            self._change(till, view, MoveTable.model_validate({"id": change_id, "table_id": f"table-{table}"}))

    @rule(till=some_till, order=nth, twice=st.booleans())
    def takes_cash(self, till: str, order: int, twice: bool) -> None:
        view = self._shown(till, order)
        if view is None or not view.owed_ids:
            return
        total_minor = view.totals.total_minor
        said = {"total_minor": total_minor, "tendered_minor": total_minor}
        pay = self._made(till, PayCash, order_id=view.id, line_ids=view.owed_ids, **said)
        payment = derived_id(pay.id, "payment")
        self.taken.add(payment)
        if self._submit(till, pay, twice=twice):
            self._write(till, "paid", intent=pay.id, order=view.id, payment=payment, amountMinor=total_minor)

    @rule(kind=st.sampled_from(list(MARKS)), ticket=nth)
    def cooks(self, kind: type[Mark], ticket: int) -> None:
        terminal = self.premises.devices["kitchen-1"].terminal
        board = terminal.recalled() if kind is RecallTicket else terminal.tickets()
        if not board:
            return
        shown = board[ticket % len(board)].ticket
        lines = tuple(item.line_id for item in shown.items)
        mark = self._made("kitchen-1", kind, ticket_id=shown.id, round=shown.round, line_ids=lines)
        if self._submit("kitchen-1", mark) and MARKS[kind]:
            self._write("kitchen-1", "marked", intent=mark.id, ticket=shown.id, mark=MARKS[kind])

    @rule(device=some_device, weather=st.sampled_from(list(WEATHERS)))
    def has_weather(self, device: str, weather: str) -> None:
        self.premises.devices[device].road.weather = WEATHERS[weather]

    @rule(device=some_device)
    def loses_or_finds_its_network(self, device: str) -> None:
        road = self.premises.devices[device].road
        road.is_cut = not road.is_cut

    @rule(device=some_device)
    def starts_again(self, device: str) -> None:
        self.premises.devices[device].kill()
        self.premises.devices[device].start(self.premises.loop)

    @rule(seconds=st.sampled_from((0.01, 2, 6, 30)))
    def waits(self, seconds: float) -> None:
        self.premises.wait(seconds)

    @invariant()
    def what_was_saved_is_there(self) -> None:
        """Promise 1."""
        for name, device in self.premises.devices.items():
            there = device.operation_ids()
            assert self.saved[name] <= there, "1: what was saved is gone"
            self.saved[name] = there

    @invariant()
    def no_payment_is_taken_by_nobody(self) -> None:
        """Promise 5."""
        stored = {payment.id for order in self._orders().values() for payment in order.payments}
        assert stored <= self.taken, "5: a payment that nobody took"

    @invariant()
    def no_screen_claims_what_is_not_so(self) -> None:
        """Promise 8."""
        ranks = self._ranks()
        known = self._orders()
        for till in TILLS:
            for view in self.premises.devices[till].terminal.open_orders():
                assert view.badge is not SyncBadge.SYNCED or view.id in known, "8: called synced and not there"
                for line in view.lines:
                    if line.stage in CLAIMS:
                        assert ranks.get(line.id, -1) >= CLAIMS[line.stage], f"8: called {line.stage} and is not"

    def teardown(self) -> None:
        """Promises 1 to 5 and 7, when the weather is good again and nothing waits."""
        try:
            assert self.premises.calm_down(), "something waits for ever"
            self._views_are_equal()
        finally:
            self.premises.close()
        try:
            findings = check(self.premises.folder)
            assert not findings.details, findings.details
            assert broken_in_lanes(self.premises.folder) == []
        finally:
            self.place.cleanup()

    def _views_are_equal(self) -> None:
        """Promise 4, of what the screens are given: not of the rows beneath."""
        self.what_was_saved_is_there()
        orders = self._orders()
        for till in TILLS:
            terminal = self.premises.devices[till].terminal
            for order_id, order in orders.items():
                view = terminal.order(order_id)
                assert view is not None, f"4: {till} does not know an order"
                shown = [(line.id, line.quantity, line.voided) for line in view.lines if not line.in_draft]
                assert shown == [(one.id, one.quantity, one.voided) for one in order.lines if one.moved_to is None]
                assert (view.state, view.table_id, view.waiting, view.saving) == (order.state, order.table_id, 0, False)

        kitchen = self.premises.devices["kitchen-1"].terminal
        shown_there = {row.ticket.id: row.ticket for row in (*kitchen.tickets(), *kitchen.recalled())}
        assert shown_there == {one.id: one for one in self._tickets()}, "4: the board differs from the server"

    def _shown(self, till: str, order: int) -> OrderView | None:
        """One of the open orders on this till's floor."""
        views = [view for view in self.premises.devices[till].terminal.open_orders() if view.is_open]
        return views[order % len(views)] if views else None

    def _tile(self, till: str, order_id: str, item: int) -> None:
        terminal = self.premises.devices[till].terminal
        sold = MENU.items[item % len(MENU.items)]
        line = complete(NewLine(id=LineId(terminal.new_id()), item_id=sold.id, quantity=1), terminal.menu)
        said = {"order_id": order_id, "table_id": "table-1", "changes": (AddLine(line=line),)}
        self._submit(till, self._made(till, EditDraft, **said))

    def _change(self, till: str, view: OrderView, change: VoidLine | MoveTable) -> None:
        self._submit(
            till, self._made(till, ChangeOrder, order_id=view.id, base_version=view.base_version, changes=(change,))
        )

    def _submit(self, till: str, intent: Intent, *, twice: bool = False) -> bool:
        """Tap, once or twice. Whether it was saved: a refusal says so on the screen."""
        terminal = self.premises.devices[till].terminal
        for _ in range(1 + twice):
            terminal.submit(intent)
        refused = {one.intent_id for one in terminal.take_refusals()}
        self.saved[till] = self.premises.devices[till].operation_ids()
        return intent.id not in refused

    def _write(self, device: str, event: str, **fields: object) -> None:
        self.premises.devices[device].journal.write(event, **fields)

    def _made(self, device: str, kind: type[M], **fields: object) -> M:
        terminal = self.premises.devices[device].terminal
        said = {"id": terminal.new_id(), "actor_id": "ann", "at": terminal.at(), **fields}
        return kind.model_validate(said)

    def _orders(self) -> dict[str, Any]:
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


@pytest.fixture(scope="module", autouse=True)
def furniture(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The files of a new house, made once."""
    People.furniture = tmp_path_factory.mktemp("house") / "furniture"
    People.furnished = furnish(People.furniture)


SMALL = settings(
    max_examples=30,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_people_do_the_promises_hold() -> None:
    run_state_machine_as_test(People, settings=SMALL)


@pytest.mark.soak
def test_whatever_people_do_for_long_the_promises_hold() -> None:
    run_state_machine_as_test(People, settings=settings(SMALL, max_examples=600, derandomize=False))
