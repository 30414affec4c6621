"""*Fix* by taps: a line is taken out of what was refused, and the rest is sent."""

from __future__ import annotations

from tests.gui.pos.conftest import Till
from tests.gui.pos.test_fix import lines_of, lines_refused, next_flight, part
from tests.gui.pos.test_mending import on_show
from tests.gui.screen_check import double_tap


def test_a_line_is_taken_out_and_the_rest_is_sent_however_often_it_is_tapped(till: Till) -> None:
    key = lines_refused(till)
    till.tap("fix")
    part(till, key)
    till.tap("fix_take_out")
    double_tap(on_show(till, "send_fixed")[0])
    till.calm()

    assert lines_of(next_flight(till)) == [("Side Salad", 1, "")]
    (view,) = till.rig.terminal.open_orders()
    assert [line.name for line in view.lines] == ["Side Salad"]
    assert till.rig.terminal.desk.counts() == (2, 0), "the rest, and what sends it to the kitchen"
    till.tap_on("sync_tabs", "sent")
    said = [till.window.sync.model.words_of(place) for place in range(till.window.sync.model.rowCount())]
    assert any("Sent again without what was taken out" in words for words in said)


def test_what_was_taken_out_is_put_back_by_another_tap(till: Till) -> None:
    key = lines_refused(till)
    till.tap("fix")
    part(till, key)
    till.tap("fix_take_out")
    assert on_show(till, "send_fixed")[0].isEnabled()
    part(till, key)
    assert on_show(till, "parts") != []
    assert not on_show(till, "send_fixed")[0].isEnabled(), "it is as it was"


def test_the_last_line_is_not_taken_out(till: Till) -> None:
    first = lines_refused(till)
    (row,) = till.rig.terminal.desk.operations("attention")
    till.tap("fix")
    part(till, first)
    till.tap("fix_take_out")
    part(till, row.parts[1].id)
    assert on_show(till, "fix_take_out") == []
    assert on_show(till, "fix_dish") != []
