"""Commands out of frozen bytes: the same bytes give the same command, other bytes another, whatever their id."""

from shared.domain.commands import ChangeOrder, SetNote
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId
from shared.store.frozen import MOST_KEPT_BYTES, command_in
from shared.wire.requests import Encoded, encode
from tests.unit.store.till import AT, ulid


def change(note: str, *, notes: int = 1) -> Encoded:
    changes = (SetNote(id=ChangeId(ulid(10 + n)), line_id=LineId(ulid(3)), note=note) for n in range(notes))
    return encode(
        ChangeOrder(
            id=OperationId(ulid(1)),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(ulid(2)),
            base_version=1,
            changes=tuple(changes),
        )
    )


def test_the_same_bytes_are_made_a_command_once() -> None:
    one = change("no salt")
    first = command_in(one.kind, ulid(1), path=one.path, body=one.body)
    assert encode(first) == one
    assert command_in(one.kind, ulid(1), path=one.path, body=bytes(bytearray(one.body))) is first


def test_other_bytes_under_the_same_id_are_another_command() -> None:
    found = [
        command_in(one.kind, ulid(1), path=one.path, body=one.body) for one in (change("no salt"), change("no oil"))
    ]
    assert [encode(command) for command in found] == [change("no salt"), change("no oil")]


def test_what_is_large_is_not_kept() -> None:
    large = change("x" * 200, notes=20)
    assert len(large.body) > MOST_KEPT_BYTES
    first, again = (command_in(large.kind, ulid(1), path=large.path, body=large.body) for _ in range(2))
    assert first == again
    assert first is not again
