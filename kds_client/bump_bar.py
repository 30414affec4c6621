"""What each key of a bump bar or keyboard means; the one table to edit for another bar."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import Qt


class Deed(Enum):
    """What a key does."""

    CHOOSE = auto()
    LEFT = auto()
    RIGHT = auto()
    UP = auto()
    DOWN = auto()
    BUMP = auto()
    STEP = auto()
    ITEM = auto()
    RECALL = auto()
    PAGE_ON = auto()
    PAGE_BACK = auto()
    STATION = auto()
    ALL_DAY = auto()
    BUMPED = auto()
    BOARD = auto()


@dataclass(frozen=True, slots=True)
class KeyMeaning:
    """A deed, and for CHOOSE and ITEM which ticket or item, 0 first. `repeats` when it may be held down."""

    deed: Deed
    number: int = 0
    repeats: bool = False


KEYMAP: Final[dict[Qt.Key, KeyMeaning]] = {
    # Digits choose a ticket by its place on the page, 1 to 9 and then 0.
    **{Qt.Key(Qt.Key.Key_1.value + place): KeyMeaning(Deed.CHOOSE, place) for place in range(9)},
    Qt.Key.Key_0: KeyMeaning(Deed.CHOOSE, 9),
    # Arrows move the choice.
    Qt.Key.Key_Left: KeyMeaning(Deed.LEFT, repeats=True),
    Qt.Key.Key_Right: KeyMeaning(Deed.RIGHT, repeats=True),
    Qt.Key.Key_Up: KeyMeaning(Deed.UP, repeats=True),
    Qt.Key.Key_Down: KeyMeaning(Deed.DOWN, repeats=True),
    # Enter puts the chosen ticket away, Space does what its button says, F1 to F12 strike its items.
    Qt.Key.Key_Return: KeyMeaning(Deed.BUMP),
    Qt.Key.Key_Enter: KeyMeaning(Deed.BUMP),
    Qt.Key.Key_Space: KeyMeaning(Deed.STEP),
    **{Qt.Key(Qt.Key.Key_F1.value + place): KeyMeaning(Deed.ITEM, place) for place in range(12)},
    # Backspace brings the last one back.
    Qt.Key.Key_Backspace: KeyMeaning(Deed.RECALL),
    Qt.Key.Key_PageDown: KeyMeaning(Deed.PAGE_ON, repeats=True),
    Qt.Key.Key_PageUp: KeyMeaning(Deed.PAGE_BACK, repeats=True),
    Qt.Key.Key_S: KeyMeaning(Deed.STATION),
    Qt.Key.Key_A: KeyMeaning(Deed.ALL_DAY),
    Qt.Key.Key_L: KeyMeaning(Deed.BUMPED),
    Qt.Key.Key_Escape: KeyMeaning(Deed.BOARD),
}
