"""Tells the second press of a double tap that hit something else than the first, as the screen changed between.

A table opens its order, a choice closes its sheet: a finger that taps twice would then press whatever lies beneath.
"""

from PySide6.QtGui import QGuiApplication, QMouseEvent


def is_echo(double_click: QMouseEvent, *, last_press_ms: int | None) -> bool:
    """Whether this double click has no first press here. `last_press_ms` is the timestamp of the last one, or None."""
    within_ms = QGuiApplication.styleHints().mouseDoubleClickInterval()
    return last_press_ms is None or double_click.timestamp() - last_press_ms > within_ms
