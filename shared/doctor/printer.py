"""Whether a printer can be reached. It is opened and let go of: no byte is written to it, so nothing is printed."""

from __future__ import annotations

import errno
import os
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from shared.doctor.checks import PrinterFacts, PrinterTrouble
from shared.settings import PrinterPlace, place_of_printer

#: A printer that is there takes a connection within a moment.
TIMEOUT_S: Final = 3.0

_AT_A_DEVICE: Final = {
    errno.ENOENT: PrinterTrouble.NOT_THERE,
    errno.ENXIO: PrinterTrouble.NOT_THERE,
    errno.ENODEV: PrinterTrouble.NOT_THERE,
    errno.ENOTTY: PrinterTrouble.NO_PRINTER,
    errno.EACCES: PrinterTrouble.NOT_ALLOWED,
    errno.EPERM: PrinterTrouble.NOT_ALLOWED,
    errno.EBUSY: PrinterTrouble.TAKEN,
}


def touch(place: PrinterPlace, timeout_s: float) -> None:
    """Open the printer for writing and let go of it. Raises OSError."""
    if isinstance(place, tuple):
        socket.create_connection(place, timeout_s).close()
        return
    if not stat.S_ISCHR(place.stat().st_mode):
        raise OSError(errno.ENOTTY, os.strerror(errno.ENOTTY))
    os.close(os.open(place, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0)))


def look_at_printer(
    printer: str, *, timeout_s: float = TIMEOUT_S, touch: Callable[[PrinterPlace, float], None] = touch
) -> PrinterFacts:
    """What there is to know of the printer in the settings, after at most so long; `printer` may be empty.

    A name that nobody resolves and a driver that hangs keep their thread: it ends with the program.
    """
    if not printer:
        return PrinterFacts("", None)
    place = place_of_printer(printer)
    found = [PrinterFacts(printer, PrinterTrouble.SILENT)]

    def look() -> None:
        try:
            touch(place, timeout_s)
            found.append(PrinterFacts(printer, None))
        except OSError as error:
            found.append(PrinterFacts(printer, _trouble(place, error), error.strerror or str(error)))

    looking = threading.Thread(target=look, name="printer", daemon=True)
    looking.start()
    looking.join(timeout_s)
    return found[-1]


def _trouble(place: PrinterPlace, error: OSError) -> PrinterTrouble:
    if isinstance(place, Path):
        return _AT_A_DEVICE.get(error.errno or 0, PrinterTrouble.BROKEN)
    match error:
        case ConnectionRefusedError():
            return PrinterTrouble.REFUSED
        case socket.gaierror():
            return PrinterTrouble.NO_NAME
        case _:
            return PrinterTrouble.SILENT
