"""What may be changed of a refused operation, and that every name inside stays."""

import pytest

from shared.domain.commands import (
    AddLine,
    Change,
    ChangeOrder,
    MoveTable,
    NewLine,
    NewPayment,
    Operation,
    OrderOperation,
    SendToKitchen,
    SetSeat,
)
from shared.domain.fixing import Part, TakeOut, parts_of, with_part, without_lines
from shared.domain.moves import SplitOrder, TransferLines
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


FIRST, SECOND = new_line(), new_line().model_copy(update={"id": LineId(ulid(302))})
BOTH = change().model_copy(update={"changes": (AddLine(line=FIRST), AddLine(line=SECOND), TO_TABLE_7)})
GONE = (FIRST.id,)


def seat(line: NewLine, number: int) -> SetSeat:
    return SetSeat(id=ChangeId(ulid(number)), line_id=line.id, seat=2)


def carry(*lines: NewLine) -> TransferLines:
    ids = tuple(line.id for line in lines)
    return TransferLines(id=ChangeId(ulid(305)), line_ids=ids, to_order_id=OrderId(ulid(2)))


def changing(*changes: Change) -> ChangeOrder:
    return change().model_copy(update={"changes": changes})


def splitting(*lines: NewLine) -> SplitOrder:
    said = change()
    return SplitOrder(
        id=said.id, actor_id=said.actor_id, at=said.at, order_id=said.order_id, base_version=0,
        new_order_id=OrderId(ulid(2)), line_ids=tuple(line.id for line in lines),
    )  # fmt: skip


def sending(*lines: NewLine, held: tuple[NewLine, ...] = ()) -> SendToKitchen:
    ids = {"line_ids": tuple(line.id for line in lines), "held_ids": tuple(line.id for line in held) or None}
    return send_to_kitchen().model_copy(update=ids)


LESS: list[tuple[OrderOperation, OrderOperation | None]] = [
    (create(FIRST, SECOND), create(SECOND)),
    (create(FIRST), create()),
    (BOTH, changing(AddLine(line=SECOND), TO_TABLE_7)),
    (changing(seat(FIRST, 303), seat(SECOND, 304)), changing(seat(SECOND, 304))),
    (changing(seat(FIRST, 303)), None),
    (changing(carry(FIRST, SECOND)), changing(carry(SECOND))),
    (changing(carry(FIRST)), None),
    (sending(FIRST, SECOND), sending(SECOND)),
    (sending(SECOND, held=(FIRST,)), sending(SECOND)),
    (sending(FIRST), None),
    (sending(FIRST, held=(SECOND,)), None),
    (splitting(FIRST, SECOND), splitting(SECOND)),
    (splitting(FIRST), None),
]


@pytest.mark.parametrize(("before", "after"), LESS)
def test_what_asks_for_a_line_that_is_not_there_asks_for_the_rest(
    before: OrderOperation, after: OrderOperation | None
) -> None:
    assert without_lines(before, GONE) == after


@pytest.mark.parametrize("command", [create(SECOND), BOTH, sending(SECOND), splitting(SECOND), close(), void()])
def test_what_asks_for_no_such_line_stays_the_same_and_so_does_a_bill(command: OrderOperation) -> None:
    """A bill says what the guest was told, whatever is there by now."""
    assert without_lines(command, (ulid(999),)) is command
    assert isinstance(command, ChangeOrder | SplitOrder | SendToKitchen) or without_lines(command, GONE) is command


def test_a_line_is_taken_out_and_all_else_stays() -> None:
    less = with_part(BOTH, TakeOut(ChangeId(FIRST.id)))
    assert less == changing(AddLine(line=SECOND), TO_TABLE_7)
    assert with_part(create(FIRST), TakeOut(ChangeId(FIRST.id))) == create()


def test_the_only_line_of_a_change_is_not_taken_out() -> None:
    with pytest.raises(CommandRejected, match="Nothing would be left"):
        with_part(changing(AddLine(line=FIRST)), TakeOut(ChangeId(FIRST.id)))


@pytest.mark.parametrize("command", [BOTH, close(), send_to_kitchen()])
def test_only_a_new_line_is_taken_out(command: OrderOperation) -> None:
    for strange in (TO_TABLE_7.id, PAID.id, ulid(999)):
        with pytest.raises(CommandRejected, match="no part"):
            with_part(command, TakeOut(ChangeId(strange)))
