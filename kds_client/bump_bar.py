"""What each key of a bump bar or keyboard means, and how the settings change that for another bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from PySide6.QtCore import Qt

from shared.errors import BadSettings


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

_NOTHING: Final = "nothing"


def keymap(keys: Mapping[str, str]) -> dict[Qt.Key, KeyMeaning]:
    """The usual keys with a device's own over them, such as `{"Plus": "bump", "F9": "choose 2", "S": "nothing"}`.

    Keys go by Qt's names without `Key_`. Raises BadSettings, which names what it does not know.
    """
    found = dict(KEYMAP)
    for name, words in keys.items():
        key = getattr(Qt.Key, f"Key_{name}", None)
        if not isinstance(key, Qt.Key):
            raise BadSettings(f"keys: there is no key called {name}; names are like A, 7, F5, Return, Backspace, Plus")
        if words == _NOTHING:
            found.pop(key, None)
        else:
            found[key] = _meaning(name, words)
    return found


def _meaning(name: str, words: str) -> KeyMeaning:
    deed_words, _, number = words.partition(" ")
    deed = next((one for one in Deed if one.name.lower().replace("_", "-") == deed_words), None)
    is_counted = deed in (Deed.CHOOSE, Deed.ITEM)
    if deed is None or is_counted != number.isdecimal() or (number and not is_counted) or number == "0":
        known = ", ".join(one.name.lower().replace("_", "-") for one in Deed)
        raise BadSettings(
            f"keys: {name} can't do {words!r}; it can do {known} (choose and item with a number), nothing"
        )
    usual = next((one for one in KEYMAP.values() if one.deed is deed), KeyMeaning(deed))
    return KeyMeaning(deed, int(number) - 1 if number else 0, repeats=usual.repeats)
