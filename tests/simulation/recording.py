"""One life of a file on a simulated disk: what was done, when the caller was told, and all states that it ever had.

A power cut takes no part in what the program does: it only ends it. So a life is played once, to its end, and the
disk's log says what a cut at any moment of it would have left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import apsw

from shared.database import Connection, Writer, run_inline
from shared.errors import EvertillError
from tests.simulation.cutting import Place
from tests.simulation.disk import SimulatedDisk
from tests.unit.writer_gate import PATIENCE_S, Gate

Work: TypeAlias = Callable[[Connection], Any]
State: TypeAlias = tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...]
"""All rows of all tables, and the number of the schema."""


class NotPromised(Exception):
    """Work that found nothing to do: nothing was stored, nobody is told anything."""


def state_of(tx: Connection) -> State:
    """Everything that the file says, but for the name that it got at its birth."""
    names = tx.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name = 'sqlite_sequence' OR name NOT LIKE 'sqlite_%')"
        " ORDER BY name"
    ).fetchall()
    version = ("user_version", ((tx.pragma("user_version"),),))
    return (version, *((str(name), tuple(tx.execute(_rows_of(str(name))))) for (name,) in names))


def _rows_of(name: str) -> str:
    return f"SELECT * FROM {name}" + (" WHERE name <> 'birth'" if name == "meta" else "")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a life: the log's length before it and when its callers were told, what it held, what was then."""

    begun: Place
    told: Place
    promises: int
    state: State


class Doer(Protocol):
    """How a life does its work."""

    def __call__(self, works: Sequence[Work]) -> list[Any]:
        """Do these; what each gave, None where it was refused."""
        ...


@dataclass
class Recording:
    """The commits of one life. The first stands for the opening of the file, which promises that it is there."""

    disk: SimulatedDisk
    commits: list[Commit] = field(default_factory=list)

    def opened(self, connection: Connection) -> None:
        """The production code has opened the file, and its caller may build on it."""
        self.commits.append(Commit(0, len(self.disk.log), 0, state_of(connection)))

    def inline(self, connection: Connection) -> Doer:
        """Each work in a commit of its own, through `run_inline`."""

        def do(works: Sequence[Work]) -> list[Any]:
            given = []
            for work in works:
                begun, promises = len(self.disk.log), 1
                try:
                    given.append(run_inline(connection, work))
                except (EvertillError, NotPromised):
                    given.append(None)
                    promises = 0
                self.commits.append(Commit(begun, len(self.disk.log), promises, state_of(connection)))
            return given

        return do

    def grouped(self, writer: Writer) -> Doer:
        """All works in one commit, through the writer's thread."""

        def do(works: Sequence[Work]) -> list[Any]:
            told: list[Place] = []
            with Gate(writer) as gate:
                begun = len(self.disk.log)
                futures = [writer.submit(work) for work in works]
                state = writer.submit(state_of)
                futures[0].add_done_callback(lambda _: told.append(len(self.disk.log)))
            gate.future.result(PATIENCE_S)
            after = state.result(PATIENCE_S)
            errors = [future.exception(PATIENCE_S) for future in futures]
            for error in errors:
                if error is not None and not isinstance(error, EvertillError | NotPromised):
                    raise error
            self.commits.append(Commit(begun, told[0], errors.count(None), after))
            return [future.result() if error is None else None for future, error in zip(futures, errors, strict=True)]

        return do

    def leave(self, handle: Connection | Writer, *, in_order: bool) -> None:
        """End the life: close the file in order, which a cut may still strike, or stand still.

        A writer tells before it brings its log into the file. It is waited for: else luck says where the life ends.
        """
        with nullcontext() if isinstance(handle, Connection) else Gate(handle):
            self.disk.is_dead = not in_order
        with suppress(apsw.Error):
            handle.close()

    def acceptable(self, place: Place) -> range:
        """The commits whose states a cut here may leave: the last that was told, or the one on its way."""
        told = max((n for n, commit in enumerate(self.commits) if commit.told <= place), default=0)
        begun = max((n for n, commit in enumerate(self.commits) if commit.begun < place), default=0)
        return range(told, max(told, begun) + 1)

    def promised(self, place: Place) -> int:
        """How many works had been told as durable by then."""
        return sum(commit.promises for commit in self.commits if commit.told <= place)

    def broken(self, place: Place, state: State) -> int | None:
        """How many promises a file in this state breaks after a cut here; None if it never was in this state."""
        allowed = self.acceptable(place)
        if any(self.commits[n].state == state for n in allowed):
            return 0
        for n in range(allowed.start - 1, -1, -1):
            if self.commits[n].state == state:
                return sum(commit.promises for commit in self.commits[n + 1 : allowed.start + 1])
        return None


def play_inline_or_grouped(
    recording: Recording, connection: Connection, *, grouped: bool, in_order: bool, live: Callable[[Doer], None]
) -> None:
    """Let `live` do its works one way or the other, then end the life."""
    recording.opened(connection)
    handle: Connection | Writer = connection
    if grouped:
        handle = writer = Writer(connection)
        do = recording.grouped(writer)
    else:
        do = recording.inline(connection)
    try:
        live(do)
    except BaseException:
        recording.leave(handle, in_order=False)
        raise
    recording.leave(handle, in_order=in_order)
