"""What the server tells managers, put into a till's file as a fetch would, and a hand that reads it."""

from collections.abc import Callable, Sequence
from functools import partial

from shared.domain.alerts import HouseAlert
from shared.domain.menu import Role
from shared.store import house_alerts
from shared.wire.alerts import AlertPage
from tests.gui.pos.conftest import Till, wait_for
from tests.gui.screen_check import press

SAID = (
    "Order C-12 (Table 12) was paid too much: refund € 34.00?",
    "The drawer of till C was counted € 2.00 short in the shift that Amina K. opened.",
    (
        "Two bills carry the same invoice number INV-202511-0042: C-17 at table 4 and B-9 at the bar. Look at both"
        " papers and write to whoever does the books which of them keeps it."
    ),
)


def alert_of(number: int, message: str) -> HouseAlert:
    """One of them, a minute after the one before."""
    return HouseAlert(
        id=f"{number}-01ARYZ6S41TSV4RRFFQ69G5FAV",
        kind="surplus",
        message=message,
        raised_at=f"2025-11-28T19:{number % 60:02d}:00.000Z",
    )


def tell(till: Till, messages: Sequence[str] = SAID, *, age_s: int = 5, more: int = 0) -> None:
    """The server said this so many seconds ago; `more` wait that stand on no page."""
    rows = tuple(alert_of(number, words) for number, words in enumerate(messages, 1))
    told = AlertPage(alerts=rows, cursor="", server_time="", open=len(rows) + more)
    heard_ms = till.rig.terminal.now_ms() - 1000 * age_s
    till.rig.run(partial(house_alerts.put, told=told, actor_id="nadia", now_ms=heard_ms))
    till.rig._announce(frozenset({"alerts"}))
    till.calm()


def as_manager(till: Till) -> None:
    """A manager is logged in."""
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))
    till.window.to_tables()
    till.calm()


def to_house(till: Till) -> None:
    """From any screen to what the server tells managers."""
    till.tap("pill")
    till.tap_on("sync_tabs", "house")


def give_pin(till: Till) -> None:
    """A manager comes and types."""
    till.digits("5555")
    wait_for(till, lambda: not till.window.sync.sheet.isVisible())
    till.calm()


def open_row(till: Till, row: int) -> None:
    """Tap one of them."""
    table = till.window.sync.house.table.view
    press(table.viewport(), table.visualRect(till.window.sync.house.model.index(row, 1)).center())
    till.taps += 1
    till.calm()


def walk_house(till: Till, seen: Callable[[str], None]) -> None:
    """What a waiter is shown of it, then a long list from a while ago and its longest sentence, as a manager."""
    tell(till, SAID * 9, age_s=1800, more=300)
    waiter = till.window.session.person
    assert waiter is not None
    to_house(till)
    seen("house-locked")
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))
    till.tap("back")
    to_house(till)
    seen("house-offline")
    open_row(till, 2)
    seen("house-done")
    till.tap("cancel")
    till.tap("back")
    till.window.session.log_in(waiter)
    till.window.to_tables()
    till.calm()
