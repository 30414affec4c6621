"""What `/sync/agree` answers: every difference between what a device says that it did and what is done here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from pydantic_core import from_json

from reference_server.asked import read
from reference_server.deps import Deps
from reference_server.exchange import Problem, Response
from reference_server.healing.history import refuse_strangers
from reference_server.storage import entities
from reference_server.storage.devices import Device
from reference_server.storage.operations import OperationRow
from reference_server.storage.seam import Connection
from shared.times import from_rfc3339
from shared.wire.agreement import MAX_DIFFERENCES, AgreeAnswer, AgreeRequest, Became, Difference, Differs, Named

MARGIN_MS: Final = 10 * 60 * 1000
"""A device says since when it names all; for the first minutes of that its clock and ours need not agree."""
MOST_HOLES: Final = 1000
"""So many numbers of one hole are counted at most: a series that jumps by a million is one mistake, not a million."""


def agree(tx: Connection, deps: Deps, *, device: Device, body: bytes) -> Response:
    """`POST /sync/agree`: nothing is changed by it. A server that is being healed says HISTORY_LOST, as to all."""
    asked = read(AgreeRequest, body)
    try:
        since_ms = from_rfc3339(asked.since)
    except ValueError as error:
        raise Problem(422, "This can't be read as it is.", errors=(("since", "no moment in RFC 3339"),)) from error
    refuse_strangers(tx, asked.seen)
    differences: list[Difference] = []
    rows: dict[str, OperationRow] = {}
    for one in asked.operations:
        row = deps.operations.find(tx, one.id)
        if row is not None:
            rows[one.id] = row
        differences += _compared(tx, one, row, device=device)
    unnamed = deps.operations.of_device(tx, device.id, since_ms=since_ms + MARGIN_MS, limit=MAX_DIFFERENCES + len(rows))
    differences += _unnamed(id_ for id_ in unnamed if id_ not in rows)
    differences += _holes(asked)
    told = AgreeAnswer(
        compared=len(asked.operations), count=len(differences), differences=tuple(differences[:MAX_DIFFERENCES])
    )
    return Response(200, told.to_json())


def _compared(tx: Connection, one: Named, row: OperationRow | None, *, device: Device) -> Iterator[Difference]:
    """In what one operation differs."""
    done = row is not None and row.verdict < 400
    if row is None:
        if one.became is Became.DONE:
            yield Difference(kind=Differs.MISSING, what=one.id, message="The server never did it.")
        return
    if row.device != device.id:
        yield Difference(kind=Differs.OTHER_BODY, what=one.id, message="The server has it from another device.")
    elif row.fingerprint.hex() != one.sha256:
        yield Difference(kind=Differs.OTHER_BODY, what=one.id, message="The server did something else under its name.")
    if one.became is Became.DONE and not done:
        yield Difference(kind=Differs.OTHER_ANSWER, what=one.id, message="The server refused it.")
    elif one.became is Became.NOT_DONE and done:
        yield Difference(kind=Differs.OTHER_ANSWER, what=one.id, message="The server did it after all.")
    elif one.became is Became.DONE and one.receipt is not None and one.receipt not in _receipts(tx, row.entity_id):
        message = f"Receipt {one.receipt} is on no payment of its order."
        yield Difference(kind=Differs.NO_SUCH_RECEIPT, what=one.id, message=message)


def _receipts(tx: Connection, order_id: str | None) -> set[str]:
    """The receipts of an order's payments."""
    body = None if order_id is None else entities.order_body(tx, order_id)
    payments = [] if body is None else from_json(body).get("payments", ())
    return {payment.get("receiptNumber", "") for payment in payments}


def _unnamed(ids: Iterable[str]) -> Iterator[Difference]:
    for one in ids:
        message = "The server did it for this device, whose file does not have it."
        yield Difference(kind=Differs.UNNAMED, what=one, message=message)


def _holes(asked: AgreeRequest) -> Iterator[Difference]:
    """What is missing in the device's count of its operations, and in its receipts."""
    if asked.first_seq is not None:
        counted = sorted({one.seq for one in asked.operations if one.seq >= asked.first_seq} | {asked.first_seq})
        for number in _missing(counted):
            yield Difference(kind=Differs.HOLE, what=str(number), message=f"Operation {number} of it is not there.")
    series: dict[str, set[int]] = {}
    for one in asked.operations:
        name, _, digits = (one.receipt or "").rpartition("-")
        if digits.isascii() and digits.isdigit():
            series.setdefault(name, set()).add(int(digits))
    for name, numbers in series.items():
        for number in _missing(sorted(numbers)):
            told = f"{name}-{number:06d}"
            yield Difference(kind=Differs.HOLE, what=told, message=f"Receipt {told} is not there.")


def _missing(numbers: Iterable[int]) -> Iterator[int]:
    """The numbers that are left out between the first and the last."""
    for before, after in pairwise(numbers):
        yield from range(before + 1, min(after, before + 1 + MOST_HOLES))
