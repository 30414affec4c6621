"""Small facts about the file itself: its birth, its counters, how far its clock is off, who logged in last."""

from collections.abc import Iterable

from shared.database import Connection


def get(tx: Connection, name: str) -> str | None:
    """One fact by its name, or None."""
    row = tx.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def put(tx: Connection, name: str, value: str) -> None:
    """Store one fact."""
    tx.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def number(tx: Connection, name: str) -> int:
    """A counter's present value, 0 before its first use."""
    return int(get(tx, name) or 0)


def next_number(tx: Connection, name: str) -> int:
    """Take the next value of a counter, gapless: a transaction that rolls back gives it back."""
    value = number(tx, name) + 1
    put(tx, name, str(value))
    return value


def birth(tx: Connection) -> str | None:
    """The ULID that this file got when it was made; a copy of it must not sell under the same letter."""
    return get(tx, "birth")


def give_birth(tx: Connection, ulid: str) -> None:
    """Give a new file its birth; an older one keeps its own."""
    tx.execute("INSERT INTO meta (name, value) VALUES ('birth', ?) ON CONFLICT (name) DO NOTHING", (ulid,))


def give_kind(tx: Connection, kind: str) -> str:
    """Let a new file be of this kind of device. Returns the kind that the file has."""
    tx.execute("INSERT INTO meta (name, value) VALUES ('kind', ?) ON CONFLICT (name) DO NOTHING", (kind,))
    return get(tx, "kind") or kind


def spend_letters(tx: Connection, letters: Iterable[str]) -> None:
    """Give no number under these letters any more: this file can't know all that were given under them."""
    put(tx, "spent_letters", " ".join(sorted({*letters, *spent_letters(tx)})))


def spent_letters(tx: Connection) -> frozenset[str]:
    """The letters under which this file gives no numbers: those of the file that it was salvaged from."""
    return frozenset((get(tx, "spent_letters") or "").split())


def history(tx: Connection) -> str:
    """The name of the history that this file's cursor is of; empty while no server has told one."""
    return get(tx, "history") or ""


def stand_on(tx: Connection, history: str) -> None:
    """Remember the name of the history that a cursor is of, in the transaction that stores the cursor."""
    if history:
        put(tx, "history", history)


def set_clock_offset(tx: Connection, offset_ms: int) -> None:
    """Remember how many milliseconds the server's clock is ahead of this device's."""
    put(tx, "clock_offset_ms", str(offset_ms))


def clock_offset(tx: Connection) -> int:
    """How many milliseconds the server's clock is ahead of this device's, as last measured."""
    return number(tx, "clock_offset_ms")


def offset_at_start(tx: Connection, *, clock_ms: int) -> int:
    """The same until the server is heard again, for a device whose own clock says `clock_ms`.

    Time does not go back behind the last operation of the file: a clock that would say so was set back meanwhile.
    """
    row = tx.execute("SELECT created_at FROM operation ORDER BY seq DESC LIMIT 1").fetchone()
    measured_ms = clock_offset(tx)
    return measured_ms if row is None else max(measured_ms, int(row[0]) - clock_ms)
