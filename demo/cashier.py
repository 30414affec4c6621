"""The waiter at the drawer: takes cash by clicks or through the terminal, and journals the payments that are saved."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from demo.hands import CannotReach, Hands, Steps, press
from demo.journal import Journal
from demo.notes import Notes
from demo.orders import PlannedOrder
from shared.clock import SystemClock
from shared.ids import derived_id
from shared.terminal import OrderView, Terminal

FLAG = "paying"
"""While this file lies beside a till's own, its waiter is about to take the money with which the till shall die."""


class Cashier:
    """Pays orders of the plan at one till."""

    def __init__(self, hands: Hands, terminal: Terminal, *, journal: Journal, notes: Notes) -> None:
        self._hands, self._window, self._terminal = hands, hands.window, terminal
        self._journal, self._notes, self._clock = journal, notes, SystemClock()

    def pay(
        self, task: dict[str, Any], order_id: str, order: PlannedOrder, *, picture: Callable[[str], Steps]
    ) -> Generator[Callable[[], bool], None, bool]:
        """Cash, once. A payment that was under way when the till died is looked for in the till's own file first.

        Returns whether it is paid now: False where nothing was owed and nobody was about to pay it.
        """
        view = self._terminal.order(order_id)
        under_way = self._notes.get(f"paying:{task['guest']}")
        if view is not None and not view.is_open and under_way is not None:
            self._journal_paid(view, str(under_way), task)
            return True
        if view is None or not view.is_open or not view.owed_ids:
            return False
        if task["hand"]:
            yield from self._by_hand(task, order_id, picture)
            return True
        intent = derived_id(task["base"], "pay")
        self._notes.put(f"paying:{task['guest']}", intent)
        dies = yield from self._wait_for_the_killer(task)
        order.pay(view, intent)
        yield lambda: self._is_paid(order_id)
        self._journal_paid(self._view(order_id), intent, task)
        if dies:
            yield lambda: False
        return True

    def _by_hand(self, task: dict[str, Any], order_id: str, picture: Callable[[str], Steps]) -> Steps:
        window, hands = self._window, self._hands
        yield from hands.open_order(order_id)
        hands.tap("pay")
        yield lambda: window.screen_on_show is window.pay
        hands.tap("note:1" if hands.sees("note:1") else "exact")
        yield lambda: hands.sees("take_money")
        yield from picture(task["picture"])
        intent = window.pay.intention_id
        self._notes.put(f"paying:{task['guest']}", intent)
        dies = yield from self._wait_for_the_killer(task)
        press(window.pay.take)
        yield lambda: self._is_paid(order_id)
        self._journal_paid(self._view(order_id), intent, task)
        yield lambda: hands.sees("done")
        yield from picture(f"{task['picture']}-change" if task["picture"] else "")
        if dies:
            yield lambda: False
        hands.tap("done")
        yield lambda: window.screen_on_show is window.tables

    def _wait_for_the_killer(self, task: dict[str, Any]) -> Generator[Callable[[], bool], None, bool]:
        """If this is the payment in whose middle the till is killed: tell who kills it, and wait until he is ready.

        What the screen calls saved is journaled even so; then the waiter does nothing more until the till dies.
        """
        if task["do"] != "pay-and-die" or self._notes.get("died") is not None:
            return False
        self._notes.put("died", True)
        flag = self._terminal.settings.data_dir / FLAG
        new = flag.with_suffix(".new")
        new.write_text("by hand" if task["hand"] else "through the terminal")
        new.replace(flag)
        yield lambda: not flag.exists()
        return True

    def _is_paid(self, order_id: str) -> bool:
        view = self._terminal.order(order_id)
        return view is not None and not view.is_open and not view.saving

    def _view(self, order_id: str) -> OrderView:
        view = self._terminal.order(order_id)
        if view is None:
            raise CannotReach(f"order {order_id}")
        return view

    def _journal_paid(self, view: OrderView, intent: str, task: dict[str, Any]) -> None:
        self._journal.write(
            "paid",
            intent=intent,
            order=view.id,
            number=view.number,
            payment=derived_id(intent, "payment"),
            amountMinor=view.totals.total_minor,
            receipt=view.receipt_number,
            atMs=self._clock.now_ms(),
            byHand=task["hand"],
        )


def flag_of(till: Path) -> Path:
    """The flag of the till whose files lie in this folder."""
    return till / FLAG
