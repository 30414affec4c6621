"""Writers of PostgreSQL that are wrong, each in one thing; and one that is right, to be wrong from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reference_server.storage.postgres import PostgresWriter
from reference_server.storage.postgres_connection import PostgresRows
from tests.contract.dying_server import PowerGone

HEAD = "SELECT coalesce(max(revision), 0) FROM change"


class FromSequence(PostgresWriter):
    """Takes revisions from a sequence, as most would. Only the branch's lock keeps them in order then."""

    def execute(self, statements: str, bindings: Sequence[Any] | None = None) -> PostgresRows:
        if statements == HEAD:
            statements = "SELECT nextval('revisions') - 1"
        return super().execute(statements, bindings)


class Unlocked(FromSequence):
    """Does not lock the branch: two processes write at the same time."""

    def lock_branch(self) -> None:
        self.run("BEGIN")


class Mortal(PostgresWriter):
    """Whoever traces it may raise before a statement; then the line is gone as when the process died there."""

    exec_trace: Callable[[object, str, object], bool] | None = None

    def execute(self, statements: str, bindings: Sequence[Any] | None = None) -> PostgresRows:
        self._live_or_die(statements)
        return super().execute(statements, bindings)

    def run(self, script: str) -> Any:
        self._live_or_die(script)
        return super().run(script)

    def _live_or_die(self, statement: str) -> None:
        try:
            if self.exec_trace is not None:
                self.exec_trace(self, statement, None)
        except PowerGone:
            self.reopen()
            raise


class SaysSaved(PostgresWriter):
    """Takes PostgreSQL's word for a commit: of a transaction that failed it says just as little."""

    def commit(self) -> None:
        self.run("COMMIT")
