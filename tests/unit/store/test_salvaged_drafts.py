"""Drafts in a damaged file: each is taken out as it was last, although older states of its page stand everywhere."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.database import Connection, open_reader
from shared.disk import OUR_DISK
from shared.domain.commands import AddLine, EditDraft, RemoveLine, SetQuantity
from shared.domain.draft import Draft
from shared.ids import ChangeId, LineId, OperationId, OrderId, StaffId, TableId
from shared.opening import open_device_file
from shared.store import salvage
from shared.ulids import SystemUlids
from shared.wal import log_of
from tests.unit.store.till import AT, Till, ulid
from tests.unit.test_damaged_file import garble, root_page

ORDER = ulid(900_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "till" / "pos.sqlite"


@pytest.fixture
def connection(file: Path) -> Iterator[Connection]:
    """The till that is still open: its log lies beside its file as a power cut would leave it."""
    with closing(open_device_file(file, ulids=SystemUlids(SystemClock()))) as opened:
        yield opened


def change(till: Till, order: str, one: AddLine | SetQuantity | RemoveLine) -> None:
    till.tap(
        EditDraft(
            id=OperationId(till.new_id()),
            actor_id=StaffId("amina"),
            at=AT,
            order_id=OrderId(order),
            table_id=TableId("table-5"),
            changes=(one,),
        )
    )


def remove(till: Till, order: str, line: str) -> None:
    change(till, order, RemoveLine(id=ChangeId(till.new_id()), line_id=LineId(line)))


def more_of(till: Till, order: str, line: str) -> None:
    change(till, order, SetQuantity(id=ChangeId(till.new_id()), line_id=LineId(line), quantity=7))


def carved(file: Path) -> list[Draft]:
    with closing(open_device_file(file.parent.parent / "new.sqlite", ulids=SystemUlids(SystemClock()))) as new:
        shape = salvage.shape_of(new)
    return salvage.carve(file, shape, disk=OUR_DISK).drafts


def read(file: Path) -> list[Draft]:
    """What SQLite says, which reads a whole file."""
    with closing(open_reader(file)) as reader:
        return salvage.read_whole(reader).drafts


def quantities(drafts: list[Draft]) -> dict[str, list[int]]:
    return {draft.order_id: [line.quantity for line in draft.lines] for draft in drafts}


def test_what_an_older_log_left_behind_the_end_of_the_newer_one_is_not_the_last_word(
    file: Path, connection: Connection
) -> None:
    till = Till(connection)
    line = [till.add_line(ORDER) for _ in range(20)][-1]
    connection.wal_checkpoint()
    more_of(till, ORDER, line)
    assert log_of(file).stat().st_size > 20 * 4096, "the log is begun anew from its front"
    garble(file, 0, 4096)
    assert quantities(carved(file)) == {ORDER: [1] * 19 + [7]}


def test_what_a_waiter_took_out_again_does_not_come_back(file: Path, connection: Connection) -> None:
    till = Till(connection)
    line = till.add_line(ORDER)
    till.add_line(ulid(900_001))
    remove(till, ORDER, line)
    garble(file, 0, 4096)
    assert quantities(carved(file)) == {ulid(900_001): [1]}


@pytest.mark.parametrize("garbled", [False, True], ids=["only zeros", "anything"])
def test_of_a_destroyed_page_the_log_before_has_what_it_still_has(
    file: Path, connection: Connection, garbled: bool
) -> None:
    till = Till(connection)
    till.add_line(ORDER)
    place = (root_page(file, "draft") - 1) * 4096
    connection.wal_checkpoint()
    if garbled:
        garble(file, place, 4096)
    else:
        raw = file.read_bytes()
        file.write_bytes(raw[:place] + bytes(4096) + raw[place + 4096 :])
    assert quantities(carved(file)) == {ORDER: [1]}


@pytest.mark.parametrize("seed", range(4))
def test_after_any_evening_the_pages_say_what_sqlite_says(file: Path, connection: Connection, seed: int) -> None:
    """Drafts are begun, changed, sent and emptied, and now and then the log is copied and begun anew."""
    chance = random.Random(seed)
    till = Till(connection)
    orders: dict[str, list[str]] = {}
    for _ in range(80):
        order = chance.choice([*orders, ulid(900_000 + len(orders))])
        lines = orders.setdefault(order, [])
        match chance.choice(["add", "add", "more", "remove", "send", "copy"]):
            case "more" if lines:
                more_of(till, order, chance.choice(lines))
            case "remove" if lines:
                remove(till, order, lines.pop())
            case "send" if lines:
                till.send(order, *lines)
                lines.clear()
            case "copy":
                connection.wal_checkpoint()
            case _:
                lines.append(till.add_line(order))
    assert carved(file) == read(file)
