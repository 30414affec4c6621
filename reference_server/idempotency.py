"""Exactly once: the caller's key, and what a known key is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.storage import changes
from reference_server.storage.operations import OperationRow
from reference_server.storage.seam import Connection
from shared.ids import OperationId, derived_id, is_ulid
from shared.wire.answers import ConflictType
from shared.wire.protocol import BODY_KEY, HEADER_CURSOR, HEADER_KEY, HEADER_OPERATION, HEADER_REPLAY

MAX_KEY: Final = 255
#: Keys that are no ULID name their operation by the hash of the key under this ULID, the same at every retry.
_NO_TIME: Final = "0" * 26
_KEY: Final = HEADER_KEY.lower()

BodyOf = Callable[[Connection, OperationRow], bytes | None]


def key_from(headers: Mapping[str, str], body: dict[str, object]) -> str:
    """The idempotency key, from the header, bare or quoted, or else from the body. Raises the 400 for none."""
    given = headers.get(_KEY)
    key: object = _unquoted(given) if given is not None else body.get(BODY_KEY)
    if key is None:
        raise Problem(400, f"This write needs an {HEADER_KEY} header, the same one at every retry.")
    if not isinstance(key, str) or not 1 <= len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise Problem(400, f"The {HEADER_KEY} has to be 1 to {MAX_KEY} printable characters.")
    return key


def operation_id_of(key: str) -> OperationId:
    """The ULID of the operation: the key itself when it is one, else made from it."""
    return OperationId(key if is_ulid(key) else derived_id(_NO_TIME, key))


def answer_again(
    tx: Connection,
    row: OperationRow,
    stored: bytes | None,
    *,
    device: str,
    asked: bytes,
    body_of: BodyOf,
    moves_on: bool = False,
) -> Response:
    """What a key gets that is known: the stored answer, and when that has gone, its verdict. Nothing is applied.

    `body_of` shows what the operation was about, as it stands now; with `moves_on` that is the answer. Raises the 409
    for a key that another device, another endpoint or another body used.
    """
    if row.device != device or row.fingerprint != asked:
        raise Problem(
            409,
            "This key was used for something else. Make a new key for a new wish, and keep it for its retries.",
            conflict=ConflictType.IDEMPOTENCY_MISMATCH,
        )
    cursor = f"{row.revision}-{row.operation_id}" if row.revision else changes.head_cursor(tx)
    headers = ((HEADER_OPERATION, row.operation_id), (HEADER_CURSOR, cursor))
    is_live = moves_on and row.verdict < 400
    answer = body_of(tx, row) if is_live else stored
    if answer is not None:
        return Response(row.verdict, answer, (*headers, (HEADER_REPLAY, "true")))
    entity = body_of(tx, row)
    if row.verdict < 400:
        raise Problem(
            409,
            "This was done already, some time ago.",
            conflict=ConflictType.IDEMPOTENCY_DUPLICATE,
            existing_resource=entity,
            headers=headers,
        )
    raise Problem(
        row.verdict,
        "This was refused already, some time ago.",
        conflict=row.conflict,
        current_state=entity if row.conflict is not None else None,
        headers=headers,
    )


def forget_answers(tx: Connection, deps: Deps, *, limit: int = 1000) -> int:
    """Let go of at most `limit` answers that are older than their day. The operations stay known for ever."""
    before_ms = deps.clock.now_ms() - deps.limits.answer_kept_ms
    return deps.operations.forget_answers(tx, before_ms=before_ms, limit=limit)


def _unquoted(value: str) -> str:
    """A key as the structured string that HTTP's draft asks for, `"abc"`, or bare."""
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return value
