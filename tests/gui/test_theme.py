"""The theme: every pair of colours is readable, sizes follow the screen, a switch repaints everything."""

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from shared.qt.metrics import TOUCH_FLOOR_PX, Metrics
from shared.qt.palettes import palette, sla_palette
from shared.qt.style_sheet import style_sheet
from shared.qt.theme import Theme, ThemeHolder, choose_family
from shared.qt.tokens import Palette, SlaName, ThemeName, Tone, TypeSize, Weight, blend, contrast
from shared.qt.widgets import Ground, Label, Panel, Role
from tests.gui.screen_check import SIZES

LOOKS = list(ThemeName)
READABLE = 4.5
KITCHEN = 7.0


def grounds(colours: Palette[str]) -> dict[str, str]:
    """The plain grounds that words stand on."""
    names = ("bg", "surface", "raised", "control", "selected")
    return {name: getattr(colours, name) for name in names}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("word", ["text", "muted", "bad", "warn"])
def test_words_are_readable_on_every_plain_ground(look: ThemeName, word: str) -> None:
    colours = palette(look)
    ratios = {name: contrast(getattr(colours, word), ground) for name, ground in grounds(colours).items()}
    assert min(ratios.values()) >= READABLE, ratios


@pytest.mark.parametrize("look", LOOKS)
def test_each_tone_is_readable_on_its_own_ground_and_on_cards(look: ThemeName) -> None:
    colours = palette(look)
    pairs = [
        (colours.ok, colours.ok_back),
        (colours.warn, colours.warn_back),
        (colours.bad, colours.bad_back),
        (colours.info, colours.selected),
        (colours.ok, colours.surface),
        (colours.ok, colours.raised),
        (colours.info, colours.raised),
        (colours.accent, colours.bg),
        (colours.accent, colours.surface),
        (colours.accent, colours.raised),
        (colours.muted, colours.bad_back),
        (colours.muted, colours.warn_back),
        (colours.muted, colours.ok_back),
        (colours.faded, colours.surface),
        (colours.faded, colours.raised),
    ]
    assert [pair for pair in pairs if contrast(*pair) < READABLE] == []


@pytest.mark.parametrize("look", LOOKS)
def test_words_on_filled_buttons_are_readable_at_rest_and_pressed(look: ThemeName) -> None:
    colours = palette(look)
    pairs = [
        (colours.on_primary, colours.primary),
        (colours.on_primary, colours.primary_pressed),
        (colours.on_fill, colours.ok_fill),
        (colours.on_fill, colours.ok_pressed),
        (colours.on_fill, colours.warn_fill),
        *((colours.on_fill, stripe) for stripe in colours.stripes()),
        (colours.text, colours.pressed),
    ]
    assert [pair for pair in pairs if contrast(*pair) < READABLE] == []


@pytest.mark.parametrize("look", LOOKS)
def test_a_reason_written_on_a_button_that_cannot_be_used_is_still_readable(look: ThemeName) -> None:
    colours = palette(look)
    assert contrast(colours.faded, colours.primary_disabled) >= 3
    assert contrast(colours.faded, colours.ok_disabled) >= 3


@pytest.mark.parametrize("look", LOOKS)
def test_kitchen_rows_keep_seven_to_one(look: ThemeName) -> None:
    colours = palette(look)
    for ground in (colours.surface, colours.raised):
        assert contrast(colours.text, ground) >= KITCHEN
        assert contrast(colours.notice, ground) >= KITCHEN


@pytest.mark.parametrize("look", [ThemeName.HIGH_CONTRAST])
def test_high_contrast_keeps_seven_to_one_everywhere(look: ThemeName) -> None:
    colours = palette(look)
    pairs = [(getattr(colours, word), ground) for word in ("text", "muted") for ground in grounds(colours).values()]
    pairs += [(colours.ok, colours.ok_back), (colours.warn, colours.warn_back), (colours.bad, colours.bad_back)]
    pairs += [(colours.on_primary, colours.primary), (colours.line, colours.bg)]
    assert [pair for pair in pairs if contrast(*pair) < KITCHEN] == []


@pytest.mark.parametrize("name", list(SlaName))
def test_ticket_headers_are_readable_and_their_ages_differ(name: SlaName) -> None:
    ages = sla_palette(name)
    for age in (ages.green, ages.orange, ages.red):
        assert contrast(age.text, age.fill) >= READABLE
    assert len({ages.green.fill, ages.orange.fill, ages.red.fill}) == 3


def test_contrast_and_blend_agree_with_the_published_examples() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert blend("#FF0000", "#0000FF", 0.5) == "#800080"
    assert blend("#123456", "#FFFFFF", 1) == "#123456"


@pytest.mark.parametrize(("width", "height", "diagonal"), SIZES)
@pytest.mark.parametrize("percent", [90, 100, 150])
def test_a_touch_target_is_never_under_12_mm_or_48_px(width: int, height: int, diagonal: float, percent: int) -> None:
    sizes = Metrics.of_screen(diagonal_inch=diagonal, width_px=width, height_px=height, scale_percent=percent)
    for asked in (1, 12, 20):
        assert sizes.touch(asked) >= TOUCH_FLOOR_PX
        assert sizes.touch(asked) / sizes.px_per_mm >= max(asked, 12) - 0.001


def test_millimetres_come_from_diagonal_and_resolution() -> None:
    sizes = Metrics.of_screen(diagonal_inch=21.5, width_px=1920, height_px=1080)
    assert sizes.px_per_mm == pytest.approx(102.46 / 25.4, abs=0.01)
    assert sizes.mm(20) == 81


def test_type_and_spacing_follow_the_scale_and_stay_in_proportion() -> None:
    small, large = (
        Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768, scale_percent=percent)
        for percent in (90, 150)
    )
    assert [small.type_px(size) for size in TypeSize] == [13, 14, 18, 23, 31, 41]
    assert [large.type_px(size) for size in TypeSize] == [21, 24, 30, 39, 51, 69]
    assert large.space(2) == 12
    assert small.mm(20) == large.mm(20)


@pytest.mark.parametrize(("width", "scale"), [(800, 1.0), (1024, 1.0), (1195, 1.25), (1366, 1.5), (1920, 1.5)])
def test_words_grow_only_as_far_as_a_screen_of_them_has_room(width: int, scale: float) -> None:
    sizes = Metrics.of_screen(diagonal_inch=15.6, width_px=width, height_px=768, scale_percent=150)
    assert sizes.scale == scale
    assert Metrics.of_screen(diagonal_inch=15.6, width_px=width, height_px=768, scale_percent=90).scale == 0.9


def test_a_dense_screen_gets_larger_type_and_a_coarse_one_never_smaller() -> None:
    dense = Metrics.of_screen(diagonal_inch=10.1, width_px=1920, height_px=1200)
    coarse = Metrics.of_screen(diagonal_inch=19, width_px=1024, height_px=768)
    assert dense.type_px(TypeSize.BODY) > 30
    assert coarse.type_px(TypeSize.BODY) == 16


def test_wrong_settings_still_give_a_screen_that_can_be_touched() -> None:
    sizes = Metrics.of_screen(diagonal_inch=0, width_px=1366, height_px=768, scale_percent=10_000)
    assert sizes.scale == 1.0
    assert 0 < sizes.touch() < 768


def test_kitchen_names_are_sized_by_angle_and_distance() -> None:
    near = Metrics.of_screen(diagonal_inch=21.5, width_px=1920, height_px=1080)
    pixels = near.font_px_for_angle(cap_arc_minutes=16, distance_m=1.2)
    cap_mm = pixels * 0.727 / near.px_per_mm
    assert cap_mm >= 5.58  # 2 x 1200 mm x tan(8')
    assert near.font_px_for_angle(cap_arc_minutes=20, distance_m=2.4) > 2 * pixels


def test_inter_is_taken_when_it_is_there_and_the_platforms_font_otherwise() -> None:
    assert choose_family(["Arial", "Inter"]) == "Inter"
    assert choose_family(["Inter Variable"]) == "Inter Variable"
    assert choose_family(["Arial"]) == ""


def test_figures_have_equal_width_also_under_the_style_sheet(holder: ThemeHolder, qtbot: QtBot) -> None:
    label = Label("1", role=Role.FIGURE)
    qtbot.addWidget(label)
    label.ensurePolished()
    for measures in (label.fontMetrics(), QFontMetrics(holder.font(TypeSize.FIGURE, Weight.BOLD))):
        assert len({measures.horizontalAdvance(figure * 8) for figure in "0123456789"}) == 1
    assert label.font().pixelSize() == holder.metrics.type_px(TypeSize.FIGURE)


def test_a_switch_changes_colours_fonts_and_style_sheet_and_says_so(
    holder: ThemeHolder, qtbot: QtBot, qapp: QApplication, metrics: Metrics
) -> None:
    panel = Panel(holder, ground=Ground.BG)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.grab().toImage().pixelColor(5, 5).name().upper() == palette(ThemeName.DARK).bg
    with qtbot.waitSignal(holder.changed):
        holder.switch(Theme(name=ThemeName.LIGHT, metrics=metrics))
    assert holder.ink.bg.name().upper() == palette(ThemeName.LIGHT).bg
    assert panel.grab().toImage().pixelColor(5, 5).name().upper() == palette(ThemeName.LIGHT).bg
    assert palette(ThemeName.LIGHT).text in qapp.styleSheet()
    assert palette(ThemeName.DARK).text not in qapp.styleSheet()


def test_the_style_sheet_is_written_from_tokens_only() -> None:
    sizes = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)
    for look in LOOKS:
        sheet = style_sheet(palette(look), sizes)
        known = {value for value in vars_of(palette(look)) if value.startswith("#")}
        used = {word.strip(";") for word in sheet.split() if word.startswith("#")}
        assert used
        assert used <= known
        assert "$" not in sheet


def test_every_tone_has_a_word_colour_and_a_ground(holder: ThemeHolder) -> None:
    assert len({holder.tone(tone).back.name() for tone in Tone}) == len(Tone)
    assert len({holder.tone(tone).fore.name() for tone in Tone}) == len(Tone)


def vars_of(colours: Palette[str]) -> list[str]:
    """Every value of a palette."""
    return [getattr(colours, name) for name in Palette.__slots__]
