"""A till's hard bounds: nothing new beyond them, told in words, and cash for an open order all the same."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from shared.database import open_writer
from shared.disk import OUR_DISK
from shared.domain.commands import EditDraft, RemoveLine
from shared.domain.shift_commands import CashMove, MoveCash
from shared.errors import DiskNearlyFull, EvertillError, QueueFull
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId
from shared.migrations import migrate
from shared.store import outbox, taps
from shared.store.room import Bounds
from shared.store.schema import MIGRATIONS
from tests.unit.store.test_shifts import close_shift, open_shift, said
from tests.unit.store.till import AT, NOW_MS, Till, author_of, ulid

OPEN, NEW, DRAFT = ulid(900_001), ulid(900_002), ulid(900_003)
EVERYTHING = 2**62


class NarrowTill(Till):
    """A till whose bounds a test sets."""

    bounds = Bounds()

    def tap(self, intent: object, *, now_ms: int = NOW_MS) -> frozenset[str]:
        teller = taps.Teller("C", author_of, self.bounds)
        return self.run(lambda tx: taps.accept(tx, intent, teller=teller, now_ms=now_ms))  # type: ignore[arg-type]


@pytest.fixture
def till(tmp_path: Path) -> NarrowTill:
    """A till with one order sent and one only tapped."""
    connection = open_writer(tmp_path / "till.db")
    migrate(connection, tmp_path / "till.db", MIGRATIONS)
    till = NarrowTill(connection)
    till.send(OPEN, till.add_line(OPEN))
    till.add_line(DRAFT)
    return till


def refusals(till: NarrowTill) -> list[type[EvertillError]]:
    """Tap what makes orders and sends them; every tap has to be refused and leave nothing."""
    before = till.statuses()
    draft_line = till.scene(DRAFT).scene.draft.lines[0].id  # type: ignore[union-attr]
    found = []
    for tap in (partial(till.add_line, NEW), partial(till.add_line, OPEN), partial(till.send, DRAFT, draft_line)):
        with pytest.raises((DiskNearlyFull, QueueFull)) as caught:
            tap()
        found.append(caught.type)
        assert "Cash for open orders is still taken." in caught.value.advice
    assert till.statuses() == before
    assert till.scene(NEW).scene.draft is None
    assert len(till.scene(DRAFT).scene.draft.lines) == 1  # type: ignore[union-attr]
    return found


def pay(till: NarrowTill) -> None:
    line = till.scene(OPEN).scene.order.lines[0]  # type: ignore[union-attr]
    till.tap(till.bill(OPEN, line.id, total_minor=line.total_minor))
    assert till.statuses()[-1] == ("close_order", "PENDING", None)
    assert not till.scene(OPEN).scene.order.is_open  # type: ignore[union-attr]


def test_the_bounds_are_those_of_the_product() -> None:
    assert (Bounds().least_free_bytes, Bounds().most_waiting) == (200 * 1024 * 1024, 100_000)


def test_a_disk_that_is_almost_full_takes_no_new_order_and_still_takes_cash(till: NarrowTill) -> None:
    till.bounds = Bounds(least_free_bytes=EVERYTHING)
    assert set(refusals(till)) == {DiskNearlyFull}
    pay(till)


def test_a_queue_that_is_full_takes_no_new_order_and_still_takes_cash(till: NarrowTill) -> None:
    waiting = till.run(outbox.waiting)
    till.bounds = Bounds(most_waiting=waiting)
    assert set(refusals(till)) == {QueueFull}
    pay(till)
    till.deliver_all()
    till.add_line(NEW)


def test_one_below_the_bound_is_taken(till: NarrowTill) -> None:
    till.bounds = Bounds(most_waiting=till.run(outbox.waiting) + 1)
    till.add_line(NEW)


def test_a_drawer_is_kept_to_the_last(till: NarrowTill) -> None:
    """Its till takes cash beyond the bounds, and that has to be counted too."""
    till.bounds = Bounds(least_free_bytes=EVERYTHING, most_waiting=1)
    open_shift(till)
    till.tap(MoveCash(type=CashMove.PAY_OUT, amount_minor=500, reason="Bread", **said(till)))
    close_shift(till, counted_minor=9_500)
    assert [kind for kind, _, _ in till.statuses()[-3:]] == ["open_shift", "move_cash", "close_shift"]


def test_the_lines_of_a_draft_can_be_corrected_before_it_is_paid(till: NarrowTill) -> None:
    till.bounds = Bounds(least_free_bytes=EVERYTHING)
    line = till.scene(DRAFT).scene.draft.lines[0]  # type: ignore[union-attr]
    fewer = RemoveLine(id=ChangeId(till.new_id()), line_id=LineId(line.id))
    till.tap(
        EditDraft(
            id=OperationId(till.new_id()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(DRAFT),
            changes=(fewer,),
        )
    )
    assert till.scene(DRAFT).scene.draft is None


def test_what_is_in_already_is_no_new_tap(till: NarrowTill) -> None:
    line = till.add_line(NEW)
    sent = till.send(NEW, line)
    till.bounds = Bounds(least_free_bytes=EVERYTHING, most_waiting=1)
    assert till.tap(sent) == frozenset()


def test_a_disk_that_does_not_say_how_full_it_is_refuses_nothing(
    till: NarrowTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_word(_: Path) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(OUR_DISK, "free_bytes", no_word)
    till.add_line(NEW)


def test_the_disk_of_the_file_itself_is_asked(till: NarrowTill, tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    till.bounds = Bounds(least_free_bytes=free // 2)
    till.add_line(NEW)


def test_what_was_settled_before_and_between_does_not_count(till: NarrowTill) -> None:
    """The span of what was made is beyond the bound, what waits is not."""
    till.deliver_all()
    order = ulid(900_004)
    till.send(order, till.add_line(order))
    first, *_ = till.take().flights
    till.accept(first)
    waiting = till.run(outbox.waiting)
    till.bounds = Bounds(most_waiting=waiting + 1)
    till.add_line(order)
    till.bounds = Bounds(most_waiting=waiting)
    assert set(refusals(till)) == {QueueFull}
