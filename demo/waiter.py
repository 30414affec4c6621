"""The waiter of one till: follows the plan, partly by taps on the screens, and journals what they call saved."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.cashier import Cashier
from demo.hands import CannotReach, Hands, Steps, photograph
from demo.journal import Journal
from demo.notes import Notes
from demo.orders import PlannedOrder, saved_lines
from pos_client.window import Window
from shared.clock import SystemClock
from shared.terminal import SyncBadge, Terminal

PATIENCE_S = 20.0
FIND_S = 6.0
SETTLE_S = 15.0


@dataclass
class Waiter:
    """`step` is called some sixty times a second and never waits."""

    window: Window
    terminal: Terminal
    tasks: list[dict[str, Any]]
    journal: Journal
    notes: Notes
    pictures: Path
    doors: Path
    """The file that says when the doors open, in ms since 1970; without it the house is not ready yet."""
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._hands = Hands(self.window)
        self._clock = SystemClock()
        self._cashier = Cashier(self._hands, self.terminal, journal=self.journal, notes=self.notes)
        self._due = deque(task for task in self.tasks if not self.notes.get(f"done:{task['number']}"))
        self._steps: Steps | None = None
        self._task: dict[str, Any] = {}
        self._wait: Callable[[], bool] = lambda: True
        self._since_s = 0.0
        self._opened_ms: int | None = None

    @property
    def left(self) -> int:
        """How many tasks are not done."""
        return len(self._due) + (self._steps is not None)

    def step(self) -> None:
        """One step of what is being done, or begin what is due."""
        if self._steps is None:
            now_s = self._now_s()
            if now_s is None or not self._due or self._due[0]["at_s"] > now_s:
                return
            self._task = self._due.popleft()
            self._steps = self._doing(self._task)
            self._wait = lambda: True
            self._since_s = self._clock.monotonic_s()
        if not self._wait():
            if self._clock.monotonic_s() - self._since_s > PATIENCE_S:
                self._give_up(f"it took too long on {type(self.window.screen_on_show).__name__}")
            return
        try:
            self._wait = next(self._steps)
            self._since_s = self._clock.monotonic_s()
        except StopIteration:
            self.notes.put(f"done:{self._task['number']}", True)
            self._steps = None
        except CannotReach as error:
            self._give_up(str(error))

    @property
    def is_ready(self) -> bool:
        """Whether there is something to sell here."""
        return bool(self.terminal.menu.items)

    def _now_s(self) -> float | None:
        """Seconds since the doors opened, or None as long as nobody has said when."""
        if self._opened_ms is None and self.doors.exists():
            self._opened_ms = int(self.doors.read_text())
        return None if self._opened_ms is None else (self._clock.now_ms() - self._opened_ms) / 1000

    def _give_up(self, why: str) -> None:
        """By hand it could not be done: it is done through the terminal, so that no guest goes without."""
        self._steps = None
        if self._task["hand"] and self._task["do"] in ("order", "add", "pay", "pay-and-die"):
            self.troubles.append(f"{self._task['do']} {self._task['guest']}: {why}")
            self._start_anew()
            self._due.appendleft({**self._task, "hand": False})
        else:
            self.troubles.append(f"{self._task['do']} {self._task['guest']} was given up: {why}")
            self.notes.put(f"done:{self._task['number']}", True)

    def _start_anew(self) -> None:
        """Forget an order that was begun by hand and never sent: the guest gets another one, not the same twice."""
        name = f"order:{self._task['guest']}"
        view = self.terminal.order(str(self.notes.get(name)))
        if self._task["do"] == "order" and view is not None and len(view.unsent_ids) == len(view.lines):
            self.notes.put(name, None)

    def _doing(self, task: dict[str, Any]) -> Steps:
        order = PlannedOrder(self.terminal, task, self.notes)
        known = self.notes.get(f"order:{task['guest']}")
        match task["do"]:
            case "picture":
                yield from self._hands.to_tables() if task["at_s"] > 2 else iter(())
                until_s = self._clock.monotonic_s() + (SETTLE_S if task["table"] else 0)
                yield lambda: self.terminal.desk.counts()[0] == 0 or self._clock.monotonic_s() >= until_s
                yield from self._picture(task["picture"])
            case "sync":
                yield from self._look_at_sync(task["table"], picture=task["picture"])
            case "order" if task["hand"] and known is None:
                yield from self._order_by_hand(task, order)
            case "add" if task["hand"]:
                yield lambda: bool(self._order_id(task))
                yield from self._hands.open_order(self._order_id(task))
                yield from self._tap_sales(task, order)
                yield from self._send_by_hand(task, order)
                yield from self._hands.open_order(self._order_id(task)) if task["picture"] else iter(())
                yield from self._picture(task["picture"])
            case "order" | "add":
                yield lambda: bool(self._order_id(task))
                yield from self._order_through_terminal(task, order)
            case "look":
                yield lambda: bool(self._order_id(task))
                yield from self._hands.open_order(self._order_id(task))
                yield from self._picture(task["picture"])
                yield from self._hands.to_tables()
            case "pay":
                yield from self._pay(task, order)
            case "pay-and-die":
                yield lambda: self.terminal.link().state.is_up
                yield from self._order_through_terminal(task, order)
                if self.notes.get("died") is not None:
                    yield from self._find_again(task)
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
        yield from self._send_by_hand(task, order)

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

    def _send_by_hand(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        view = self.window.order.taps.view
        if view is None:
            raise CannotReach("an order with lines")
        sent = set(view.unsent_ids)
        self._journal_meant(task, view.id, order)
        self._hands.tap("send")
        yield lambda: saved_lines(self.terminal.order(view.id), sent) is not None
        self._journal_sent(task, view.id, sent)

    def _order_through_terminal(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        order_id = self._order_id(task)
        self._journal_meant(task, order_id, order)
        line_ids = order.ring_up(order_id)
        yield lambda: saved_lines(self.terminal.order(order_id), line_ids) is not None
        self._journal_sent(task, order_id, line_ids)

    def _journal_meant(self, task: dict[str, Any], order_id: str, order: PlannedOrder) -> None:
        self.journal.write("meant", intent=task["base"], order=order_id, sales=order.meant())

    def _journal_sent(self, task: dict[str, Any], order_id: str, line_ids: set[str]) -> None:
        view = self.terminal.order(order_id)
        lines = saved_lines(view, line_ids)
        if view is None or lines is None:
            raise CannotReach("what was saved a moment ago")
        self.journal.write(
            "sent",
            intent=task["base"],
            order=order_id,
            number=view.number,
            table=view.table_id,
            lines=lines,
            atMs=self._clock.now_ms(),
            byHand=task["hand"],
        )

    def _pay(self, task: dict[str, Any], order: PlannedOrder) -> Steps:
        paid = yield from self._cashier.pay(task, self._order_id(task), order, picture=self._picture)
        if not paid:
            self.troubles.append(f"pay {task['guest']}: there was nothing to pay")

    def _find_again(self, task: dict[str, Any]) -> Steps:
        """After the till was killed: what it shows of the payment that it died with, once the server had its say."""
        until_s = self._clock.monotonic_s() + FIND_S
        yield from self._hands.to_tables()
        yield lambda: self._is_synced(task) or self._clock.monotonic_s() > until_s
        yield from self._look_at_sync("sent", picture="13-payment-found")

    def _is_synced(self, task: dict[str, Any]) -> bool:
        view = self.terminal.order(self._order_id(task))
        return view is not None and view.badge is SyncBadge.SYNCED

    def _look_at_sync(self, tab: str, *, picture: str) -> Steps:
        self._hands.tap("pill")
        yield lambda: self.window.screen_on_show is self.window.sync
        self._hands.tap_on("sync_tabs", tab)
        yield from self._picture(picture)
        yield from self._hands.to_tables()

    def _picture(self, name: str) -> Steps:
        if name:
            yield lambda: True
            photograph(self.window, self.pictures / f"{name}-{self.terminal.settings.data_dir.name}.png")
