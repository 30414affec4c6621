"""Commands out of frozen bytes: the same bytes give the same command, other bytes another, whatever their id."""

from shared.domain.commands import ChangeOrder, SetNote
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId
from shared.store.frozen import COMMANDS_KEPT, MOST_KEPT_BYTES, command_in, remember
from shared.wire.requests import Encoded, encode
from tests.unit.store.till import AT, ulid


def command(note: str, *, notes: int = 1) -> ChangeOrder:
    changes = (SetNote(id=ChangeId(ulid(10 + n)), line_id=LineId(ulid(3)), note=note) for n in range(notes))
    return ChangeOrder(
        id=OperationId(ulid(1)),
        actor_id=StaffId("amina"),
        at=AT,
        order_id=OrderId(ulid(2)),
        base_version=1,
        changes=tuple(changes),
    )


def change(note: str, *, notes: int = 1) -> Encoded:
    return encode(command(note, notes=notes))


def test_the_same_bytes_are_made_a_command_once() -> None:
    one = change("no salt")
    first = command_in(one.kind, ulid(1), path=one.path, body=one.body)
    assert encode(first) == one
    assert command_in(one.kind, ulid(1), path=one.path, body=bytes(bytearray(one.body))) is first


def test_other_bytes_under_the_same_id_are_another_command() -> None:
    found = [
        command_in(one.kind, ulid(1), path=one.path, body=one.body) for one in (change("no salt"), change("no oil"))
    ]
    assert [encode(each) for each in found] == [change("no salt"), change("no oil")]


def test_what_is_large_is_not_kept() -> None:
    large = change("x" * 200, notes=20)
    assert len(large.body) > MOST_KEPT_BYTES
    first, again = (command_in(large.kind, ulid(1), path=large.path, body=large.body) for _ in range(2))
    assert first == again
    assert first is not again


def test_a_command_that_was_queued_is_not_made_again_of_its_own_bytes() -> None:
    queued = command("no pepper")
    one = encode(queued)
    remember(queued, one)
    assert command_in(one.kind, ulid(1), path=one.path, body=one.body) is queued


def test_no_more_are_kept_than_their_number() -> None:
    first = command("no onions")
    one = encode(first)
    remember(first, one)
    for number in range(COMMANDS_KEPT):
        other = command(f"note {number}")
        remember(other, encode(other))
    again = command_in(one.kind, ulid(1), path=one.path, body=one.body)
    assert again == first
    assert again is not first
