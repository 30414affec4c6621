"""All widgets together, as a screen has them: sound at every size, in every look, scale and reading direction."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import ThemeName
from tests.gui import gallery
from tests.gui.sample_order import order_screen
from tests.gui.screen_check import SIZES, assert_screen_is_sound, save_picture

OnShow = Callable[..., QWidget]


def cases() -> Iterator[tuple[int, int, float, ThemeName, Qt.LayoutDirection]]:
    """Every size in both themes and both directions, and one in high contrast."""
    for width, height, diagonal in SIZES:
        for look in (ThemeName.DARK, ThemeName.LIGHT):
            for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
                yield width, height, diagonal, look, direction
    yield 1366, 768, 15.6, ThemeName.HIGH_CONTRAST, Qt.LayoutDirection.LeftToRight


@pytest.mark.parametrize("case", list(cases()))
def test_a_screen_made_of_all_widgets_is_sound(
    holder: ThemeHolder, on_show: OnShow, case: tuple[int, int, float, ThemeName, Qt.LayoutDirection]
) -> None:
    width, height, diagonal, look, direction = case
    metrics = Metrics.of_screen(diagonal_inch=diagonal, width_px=width, height_px=height)
    holder.switch(Theme(name=look, metrics=metrics, family=installed_family()))
    window = order_screen(holder)
    window.setLayoutDirection(direction)
    on_show(window, width, height)
    assert (window.width(), window.height()) == (width, height)
    assert_screen_is_sound(window, metrics)
    way = "rtl" if direction == Qt.LayoutDirection.RightToLeft else "ltr"
    save_picture(window, f"widgets-{width}x{height}-{look.value}-{way}")


@pytest.mark.parametrize("percent", [90, 110, 125])
def test_the_same_screen_is_sound_at_other_scales(holder: ThemeHolder, on_show: OnShow, percent: int) -> None:
    metrics = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768, scale_percent=percent)
    holder.switch(Theme(name=ThemeName.DARK, metrics=metrics, family=installed_family()))
    window = on_show(order_screen(holder))
    assert_screen_is_sound(window, metrics)


def test_buttons_badges_and_banners_are_sound_also_at_the_largest_scale(holder: ThemeHolder, on_show: OnShow) -> None:
    metrics = Metrics.of_screen(diagonal_inch=21.5, width_px=1920, height_px=1080, scale_percent=150)
    holder.switch(Theme(name=ThemeName.LIGHT, metrics=metrics, family=installed_family()))
    assert_screen_is_sound(on_show(gallery.pieces(holder), 1920, 1080), metrics)
    assert_screen_is_sound(on_show(gallery.pin(holder), 600, 1080), metrics)


def test_a_switch_while_shown_leaves_a_sound_screen(holder: ThemeHolder, on_show: OnShow, metrics: Metrics) -> None:
    window = on_show(order_screen(holder))
    before = window.grab().toImage()
    holder.switch(Theme(name=ThemeName.LIGHT, metrics=metrics, family=installed_family()))
    assert window.grab().toImage() != before
    assert_screen_is_sound(window, metrics)
    holder.switch(Theme(name=ThemeName.DARK, metrics=metrics, family=installed_family()))
    assert window.grab().toImage() == before
