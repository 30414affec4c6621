"""What may be changed of a refused operation, and that every name inside stays."""

import pytest

from shared.domain.commands import AddLine, ChangeOrder, MoveTable, NewLine, NewPayment, Operation
from shared.domain.fixing import Part, parts_of, with_part
from shared.domain.rejections import CommandRejected
from shared.ids import ChangeId, ItemId, LineId, OrderId, PaymentId, TableId
from shared.wire.requests import decode, encode, lanes_of
from tests.unit.sync.flights import (
    LINE,
    change,
    close,
    create,
    new_line,
    ready,
    send_to_kitchen,
    ulid,
    void,
)

OTHER_DISH = NewLine(id=LineId(LINE), item_id=ItemId("soup"), quantity=3, note="No salt")
TO_TABLE_7 = MoveTable(id=ChangeId(ulid(301)), table_id=TableId("table-7"))
MOVED = ChangeOrder(
    id=change().id, actor_id=change().actor_id, at=change().at, order_id=OrderId(ulid(1)), base_version=0,
    changes=(AddLine(line=new_line()), TO_TABLE_7),
)  # fmt: skip
PAID = close().payments[0]

FIXES: list[tuple[Operation, Part]] = [
    (create(new_line()), MoveTable(id=ChangeId(create().id), table_id=TableId("table-7"))),
    (create(new_line()), AddLine(line=OTHER_DISH)),
    (change(), AddLine(line=OTHER_DISH)),
    (MOVED, TO_TABLE_7.model_copy(update={"table_id": TableId("table-8")})),
    (close(), PAID.model_copy(update={"amount": 1300, "tendered": 1500})),
]


@pytest.mark.parametrize(("before", "part"), FIXES)
def test_a_part_is_exchanged_and_all_names_stay(before: Operation, part: Part) -> None:
    assert part not in parts_of(before)

    after = with_part(before, part)  # type: ignore[arg-type]

    assert part in parts_of(after)
    assert [one.id for one in parts_of(after)] == [one.id for one in parts_of(before)]
    assert (after.id, lanes_of(after)) == (before.id, lanes_of(before))
    frozen = encode(after)
    read = decode(frozen.kind, operation_id=after.id, path=frozen.path, body=frozen.body)
    assert read == after, "it travels as it was changed"


def test_only_the_part_that_was_named_changes() -> None:
    after = with_part(MOVED, AddLine(line=OTHER_DISH))
    assert isinstance(after, ChangeOrder)
    assert after.changes == (AddLine(line=OTHER_DISH), TO_TABLE_7)


def test_who_took_less_for_a_bill_has_told_the_guest_less() -> None:
    less = with_part(close(), PAID.model_copy(update={"amount": 1000}))
    assert less.total_minor == 1000  # type: ignore[union-attr]
    more = with_part(close(), PAID.model_copy(update={"amount": 1400}))
    assert more.total_minor == close().total_minor  # type: ignore[union-attr]


@pytest.mark.parametrize("command", [send_to_kitchen(), void(), ready()])
def test_what_is_right_or_not_has_no_parts(command: Operation) -> None:
    assert parts_of(command) == ()


STRANGE: list[tuple[Operation, Part]] = [
    (create(), AddLine(line=OTHER_DISH)),
    (create(), TO_TABLE_7),
    (create(), PAID),
    (change(), AddLine(line=OTHER_DISH.model_copy(update={"id": LineId(ulid(9))}))),
    (change(), TO_TABLE_7),
    (change(), MoveTable(id=ChangeId(LINE), table_id=None)),
    (close(), NewPayment.model_validate({**PAID.model_dump(), "id": PaymentId(ulid(9))})),
    (close(), TO_TABLE_7),
    (send_to_kitchen(), AddLine(line=OTHER_DISH)),
]


@pytest.mark.parametrize(("before", "part"), STRANGE)
def test_what_is_no_part_of_it_is_refused(before: Operation, part: Part) -> None:
    with pytest.raises(CommandRejected, match="no part"):
        with_part(before, part)  # type: ignore[arg-type]
