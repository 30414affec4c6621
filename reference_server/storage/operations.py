"""The operation row, which stays for ever, and the stored answer, which goes after a day."""

from __future__ import annotations

from typing import NamedTuple

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


class Operations:
    """Where operations are remembered. One object, passed in, so that a test can pass one that is wrong."""

    def find(self, tx: Connection, key: str) -> OperationRow | None:
        """The operation that somebody called by this key, however long ago."""
        row = tx.execute(
            "SELECT operation_id, revision, device, kind, path, entity_id, body_sha256, verdict, conflict"
            " FROM operation WHERE id = ?",
            (key,),
        ).fetchone()
        if row is None:
            return None
        return OperationRow(
            key=key,
            operation_id=OperationId(row[0]),
            revision=row[1],
            device=row[2],
            kind=row[3],
            path=row[4],
            entity_id=row[5],
            fingerprint=row[6],
            verdict=row[7],
            conflict=None if row[8] is None else ConflictType(row[8]),
        )

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

    def answer(self, tx: Connection, key: str) -> bytes | None:
        """The answer that is kept for this key, or None when it has gone."""
        found = tx.execute("SELECT body FROM answer WHERE seq = (SELECT seq FROM operation WHERE id = ?)", (key,)).get
        return None if found is None else bytes(found)

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
