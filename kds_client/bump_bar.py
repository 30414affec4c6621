"""What each key of a bump bar means; change the table to fit another bar."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt


@dataclass(frozen=True, slots=True)
class Key:
    """What a key does: choose a place on the board (0 first), move the choice, bump it, or recall the last."""

    number: int | None = None
    move: int = 0
    bumps: bool = False
    recalls: bool = False


KEYS: Final[dict[Qt.Key, Key]] = {
    **{Qt.Key(Qt.Key.Key_1.value + place): Key(number=place) for place in range(9)},
    Qt.Key.Key_0: Key(number=9),
    Qt.Key.Key_Left: Key(move=-1),
    Qt.Key.Key_Up: Key(move=-1),
    Qt.Key.Key_Right: Key(move=1),
    Qt.Key.Key_Down: Key(move=1),
    Qt.Key.Key_Return: Key(bumps=True),
    Qt.Key.Key_Enter: Key(bumps=True),
    Qt.Key.Key_Backspace: Key(recalls=True),
}
