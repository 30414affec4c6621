"""What a cook hears who does not look: the machine's own bell, whenever something happens to a ticket."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from shared.settings import DeviceSettings


def bell(settings: DeviceSettings) -> Callable[[], object]:
    """Rings once when it is called, where the settings want that; every ring has a flash beside it."""
    return QApplication.beep if settings.sound else _silence


def _silence() -> None:
    """Where machines or people are disturbed by it."""
