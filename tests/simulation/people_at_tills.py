"""What people do with money, the clock and the sync panel, and what befalls network, programs and server."""

from __future__ import annotations

from functools import partial
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from shared.domain.commands import AddLine, MoveTable, PayCash
from shared.domain.fixing import TakeOut
from shared.domain.shift_commands import CashMove, Way
from shared.ids import TableId, derived_id
from tests.simulation.card_guests import can_be_asked_for
from tests.simulation.drawers import MOVES
from tests.simulation.people import MOST_OPEN, nth, pauses, some_device, some_till
from tests.simulation.people_at_tables import Waiters
from tests.simulation.premises import MANAGER, WEATHERS

TIPS: Final = (0, 50)


class Cashiers(Waiters):
    """At the tills."""

    @rule(till=some_till, order=nth, twice=st.booleans())
    def takes_cash(self, till: str, order: int, twice: bool) -> None:
        view = self.shown(till, order)
        if view is None or not view.owed_ids:
            return
        total_minor = view.totals.total_minor
        said = {"total_minor": total_minor, "tendered_minor": total_minor}
        pay = self.made(till, PayCash, order_id=view.id, line_ids=view.owed_ids, **said)
        payment = derived_id(pay.id, "payment")
        tap = partial(self.device(till).tap, pay)
        took = partial(self.premises.drawers.took, till, payment, total_minor, tap)
        self.premises.watch.in_doubt(payment)
        if self.done(till, *[took] * (1 + twice)):
            self.write(till, "paid", intent=pay.id, order=view.id, payment=payment, amountMinor=total_minor)

    @rule(till=some_till, order=nth, tip=st.sampled_from(TIPS), twice=st.booleans(), pause_s=pauses)
    def asks_for_a_card(self, till: str, order: int, tip: int, twice: bool, pause_s: float) -> None:
        """Card or mobile money, where it can be asked for."""
        device = self.device(till)
        open_ones = device.read(can_be_asked_for)
        if open_ones:
            wish = self.premises.desk.wish(till, open_ones[order % len(open_ones)], tip_minor=tip)
            if wish.line_ids:
                self.done(till, partial(self.premises.desk.pay, till, wish, taps=1 + twice))
        self.premises.wait(pause_s)

    @rule(till=some_till)
    def a_guest_does_not_want_it_any_more(self, till: str) -> None:
        self.premises.desk.cancel_one(till, self.premises.desk.chance)

    @rule(till=some_till, move=st.sampled_from(MOVES))
    def goes_to_the_drawer(self, till: str, move: tuple[CashMove, int]) -> None:
        """Opens a shift where none is; else puts something in or takes something out."""
        shift_id = self.device(till).terminal.shifts.current()
        drawers = self.premises.drawers
        self.done(till, drawers.open(till) if shift_id is None else drawers.move(till, shift_id, *move))

    @rule(till=some_till, short_minor=st.sampled_from((0, 100)))
    def counts_the_drawer(self, till: str, short_minor: int) -> None:
        shift_id = self.device(till).terminal.shifts.current()
        if shift_id is not None:
            self.done(till, self.premises.drawers.close(till, shift_id, short_minor=short_minor))

    @rule(till=some_till, way=st.sampled_from(Way))
    def goes_past_the_clock(self, till: str, way: Way) -> None:
        self.done(till, self.premises.drawers.clock(till, way))


class Fate(Waiters):
    """Network, power and disks; and who decides about what they left behind."""

    @rule(device=some_device, weather=st.sampled_from(list(WEATHERS)))
    def has_weather(self, device: str, weather: str) -> None:
        self.device(device).road.weather = WEATHERS[weather]

    @rule(device=some_device)
    def loses_or_finds_its_network(self, device: str) -> None:
        road = self.device(device).road
        road.is_cut = not road.is_cut

    @rule(device=some_device)
    def starts_again(self, device: str) -> None:
        self.device(device).kill()
        self.device(device).start(self.premises.loop)

    @rule(till=some_till, order=nth, is_tried=st.booleans())
    def the_server_fails_on_an_order(self, till: str, order: int, is_tried: bool) -> None:
        """Each time it comes, or no more. Somebody who tries and tries is asked to decide about it."""
        view, road = self.shown(till, order), self.device(till).road
        road.sick = set() if road.sick or view is None else {view.id}
        road.poisoned = "".join(road.sick)
        if is_tried and view is not None and road.sick:
            self.tile(till, view.id, order)
            self.send(till, self.device(till).terminal.order(view.id), twice=False)
            self.tries_for_long(till)

    @precondition(lambda self: not self.premises.watch.was_restored)
    @rule(disk=nth, pause_s=pauses)
    def the_servers_disk_is_lost(self, disk: int, pause_s: float) -> None:
        """A copy is put in its place, which somebody makes now and then."""
        if disk < MOST_OPEN:
            self.premises.copy()
        else:
            self.premises.put_back()
        self.premises.wait(pause_s)

    @rule(device=some_device, which=nth, fixes=st.booleans(), gives_up=st.booleans())
    def a_manager_decides_what_hangs(self, device: str, which: int, fixes: bool, gives_up: bool) -> None:
        """*Retry*, *Fix* or *Discard* in the sync panel."""
        desk, new_id = self.device(device).terminal.desk, self.device(device).terminal.new_id()
        held = [one for one in desk.operations("attention") if one.needs_person]
        if not held:
            return
        one = held[which % len(held)]
        part = next((part for part in one.parts if isinstance(part, AddLine | MoveTable)), None)
        if fixes and part is not None:
            is_line = isinstance(part, AddLine)
            self.given_up |= {part.id} if is_line else set()
            fixed = TakeOut(id=part.id) if is_line else part.model_copy(update={"table_id": TableId("table-4")})
            desk.fix(one.id, parts=(fixed,), new_id=new_id, actor_id=MANAGER)
        elif gives_up and not one.carries_money:
            self.has_given_up = True
            desk.discard(one.id, actor_id=MANAGER)
        else:
            desk.retry(one.id, new_id=new_id, actor_id=MANAGER)

    @rule(till=some_till, which=nth, again=st.booleans())
    def a_manager_reads_an_alert(self, till: str, which: int, again: bool) -> None:
        """And puts on again what a conflict kept out, or leaves it."""
        terminal = self.device(till).terminal
        alerts = terminal.desk.alerts()
        if alerts:
            one = alerts[which % len(alerts)]
            if again and one.again_id:
                terminal.desk.put_on_again(one.again_id, new_id=terminal.new_id(), actor_id=MANAGER)
            elif again and one.money_id:
                terminal.desk.move_money(one.money_id, new_id=terminal.new_id(), actor_id=MANAGER)
            elif not one.operation_id:
                terminal.desk.settle_alert(one.id, choice="seen", actor_id=MANAGER)

    @rule(seconds=st.sampled_from((0.01, 2, 6, 20, 60)))
    def waits(self, seconds: float) -> None:
        self.premises.wait(seconds)
