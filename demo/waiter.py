"""The waiter of one till: follows the plan, partly by taps on the screens, and journals what they call saved."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.hands import CannotReach, Hands, Steps, press
from demo.journal import Journal
from demo.notes import Notes
from demo.orders import PlannedOrder, saved_lines
from pos_client.window import Window
from shared.clock import SystemClock
from shared.ids import derived_id
from shared.terminal import OrderView, Terminal

PATIENCE_S = 20.0
LATE_S = 45.0


@dataclass
class Waiter:
    """`step` is called some sixty times a second and never waits."""

    window: Window
    terminal: Terminal
    tasks: list[dict[str, Any]]
    journal: Journal
    notes: Notes
    pictures: Path
    start_ms: int
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._hands = Hands(self.window)
        self._clock = SystemClock()
        self._due = deque(task for task in self.tasks if not self.notes.get(f"done:{task['number']}"))
        self._steps: Steps | None = None
        self._task: dict[str, Any] = {}
        self._wait: Callable[[], bool] = lambda: True
        self._since_s = 0.0

    @property
    def left(self) -> int:
        """How many tasks are not done."""
        return len(self._due) + (self._steps is not None)

    def step(self) -> None:
        """One step of what is being done, or begin what is due."""
        if self._steps is None:
            now_s = (self._clock.now_ms() - self.start_ms) / 1000
            if not self._due or self._due[0]["at_s"] > now_s:
                return
            self._task = self._due.popleft()
            self._steps = self._doing(self._task)
            self._wait = lambda: True
            self._since_s = self._clock.monotonic_s()
        if not self._wait():
            if self._clock.monotonic_s() - self._since_s > PATIENCE_S:
                self._give_up("it took too long")
            return
        try:
            self._wait = next(self._steps)
            self._since_s = self._clock.monotonic_s()
        except StopIteration:
            self.notes.put(f"done:{self._task['number']}", True)
            self._steps = None
        except CannotReach as error:
            self._give_up(str(error))

    def _give_up(self, why: str) -> None:
        """By hand it could not be done: it is done through the terminal, so that no guest goes without."""
        self._steps = None
        if self._task["hand"] and self._task["do"] in ("order", "add", "pay", "pay-and-die"):
            self.troubles.append(f"{self._task['do']} {self._task['guest']}: {why}")
            self._due.appendleft({**self._task, "hand": False})
        else:
            self.troubles.append(f"{self._task['do']} {self._task['guest']} was given up: {why}")
            self.notes.put(f"done:{self._task['number']}", True)

    def _doing(self, task: dict[str, Any]) -> Steps:
        order = PlannedOrder(self.terminal, task, self.notes)
        known = self.notes.get(f"order:{task['guest']}")
        match task["do"]:
            case "picture":
                yield from self._hands.to_tables() if task["at_s"] > 2 else iter(())
                yield from self._picture(task["picture"])
            case "sync":
                self._hands.tap("pill")
                yield lambda: self.window.screen_on_show is self.window.sync
                yield from self._picture(task["picture"])
                yield from self._hands.to_tables()
            case "order" if task["hand"] and known is None and order.can_be_tapped:
                yield from self._order_by_hand(task, order)
            case "add" if task["hand"]:
                yield lambda: bool(self._order_id(task))
                yield from self._open(self._order_id(task))
                yield from self._tap_sales(task, order)
                yield from self._send_by_hand(task)
            case "order" | "add":
                yield lambda: bool(self._order_id(task))
                yield from self._order_through_terminal(task, order)
            case "pay":
                yield from self._pay(task, order)
            case "pay-and-die":
                yield from self._order_through_terminal(task, order)
                yield from self._pay(task, order)
            case _:
                raise CannotReach(f"the task {task['do']}")

    def _order_id(self, task: dict[str, Any]) -> str:
        """The guest's order: as noted, as planned, or, if the other till opened it, as it stands on the table."""
        noted = self.notes.get(f"order:{task['guest']}") or task["order"]
        if noted:
            return str(noted)
        open_ones = (view for view in self.terminal.open_orders() if view.table_id == task["table"] and view.is_open)
        return next((view.id for view in open_ones), "")

    def _order_by_hand(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        yield from self._hands.to_tables()
        busy = {view.table_id for view in self.terminal.open_orders()}
        if task["table"] and task["table"] not in busy:
            self._hands.tap_on("floor", task["table"])
        else:
            self._hands.tap("takeaway")
        yield lambda: self.window.screen_on_show is self.window.order
        self.notes.put(f"order:{task['guest']}", self.window.order.taps.order_id)
        yield from self._tap_sales(task, order)
        if task["picture"]:
            yield from self._picture(task["picture"])
        yield from self._send_by_hand(task)

    def _tap_sales(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        """The dishes by their tiles, with the sheet of choices where it opens."""
        side = self.window.order.menu
        for sale in task["sales"]:
            item = order.item(sale)
            if side.tabs.current() != item.category_id:
                self._hands.tap_on("categories", item.category_id)
                yield lambda: True
            yield from self._hands.turn_to("tiles", item.id)
            taps = 1 if sale["option_ids"] else sale["quantity"]
            for _ in range(taps):
                self._hands.tap_on("tiles", item.id)
                yield lambda: True
            if self.window.order.sheet.isVisible():
                for _ in range(sale["quantity"] - 1):
                    self._hands.tap("more")
                if task["picture"]:
                    yield from self._picture(f"{task['picture']}-choices")
                for option in sale["option_ids"]:
                    self._hands.tap(f"option:{option}")
                    yield lambda: True
                if self.window.order.sheet.isVisible():
                    self._hands.tap("add_item")
                yield lambda: not self.window.order.sheet.isVisible()

    def _send_by_hand(self, task: dict[str, Any]) -> Steps:
        view = self.window.order.taps.view
        if view is None:
            raise CannotReach("an order with lines")
        sent = set(view.unsent_ids)
        self._hands.tap("send")
        yield lambda: saved_lines(self.terminal.order(view.id), sent) is not None
        self._journal_sent(task, view.id, sent)

    def _order_through_terminal(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        order_id = self._order_id(task)
        line_ids = order.ring_up(order_id)
        yield lambda: saved_lines(self.terminal.order(order_id), line_ids) is not None
        self._journal_sent(task, order_id, line_ids)

    def _journal_sent(self, task: dict[str, Any], order_id: str, line_ids: set[str]) -> None:
        view = self.terminal.order(order_id)
        lines = saved_lines(view, line_ids)
        if view is None or lines is None:
            raise CannotReach("what was saved a moment ago")
        self.journal.write(
            "sent", intent=task["base"], order=order_id, number=view.number, table=view.table_id, lines=lines
        )

    def _pay(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        """Cash. A payment that was under way when the till died is looked for in the till's own file first."""
        order_id = self._order_id(task)
        view = self.terminal.order(order_id)
        under_way = self.notes.get(f"paying:{task['guest']}")
        if view is not None and not view.is_open and under_way is not None:
            self._journal_paid(view, str(under_way))
            return
        if view is None or not view.is_open or not view.owed_ids:
            return
        if task["hand"]:
            yield from self._pay_by_hand(task, order_id)
            return
        intent = derived_id(task["base"], "pay")
        self.notes.put(f"paying:{task['guest']}", intent)
        dies = self._is_to_die(task)
        order.pay(view, intent)
        if dies:
            yield lambda: False
        yield lambda: self._is_paid(order_id)
        self._journal_paid(self._view(order_id), intent)

    def _pay_by_hand(self, task: dict[str, Any], order_id: str) -> Steps:
        yield from self._open(order_id)
        self._hands.tap("pay")
        yield lambda: self.window.screen_on_show is self.window.pay
        self._hands.tap("note:1" if self._hands.sees("note:1") else "exact")
        yield lambda: self._hands.sees("take_money")
        if task["picture"]:
            yield from self._picture(task["picture"])
        intent = self.window.pay.intention_id
        self.notes.put(f"paying:{task['guest']}", intent)
        dies = self._is_to_die(task)
        press(self.window.pay.take)
        if dies:
            yield lambda: False
        yield lambda: self._is_paid(order_id)
        self._journal_paid(self._view(order_id), intent)
        yield lambda: self._hands.sees("done")
        self._hands.tap("done")
        yield lambda: self.window.screen_on_show is self.window.tables

    def _is_to_die(self, task: dict[str, Any]) -> bool:
        """Whether this is the payment in whose middle the till is killed; tells the killer that it begins."""
        if task["do"] != "pay-and-die" or self.notes.get("died") is not None:
            return False
        self.notes.put("died", True)
        self.pictures.joinpath("paying").write_text("now")
        return True

    def _open(self, order_id: str) -> Steps:
        """Open an order by its card beside the floor plan."""
        yield from self._hands.to_tables()
        yield from self._hands.turn_to("orders", order_id)
        self._hands.tap_on("orders", order_id)
        yield lambda: self.window.screen_on_show is self.window.order

    def _is_paid(self, order_id: str) -> bool:
        view = self.terminal.order(order_id)
        return view is not None and not view.is_open and not view.saving

    def _view(self, order_id: str) -> OrderView:
        view = self.terminal.order(order_id)
        if view is None:
            raise CannotReach(f"order {order_id}")
        return view

    def _journal_paid(self, view: OrderView, intent: str) -> None:
        self.journal.write(
            "paid",
            intent=intent,
            order=view.id,
            number=view.number,
            payment=derived_id(intent, "payment"),
            amountMinor=view.totals.total_minor,
            receipt=view.receipt_number,
        )

    def _picture(self, name: str) -> Steps:
        yield lambda: True
        self.pictures.mkdir(exist_ok=True)
        self.window.grab().save(str(self.pictures / f"{name}-{self.terminal.settings.data_dir.name}.png"))
