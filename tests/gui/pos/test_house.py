"""What the server tells managers, at the till: who sees it, that it is closed once, and how old it is."""

import pytest
from PySide6.QtWidgets import QWidget

from shared.wire.requests import Kind
from tests.gui.harness import OFFLINE, ONLINE
from tests.gui.pos.conftest import Till
from tests.gui.pos.house_hand import SAID, as_manager, give_pin, open_row, tell, to_house
from tests.gui.screen_check import double_tap


def closings(till: Till) -> list[tuple[str, str]]:
    """Who closes what on the way to the server, with the words."""
    asked = "SELECT actor, body FROM operation WHERE kind = ?"
    rows = till.rig.run(lambda tx: tx.execute(asked, (Kind.CLOSE_ALERT,)).fetchall())
    return [(str(actor), body.decode()) for actor, body in rows if isinstance(body, bytes)]


def shown(till: Till) -> list[str]:
    """The sentences on show."""
    side = till.window.sync.house
    if not side.table.isVisible():
        return []
    return [str(side.model.index(row, 1).data()) for row in range(side.model.rowCount())]


def test_a_manager_reads_it_in_two_taps_and_closes_it_in_two_more_offline_too(till: Till) -> None:
    as_manager(till)
    till.rig.link(OFFLINE)
    tell(till, age_s=1800)
    till.taps = 0
    to_house(till)
    assert shown(till) == list(SAID)
    assert till.window.sync.house.age.text().startswith("As the server last said,")
    open_row(till, 0)
    till.tap("phrase:Refunded in cash")

    assert till.taps == 4
    ((actor, body),) = closings(till)
    assert (actor, '"choice":"Refunded in cash"' in body) == ("nadia", True)
    assert shown(till) == list(SAID[1:])
    assert till.rig.terminal.desk.house_alerts().open == 2


def test_a_second_tap_on_what_was_done_is_the_same_wish(till: Till) -> None:
    as_manager(till)
    tell(till)
    to_house(till)
    open_row(till, 1)
    (button,) = till.window.sync.sheet.findChildren(QWidget, "phrase:Counted again")
    double_tap(button)
    till.calm()
    assert len(closings(till)) == 1
    assert shown(till) == [SAID[0], SAID[2]]


def test_a_waiter_sees_how_many_wait_and_a_manager_opens_them_by_a_pin_until_the_screen_is_left(till: Till) -> None:
    tell(till)
    to_house(till)
    assert shown(till) == []
    assert till.window.sync.house.locked.title.text() == "3 things wait for a manager"
    till.tap("show_with_pin")
    give_pin(till)
    assert shown(till) == list(SAID)
    open_row(till, 0)
    till.tap("phrase:Nothing to do")
    assert [actor for actor, _ in closings(till)] == ["nadia"], "who gave the PIN, not who is logged in"
    till.tap("back")
    to_house(till)
    assert shown(till) == []
    assert till.window.sync.house.locked.isVisible()


def test_the_count_stands_quietly_in_a_managers_pill_and_in_nobody_elses(till: Till) -> None:
    till.rig.link(ONLINE)
    tell(till)
    assert till.window.tables.pill.text() == "Synced"
    as_manager(till)
    assert till.window.tables.pill.text() == "Synced · 3 for you"


@pytest.mark.parametrize("heard", [False, True])
def test_an_empty_list_says_whether_the_server_was_ever_heard(till: Till, heard: bool) -> None:
    as_manager(till)
    if heard:
        tell(till, ())
    to_house(till)
    said = till.window.sync.house.empty.title.text()
    assert said == ("Nothing waits for a manager" if heard else "Nothing is known on this till yet")
