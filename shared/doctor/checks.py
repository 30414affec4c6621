"""Pure: what the facts about a device mean, in sentences for whoever stands before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from shared.claims import Holder
from shared.errors import EvertillError
from shared.store.agreement import Agreed
from shared.store.receipts import Chain
from shared.store.room import LEAST_FREE_BYTES, MOST_WAITING
from shared.sync.actions import Cause

MANY_WAITING: Final = 100
"""Above this the queue itself is an alert (product row P8)."""
CLOCK_NOTED_MS: Final = 2_000
CLOCK_WRONG_MS: Final = 5 * 60 * 1000
LONG_MS: Final = 15 * 60 * 1000
"""Nothing that a reachable server would take waits so long."""

NEVER_STARTED: Final = "is not there: this device was never started, or data_dir names another folder."
MiB: Final = 1024 * 1024
WHY: Final = {
    Cause.NO_NETWORK: "This device has no network. Look at the cable or the Wi-Fi.",
    Cause.NO_SERVER: "No server of ours answers there. Is it running, and is server_url right?",
    Cause.OTHER_SERVER: "Who answers there is not our server: it shows another certificate. Is server_url right?"
    " If the server's certificate was made anew, enrol this device again.",
    Cause.SERVER_BUSY: "The server is there and answers with errors, or asks for a pause. Look at its log.",
    Cause.DEVICE_UNKNOWN: "The server does not know this device. Enrol it again: evertill-server enrol-again.",
    Cause.NEEDS_UPDATE: "The server speaks another version of the protocol. Update this program.",
    Cause.HISTORY_LOST: "The server does not hold what it once told this device: it was restored from an older copy.",
    Cause.OTHER_BRANCH: "It is of another branch than this device's file. Enrol the device at its own server.",
    Cause.TWO_SERVERS: "Two servers answer under this name in turn. Leave one of them running.",
}


class Level(Enum):
    """How a finding is to be taken."""

    WELL = "well "
    NOTE = "note "
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, or some, about one thing."""

    level: Level
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The device's file. `error` is why it can't be used; `schema` is its number, `newest` the one of this program."""

    path: str
    is_there: bool
    holder: Holder
    free_bytes: int | None
    size_bytes: int = 0
    schema: int = 0
    newest: int = 0
    spent_letters: frozenset[str] = frozenset()
    """Set in a salvaged file: it gives no number under these."""
    birth: str = ""
    """The ULID that this very file got when it was made; a copy that was put in its place may have another."""
    history: str = ""
    """The name of the history that it is of."""
    error: EvertillError | None = None


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What the file owes. `oldest_ms` is the age of the operation that waits first, with its sends and last error."""

    waiting: int
    held: int
    alerts: int
    drafts: int
    oldest_ms: int = 0
    sends: int = 0
    last_error: str = ""
    agreed: Agreed | None = None
    """The last comparison with the server, and how long ago that is."""
    agreed_ago_ms: int = 0


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The server at `url`. `beat` is why it is not well, `device` why it does not take this device, else None."""

    url: str
    beat: Cause | None
    device: str | None = None
    round_trip_s: float = 0.0
    ahead_ms: int | None = None
    """How far the server's clock is ahead of this machine's; None when it did not say."""


class PrinterTrouble(Enum):
    """Why a printer can't be used, in words for whoever stands before it."""

    NOT_THERE = "There is nothing there. Is it switched on, and its cable in?"
    NO_PRINTER = "That is no device but a file or a folder. A USB printer is usually /dev/usb/lp0."
    NOT_ALLOWED = (
        "This user may not write to it. Add the user to the group lp (sudo usermod -aG lp USER) and log in anew."
    )
    TAKEN = "Another program has it, often CUPS. Take the printer out of CUPS, or end that program."
    NO_NAME = "Nobody in this network knows that name. Take the address that the printer shows on its own test page."
    REFUSED = "Something is there and takes nothing on that port. Is it the printer's address? Most listen on 9100."
    SILENT = "It does not answer. Is it switched on, in this network, and under this address?"
    BROKEN = "It can't be opened. Switch it off and on, and look at its cable and paper."


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """The printer at `place`, empty when none is set up; why it can't be used, and the system's word for that."""

    place: str
    trouble: PrinterTrouble | None
    detail: str = ""


def check_file(facts: FileFacts, *, letter: str, enrolled_with: str = "") -> Iterator[Finding]:
    """Whether it is there, whole, known, and has room.

    `enrolled_with` is the birth of the file that was there when the device was enrolled; empty for none.
    """
    about = "file"
    if facts.error is not None:
        error = facts.error
        yield Finding(Level.WRONG, about, f"{error.title}. {error.advice} ({error.detail})")
    elif not facts.is_there and enrolled_with:
        words = (
            f"{facts.path} is gone or empty, and it was there when this device was enrolled. What it saved and did not"
            " send is in that file alone: look where it went, and whether data_dir names its folder, before you start."
        )
        yield Finding(Level.WRONG, about, words)
    elif not facts.is_there:
        words = f"{facts.path} {NEVER_STARTED}"
        yield Finding(Level.NOTE, about, words)
    else:
        older = "" if facts.schema == facts.newest else ", an older one: it is upgraded at the next start"
        words = f"{facts.path} is whole: {facts.size_bytes / MiB:.1f} MiB, schema {facts.schema}{older}."
        yield Finding(Level.WELL, about, words)
    is_another = bool(enrolled_with and facts.birth and facts.birth != enrolled_with)
    if letter in facts.spent_letters or is_another:
        words = f"This file is new or salvaged. It sends what waits and numbers nothing under {letter}: enrol it again."
        yield Finding(Level.NOTE, about, words)
    if facts.free_bytes is not None and facts.free_bytes < LEAST_FREE_BYTES:
        words = (
            f"{facts.free_bytes // MiB} MiB of disk are free; below {LEAST_FREE_BYTES // MiB} no new order is taken."
        )
        yield Finding(Level.WRONG, "disk", words)


def check_queue(facts: QueueFacts, *, holder: Holder, is_server_well: bool) -> Iterator[Finding]:
    """What waits for the server, and what for a person."""
    about = "queue"
    if not facts.waiting:
        yield Finding(Level.WELL, about, "Nothing waits for the server.")
    else:
        words = f"{_count(facts.waiting, 'operation')} waiting for the server, the oldest for {_age(facts.oldest_ms)}."
        if facts.waiting >= MOST_WAITING:
            yield Finding(Level.WRONG, about, f"{words} No new order is taken until this device is connected.")
        elif facts.waiting > MANY_WAITING:
            yield Finding(Level.WRONG, about, f"{words} These are too many. Connect this device to the server.")
        elif is_server_well and holder is not Holder.NOBODY and facts.oldest_ms > LONG_MS:
            yield Finding(
                Level.WRONG, about, f"{words} It was sent {facts.sends} times: {facts.last_error or 'no answer'}"
            )
        else:
            yield Finding(Level.NOTE, about, words)
        if holder is Holder.NOBODY:
            words = "No program is running that sends them. Start the till, or evertill-agent."
            yield Finding(Level.WRONG, about, words)
    if facts.held:
        words = f"{_count(facts.held, 'operation')} waiting for a person: open the sync panel, or call the manager."
        yield Finding(Level.WRONG, about, words)
    if facts.alerts:
        yield Finding(Level.NOTE, about, f"{_count(facts.alerts, 'alert')} without a choice, in the sync panel.")
    if facts.agreed is not None:
        yield _agreement(facts.agreed, ago_ms=facts.agreed_ago_ms)
    if facts.drafts:
        yield Finding(Level.NOTE, about, f"{_count(facts.drafts, 'order')} with lines that were tapped and not sent.")


def _agreement(agreed: Agreed, *, ago_ms: int) -> Finding:
    """What the last comparison with the server found."""
    words = f"Compared with this device {_age(ago_ms)} ago: {_count(agreed.compared, 'operation')}"
    if not agreed.differing:
        return Finding(Level.WELL, "server", f"{words}, nothing differs.")
    return Finding(Level.WRONG, "server", f"{words}, {_count(agreed.differing, 'difference')}: see the sync panel.")


def check_receipts(chain: Chain) -> Finding:
    """Whether each receipt of the file follows on the one before it."""
    about = "receipts"
    if chain.broken is not None:
        words = f"{chain.broken} Keep this file, and compare the day's receipts with the server."
        return Finding(Level.WRONG, about, words)
    if not chain.count:
        return Finding(Level.NOTE, about, "This file has no receipts yet.")
    words = f"{_count(chain.count, 'receipt')}, {chain.first} to {chain.last}: each follows on the one before it."
    return Finding(Level.WELL, about, words)


def check_clock(facts: ServerFacts) -> Finding:
    """How far this machine's clock is off, measured against the server's."""
    ahead_ms = facts.ahead_ms
    if ahead_ms is None:
        return Finding(Level.NOTE, "clock", "It could not be compared: the server did not say its time.")
    if abs(ahead_ms) < CLOCK_NOTED_MS:
        return Finding(Level.WELL, "clock", "It goes with the server's.")
    words = f"It is {_age(abs(ahead_ms))} {'behind' if ahead_ms > 0 else 'ahead of'} the server's."
    if abs(ahead_ms) < CLOCK_WRONG_MS:
        return Finding(Level.NOTE, "clock", f"{words} Ages are corrected by that.")
    return Finding(Level.WRONG, "clock", f"{words} Set it, or the server's, and start again.")


def check_server(facts: ServerFacts) -> Finding:
    """Whether the server is well and takes this device."""
    if facts.beat is not None:
        return Finding(Level.WRONG, "server", f"{facts.url}: {WHY[facts.beat]}")
    if facts.device is not None:
        return Finding(Level.WRONG, "server", f"{facts.url}: {facts.device}")
    words = f"{facts.url} answers in {facts.round_trip_s * 1000:.0f} ms and knows this device."
    return Finding(Level.WELL, "server", words)


def check_printer(facts: PrinterFacts) -> Finding:
    """Whether what is to be printed would come to a printer; paper and ink nobody asked for."""
    about = "printer"
    if not facts.place:
        return Finding(Level.NOTE, about, "None is set up: `printer` in the settings names it.")
    if facts.trouble is None:
        return Finding(Level.WELL, about, f"{facts.place} can be written to. Nothing was printed.")
    detail = f" ({facts.detail})" if facts.detail else ""
    return Finding(Level.WRONG, about, f"{facts.place}: {facts.trouble.value}{detail}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _age(ms: int) -> str:
    for unit_ms, unit in ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute")):
        if ms >= unit_ms:
            return _count(ms // unit_ms, unit)
    return _count(ms // 1000, "second")
