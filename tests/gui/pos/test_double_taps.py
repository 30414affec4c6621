"""Every target of every screen is tapped twice in a hurry: what comes of it is what one tap does. Mutants are seen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from re import sub

import pytest

from pos_client.order_taps import Pick
from shared.domain.order import Modifier
from shared.qt.widgets import SheetOverlay, button, painted
from shared.store.outcomes import FailReason
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import Target, double_tap, press, targets

COUNTED = ("keypad >", "tiles", "/more", "/less", "key:", "space", "phrase:", "erase", "fewer", "more")
"""Where two taps are two of something, or turn one page and the next, by intent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a person is after a tap and what was written, as far as it must not differ."""

    screen: str
    sheet: bool
    operations: tuple[str, ...]
    lines: tuple[tuple[str, int, str], ...]
    person: str
    given: int
    told: str
    category: str
    tab: str
    chosen: tuple[str, ...]
    alerts: int


def outcome_of(till: Till) -> Outcome:
    """How things stand now."""
    window, shown = till.window, till.window.screen_on_show
    view = window.order.taps.view
    content = window.order.sheet.content()
    groups = getattr(content, "groups", None)
    return Outcome(
        screen=type(shown).__name__,
        sheet=window.order.sheet.isVisible() or window.tables.sheet.isVisible(),
        operations=tuple(till.rig.operations()),
        lines=tuple((line.item_id, line.quantity, line.note) for line in view.lines) if view is not None else (),
        person=window.session.person.id if window.session.person is not None else "",
        given=window.pay._given,
        told=sub(r"\d", "0", shown.toast.text()) if shown.toast.isVisible() else "",
        category=window.order.menu.tabs.current() or "",
        tab=window.sync._tab,
        chosen=tuple(one.id for one in groups.modifiers()) if groups is not None else (),
        alerts=len(till.rig.terminal.desk.alerts()),
    )


def logged_out(till: Till) -> None:
    """At the login."""
    till.window._log_out()


def on_the_floor(till: Till) -> None:
    """At the tables, with an order on one of them."""
    if not till.rig.terminal.open_orders():
        on_an_order(till)
    till.window.to_tables()


def on_an_order(till: Till) -> None:
    """On an order with a line that was sent and a new one whose buttons are out."""
    till.window._to_order(till.rig.terminal.new_id(), "table-5")
    till.window.order.menu._category = "mains"
    till.window.order.menu.read()
    menu = till.rig.terminal.menu
    for place, name in enumerate(("soup-of-the-day", "chicken-bowl")):
        item = menu.item(name)
        assert item is not None
        forced = [group.options[0] for group in menu.groups_of(item) if group.least]
        picked = tuple(Modifier(id=one.id, name=one.name, price_minor=one.price_minor) for one in forced)
        till.window.order._add(name, Pick(modifiers=picked))
        till.calm()
        if place == 0:
            till.window.order.taps.send(till.view)
            till.calm()


def asked_for_choices(till: Till) -> None:
    """On the sheet of a dish with a forced choice."""
    on_an_order(till)
    till.window.order._tap_item("chicken-bowl")


def asked_for_a_reason(till: Till) -> None:
    """On the sheet that asks why a line is taken off the bill."""
    on_an_order(till)
    till.window.order._ask_reason(till.view.lines[0])


def at_the_money(till: Till) -> None:
    """Where money is taken, with enough given."""
    on_an_order(till)
    till.window._to_pay(till.view.id)
    till.window.pay._give(till.view.totals.total_minor)


def with_the_change(till: Till) -> None:
    """Where the change is shown."""
    at_the_money(till)
    till.window.pay._take()


def at_the_sync(till: Till) -> None:
    """In the sync panel, with something refused."""
    if not till.rig.terminal.desk.alerts():
        on_an_order(till)
        till.rig.refuse(FailReason.REFUSED, "Not now.")
    till.window.to_tables()
    till.window._to_sync()
    till.window.sync._choose("waiting")


STATES: tuple[Callable[[Till], None], ...] = (
    logged_out,
    on_the_floor,
    on_an_order,
    asked_for_choices,
    asked_for_a_reason,
    at_the_money,
    with_the_change,
    at_the_sync,
)


def differences(till: Till, state: Callable[[Till], None]) -> list[str]:
    """The targets of a state on which a double tap does something else than one tap."""
    found = []
    for target in reachable(till, state):
        once = tried(till, state, target, lambda spot: press(till.window, spot))
        twice = tried(till, state, target, lambda spot: double_tap(till.window, spot))
        if once != twice:
            found.append(f"{target.where}: {once} but {twice}")
    return found


def reachable(till: Till, state: Callable[[Till], None]) -> list[Target]:
    """What is to be tapped in a state."""
    enter(till, state)
    return [one for one in targets(till.window) if not any(word in one.where for word in COUNTED)]


def tried(till: Till, state: Callable[[Till], None], target: Target, tap: Callable[..., None]) -> Outcome:
    """What a tap on a target comes to; operations are counted from the state's own on."""
    enter(till, state)
    before = len(till.rig.operations())
    tap(target.rect.center())
    till.calm()
    after = outcome_of(till)
    return replace(after, operations=after.operations[before:])


def enter(till: Till, state: Callable[[Till], None]) -> None:
    """Into a state, from wherever we are."""
    window = till.window
    window.screen_on_show.toast.put_away()
    window.session.log_in(till.rig.terminal.staff.staff[0])
    state(till)
    till.calm()
    window.grab()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_double_tap_does_what_one_tap_does(till: Till, state: Callable[[Till], None]) -> None:
    assert len(reachable(till, state)) >= 2
    assert differences(till, state) == []


def test_the_walk_sees_second_halves_that_press_what_appeared_beneath(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: every second press of a double tap counts, whatever it falls on."""
    for module in (button, painted):
        monkeypatch.setattr(module, "is_echo", lambda *_, **__: False)

    assert differences(till, on_the_floor) != []


def test_the_walk_sees_a_sheet_that_goes_as_it_came(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant: the second half of the double tap that opened a sheet counts as a tap beside it."""
    monkeypatch.setattr(SheetOverlay, "mouseDoubleClickEvent", SheetOverlay.mousePressEvent)

    assert any("/note" in one for one in differences(till, on_an_order))
