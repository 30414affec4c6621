"""A note is written whole or not at all: what has no room is said, and an allergy always has some."""

from collections.abc import Callable

import pytest

from pos_client.phrases import MOST_CHARS, NO_ROOM, PhraseSheet
from shared.qt.widgets.line_list import action_target
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import SIZES, assert_screen_is_sound, save_picture


def sheet_of(till: Till) -> PhraseSheet:
    """The sheet for words that is open."""
    (sheet,) = (one for one in till.window.order.sheet.findChildren(PhraseSheet) if one.isVisible())
    return sheet


@pytest.mark.parametrize("size", SIZES[:2])
def test_a_phrase_that_has_no_room_is_not_cut_and_that_is_said(
    make_till: Callable[..., Till], size: tuple[int, int, float]
) -> None:
    till = make_till(size=size)
    till.log_in()
    till.tap_on("floor", "table-5")
    till.item("french-fries")
    till.tap_on("lines", action_target(till.view.lines[0].id, "note"))
    for _ in range(9):
        till.tap("phrase:Sauce aside")
    written = sheet_of(till).shown.text()
    assert MOST_CHARS - len(written) < len(", ALLERGY: ")
    till.tap("phrase:ALLERGY: ")

    assert sheet_of(till).shown.text() == written
    assert (sheet_of(till).full.isVisible(), sheet_of(till).full.text()) == (True, NO_ROOM)
    save_picture(till.window, f"pos-note-full-{size[0]}x{size[1]}-dark")
    assert_screen_is_sound(till.window, till.metrics)
    till.tap("erase")
    assert not sheet_of(till).full.isVisible()


def test_behind_a_long_note_there_is_room_for_an_allergy(till: Till) -> None:
    till.tap_on("floor", "table-5")
    till.item("chicken-bowl")
    till.tap("note")
    for _ in range(9):
        till.tap("phrase:Sauce aside")
    till.tap("save")
    till.tap("allergy")
    till.tap("phrase:shellfish")
    save_picture(till.window, "pos-allergy-long-1366x768-dark")
    assert_screen_is_sound(till.window, till.metrics)
    till.tap("save")
    till.tap("option:white-rice")
    till.tap("add_item")

    assert till.view.lines[0].note.endswith("Sauce aside, ALLERGY: shellfish")
