"""evertill-recover on damaged, foreign and strange files: what it says, what it writes, and what it leaves alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from shared.clock import SystemClock
from shared.database import open_writer, run_inline
from shared.domain.marks import BumpTicket
from shared.errors import DiskFull
from shared.ids import OperationId, StaffId, TicketId
from shared.locks import OsLock
from shared.migrations import kept_copies
from shared.opening import open_device_file
from shared.recover import IN_PART, main
from shared.store import drafts, meta, outbox, salvage
from shared.store.outcomes import FailReason
from shared.ulids import SystemUlids
from tests.unit.store.till import AT, NOW_MS, Till, ulid
from tests.unit.test_damaged_file import (
    contents,
    cut,
    garble,
    make_server_file,
    make_strangers_file,
    serve,
    without_log,
)

Said = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A till's file after two orders, a refusal and a draft; nobody has it open."""
    path = tmp_path / "till" / "pos.sqlite"
    with closing(open_device_file(path, ulids=SystemUlids(SystemClock()))) as connection:
        till = Till(connection)
        serve(till, range(2))
        (first,) = till.take(1).flights
        till.fail(first, FailReason.INVALID)
        till.add_line(ulid(7_000), quantity=2)
    return path


def rescued(folder: Path) -> tuple[int, list[str], frozenset[str]]:
    """What the new file owes, what was only tapped, and the letters that it gives no number under."""
    with closing(open_device_file(folder / "pos.sqlite", ulids=SystemUlids(SystemClock()))) as new:
        tapped = [str(draft.order_id) for draft in run_inline(new, drafts.every)]
        return run_inline(new, outbox.waiting), tapped, run_inline(new, meta.spent_letters)


def test_a_whole_file_is_listed_and_nothing_is_written(file: Path, capsys: Said) -> None:
    before = contents(file)
    assert main([str(file), "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file} is whole, the file of a till.",
        "6 operations found: 5 waiting for the server, 1 for a person, 0 done.",
        "1 order with lines that were tapped and not sent: C-3 (2 x Chicken Bowl).",
        "  1. Create order, C-1: needs a person",
        "  2. Change order, C-1: waits",
        "  3. Send to kitchen, C-1: waits",
        "  4. Create order, C-2: waits",
        "  5. Change order, C-2: waits",
        "  6. Send to kitchen, C-2: waits",
    ]
    assert contents(file) == before


@pytest.mark.parametrize("damage", [lambda _: None, lambda file: garble(file, 0, 4096)], ids=["whole", "damaged"])
def test_the_new_file_has_what_the_old_one_owed_and_the_old_one_stays(
    file: Path, tmp_path: Path, capsys: Said, damage: Callable[[Path], object]
) -> None:
    with closing(open_device_file(file, ulids=SystemUlids(SystemClock()))) as connection:
        old_birth = run_inline(connection, meta.birth)
    damage(file)
    before = contents(file)
    code = main([str(file), "--into", str(tmp_path / "rescued")])
    said = capsys.readouterr().out
    assert code == (IN_PART if "damaged" in said else 0)
    assert f"Written: {tmp_path / 'rescued' / 'pos.sqlite'}" in said
    assert "No number under C is given any more." in said
    assert f"EVERTILL_DATA_DIR={tmp_path / 'rescued'} evertill-agent" in said
    assert contents(file) == before
    assert rescued(tmp_path / "rescued") == (5, [ulid(7_000)], frozenset({"C"}))
    with closing(open_writer(tmp_path / "rescued" / "pos.sqlite")) as new:
        assert run_inline(new, meta.birth) not in (None, old_birth)


def test_a_file_that_was_cut_short_says_that_it_may_not_be_all(file: Path, tmp_path: Path, capsys: Said) -> None:
    cut(file, file.stat().st_size - 4096)
    assert main([str(file), "--into", str(tmp_path / "rescued")]) == IN_PART
    said = capsys.readouterr().out
    assert "The device's file is damaged. What stands in its pages was taken out one by one." in said
    assert "Compare the day's receipts with the server" in said


@pytest.mark.parametrize("make", [make_server_file, make_strangers_file, lambda file: file.write_text("x" * 9_000)])
def test_what_is_no_file_of_a_device_is_named_and_left_alone(
    tmp_path: Path, capsys: Said, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "pos.sqlite"
    make(path)
    before = contents(path)
    assert main([str(path), "--into", str(tmp_path / "rescued")]) == 1
    assert "Nothing of a till or a kitchen screen was found in this file." in capsys.readouterr().err
    assert contents(path) == before
    assert not (tmp_path / "rescued").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "nowhere" / "pos.sqlite"
    assert main([str(path), "--dry-run"]) == 1
    assert f"{path} is not there" in capsys.readouterr().err
    assert not path.parent.exists()
    assert main([str(tmp_path), "--dry-run"]) == 1
    assert f"{tmp_path} is no file" in capsys.readouterr().err


def test_a_file_that_was_made_and_never_filled_has_nothing(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "pos.sqlite"
    path.touch()
    assert main([str(path), "--dry-run"]) == 1
    assert "Nothing of a till" in capsys.readouterr().err


def test_a_kitchen_screens_file_becomes_a_kitchen_screens_file(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "old" / "some-name.sqlite"
    mark = BumpTicket(
        id=OperationId(ulid(1)), actor_id=StaffId("marco"), at=AT, ticket_id=TicketId(ulid(2)), line_ids=()
    )
    with closing(open_device_file(path, ulids=SystemUlids(SystemClock()))) as connection:
        run_inline(connection, lambda tx: (meta.give_kind(tx, "kds"), outbox.append(tx, mark, now_ms=NOW_MS)))
    garble(path, 0, 4096)
    assert main([str(path), "--into", str(tmp_path / "rescued")]) == IN_PART
    assert (tmp_path / "rescued" / "kds.sqlite").exists()
    assert "enrol this till anew" not in capsys.readouterr().out
    assert main([str(tmp_path / "rescued" / "kds.sqlite"), "--dry-run"]) == 0
    assert f"  1. Bump, {ulid(2)}: waits" in capsys.readouterr().out


def test_a_newer_programs_file_is_named(file: Path, capsys: Said) -> None:
    with closing(open_writer(file)) as connection:
        connection.pragma("user_version", 99)
    assert main([str(file), "--dry-run"]) == 1
    assert "belongs to a newer version" in capsys.readouterr().err


def test_a_file_that_a_till_has_open_is_left_to_it(file: Path, capsys: Said) -> None:
    with OsLock(file.with_suffix(".window-lock")):
        assert main([str(file), "--dry-run"]) == 1
    assert "already running" in capsys.readouterr().err


def test_a_file_in_the_new_ones_place_is_never_written_over(file: Path, capsys: Said) -> None:
    before = contents(file)
    assert main([str(file), "--into", str(file.parent)]) == 1
    assert "There is a device's file in this folder already" in capsys.readouterr().err
    assert contents(file) == before


def test_who_reads_no_further_has_the_new_file_all_the_same(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `| head` does."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as pipe, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", pipe)
        assert main([str(file), "--into", str(tmp_path / "rescued")]) == 0
    assert rescued(tmp_path / "rescued")[0] == 5


def test_a_destroyed_file_names_the_copies_that_stand_beside_it(file: Path, capsys: Said) -> None:
    copy = file.with_name(f"{file.name}.copy-0001-of-v1")
    copy.write_bytes(without_log(file).read_bytes())
    assert kept_copies(file) == [copy]
    file.write_bytes(b"x" * 9_000)
    assert main([str(file), "--dry-run"]) == 1
    assert copy.name in capsys.readouterr().err


def test_of_a_new_file_that_could_not_be_filled_nothing_is_left(
    file: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what waits must never be sent for all of it, nor stand in the way of the next try."""

    def full(_: object) -> None:
        raise DiskFull("no room")

    with monkeypatch.context() as patched:
        patched.setattr(salvage, "write", lambda tx, found, now_ms: full(tx))
        assert main([str(file), "--into", str(tmp_path / "rescued")]) == 1
    assert list((tmp_path / "rescued").iterdir()) == []
    assert "full" in capsys.readouterr().err
    assert main([str(file), "--into", str(tmp_path / "rescued")]) == 0
