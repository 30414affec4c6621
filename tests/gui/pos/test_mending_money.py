"""What a manager alone ends: money that the server does not take, and an operation whose id is another one's there."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from shared.domain.menu import Role
from shared.domain.order import OrderState
from shared.ids import OrderId, TableId
from shared.store.mending import Resolution
from shared.store.outcomes import FailReason
from tests.gui.pos.conftest import Till
from tests.gui.pos.test_mending import decide, on_show, pay_and_be_refused, refused
from tests.gui.pos.test_screens import LOOKS, name_of
from tests.gui.screen_check import assert_screen_is_sound, double_tap, press, save_picture

HEIR = "01JDSC8T4Z0000000000000Z99"
FEW_LOOKS = [LOOKS[place] for place in (0, 2, 4, 7)]
"""Every size, both themes, and one that is read from the right."""


def paid_and_open(till: Till, reason: FailReason = FailReason.REFUSED, *, role: Role = Role.MANAGER) -> None:
    """Money that the server does not take, and the sheet about it in the hands of such a person."""
    person = next(one for one in till.rig.terminal.staff.staff if one.role is role)
    till.window.session.log_in(person)
    pay_and_be_refused(till, reason)
    till.tap("mend_order")
    decide(till)


@pytest.mark.parametrize(
    ("button", "resolution", "words"),
    [
        ("refunded", Resolution.REFUNDED, "Money given back, on record"),
        ("recorded", Resolution.RECORDED, "Money booked by hand, on record"),
    ],
)
@pytest.mark.parametrize("reason", [FailReason.REFUSED, FailReason.MISMATCH])
def test_a_manager_says_what_became_of_money_and_that_is_on_record(
    till: Till, reason: FailReason, button: str, resolution: Resolution, words: str
) -> None:
    paid_and_open(till, reason)
    assert on_show(till, "discard") == []
    till.tap("resolve")
    double_tap(on_show(till, button)[0])
    till.calm()

    assert till.rig.terminal.desk.counts() == (0, 0)
    row = till.rig.terminal.desk.operations("sent")[0]
    assert (row.what, row.choice) == ("Payment and close", resolution)
    till.tap_on("sync_tabs", "sent")
    assert words in till.window.sync.model.words_of(0)
    (view,) = till.rig.terminal.open_orders()
    assert view.is_open, "as the server has it"


def test_who_goes_back_from_what_became_of_the_money_has_decided_nothing(till: Till) -> None:
    paid_and_open(till)
    till.tap("resolve")
    till.tap("cancel")
    assert on_show(till, "retry") != []
    till.tap("cancel")
    assert till.rig.terminal.desk.counts()[1] == 1


def test_the_server_is_asked_before_money_is_settled_by_hand_that_may_be_there(till: Till) -> None:
    paid_and_open(till, FailReason.EXHAUSTED)
    till.tap("resolve")
    till.tap("refunded")
    assert till.window.sync.toast.text() == "The server is asked whether it has this."
    (told,) = till.rig.sync.asked
    told(True)
    till.calm()
    assert till.rig.terminal.desk.counts() == (1, 0), "it is there, and goes again under its own id"


def test_a_waiter_settles_no_money_by_hand_and_is_told_who_can(till: Till) -> None:
    paid_and_open(till, role=Role.WAITER)
    assert on_show(till, "resolve") == []
    assert on_show(till, "retry") != []


def test_an_id_that_stands_for_something_else_is_loud_and_ended_by_a_manager_alone(till: Till) -> None:
    refused(till, FailReason.MISMATCH)
    assert "export the diagnostics" in till.window.sync.alert.text()
    till.tap("export")
    (file,) = till.rig.folder.glob("diagnostics-*.json")
    (told,) = [one for one in json.loads(file.read_text())["operations"] if one["reason"] == "MISMATCH"]
    assert len(told["body_sha256"]) == 64, "what can be compared with the server's, without a name in it"
    decide(till)
    assert (on_show(till, "retry"), on_show(till, "discard")) == ([], [])
    till.tap("cancel")
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))

    decide(till)
    (again,) = on_show(till, "retry")
    double_tap(again)
    till.calm()

    assert till.rig.terminal.desk.counts()[1] == 0
    assert till.rig.operations().count("create_order") == 2, "the old one, and the one in its place"


def test_a_manager_may_discard_what_met_another_operation_with_its_id(till: Till) -> None:
    refused(till, FailReason.MISMATCH, role=Role.MANAGER)
    decide(till)
    press(on_show(till, "discard")[0])
    till.calm()
    assert till.rig.terminal.desk.counts() == (0, 0)


def merged_away(till: Till) -> None:
    """Another till has merged the order whose money waits into one of its own, on table 6."""
    desk = till.rig.terminal.desk
    rows = (*desk.operations("attention"), *desk.operations("sent"))
    bill = next(one for one in rows if one.what == "Payment and close")
    old = till.rig.server_order(bill.entity_id)
    heir = old.model_copy(update={"id": OrderId(HEIR), "number": "D-7", "table_id": TableId("table-6")})
    lines = tuple(line.model_copy(update={"moved_to": heir.id}) for line in old.lines)
    gone = {"lines": lines, "state": OrderState.VOIDED, "merged_into": heir.id, "version": old.version + 1}
    till.rig.put((heir, old.model_copy(update=gone)))
    till.calm()


def test_a_manager_counts_money_on_the_order_to_which_its_lines_went_once(till: Till) -> None:
    paid_and_open(till)
    till.tap("cancel")
    merged_away(till)
    decide(till)
    till.tap("resolve")
    double_tap(on_show(till, "moved")[0])
    till.calm()

    assert till.rig.terminal.desk.counts() == (1, 0)
    (flight,) = till.rig.take(limit=2)
    assert flight.path == f"/pos/orders/{HEIR}/close"
    till.tap_on("sync_tabs", "sent")
    assert "Money counted on another order, on record" in till.window.sync.model.words_of(0)


def test_money_that_was_left_out_is_counted_from_its_alert_by_a_manager_alone(till: Till) -> None:
    pay_and_be_refused(till, FailReason.CONFLICT)
    merged_away(till)
    till.tap("pill")
    assert till.window.sync.alert.button("move").text() == "Count it on D-7 \N{MIDDLE DOT} Table 6"
    double_tap(till.window.sync.alert.button("move"))
    till.calm()
    assert len(till.rig.terminal.desk.alerts()) == 1, "a waiter is told who may"
    till.window.session.log_in(next(one for one in till.rig.terminal.staff.staff if one.role is Role.MANAGER))
    double_tap(till.window.sync.alert.button("move"))
    till.calm()
    assert till.rig.terminal.desk.alerts() == ()
    (flight,) = till.rig.take(limit=2)
    assert flight.path == f"/pos/orders/{HEIR}/close"


@pytest.mark.parametrize("look", FEW_LOOKS, ids=name_of)
def test_the_sheets_about_money_are_sound(make_till: Callable[..., Till], look: tuple[object, ...]) -> None:
    size, theme, rtl = look
    till = make_till(size=size, theme=theme, rtl=rtl)
    till.log_in()
    paid_and_open(till)
    till.tap("cancel")
    merged_away(till)
    decide(till)
    for state in ("money", "resolve"):
        save_picture(till.window, f"pos-mend-{state}-{name_of(look)}")  # type: ignore[arg-type]
        assert_screen_is_sound(till.window, till.metrics)
        if state == "money":
            till.tap("resolve")
