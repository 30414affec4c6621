"""Every state of the kitchen, walked as a finger and an eye would, at its sizes and in its looks; pictures are kept."""

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt

from kds_client.unsaved import TELLING_S
from shared.database import Connection
from shared.domain.ticket import Stage
from shared.qt.metrics import BUMP_MM, Metrics
from shared.qt.tokens import SlaName, ThemeName, contrast
from tests.gui.harness import OFFLINE, RECONNECTING
from tests.gui.kds.conftest import FULL, NOT_FULL, Kitchen, ticket
from tests.gui.screen_check import assert_screen_is_sound, save_picture

SIZES = ((1920, 1080, 21.5), (1366, 768, 15.6), (1280, 720, 21.5), (1920, 1080, 32.0))
LOOKS = [(size, theme, False) for size in SIZES for theme in (ThemeName.DARK, ThemeName.LIGHT)]
LOOKS += [(SIZES[0], ThemeName.DARK, True), (SIZES[0], ThemeName.HIGH_CONTRAST, False)]


def name_of(look: tuple[tuple[int, int, float], ThemeName, bool]) -> str:
    """What a look's pictures are called."""
    (width, height, diagonal_inch), theme, rtl = look
    return f"{width}x{height}-{diagonal_inch:g}in-{theme.value}{'-rtl' if rtl else ''}"


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
def test_every_state_of_the_kitchen_is_sound(
    make_kitchen: Callable[..., Kitchen], look: tuple[tuple[int, int, float], ThemeName, bool]
) -> None:
    size, theme, rtl = look
    kitchen = make_kitchen(size=size, theme=theme, rtl=rtl)

    def seen(state: str) -> None:
        kitchen.calm()
        save_picture(kitchen.window, f"kds-{state}-{name_of(look)}")
        assert_screen_is_sound(kitchen.window, kitchen.holder.metrics)

    seen("empty")
    kitchen.put(
        ticket(1229, "Ribeye 300g", "Chicken Bowl", "Fries", age_min=18.4, status=Stage.IN_PROGRESS, table="table-12"),
        ticket(1235, "Steak Tacos", "ALLERGY Burger", "Corn ribs", "VOID Half chicken", "DONE Soup", age_min=9.8),
        ticket(1236, "Chicken Burrito", age_min=8.1, table=None),
        ticket(1238, "Sea bass", "Lamb skewers", age_min=2.0, status=Stage.READY, table="table-8"),
        ticket(1240, "Ribeye 300g", age_min=1.0, table="table-14", paper=True),
        ticket(1241, "VOID Burger", age_min=0.2, table="table-2"),
    )
    seen("new")
    kitchen.end_flashes()
    seen("board")
    kitchen.key(Qt.Key.Key_2)
    seen("chosen")
    kitchen.rig.run(partial(Connection.execute, statements=FULL))
    kitchen.tap(f"ready:{ticket(1229).id}")
    kitchen.tap(f"start:{ticket(1235).id}")
    kitchen.rig.run(partial(Connection.execute, statements=NOT_FULL))
    seen("unsaved")
    kitchen.stopwatch.s += 11.0
    kitchen.rig.link(OFFLINE)
    seen("unsaved-offline")
    kitchen.stopwatch.s += TELLING_S
    kitchen.rig.link(RECONNECTING)
    kitchen.stopwatch.s += 3.0
    seen("reconnecting")
    kitchen.rig.link(OFFLINE)
    kitchen.stopwatch.s += 39.0
    seen("offline")
    kitchen.put(*(ticket(20 + n, *["Burger"] * (2 + n % 4), age_min=7 - n / 20) for n in range(94)))
    kitchen.end_flashes()
    seen("hundred")
    kitchen.put(ticket(60, *[f"Dish number {n} with a long name" for n in range(24)], age_min=20))
    kitchen.end_flashes()
    seen("long")
    kitchen.key(Qt.Key.Key_A)
    seen("all-day")
    kitchen.key(Qt.Key.Key_A, Qt.Key.Key_L)
    seen("bumped")


def test_the_classic_palette_is_sound_too(make_kitchen: Callable[..., Kitchen]) -> None:
    kitchen = make_kitchen(sla=SlaName.CLASSIC)
    kitchen.put(*(ticket(n, "Burger", age_min=age) for n, age in enumerate((13.0, 9.0, 1.0))))
    save_picture(kitchen.window, "kds-classic")
    assert_screen_is_sound(kitchen.window, kitchen.holder.metrics)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}-{size[2]}in")
def test_words_are_as_large_as_the_distance_asks_and_the_bump_zone_as_a_hand(
    make_kitchen: Callable[..., Kitchen], size: tuple[int, int, float]
) -> None:
    kitchen = make_kitchen(size=size)
    kitchen.put(ticket(1, "Burger"))
    metrics = Metrics.of_screen(diagonal_inch=size[2], width_px=size[0], height_px=size[1])
    sizes = kitchen.window.board._sizes
    distance_m = kitchen.rig.settings.reading_distance_m

    assert sizes.name.pixelSize() >= metrics.font_px_for_angle(cap_arc_minutes=16, distance_m=distance_m)
    assert sizes.head.pixelSize() >= metrics.font_px_for_angle(cap_arc_minutes=20, distance_m=distance_m)
    zone = kitchen.window.board.touch_rects()[f"start:{ticket(1).id}"]
    assert zone.height() >= metrics.mm(BUMP_MM)


@pytest.mark.parametrize("theme", list(ThemeName))
def test_what_a_cook_reads_has_seven_to_one(make_kitchen: Callable[..., Kitchen], theme: ThemeName) -> None:
    ink = make_kitchen(theme=theme).holder.ink
    for words, ground in ((ink.text, ink.raised), (ink.notice, ink.raised), (ink.text, ink.bad_back)):
        assert contrast(words.name(), ground.name()) >= 7.0


def test_on_a_coarse_far_screen_the_button_has_room_for_its_word_and_a_note_below(
    make_kitchen: Callable[..., Kitchen],
) -> None:
    kitchen = make_kitchen(size=(1920, 1080, 43.0))
    kitchen.put(ticket(1, "Burger"))
    kitchen.rig.link(OFFLINE)
    kitchen.tap(f"start:{ticket(1).id}")
    save_picture(kitchen.window, "kds-held-1920x1080-43in")
    sizes = kitchen.window.board._sizes
    zone = kitchen.window.board.touch_rects()[f"ready:{ticket(1).id}"]
    words = sizes.line(sizes.button) + sizes.line(sizes.order)

    assert zone.height() - sizes.row_pad - sizes.pad >= words
    assert sizes.cut >= sizes.line(sizes.words) + sizes.edges[2]


def test_a_dot_between_two_modifiers_never_begins_a_line(make_kitchen: Callable[..., Kitchen]) -> None:
    sizes = make_kitchen().window.board._sizes
    text = "green salsa · no onions · extra cheese · Donaudampfschifffahrtsgesellschaftskapitaen"
    for width in range(150, 600, 7):
        fitted = sizes.wrapped(text, sizes.detail, width)
        assert fitted.whole
        assert not any(line.startswith("·") for line in fitted.lines)
