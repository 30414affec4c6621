"""A damaged or wrong file: refused in words before anything in it changes, so that all of it can still be saved."""

import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reference_server.storage.file import FILE_NAME, Storage
from shared.clock import SystemClock
from shared.database import Connection, open_writer, run_inline
from shared.errors import DatabaseDamaged, DatabaseError, DatabaseForeign, DatabaseNewer
from shared.opening import open_device_file, open_terminal
from shared.settings import DeviceSettings
from shared.store import meta
from shared.ulids import SystemUlids
from shared.wal import log_of
from tests.unit.store.till import Till, ulid

FRAME_BYTES = 24 + 4096
OPERATIONS = 48


def settings(folder: Path, kind: str = "pos") -> DeviceSettings:
    return DeviceSettings.model_validate(
        {
            "kind": kind,
            "server_url": "http://127.0.0.1:1",
            "device_id": "device",
            "token": "x" * 32,
            "letter": "C",
            "data_dir": folder,
        }
    )


def serve(till: Till, orders: range) -> None:
    for number in orders:
        till.send(ulid(900_000 + number), till.add_line(ulid(900_000 + number)))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a till that died in service: eight orders in its file, eight more only in its log."""
    alive, dead = tmp_path_factory.mktemp("alive"), tmp_path_factory.mktemp("dead")
    path = alive / "pos.sqlite"
    with closing(open_device_file(path, ulids=SystemUlids(SystemClock()))) as connection:
        serve(Till(connection), range(8))
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        serve(Till(connection, ids=1_000), range(8, 16))
        for file in (path, log_of(path)):
            shutil.copy(file, dead / file.name)
    return dead


@pytest.fixture
def file(night: Path, tmp_path: Path) -> Path:
    """A copy of that folder's file, with its log beside it."""
    shutil.copytree(night, tmp_path / "till")
    return tmp_path / "till" / "pos.sqlite"


def contents(file: Path) -> dict[str, bytes]:
    """What is on the disk, byte for byte, but for the index, which SQLite makes anew at every start."""
    kept = (one for one in (file, log_of(file)) if one.exists() and one.stat().st_size)
    return {one.name: one.read_bytes() for one in kept}


def without_log(file: Path) -> Path:
    """The same with all that the log had in the file."""
    open_writer(file).close()
    assert not log_of(file).exists()
    return file


def refusal(file: Path) -> DatabaseError:
    """Why the till does not open; nothing may have changed, and nothing may hold the folder."""
    before = contents(file)
    with pytest.raises(DatabaseError) as first:
        open_terminal(settings(file.parent))
    with pytest.raises(DatabaseError) as caught:
        open_terminal(settings(file.parent))
    assert contents(file) == before
    assert first.value.title == caught.value.title
    assert str(file) in caught.value.detail or str(log_of(file)) in caught.value.detail
    return caught.value


def garble(file: Path, at: int, length: int = 200) -> None:
    """Random bytes over a place."""
    raw = bytearray(file.read_bytes())
    raw[at : at + length] = random.Random(at).randbytes(length)
    file.write_bytes(raw)


def cut(file: Path, length: int) -> None:
    file.write_bytes(file.read_bytes()[:length])


def test_what_is_whole_opens_with_everything_in_it(file: Path) -> None:
    terminal = open_terminal(settings(file.parent))
    assert (len(terminal.open_orders()), terminal.desk.counts()) == (16, (OPERATIONS, 0))
    terminal.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: garble(without_log(file), 0),
        lambda file: garble(without_log(file), 100, 4_000),
        lambda file: cut(without_log(file), 3 * 4096),
        lambda file: cut(file, 3 * 4096),
        lambda file: cut(file, 0),
        lambda file: file.unlink(),
        lambda file: garble(log_of(file), 0, 32),
        lambda file: garble(log_of(file), 32 + 5 * FRAME_BYTES + 100),
        lambda file: garble(log_of(file), 32 + 9 * FRAME_BYTES, 24),
        lambda file: without_log(file).write_text("This is no database.\n" * 400),
    ],
    ids=[
        "header",
        "first page",
        "cut short",
        "cut short beside its log",
        "emptied",
        "gone",
        "the log's header",
        "in the log",
        "a frame of the log",
        "a text",
    ],
)
def test_damage_is_told_and_file_and_log_stay_as_they_were(file: Path, damage: Callable[[Path], object]) -> None:
    damage(file)
    said = refusal(file)
    assert isinstance(said, DatabaseDamaged)
    assert "nothing" in said.advice.lower()


def test_a_log_that_was_torn_in_its_last_commit_is_no_damage(file: Path) -> None:
    log = log_of(file)
    cut(log, log.stat().st_size - 100)
    terminal = open_terminal(settings(file.parent))
    assert terminal.desk.counts()[0] >= OPERATIONS - 3
    terminal.close()


def test_what_two_power_cuts_in_a_row_leave_in_the_log_is_no_damage(file: Path, tmp_path: Path) -> None:
    """The second cut tears a small commit that stands on the first part of a large one, torn by the first cut."""
    torn, log = [], log_of(file)
    for length in (40_000, 10):
        place = tmp_path / str(length)
        shutil.copytree(file.parent, place)
        with closing(open_writer(place / file.name)) as connection:
            run_inline(connection, lambda tx, x="x" * length: meta.put(tx, "x", x))  # type: ignore[misc]
            torn.append(log_of(place / file.name).read_bytes())
    large, small = torn
    log.write_bytes(small[:-100] + bytes(100) + large[len(small) :])
    with closing(open_device_file(file, ulids=SystemUlids(SystemClock()))) as connection:
        assert connection.execute("SELECT count(*) FROM operation").get == OPERATIONS


@pytest.mark.parametrize("kept", [1, 13, 17, 20, 31])
def test_a_log_whose_header_was_torn_when_it_was_begun_anew_is_no_damage(file: Path, tmp_path: Path, kept: int) -> None:
    """All of it stood in the file by then. The same log beside a file that lacks a page of it is damaged."""
    log, older = log_of(file), tmp_path / "older.sqlite"
    shutil.copy(file, older)
    shutil.copy(log, log_of(older))
    begun, left = bytearray(log.read_bytes()), bytearray(log.read_bytes())
    begun[12:32] = random.Random(kept).randbytes(20)
    left[:kept] = begun[:kept]
    with closing(open_device_file(file, ulids=SystemUlids(SystemClock()))):
        pass
    log.write_bytes(left)
    with closing(open_device_file(file, ulids=SystemUlids(SystemClock()))) as connection:
        assert connection.execute("SELECT count(*) FROM operation").get == OPERATIONS
        assert left == log_of(older).read_bytes() or not log.stat().st_size
    if left != log_of(older).read_bytes():
        log_of(older).write_bytes(left)
        with pytest.raises(DatabaseDamaged, match="header"):
            open_device_file(older, ulids=SystemUlids(SystemClock()))


def test_a_log_that_another_process_writes_at_the_same_time_is_no_damage(file: Path) -> None:
    with closing(open_writer(file)) as other:
        serve(Till(other, ids=2_000), range(16, 20))
        with closing(open_writer(file)) as connection:
            assert connection.execute("SELECT count(*) FROM operation").get == 60


@pytest.mark.parametrize("table", ["operation", "operation that is held", "draft", "catalog"])
def test_what_the_till_still_owes_or_needs_is_read_at_the_start(file: Path, table: str) -> None:
    with closing(open_writer(file)) as connection:
        row = {
            "operation": "UPDATE operation SET body = x'7b00ff' WHERE seq = 3",
            "operation that is held": "UPDATE operation SET body = x'00', status = 'FAILED', reason = 'INVALID'"
            " WHERE seq = 3",
            "draft": "INSERT INTO draft VALUES ('x', x'00', 0)",
            "catalog": "INSERT INTO catalog VALUES ('menu', '1', x'7b22', 0)",
        }
        run_inline(connection, lambda tx: tx.execute(row[table]))
    said = refusal(file)
    assert isinstance(said, DatabaseDamaged)
    assert table.partition(" ")[0] in said.detail


@pytest.mark.parametrize("table", ["operation_lane", "meta", "cursor"])
def test_a_damaged_page_behind_the_header_is_told_if_the_till_needs_it(file: Path, table: str) -> None:
    root = root_page(without_log(file), table)
    garble(file, (root - 1) * 4096, 4096)
    assert isinstance(refusal(file), DatabaseDamaged)


def root_page(file: Path, table: str) -> int:
    with closing(open_writer(file)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).get
    assert isinstance(found, int)
    return found


def test_a_newer_programs_file_is_named_and_left_alone(file: Path) -> None:
    with closing(open_writer(file)) as connection:
        connection.pragma("user_version", 99)
    assert isinstance(refusal(file), DatabaseNewer)


def test_a_file_of_the_other_kind_of_device_is_named_and_left_alone(tmp_path: Path) -> None:
    open_terminal(settings(tmp_path, "kds")).close()
    without_log(tmp_path / "kds.sqlite").rename(tmp_path / "pos.sqlite")
    said = refusal(tmp_path / "pos.sqlite")
    assert isinstance(said, DatabaseForeign)
    assert said.title == "This is the file of a kitchen screen"


def make_server_file(file: Path) -> None:
    with Storage(file.parent):
        pass
    without_log(file.parent / FILE_NAME).rename(file)


def make_strangers_file(file: Path) -> None:
    with closing(apsw.Connection(str(file))) as other:
        other.execute("CREATE TABLE album (title TEXT); INSERT INTO album VALUES ('Big Ones')")


@pytest.mark.parametrize("make", [make_server_file, make_strangers_file], ids=["the server's", "a stranger's"])
def test_another_programs_database_is_named_and_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "pos.sqlite")
    said = refusal(tmp_path / "pos.sqlite")
    assert isinstance(said, DatabaseForeign)
    assert "left as it was" in said.advice or "left as it is" in said.advice


def test_a_server_leaves_a_tills_file_alone_too(tmp_path: Path, file: Path) -> None:
    shutil.copy(file, tmp_path / FILE_NAME)
    before = contents(tmp_path / FILE_NAME)
    with pytest.raises(DatabaseForeign):
        Storage(tmp_path)
    assert contents(tmp_path / FILE_NAME) == before


def test_random_bytes_anywhere_never_open_as_less_than_was_saved_without_a_word(file: Path, tmp_path: Path) -> None:
    """It opens with all that was saved, or it is refused and stays as it was.

    One thing can't be told apart: damage in the log's very last commit, and a power cut while it was being written.
    """
    chance = random.Random(7)
    for number in range(60):
        folder = tmp_path / str(number)
        shutil.copytree(file.parent, folder)
        target = chance.choice([folder / file.name, log_of(folder / file.name)])
        garble(target, chance.randrange(target.stat().st_size - 4096), chance.choice([16, 500, 4096]))
        before = contents(folder / file.name)
        try:
            connection: Connection = open_device_file(folder / file.name, ulids=SystemUlids(SystemClock()))
        except (DatabaseDamaged, DatabaseForeign, DatabaseNewer):
            assert contents(folder / file.name) == before
            continue
        with closing(connection):
            waiting = connection.execute("SELECT count(*) FROM operation WHERE status = 'PENDING'").get
        last = {OPERATIONS - 3} if target == log_of(folder / file.name) else set()
        assert waiting in {OPERATIONS, *last}, (number, target.name)
