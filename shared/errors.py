"""Pure: the one error tree; each error says in a person's words what happened (`title`) and what helps (`advice`).

    EvertillError
    |-- DatabaseError            the device's own file
    |   |-- DiskFull
    |   |-- DiskNearlyFull
    |   |-- DiskFailing
    |   |-- DatabaseReadOnly
    |   |-- DatabaseDamaged
    |   |-- DatabaseNewer
    |   |-- DatabaseForeign
    |   |-- DatabaseUnsafe
    |   |-- DatabaseBusy
    |   |-- WriterFull
    |   `-- WriterClosed
    |-- QueueFull
    |-- AlreadyRunning
    `-- BadSettings

Being offline is a value, not an error. A programming mistake stays what Python raises: nobody should catch it.
"""

from __future__ import annotations


class EvertillError(Exception):
    """Root of all errors that a person may be shown.

    A subclass gives the sentences for its kind as class attributes; the place that raises adds `detail`, the technical
    part (path, number, SQLite's own text), which goes to the log and the support view, never first to the person.
    Where a kind's own sentences do not fit, the place that raises may give better ones.
    """

    title: str = "Something went wrong"
    advice: str = (
        "What was saved stays saved. Start the program again; if it comes back, ask for help and show this text."
    )

    def __init__(self, detail: str = "", *, title: str | None = None, advice: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if title is not None:
            self.title = title
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" if self.detail else self.title


class DatabaseError(EvertillError):
    """The device's own file could not be read or written."""

    title = "The device's file could not be used"
    advice = "What was saved stays saved. Start the program again; if it comes back, ask for help."


class DiskFull(DatabaseError):
    """No room for one more write; everything stored before stays."""

    title = "The disk is full"
    advice = "This was not saved; everything before it is. Make room on this device, then tap again."


class DiskNearlyFull(DatabaseError):
    """So little room is left that it is kept for the payments of open orders (product row P8)."""

    title = "The disk of this till is almost full"
    advice = "No new orders until there is room on this device: ask for help. Cash for open orders is still taken."


class DiskFailing(DatabaseError):
    """The disk answered with an I/O error although it has room."""

    title = "The disk of this device answers with errors"
    advice = "This was not saved; everything before it is. If it comes back, the disk needs replacing."


class DatabaseReadOnly(DatabaseError):
    """The file, its folder or its disk may not be written."""

    title = "The device's file can't be written"
    advice = (
        "Check that this user may write the data folder and that its disk is not write-protected, then start again."
    )


class DatabaseDamaged(DatabaseError):
    """The file is not a whole SQLite database. It is set aside, never deleted, and what can be read is salvaged."""

    title = "The device's file is damaged"
    advice = "Keep the file, nothing will be deleted. evertill-recover takes out what can be read: ask for help."


class DatabaseNewer(DatabaseError):
    """A newer program made or upgraded this file; this one leaves it untouched."""

    title = "The device's file belongs to a newer version"
    advice = "Start the newer version of this program, or install it again. The file was left as it is."


class DatabaseForeign(DatabaseError):
    """Another program, or another kind of device, made this file; it is left untouched."""

    title = "This is not the file of this device"
    advice = "Check data_dir in the settings, and that no file was copied here from elsewhere. It was left as it is."


class DatabaseUnsafe(DatabaseError):
    """The file can't be opened so that a saved tap survives a power cut (journal mode or synchronous is not ours)."""

    title = "The device's file can't be kept safe here"
    advice = "Move the data folder to a local disk of this device (not a network share), then start again."


class DatabaseBusy(DatabaseError):
    """Another process held the file's write lock for longer than we wait."""

    title = "Another program is holding the device's file"
    advice = "This was not saved. Close backup or database tools that have the file open, then tap again."


class WriterFull(DatabaseError):
    """More writes wait for the disk than the limit allows; this one was not taken."""

    title = "The disk is too slow just now"
    advice = "This was not saved. Wait a moment, then tap again; if it stays, the disk of this device may be failing."


class WriterClosed(DatabaseError):
    """The program is ending and takes no more writes."""

    title = "The program is closing"
    advice = "This was not saved. Start the program again, then repeat it."


class QueueFull(EvertillError):
    """More operations wait for the server than the file may hold (product row P8)."""

    title = "Too many operations wait for the server"
    advice = "No new orders until this till is connected again. Cash for open orders is still taken."


class AlreadyRunning(EvertillError):
    """Another of our programs holds the lock; two engines must never send from one file."""

    title = "This is already running on this device"
    advice = "Use the window that is open. If you see none, wait a few seconds and start again."


class BadSettings(EvertillError):
    """The settings file or the environment has something that can't be used."""

    title = "The settings can't be used"
    advice = "Correct the setting named here, or put the last working settings file back, then start again."
