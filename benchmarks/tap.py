"""`tap`: from a finger's press to the end of the paint that shows it, with a server that accepts and never answers."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from benchmarks.house import DISHES, crowd, fill_order, tell
from benchmarks.measure import Row, percentile
from benchmarks.paint_watch import PaintWatch
from benchmarks.till import Device, Till, open_till
from shared.clock import SystemClock
from shared.store import meta

TAPS: Final = 1_000
TAPS_AN_ORDER: Final = 20
FULL_LINES: Final = 60
OPEN_ORDERS: Final = 300
FRAME_MS: Final = 1000 / 60
SLOW_COMMIT_S: Final = 0.05
LOSS: Final = 0.2
CATEGORY: Final = "starters"


@dataclass(slots=True)
class Taps:
    """What was measured, in ms for each tap: press to painted, press to painted as saved, the window's longest go."""

    paint: list[float] = field(default_factory=list)
    saved: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


def run() -> list[Row]:
    """A thousand presses each: on usual orders, with everything stalled, on full orders; then a full house's floor."""
    with open_till() as till:
        usual = _tap(till)
        commits = _commits(till.device)
    with open_till(loss=LOSS) as till, slow_commits(till.device):
        stalled = _tap(till, wait_for_saved=False)
    with open_till() as till:
        full = _tap(till, before=lambda: fill_order(till, FULL_LINES))
        floor = _floor(till)
    frames_ms = 3 * FRAME_MS
    return [
        _at_most("tap.paint", usual.paint, frames_ms),
        _at_most("tap.saved", usual.saved, percentile(commits, 0.99) + frames_ms),
        _at_most("tap.stall", stalled.paint, FRAME_MS),
        _at_most("tap.stall_busy", stalled.busy, FRAME_MS),
        _at_most("tap.full_busy", full.busy, FRAME_MS),
        _at_most("tap.floor_busy", floor, FRAME_MS),
    ]


def _at_most(name: str, found_ms: Sequence[float], limit_ms: float) -> Row:
    return Row(name, percentile(found_ms, 0.99), limit_ms, "ms, p99", 1.0, at_most=True)


def _tap(till: Till, *, wait_for_saved: bool = True, before: Callable[[], None] = lambda: None) -> Taps:
    """Press tiles of the real window, one after another; the order is a new one every so often."""
    clock, found, terminal = SystemClock(), Taps(), till.device.terminal
    area = till.window.order.side.lines.area
    watch, saved = PaintWatch(area), threading.Event()
    terminal.subscribe(lambda _: saved.set() if terminal.in_hand() == 0 else None)
    for number in range(TAPS):
        if number % TAPS_AN_ORDER == 0:
            till.open_order()
            if till.window.order.menu.tabs.current() != CATEGORY:
                till.hands.tap_on("categories", CATEGORY)
            before()
        saved.clear()
        painted, began_s = watch.count, clock.monotonic_s()
        till.hands.tap_on("tiles", DISHES[number % len(DISHES)])
        pressed_ms = (clock.monotonic_s() - began_s) * 1000
        busy_ms = till.until(lambda count=painted: watch.count > count)  # type: ignore[misc]
        found.paint.append((watch.ended_s - began_s) * 1000)
        if wait_for_saved:
            busy_ms = max(busy_ms, till.until(saved.is_set))
        busy_ms = max(busy_ms, till.settle())
        found.saved.append((clock.monotonic_s() - began_s) * 1000)
        found.busy.append(max(pressed_ms, busy_ms))
    area.removeEventFilter(watch)
    return found


def _floor(till: Till) -> list[float]:
    """The longest that the window was busy, in ms, for each word of the server while a full house is on show.

    First all orders come at once, as after an outage, then one changes at a time.
    """
    till.window.order.back_pressed.emit()
    till.settle()
    orders = crowd(till, OPEN_ORDERS)
    found = [till.settle() for _ in range(OPEN_ORDERS // 4)]
    for number in range(TAPS):
        place = number % len(orders)
        orders[place] = orders[place].model_copy(update={"version": orders[place].version + 1, "guests": number % 9})
        tell(till, orders[place])
        found.append(till.settle())
    return found


def _commits(device: Device) -> list[float]:
    """Milliseconds of a bare write through the same writer, as the limit for *saved*."""
    clock = SystemClock()
    found = []
    for number in range(300):
        began_s = clock.monotonic_s()
        device.writer.submit(lambda tx, n=number: meta.put(tx, "benchmark", str(n))).result()  # type: ignore[misc]
        found.append((clock.monotonic_s() - began_s) * 1000)
    return found


@contextmanager
def slow_commits(device: Device) -> Iterator[None]:
    """Every commit takes 50 ms more than it does."""
    over = threading.Event()
    device.connection.set_commit_hook(lambda: over.wait(SLOW_COMMIT_S) and False)
    yield
    over.set()
