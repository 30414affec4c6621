"""What evertill-doctor says of a device: every thing that can be wrong with it has its sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shared.claims import Holder, holder, take_for_window
from shared.clock import SystemClock
from shared.database import open_writer, run_inline
from shared.doctor.checks import (
    CLOCK_WRONG_MS,
    LONG_MS,
    FileFacts,
    Finding,
    Level,
    QueueFacts,
    ServerFacts,
    check_clock,
    check_file,
    check_queue,
    check_server,
)
from shared.doctor.looking import look_at_file, look_at_server
from shared.doctor.main import main, of_receipts
from shared.locks import OsLock
from shared.opening import open_device_file
from shared.settings import DeviceKind
from shared.store import meta
from shared.store.agreement import Agreed
from shared.store.outcomes import FailReason
from shared.sync.actions import Cause
from shared.ulids import SystemUlids
from shared.wal import log_of
from tests.contract.house import HISTORY
from tests.unit.store.till import NOW_MS, Till, ulid
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.virtual import VirtualClock, VirtualLoop
from tests.unit.test_damaged_file import FRAME_BYTES, contents, garble, serve

FILE = FileFacts("pos.sqlite", True, Holder.WINDOW, 10**12, 4_300_000, 3, 3)
QUEUE = QueueFacts(waiting=0, held=0, alerts=0, drafts=0)
SERVER = ServerFacts("http://server/", None, None, 0.012, 300)


def told(found: list[Finding]) -> list[tuple[Level, str]]:
    return [(one.level, one.words) for one in found]


def test_a_device_that_is_well_is_told_so() -> None:
    found = [*check_file(FILE, letter="C"), *check_queue(QUEUE, holder=Holder.WINDOW, is_server_well=True)]
    found += [check_clock(SERVER), check_server(SERVER)]
    assert {one.level for one in found} == {Level.WELL}
    assert [one.words for one in found] == [
        "pos.sqlite is whole: 4.1 MiB, schema 3.",
        "Nothing waits for the server.",
        "It goes with the server's.",
        "http://server/ answers in 12 ms and knows this device.",
    ]


def test_what_the_last_comparison_with_the_server_found_is_told() -> None:
    agreed = replace(QUEUE, agreed=Agreed(NOW_MS, compared=412, differing=0), agreed_ago_ms=7_200_000)
    differs = replace(QUEUE, agreed=Agreed(NOW_MS, compared=1, differing=2))
    said = [told(list(check_queue(one, holder=Holder.WINDOW, is_server_well=True)))[-1] for one in (agreed, differs)]
    assert said == [
        (Level.WELL, "Compared with this device 2 hours ago: 412 operations, nothing differs."),
        (Level.WRONG, "Compared with this device 0 seconds ago: 1 operation, 2 differences: see the sync panel."),
    ]


def test_a_full_disk_and_an_older_file_are_told() -> None:
    found = told(list(check_file(replace(FILE, free_bytes=50 * 1024 * 1024, schema=2), letter="C")))
    assert found == [
        (Level.WELL, "pos.sqlite is whole: 4.1 MiB, schema 2, an older one: it is upgraded at the next start."),
        (Level.WRONG, "50 MiB of disk are free; below 200 no new order is taken."),
    ]


def test_a_salvaged_file_is_told_to_sell_under_another_letter() -> None:
    salvaged = replace(FILE, spent_letters=frozenset({"C"}))
    assert told(list(check_file(salvaged, letter="C")))[1] == (
        Level.NOTE,
        "This file is new or salvaged. It sends what waits and numbers nothing under C: enrol it again.",
    )
    assert len(list(check_file(salvaged, letter="D"))) == 1


def test_another_file_in_the_place_of_the_one_that_was_enrolled_is_told_before_the_till_is_started(file: Path) -> None:
    """From the start on it says itself that it gives no numbers: who stands before a queue of guests is late."""
    facts, _, _ = look_at_file(file, now_ms=NOW_MS)
    assert len(list(check_file(facts, letter="C", enrolled_with=facts.birth))) == 1
    level, words = told(list(check_file(facts, letter="C", enrolled_with="01ARZ3NDEKTSV4RRFFQ69G5FAV")))[1]
    assert (level, "numbers nothing under C: enrol it again" in words) == (Level.NOTE, True)


def test_receipts_of_a_device_that_was_never_started_are_no_fault_of_its_folder(tmp_path: Path) -> None:
    found = of_receipts(tmp_path / "pos.sqlite")
    assert (found.level, "was never started" in found.words) == (Level.WRONG, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("queue", "who", "level", "words"),
    [
        (replace(QUEUE, waiting=1, oldest_ms=61_000), Holder.WINDOW, Level.NOTE, "the oldest for 1 minute."),
        (replace(QUEUE, waiting=100), Holder.WINDOW, Level.NOTE, "100 operations waiting"),
        (replace(QUEUE, waiting=101), Holder.WINDOW, Level.WRONG, "These are too many."),
        (replace(QUEUE, waiting=100_000), Holder.WINDOW, Level.WRONG, "No new order is taken"),
        (replace(QUEUE, waiting=3), Holder.NOBODY, Level.WRONG, "No program is running that sends them."),
        (
            replace(QUEUE, waiting=3, oldest_ms=LONG_MS + 1, sends=7, last_error="500 Oh"),
            Holder.AGENT,
            Level.WRONG,
            "sent 7 times: 500 Oh",
        ),
        (replace(QUEUE, held=2), Holder.WINDOW, Level.WRONG, "2 operations waiting for a person"),
        (replace(QUEUE, alerts=1), Holder.WINDOW, Level.NOTE, "1 alert without a choice"),
        (replace(QUEUE, drafts=1), Holder.WINDOW, Level.NOTE, "1 order with lines that were tapped and not sent."),
    ],
)
def test_what_is_in_the_queue_is_told(queue: QueueFacts, who: Holder, level: Level, words: str) -> None:
    found = list(check_queue(queue, holder=who, is_server_well=True))
    assert any(one.level is level and words in one.words for one in found), found


def test_old_operations_are_no_fault_of_their_own_while_there_is_no_server() -> None:
    queue = replace(QUEUE, waiting=3, oldest_ms=5 * 24 * 3_600_000)
    assert told(list(check_queue(queue, holder=Holder.WINDOW, is_server_well=False))) == [
        (Level.NOTE, "3 operations waiting for the server, the oldest for 5 days.")
    ]


@pytest.mark.parametrize(
    ("ahead_ms", "level", "words"),
    [
        (None, Level.NOTE, "It could not be compared"),
        (1_999, Level.WELL, "It goes with the server's."),
        (-2_000, Level.NOTE, "It is 2 seconds ahead of the server's. Ages are corrected by that."),
        (CLOCK_WRONG_MS, Level.WRONG, "It is 5 minutes behind the server's. Set it"),
        (-7_200_000, Level.WRONG, "It is 2 hours ahead of the server's."),
    ],
)
def test_a_clock_is_judged_by_the_servers(ahead_ms: int | None, level: Level, words: str) -> None:
    found = check_clock(replace(SERVER, ahead_ms=ahead_ms))
    assert found.level is level
    assert words in found.words


@pytest.mark.parametrize("cause", Cause)
def test_every_reason_why_there_is_no_server_has_its_words(cause: Cause) -> None:
    found = check_server(ServerFacts("http://server/", cause))
    assert found.level is Level.WRONG
    assert found.words.startswith("http://server/: ")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A till's file with two orders that wait, one operation that needs a person, and a draft."""
    path = tmp_path / "pos.sqlite"
    with closing(open_device_file(path, ulids=SystemUlids(SystemClock()))) as connection:
        till = Till(connection)
        serve(till, range(2))
        (first,) = till.take(1).flights
        till.fail(first, FailReason.INVALID)
        till.add_line(ulid(7_000))
    return path


def test_a_file_is_read_with_its_queue_and_left_as_it_is(file: Path) -> None:
    before = contents(file)
    facts, queue, cursor = look_at_file(file, now_ms=NOW_MS + 5_000)
    assert (facts.error, facts.schema, facts.holder, cursor) == (None, facts.newest, Holder.NOBODY, None)
    assert queue == QueueFacts(waiting=5, held=1, alerts=1, drafts=1, oldest_ms=5_000)
    assert contents(file) == before
    assert sorted(one.suffix for one in file.parent.iterdir() if "lock" in one.name) == []


def test_a_file_that_a_till_writes_is_read_all_the_same(file: Path) -> None:
    give_back = take_for_window(file)
    with closing(open_writer(file)) as connection:
        serve(Till(connection, ids=5_000), range(2, 4))
        facts, queue, _ = look_at_file(file, now_ms=NOW_MS)
    assert queue is not None
    assert (facts.holder, queue.waiting) == (Holder.WINDOW, 11)
    give_back()
    assert holder(file) is Holder.NOBODY
    with OsLock(file.with_suffix(".lock")):
        assert holder(file) is Holder.AGENT


@pytest.mark.parametrize("told", ["", HISTORY, HISTORY.replace("H", "X")])
def test_a_server_of_another_branch_is_told_with_both_names(file: Path, told: str) -> None:
    with closing(open_writer(file)) as connection:
        run_inline(connection, lambda tx: meta.stand_on(tx, HISTORY))
    facts, _, _ = look_at_file(file, now_ms=NOW_MS)
    with closing(VirtualLoop()) as loop:
        server = FakeServer(VirtualClock(loop), history=told)
        looking = look_at_server(
            server, url="http://server/", kind=DeviceKind.POS, cursor=None, history=facts.history, clock=server.clock
        )
        found = check_server(loop.finish(looking))
    assert (found.level is Level.WRONG) == (told not in ("", HISTORY))
    assert (found.level is Level.WRONG) == (f"Its history is {told}, the file's {HISTORY}." in found.words)


@pytest.mark.parametrize(
    ("damage", "title"),
    [
        (lambda file: garble(file, 0, 4096), "The device's file is damaged"),
        (lambda file: garble(file, 5 * 4096, 4096), "The device's file is damaged"),
        (lambda file: file.write_bytes(file.read_bytes()[: 3 * 4096]), "The device's file is damaged"),
    ],
    ids=["header", "a page", "cut short"],
)
def test_a_damaged_file_is_told_with_what_helps(file: Path, damage: Callable[[Path], object], title: str) -> None:
    damage(file)
    before = contents(file)
    facts, queue, _ = look_at_file(file, now_ms=NOW_MS)
    assert queue is None
    (found,) = check_file(facts, letter="C")
    assert (found.level, found.words.split(".")[0]) == (Level.WRONG, title)
    assert "evertill-recover" in found.words
    assert contents(file) == before


def test_a_log_that_is_damaged_in_its_middle_is_told(file: Path) -> None:
    with closing(open_writer(file)) as connection:
        serve(Till(connection, ids=5_000), range(2, 9))
        left = contents(file)
    for name, raw in left.items():
        file.with_name(name).write_bytes(raw)
    garble(log_of(file), 32 + 2 * FRAME_BYTES + 100)
    before = contents(file)
    facts, queue, _ = look_at_file(file, now_ms=NOW_MS)
    assert queue is None
    assert "commits stand behind a damaged place" in str(facts.error)
    assert contents(file) == before


def test_a_device_that_was_never_started_has_no_file_and_gets_none(tmp_path: Path) -> None:
    facts, queue, _ = look_at_file(tmp_path / "data" / "pos.sqlite", now_ms=NOW_MS)
    assert queue is None
    assert told(list(check_file(facts, letter="C")))[0][0] is Level.NOTE
    assert list(tmp_path.iterdir()) == []


def test_settings_that_can_not_be_used_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--settings", str(tmp_path / "pos.toml")]) == 1
    assert "WRONG  settings: This device is not enrolled yet." in capsys.readouterr().out
