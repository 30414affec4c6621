"""The operation row, which stays for ever, and the stored answer, which goes after a day."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from reference_server.storage.seam import Connection
from shared.ids import OperationId
from shared.wire.answers import ConflictType


class OperationRow(NamedTuple):
    """What is known of an operation. `key` is what its caller called it, `operation_id` the ULID that made its changes.

    `revision` is its last one, 0 when it changed nothing; `verdict` the HTTP status that it was answered.
    """

    key: str
    operation_id: OperationId
    revision: int
    device: str
    kind: str
    path: str
    entity_id: str | None
    fingerprint: bytes
    verdict: int
    conflict: ConflictType | None


_COLUMNS: Final = "id, operation_id, revision, device, kind, path, entity_id, body_sha256, verdict, conflict"
_FOUND: Final = f"SELECT {_COLUMNS} FROM operation WHERE id = ?"  # noqa: S608 - our own text
_ANSWERED: Final = f"SELECT {_COLUMNS}, body FROM operation LEFT JOIN answer USING (seq) WHERE id = ?"  # noqa: S608


def _row(row: tuple[Any, ...]) -> OperationRow:
    conflict = None if row[9] is None else ConflictType(row[9])
    return OperationRow._make((*row[:9], conflict))


class Operations:
    """Where operations are remembered. One object, passed in, so that a test can pass one that is wrong."""

    def find(self, tx: Connection, key: str) -> OperationRow | None:
        """The operation that somebody called by this key, however long ago."""
        row = tx.execute(_FOUND, (key,)).fetchone()
        return None if row is None else _row(row)

    def answered(self, tx: Connection, key: str) -> tuple[OperationRow, bytes | None] | None:
        """The same with the answer that is kept for this key, None when that has gone."""
        row = tx.execute(_ANSWERED, (key,)).fetchone()
        return None if row is None else (_row(row), row[-1])

    def of_device(self, tx: Connection, device: str, *, since_ms: int, limit: int) -> tuple[str, ...]:
        """The keys of what was done for a device since a moment, newest first, among the last hundred thousand.

        Payments through the gateway stand in no outbox: their bills do.
        """
        rows = tx.execute(
            "SELECT id FROM (SELECT * FROM operation ORDER BY seq DESC LIMIT 100000) AS latest"
            " WHERE device = ? AND created_at >= ? AND kind NOT IN ('open_intent', 'cancel_intent')"
            " ORDER BY seq DESC LIMIT ?",
            (device, since_ms, limit),
        )
        return tuple(str(key) for (key,) in rows)

    def keep(self, tx: Connection, row: OperationRow, *, answer: bytes, now_ms: int) -> None:
        """Remember the operation and what it was answered, in the transaction of its effect."""
        conflict = None if row.conflict is None else row.conflict.value
        seq = tx.execute(
            "INSERT INTO operation (id, operation_id, revision, device, kind, path, entity_id, body_sha256, verdict,"
            " conflict, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
            (
                row.key,
                row.operation_id,
                row.revision,
                row.device,
                row.kind,
                row.path,
                row.entity_id,
                row.fingerprint,
                row.verdict,
                conflict,
                now_ms,
            ),
        ).get
        tx.execute("INSERT INTO answer (seq, body, created_at) VALUES (?, ?, ?)", (seq, answer, now_ms))

    def forget_answers(self, tx: Connection, *, before_ms: int, limit: int) -> int:
        """Let go of at most `limit` answers that were given before this moment; their operations stay known.

        Answers stand in the order in which they were given, so that the oldest are found without an index; where the
        clock was set back some wait a little longer.
        """
        oldest = "SELECT seq FROM answer ORDER BY seq LIMIT ?2"
        return len(
            tx.execute(
                f"DELETE FROM answer WHERE seq IN ({oldest}) AND created_at < ?1 RETURNING 1",  # noqa: S608 - our own text
                (before_ms, limit),
            ).fetchall()
        )
