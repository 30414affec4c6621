"""A till's own shift: which bills are its own, what it adds up, and when its end may go."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from pydantic_core import from_json

from shared.domain.rejections import CommandRejected
from shared.domain.shift_commands import CashMove, CloseShift, MoveCash, OpenShift
from shared.ids import OperationId, ShiftId, StaffId
from shared.store import mending, retention, shifts, till_reports, together
from shared.store.mending import NotMendable
from shared.store.outcomes import FailReason
from shared.store.till_reports import TillReport
from tests.unit.store.till import AT, NOW_MS, Till, author_of, ulid

SHIFT = ShiftId(ulid(800))
DAY_MS = 24 * 3600 * 1000


def said(till: Till, shift: ShiftId = SHIFT) -> dict[str, Any]:
    return {"id": OperationId(till.new_id()), "actor_id": StaffId("amina"), "at": AT, "shift_id": shift}


def open_shift(till: Till, shift: ShiftId = SHIFT) -> None:
    till.tap(OpenShift(float_minor=10_000, **said(till, shift)))


def close_shift(till: Till, counted_minor: int = 0, shift: ShiftId = SHIFT) -> None:
    till.tap(CloseShift(counted_minor=counted_minor, **said(till, shift)))


def sell(till: Till, order: int) -> str:
    """One dish, sent and paid in cash."""
    line = till.add_line(ulid(order))
    till.send(ulid(order), line)
    till.tap(till.bill(ulid(order), line, total_minor=1098))
    return ulid(order)


def accept_all(till: Till) -> None:
    """The server says yes to everything."""
    while flights := till.take().flights:
        for flight in flights:
            till.accept(flight)


def report(till: Till, shift: ShiftId = SHIFT) -> TillReport:
    found = till.run(partial(till_reports.read, shift_id=shift, author_of=author_of))
    assert found is not None
    return found


def bodies(till: Till, kind: str) -> list[dict[str, Any]]:
    rows = till.connection.execute("SELECT body FROM operation WHERE kind = ? ORDER BY seq", (kind,))
    return [from_json(bytes(body)) for (body,) in rows]


def test_a_bill_belongs_to_the_shift_that_is_open(till: Till) -> None:
    sell(till, 901)
    open_shift(till)
    sell(till, 902)
    close_shift(till)
    sell(till, 903)
    open_shift(till, ShiftId(ulid(801)))
    sell(till, 904)
    assert [one.get("shiftId") for one in bodies(till, "close_order")] == [None, SHIFT, None, ulid(801)]


def test_a_till_has_one_shift_at_a_time_and_closes_it_once(till: Till) -> None:
    with pytest.raises(CommandRejected, match="This till has no such shift"):
        close_shift(till)
    open_shift(till)
    with pytest.raises(CommandRejected, match="A shift is open on this till"):
        open_shift(till, ShiftId(ulid(801)))
    close_shift(till)
    with pytest.raises(CommandRejected, match="This shift was closed already"):
        close_shift(till)
    with pytest.raises(CommandRejected, match="This shift was closed already"):
        till.tap(MoveCash(type=CashMove.NO_SALE, **said(till)))
    assert till.run(shifts.current) is None


def test_a_report_parts_what_the_server_has_from_what_is_only_here(till: Till) -> None:
    open_shift(till)
    sell(till, 901)
    accept_all(till)
    till.tap(MoveCash(type=CashMove.PAY_OUT, amount_minor=300, reason="milk", **said(till)))
    sell(till, 902)
    found = report(till)
    assert (found.confirmed.expected_minor, found.only_here.expected_minor) == (10_000 + 1098, 1098 - 300)
    assert (found.total.expected_minor, found.total.orders) == (10_000 + 2 * 1098 - 300, 2)
    assert (found.waiting, found.is_confirmed) == (2, False)
    accept_all(till)
    assert report(till).confirmed == report(till).total
    assert report(till).is_confirmed


def test_the_end_of_a_shift_tells_what_its_till_reckons_and_counts(till: Till) -> None:
    sell(till, 901)
    open_shift(till)
    sell(till, 902)
    sell(till, 903)
    close_shift(till, counted_minor=12_000)
    (body,) = bodies(till, "close_shift")
    first = int(till.connection.execute("SELECT seq FROM operation WHERE kind = 'open_shift'").get)
    last = int(till.connection.execute("SELECT max(seq) FROM operation").get)
    assert (body["countedMinor"], body["expectedMinor"]) == (12_000, 10_000 + 2 * 1098)
    assert body["series"] == {
        "firstSeq": first,
        "lastSeq": last,
        "firstReceipt": "C-000002",
        "lastReceipt": "C-000003",
    }


def test_the_end_of_a_shift_goes_after_all_that_its_till_did_before(till: Till) -> None:
    open_shift(till)
    order = sell(till, 901)
    close_shift(till)
    open_shift(till, ShiftId(ulid(801)))
    assert till.run(partial(together.take, most=50, alone=4, now_ms=NOW_MS + 1)) is not None
    kinds = {str(kind) for (kind,) in till.connection.execute("SELECT kind FROM operation WHERE status = 'REPLAYING'")}
    assert "close_shift" not in kinds
    till.connection.execute("UPDATE operation SET status = 'PENDING' WHERE status = 'REPLAYING'")
    sent = []
    while flights := till.take(limit=1).flights:
        sent.append(flights[0].kind)
        if flights[0].kind == "close_order":
            till.fail(flights[0], FailReason.REFUSED)
        else:
            till.accept(flights[0])
    assert sent[-2:] == ["close_order", "open_shift"], "the next shift waits for nothing"
    assert report(till).waiting == 2, "what needs a person is before the end of the shift"
    (held,) = till.connection.execute("SELECT id FROM operation WHERE status = 'FAILED'").fetchall()
    till.run(
        partial(
            mending.resolve,
            operation_id=str(held[0]),
            resolution=mending.Resolution.REFUNDED,
            actor_id="nadia",
            now_ms=NOW_MS,
        )
    )
    assert [flight.kind for flight in till.take().flights] == ["close_shift"]
    assert report(till).total.expected_minor == 10_000, f"the money for {order} was given back"


def test_what_a_drawer_tells_is_never_discarded(till: Till) -> None:
    open_shift(till)
    till.fail(till.take().flights[0], FailReason.INVALID)
    held = str(till.connection.execute("SELECT id FROM operation").get)
    with pytest.raises(NotMendable, match="money"):
        till.run(partial(mending.discard, operation_id=held, actor_id="nadia", now_ms=NOW_MS))


def test_a_till_remembers_all_of_a_shift_that_is_open_but_not_for_ever(till: Till) -> None:
    open_shift(till)
    sell(till, 901)
    accept_all(till)
    for days, left in ((8, 5), (30, 5), (32, 0)):
        now_ms = NOW_MS + days * DAY_MS
        till.run(partial(retention.tidy, now_ms=now_ms, day_start_ms=now_ms))
        assert till.connection.execute("SELECT count(*) FROM operation").get == left
