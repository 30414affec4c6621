"""A hand at the shift screen: opens, moves money and counts as a person does, with real presses."""

from collections.abc import Callable

from shared.shift_desk import TillReport
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.conftest import Till


def to_shift(till: Till) -> None:
    """From home to the shift."""
    till.tap_on("parts", "shift")
    assert till.window.screen_on_show is till.window.shift


def open_shift(till: Till, float_digits: str = "20000") -> None:
    """Open one with a float."""
    till.tap("main")
    till.digits(float_digits)
    till.tap("done")


def move(till: Till, kind: str, reason: str, digits: str = "") -> None:
    """Pay in, pay out, or only open the drawer."""
    till.tap(f"move:{kind}")
    till.tap(f"phrase:{reason}")
    if digits:
        till.digits(digits)
        till.tap("done")


def count(till: Till, digits: str) -> None:
    """Count the drawer without being told anything."""
    till.tap("main")
    till.digits(digits)
    till.tap("done")


def sell(till: Till, table: str = "table-5", *items: str) -> int:
    """Sell something for exact cash, from home and back to it; gives what it cost."""
    till.tap_on("floor", table)
    for item in items or ("soup-of-the-day",):
        till.item(item)
    till.tap("send")
    due = till.view.totals.total_minor
    till.tap("pay")
    till.tap("exact")
    till.tap("take_money")
    till.tap("done")
    return due


def report(till: Till) -> TillReport:
    """The report on show, which has to be there."""
    found = till.window.shift._report
    assert found is not None
    return found


def row(till: Till, name: str) -> tuple[str, str, str]:
    """The three cells of a row of the report."""
    for labels in till.window.shift.report.rows:
        if labels[0].text() == name:
            return labels[1].text(), labels[2].text(), labels[3].text()
    raise AssertionError(f"no row {name}")


def standing(till: Till) -> tuple[str, str]:
    """What the report says of till and server."""
    banner = till.window.shift.report.banner
    return banner.title(), banner.text()


def walk_shift(till: Till, seen: Callable[[str], None]) -> None:
    """From home through every state of the shift, each of which is looked at."""
    till.window.to_tables()
    till.calm()
    to_shift(till)
    seen("shift-none")
    till.tap("main")
    till.digits("20000")
    seen("shift-float")
    till.tap("done")
    till.rig.link(OFFLINE)
    seen("shift-open-offline")
    till.tap("move:PAY_OUT")
    seen("shift-why")
    till.tap("phrase:To the safe")
    till.digits("3500")
    till.tap("done")
    till.tap_on("parts", "tables")
    for table in ("table-1", "table-2", "table-4", "table-6"):
        till.tap_on("floor", table)
        till.item("french-fries")
        till.tap("back")
    sell(till, "table-7", "french-fries")
    to_shift(till)
    count(till, "210150")
    seen("shift-counted")
    till.rig.link(ONLINE)
    till.tap("main")
    seen("shift-closed")
