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
from reference_server.storage import entities, shifts
from reference_server.storage.devices import Device
from reference_server.storage.operations import OperationRow
from reference_server.storage.seam import Connection
from shared.domain.shift import Figures, Shift
from shared.money import Currency
from shared.times import from_rfc3339
from shared.wire.agreement import MAX_DIFFERENCES, AgreeAnswer, AgreeRequest, Became, Difference, Differs, Named

MARGIN_MS: Final = 10 * 60 * 1000
"""A device says since when it names all; for the first minutes of that its clock and ours need not agree."""
MOST_HOLES: Final = 1000
"""So many numbers of one hole are counted at most: a series that jumps by a million is one mistake, not a million."""


def agree(tx: Connection, deps: Deps, *, device: Device, body: bytes) -> Response:
    """`POST /sync/agree`: no order is changed by it. A server that is being healed says HISTORY_LOST, as to all."""
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
    if asked.shift_id is not None:
        return _of_shift(tx, deps, asked=asked, differences=differences)
    unnamed = deps.operations.of_device(tx, device.id, since_ms=since_ms + MARGIN_MS, limit=MAX_DIFFERENCES + len(rows))
    differences += _unnamed(id_ for id_ in unnamed if id_ not in rows)
    differences += _holes(asked)
    return Response(200, _told(asked, differences).to_json())


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


def _of_shift(tx: Connection, deps: Deps, *, asked: AgreeRequest, differences: list[Difference]) -> Response:
    """The comparison of a shift, which is kept with it: its Z report prints it.

    What the server did for the device besides is asked for every hour; here it may be of the next shift already.
    """
    assert asked.shift_id is not None, "only a shift is kept with its comparison"
    shift = shifts.shift(tx, asked.shift_id)
    if shift is None:
        differences.append(
            Difference(kind=Differs.MISSING, what=asked.shift_id, message="The server has no such shift.")
        )
    else:
        differences += _sums(shift, shifts.figures_of(tx, shift), deps.catalogue.now(tx).business.currency)
    differences += _holes(asked)
    told = _told(asked, differences)
    if shift is not None:
        shifts.keep_agreement(tx, shift.id, told, at_ms=deps.clock.now_ms())
    return Response(200, told.to_json())


def _sums(shift: Shift, found: Figures, currency: Currency) -> Iterator[Difference]:
    """In what the till's own reckoning differs, and what came too late for the report."""
    if shift.told_minor is not None and shift.told_minor != found.expected_minor:
        told, here = currency.text(shift.told_minor, symbol=True), currency.text(found.expected_minor, symbol=True)
        words = f"The till reckons {told} in the drawer, the server {here}."
        yield Difference(kind=Differs.OTHER_SUM, what=shift.id, message=words)
    for one in found.late:
        amount = currency.text(one.amount_minor + one.tip_minor, symbol=True)
        words = f"{amount} by {one.method.lower()} came when the shift was closed."
        yield Difference(kind=Differs.LATE, what=shift.id, message=words)


def _told(asked: AgreeRequest, differences: list[Difference]) -> AgreeAnswer:
    return AgreeAnswer(
        compared=len(asked.operations), count=len(differences), differences=tuple(differences[:MAX_DIFFERENCES])
    )


def _holes(asked: AgreeRequest) -> Iterator[Difference]:
    """What is missing in the device's count of its operations, and in its receipts; also at the ends that it told."""
    ends = asked.series
    if ends is not None or asked.first_seq is not None:
        counted = {one.seq for one in asked.operations if one.seq >= (asked.first_seq or 0)}
        counted |= {asked.first_seq} if ends is None and asked.first_seq is not None else set()
        counted |= set() if ends is None else {ends.first_seq - 1, ends.last_seq + 1}
        for number in _missing(sorted(counted)):
            yield Difference(kind=Differs.HOLE, what=str(number), message=f"Operation {number} of it is not there.")
    series: dict[str, set[int]] = {}
    told_ends = [] if ends is None else [(ends.first_receipt, -1), (ends.last_receipt, 1)]
    for receipt, beyond in [*((one.receipt, 0) for one in asked.operations), *told_ends]:
        name, _, digits = (receipt or "").rpartition("-")
        if digits.isascii() and digits.isdigit():
            series.setdefault(name, set()).add(int(digits) + beyond)
    for name, numbers in series.items():
        for number in _missing(sorted(numbers)):
            told = f"{name}-{number:06d}"
            yield Difference(kind=Differs.HOLE, what=told, message=f"Receipt {told} is not there.")


def _missing(numbers: Iterable[int]) -> Iterator[int]:
    """The numbers that are left out between the first and the last."""
    for before, after in pairwise(numbers):
        yield from range(before + 1, min(after, before + 1 + MOST_HOLES))
