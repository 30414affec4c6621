"""What is taken out of a damaged file: all that its pages and its log still have, and nothing that was never there."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from shared.clock import SystemClock
from shared.database import Connection, open_reader, run_inline
from shared.disk import OUR_DISK
from shared.domain.rejections import CommandRejected
from shared.errors import DatabaseError
from shared.opening import open_device_file
from shared.store import drafts, meta, outbox, receipts, salvage, taps
from shared.store.outcomes import FailReason
from shared.store.salvage import Salvage, Shape
from shared.ulids import SystemUlids
from shared.wal import log_of
from tests.unit.store.till import NOW_MS, Till, ulid
from tests.unit.test_damaged_file import FRAME_BYTES, OPERATIONS, cut, garble, root_page, serve, without_log

ROWS_OF_A_PAGE = 16
DRAFT = ulid(999_999)


def opened(path: Path) -> Connection:
    return open_device_file(path, ulids=SystemUlids(SystemClock()))


@pytest.fixture(scope="module")
def dead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A till that died: eight orders in its file, eight and a draft only in its log; one settled, one refused."""
    alive, dead = tmp_path_factory.mktemp("alive"), tmp_path_factory.mktemp("dead")
    path = alive / "pos.sqlite"
    with closing(opened(path)) as connection:
        till = Till(connection)
        serve(till, range(8))
        (first,) = till.take(1).flights
        till.accept(first)
        (second,) = till.take(1).flights
        till.fail(second, FailReason.INVALID)
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        till.ids = 1_000
        serve(till, range(8, 16))
        till.add_line(DRAFT)
        for file in (path, log_of(path)):
            shutil.copy(file, dead / file.name)
    return dead


@pytest.fixture
def file(dead: Path, tmp_path: Path) -> Path:
    shutil.copytree(dead, tmp_path / "till")
    return tmp_path / "till" / "pos.sqlite"


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Connection]:
    with closing(opened(tmp_path / "new.sqlite")) as connection:
        yield connection


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    with closing(opened(tmp_path_factory.mktemp("new") / "new.sqlite")) as connection:
        return salvage.shape_of(connection)


def whole(file: Path) -> Salvage:
    """What SQLite reads, from a copy."""
    copy = file.parent.parent / "copy"
    shutil.copytree(file.parent, copy)
    with closing(opened(copy / file.name)) as connection:
        read = salvage.read_whole(connection)
    shutil.rmtree(copy)
    return read


def test_of_a_whole_file_the_pages_have_what_sqlite_reads(file: Path, shape: Shape) -> None:
    assert salvage.carve(file, shape, disk=OUR_DISK) == whole(file)
    read = whole(file)
    assert (len(read.operations), len(read.drafts), len(read.alerts)) == (OPERATIONS, 1, 1)
    assert read.letters == {"C"}


@pytest.mark.parametrize(
    ("damage", "lost"),
    [
        (lambda file: garble(without_log(file), 0), 0),
        (lambda file: garble(without_log(file), 0, 4096), 0),
        (lambda file: garble(without_log(file), 100, 3_996), 0),
        (lambda file: garble(log_of(file), 0, 32), 0),
        (lambda file: garble(log_of(file), 32 + 5 * FRAME_BYTES + 100), 0),
        (lambda file: garble(log_of(file), 32 + 9 * FRAME_BYTES, 24), 0),
        (lambda file: garble(file, (root_page(without_log(file), "operation_lane") - 1) * 4096, 4096), 0),
        (lambda file: garble(file, (root_page(without_log(file), "operation") - 1) * 4096, 4096), 0),
        (lambda file: cut(without_log(file), file.stat().st_size - 3 * 4096), 3 * ROWS_OF_A_PAGE),
        (lambda file: cut(without_log(file), file.stat().st_size - 4096 - 3), 2 * ROWS_OF_A_PAGE),
        (lambda file: cut(file, 0), 24),
        (lambda file: file.unlink(), 24),
        (lambda file: log_of(file).unlink(), 24),
    ],
    ids=[
        "header",
        "first page",
        "schema",
        "the log's header",
        "in the log",
        "a frame of the log",
        "the table of lanes",
        "above the operations",
        "cut short",
        "cut in a page",
        "emptied",
        "gone",
        "the log is gone",
    ],
)
def test_a_damaged_file_gives_all_but_what_stood_in_the_destroyed_pages(
    file: Path, shape: Shape, damage: Callable[[Path], object], lost: int
) -> None:
    before = {saved.command.id: saved.command for saved in whole(file).operations}
    damage(file)
    found = salvage.carve(file, shape, disk=OUR_DISK)
    assert len(found.operations) >= OPERATIONS - lost
    assert {saved.command.id: saved.command for saved in found.operations}.items() <= before.items()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: garble(without_log(file), 0),
        lambda file: garble(log_of(file), 0, 32),
        lambda file: garble(log_of(file), 32 + 5 * FRAME_BYTES + 100),
        lambda file: garble(file, (root_page(without_log(file), "operation") - 1) * 4096, 4096),
    ],
    ids=["header", "the log's header", "in the log", "above the operations"],
)
def test_sqlite_itself_reads_less_of_the_same_files(file: Path, damage: Callable[[Path], object]) -> None:
    damage(file)
    try:
        with closing(open_reader(file)) as reader:
            found = len(reader.execute("SELECT body FROM operation").fetchall())
    except (apsw.Error, DatabaseError):
        found = 0
    assert found <= OPERATIONS // 2


def test_random_damage_takes_away_little_and_invents_nothing(file: Path, shape: Shape, tmp_path: Path) -> None:
    before = {saved.command.id: saved.command for saved in whole(file).operations}
    chance = random.Random(7)
    for number in range(30):
        folder = tmp_path / str(number)
        shutil.copytree(file.parent, folder)
        target = chance.choice([folder / file.name, log_of(folder / file.name)])
        garble(target, chance.randrange(target.stat().st_size - 4096), chance.choice([16, 500, 4096]))
        found = salvage.carve(folder / file.name, shape, disk=OUR_DISK)
        assert len(found.operations) >= OPERATIONS - 2 * ROWS_OF_A_PAGE, number
        assert {saved.command.id: saved.command for saved in found.operations}.items() <= before.items(), number


def test_bytes_that_are_no_file_of_ours_give_nothing_and_raise_nothing(tmp_path: Path, shape: Shape) -> None:
    chance = random.Random(3)
    for kind in (0x0D, 0x0A, 0x02, 0x05):
        pages = bytearray(chance.randbytes(16 * 4096))
        for start in range(0, len(pages), 4096):
            pages[start] = kind
        (tmp_path / "x.sqlite").write_bytes(pages)
        assert salvage.carve(tmp_path / "x.sqlite", shape, disk=OUR_DISK) == Salvage()


def test_an_operation_of_which_only_a_part_is_left_is_counted(file: Path, shape: Shape) -> None:
    body = whole(file).operations[5].row["body"]
    assert isinstance(body, bytes)
    raw = without_log(file).read_bytes()
    file.write_bytes(raw.replace(body, b"x" * len(body)))
    found = salvage.carve(file, shape, disk=OUR_DISK)
    assert (len(found.operations), found.unreadable) == (OPERATIONS - 1, [6])


def test_a_row_that_goes_on_in_other_pages_is_read(tmp_path: Path, shape: Shape) -> None:
    path = tmp_path / "pos.sqlite"
    with closing(opened(path)) as connection:
        till = Till(connection)
        for _ in range(60):
            till.add_line(ulid(7_000))
        lines = [line.id for line in till.scene(ulid(7_000)).scene.draft.lines]  # type: ignore[union-attr]
        till.send(ulid(7_000), *lines)
        till.add_line(DRAFT)
    found = salvage.carve(path, shape, disk=OUR_DISK)
    assert max(len(bytes(saved.row["body"])) for saved in found.operations) > 2 * 4096  # type: ignore[arg-type]
    assert (len(found.operations), [draft.order_id for draft in found.drafts]) == (3, [DRAFT])


def test_of_two_states_of_an_operation_the_one_that_is_further_counts(file: Path, shape: Shape) -> None:
    """The log still has the page of the moment before the answer."""
    with closing(opened(file)) as connection:
        till = Till(connection)
        for flight in till.take(5).flights:
            till.accept(flight)
        before = [saved.row["status"] for saved in salvage.read_whole(connection).operations]
        found = salvage.carve(file, shape, disk=OUR_DISK)
        assert [saved.row["status"] for saved in found.operations] == before
        assert before.count("SUCCESS") == 6


def test_the_new_file_owes_what_the_old_one_owed(file: Path, shape: Shape, new: Connection) -> None:
    read = salvage.carve(file, shape, disk=OUR_DISK)
    run_inline(new, lambda tx: salvage.write(tx, read, now_ms=NOW_MS))
    with closing(opened(file)) as old:
        for rows in (
            "SELECT * FROM operation ORDER BY seq",
            "SELECT * FROM operation_lane ORDER BY lane, place, seq",
            "SELECT * FROM alert",
            "SELECT order_id, body FROM draft",
        ):
            assert list(new.execute(rows)) == list(old.execute(rows)), rows
        assert run_inline(new, outbox.waiting) == OPERATIONS - 2
        assert run_inline(new, meta.birth) != run_inline(old, meta.birth)


def test_the_new_file_gives_no_number_under_the_old_letter(file: Path, shape: Shape, new: Connection) -> None:
    read = salvage.carve(file, shape, disk=OUR_DISK)
    run_inline(new, lambda tx: salvage.write(tx, read, now_ms=NOW_MS))
    till = Till(new, ids=9_000)
    with pytest.raises(CommandRejected, match="salvaged"):
        till.add_line(ulid(8_000))
    assert run_inline(new, lambda tx: taps.numbers_of(tx, "D").new_order()).startswith("D-")
    again = salvage.read_whole(new)
    assert again.letters == {"C"}, "a file that is salvaged twice gives none either"


def test_a_draft_whose_lines_were_sent_is_not_offered_again(file: Path, shape: Shape) -> None:
    with closing(opened(file)) as connection:
        till = Till(connection, ids=9_000)
        (draft,) = run_inline(connection, drafts.every)
        till.send(DRAFT, *(line.id for line in draft.lines))
        assert run_inline(connection, drafts.every) == ()
        found = salvage.carve(file, shape, disk=OUR_DISK)
    assert found.drafts == []


def test_an_heir_whose_ancestor_was_destroyed_is_taken_all_the_same(file: Path, shape: Shape, new: Connection) -> None:
    with closing(opened(file)) as connection:
        connection.execute("UPDATE operation SET replaces = 2 WHERE seq IN (5, 6)")
        read = salvage.read_whole(connection)
    read.operations = [saved for saved in read.operations if saved.seq != 2]
    run_inline(new, lambda tx: salvage.write(tx, read, now_ms=NOW_MS))
    assert new.execute("SELECT count(*), count(replaces) FROM operation").get == (OPERATIONS - 1, 0)


def test_numbers_of_which_no_receipt_is_left_are_no_hole_in_the_new_chain(new: Connection) -> None:
    """The page of the receipts is destroyed, or the file is of before there was a chain."""
    counted = Salvage(facts={receipts.COUNT: "5", "kind": "pos"})
    run_inline(new, lambda tx: salvage.write(tx, counted, now_ms=NOW_MS))
    assert run_inline(new, receipts.look_through).broken is None


def test_letters_are_known_from_a_receipt_alone_and_from_what_an_earlier_salvage_left(file: Path) -> None:
    with closing(opened(file)) as connection:
        till = Till(connection, ids=9_000, letter="D")
        order = str(salvage.read_whole(connection).operations[-1].row["entity_id"])
        line = till.scene(order).scene.order.lines[0]  # type: ignore[union-attr]
        till.tap(till.bill(order, line.id, total_minor=line.total_minor))
        close = salvage.read_whole(connection).operations[-1]
    assert Salvage(operations=[close]).letters == {"D"}
    assert Salvage(facts={"spent_letters": "A B"}).letters == {"A", "B"}


def test_the_new_file_goes_to_any_server(file: Path, shape: Shape, new: Connection) -> None:
    with closing(opened(file)) as connection:
        run_inline(connection, lambda tx: meta.stand_on(tx, ulid(1)))
        read = salvage.read_whole(connection)
    run_inline(new, lambda tx: salvage.write(tx, read, now_ms=NOW_MS))
    assert run_inline(new, meta.history) == ""
