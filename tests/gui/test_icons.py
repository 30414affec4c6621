"""Icons: every name has a file of ours, every file a name, all in one colour that can be changed."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QApplication

import shared.qt.icons as icons_module
from shared.qt.icons import MIRRORED, IconName, Icons

FOLDER = Path(icons_module.__file__).parent / "icons"


def colours_of(picture: QPixmap) -> list[QColor]:
    """The colours of all pixels that are fully covered."""
    image = picture.toImage()
    spots = ((x, y) for x in range(image.width()) for y in range(image.height()))
    pixels = (image.pixelColor(x, y) for x, y in spots)
    return [pixel for pixel in pixels if pixel.alpha() == 255]


def test_every_name_has_its_file_and_every_file_its_name() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == {name.value for name in IconName}


@pytest.mark.parametrize("name", list(IconName))
def test_an_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication, name: IconName) -> None:
    colour = QColor("#2FBF86")
    found = colours_of(Icons().pixmap(name, colour=colour, size_px=48))
    assert found
    for one in found:  # rounding while blending may move a channel by one
        assert max(abs(one.red() - 0x2F), abs(one.green() - 0xBF), abs(one.blue() - 0x86)) <= 1


@pytest.mark.parametrize("name", list(IconName))
def test_an_icon_stays_inside_its_square(qapp: QApplication, name: IconName) -> None:
    image = Icons().pixmap(name, colour=QColor("white"), size_px=48).toImage()
    edge = [(x, y) for x in range(48) for y in range(48) if 0 in (x, y) or 47 in (x, y)]
    assert all(image.pixelColor(x, y).alpha() < 40 for x, y in edge)


def test_an_icon_is_rendered_once_for_each_colour_size_and_ratio(qapp: QApplication) -> None:
    icons = Icons()
    white = QColor("white")
    first = icons.pixmap(IconName.CASH, colour=white, size_px=20)
    assert icons.pixmap(IconName.CASH, colour=white, size_px=20).cacheKey() == first.cacheKey()
    assert icons.pixmap(IconName.CASH, colour=white, size_px=21).cacheKey() != first.cacheKey()
    assert icons.pixmap(IconName.CASH, colour=QColor("red"), size_px=20).cacheKey() != first.cacheKey()
    sharp = icons.pixmap(IconName.CASH, colour=white, size_px=20, ratio=2.0)
    assert (sharp.width(), sharp.deviceIndependentSize().width()) == (40, 20)


def test_the_pictures_kept_are_limited(qapp: QApplication) -> None:
    icons = Icons()
    first = icons.pixmap(IconName.CASH, colour=QColor(1, 2, 3), size_px=4)
    for size in range(5, 5 + 600):
        icons.pixmap(IconName.DOT, colour=QColor(1, 2, 3), size_px=max(4, size % 16), ratio=1 + size / 1000)
    again = icons.pixmap(IconName.CASH, colour=QColor(1, 2, 3), size_px=4)
    assert again.cacheKey() != first.cacheKey()


def test_arrows_turn_round_for_right_to_left(qapp: QApplication) -> None:
    icons = Icons()
    white = QColor("white")
    for name in MIRRORED:
        plain = icons.pixmap(name, colour=white, size_px=32).toImage()
        turned = icons.pixmap(name, colour=white, size_px=32, mirrored=True).toImage()
        assert plain != turned
    left = icons.pixmap(IconName.CHEVRON_LEFT, colour=white, size_px=32, mirrored=True).toImage()
    right = icons.pixmap(IconName.CHEVRON_RIGHT, colour=white, size_px=32).toImage()
    gap = max(abs(left.pixelColor(x, y).alpha() - right.pixelColor(x, y).alpha()) for x in range(32) for y in range(32))
    assert gap < 16
