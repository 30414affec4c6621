"""Copies of the server's file: whole and proven before they have their name, and put back without losing a thing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reference_server.deps import Deps
from reference_server.main import main
from reference_server.ops.backups import back_up, daily, stamp
from reference_server.ops.request_log import RequestLog
from reference_server.settings import load_settings
from reference_server.storage import backup
from reference_server.storage.file import FILE_NAME, Storage
from shared.database import open_reader
from shared.domain.menu import Role
from shared.errors import BadSettings, DatabaseDamaged, DatabaseForeign, DiskFull, EvertillError
from shared.locks import OsLock
from tests.contract.house import HISTORY, START_MS, Row
from tests.contract.test_server_figures import let_in
from tests.contract.web import Site

pytestmark = pytest.mark.sqlite

HOUR_MS = 60 * 60 * 1000
NIGHT_MS = 24 * HOUR_MS


def changes_in(file: Path) -> int:
    with closing(apsw.Connection(str(file))) as connection:
        return int(connection.execute("SELECT count(*) FROM change").get)


def files(folder: Path, pattern: str = "*") -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob(pattern)) if file.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the site has its file."""
    return tmp_path


async def sold(site: Site, number: int) -> str:
    made = await site.ask("POST", "/pos/orders", {"items": [{"itemId": "cola", "quantity": 1}]}, key=f"k{number}")
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_copy_is_made_while_the_server_writes_and_is_one_whole_file(site: Site, folder: Path) -> None:
    await sold(site, 1)
    made = backup.make(folder, folder / "copies" / "one.sqlite")
    await sold(site, 2)
    assert list(files(folder / "copies")) == ["one.sqlite"]
    assert (made.head.startswith("1-"), made.history) == (True, HISTORY)
    assert changes_in(made.path) == 1
    assert made.path.stat().st_mode & 0o077 == 0
    assert backup.make(folder, made.path).head.startswith("2-")
    assert changes_in(made.path) == 2


@pytest.mark.parametrize("name", [FILE_NAME, f"../{FILE_NAME}.link", "other/server.sqlite", "copies"])
async def test_a_copy_never_takes_the_place_of_a_file_that_a_server_writes(
    site: Site, folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the running server wrote from then on would be in a file without a name, and gone with its end."""
    await sold(site, 1)
    (folder / "copies").mkdir()
    link = folder.parent / f"{FILE_NAME}.link"
    link.unlink(missing_ok=True)
    link.symlink_to(folder / FILE_NAME)
    with Storage(folder / "other"):
        before = files(folder), (folder / FILE_NAME).stat().st_ino
        assert main(["backup", "--data", str(folder), "--to", str(folder / name)]) == 2
        assert (files(folder), (folder / FILE_NAME).stat().st_ino) == before
    said = capsys.readouterr().err
    assert ("This is a folder" if name == "copies" else "This is a server's own file, no copy") in said
    assert not any("unproven" in left for left in files(folder, "**/*"))


@pytest.mark.parametrize("where", [0.0, 0.5, 0.9])
async def test_a_copy_with_a_damaged_page_is_found_out_and_is_not_put_back(
    site: Site, folder: Path, where: float
) -> None:
    await sold(site, 1)
    copy = backup.make(folder, folder / "one.sqlite").path
    site.storage.close()
    whole = bytearray(copy.read_bytes())
    start = int(len(whole) * where) // 4096 * 4096
    whole[start : start + 64] = b"\xff" * 64
    copy.write_bytes(whole)
    before = files(folder)
    with pytest.raises(DatabaseDamaged) as caught:
        backup.put_back(folder, copy, moment="now")
    assert caught.value.title == "This copy is damaged"
    assert files(folder) == before


async def test_a_copy_that_does_not_stand_the_look_gets_no_name_and_the_older_one_stays(
    site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sold(site, 1)
    copy = backup.make(folder, folder / "copies" / "one.sqlite").path
    before = copy.read_bytes()

    def found_damaged(file: Path) -> backup.Backup:
        raise DatabaseDamaged(str(file))

    monkeypatch.setattr(backup, "look", found_damaged)
    with pytest.raises(DatabaseDamaged):
        backup.make(folder, copy)
    assert list(files(copy.parent)) == ["one.sqlite"]
    assert copy.read_bytes() == before


async def test_what_is_no_finished_backup_is_refused_in_words(site: Site, folder: Path) -> None:
    with pytest.raises(BadSettings) as in_use:
        backup.look(folder / FILE_NAME)
    assert in_use.value.title == "This file is in use, or was not closed"
    with closing(apsw.Connection(str(folder / "other.sqlite"))) as other:
        other.execute("CREATE TABLE t (x)")
    with pytest.raises(DatabaseForeign):
        backup.look(folder / "other.sqlite")
    with pytest.raises(BadSettings):
        backup.look(folder / "none.sqlite")
    with pytest.raises(BadSettings):
        backup.make(folder / "nowhere", folder / "copy.sqlite")


async def test_a_backup_leaves_room_for_who_sells(site: Site, folder: Path) -> None:
    with pytest.raises(DiskFull) as caught:
        backup.make(folder, folder / "copies" / "one.sqlite", leave_free_bytes=2**62)
    assert caught.value.title == "There is no room for a backup"
    assert not (folder / "copies").exists()


async def test_restore_refuses_while_the_server_runs(
    site: Site, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = backup.make(folder, folder / "one.sqlite").path
    before = (folder / FILE_NAME).read_bytes()
    with OsLock(folder / "server.lock"):
        assert main(["restore", "--data", str(folder), "--from", str(copy)]) == 2
    assert "The server runs on this folder" in capsys.readouterr().err
    assert (folder / FILE_NAME).read_bytes() == before


async def test_restore_keeps_what_was_there_with_its_log_and_says_what_comes_next(
    site: Site, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await sold(site, 1)
    assert main(["backup", "--data", str(folder), "--to", str(folder / "one.sqlite")]) == 0
    await sold(site, 2)
    site.storage.close()
    assert main(["restore", "--data", str(folder), "--from", str(folder / "one.sqlite")]) == 0
    said = capsys.readouterr().out
    kept = folder / next(iter(files(folder, "server.sqlite.replaced-*Z")))
    assert f"What was there is kept as {kept}." in said
    assert "they give back what this copy does not have" in said
    assert (changes_in(folder / FILE_NAME), changes_in(kept)) == (1, 2)
    assert changes_in(folder / "one.sqlite") == 1
    with Storage(folder) as storage:
        assert storage.read(lambda tx: tx.execute("SELECT count(*) FROM change").get) == 1
    assert main(["verify", "--file", str(folder / "one.sqlite")]) == 0
    assert "whole" in capsys.readouterr().out


async def test_the_daily_backup_keeps_so_many_and_tells_when_it_failed(site: Site, folder: Path) -> None:
    let_in(site, Role.MANAGER)
    deps = Deps(clock=site.clock, ulids=Row(), watch=site.watch)
    log = RequestLog(site.log, level="info", clock=site.clock)
    (folder / "daily").mkdir()
    (folder / "daily" / "mine.sqlite").touch()
    (folder / "daily" / "server-by-hand.sqlite").touch()
    (folder / "daily" / "server-20251127T194000Z.sqlite.unproven.unfinished").touch()
    for _ in range(4):
        await back_up(deps, log, data=folder, folder=folder / "daily", keep=2)
        site.clock.ms += NIGHT_MS
    assert list(files(folder / "daily")) == [
        "mine.sqlite",
        "server-20251130T194000Z.sqlite",
        "server-20251201T194000Z.sqlite",
        "server-by-hand.sqlite",
    ]
    told = (await site.ask("GET", "/health/detailed", who="MANAGER")).json()
    assert (told["backedUpAt"], told["problems"]) == ("2025-12-01T19:40:00.000Z", [])
    assert [line["event"] for line in site.log_lines()].count("backed up") == 4

    (folder / "in the way").touch()
    with pytest.raises(Exception, match="in the way"):
        await back_up(deps, log, data=folder, folder=folder / "in the way", keep=2)
    told = (await site.ask("GET", "/health/detailed", who="MANAGER")).json()
    assert told["status"] == "attention"
    assert told["problems"][0].startswith("The last backup failed: ")


@pytest.mark.parametrize(
    ("newest_h", "due_min"),
    [(None, 60), (40, 60), (16.2, 470), (1, 470)],
    ids=["never made", "missed last night", "made last night", "made by hand"],
)
async def test_a_backup_that_was_missed_by_a_machine_that_was_off_is_made_up_an_hour_after_the_start(
    site: Site, folder: Path, newest_h: float | None, due_min: int
) -> None:
    deps = Deps(clock=site.clock, ulids=Row(), watch=site.watch)
    log = RequestLog(site.log, level="info", clock=site.clock)
    settings = load_settings(None, {"data": folder})
    (folder / "backups").mkdir()
    (folder / "backups" / "server-by-hand.sqlite").touch()
    if newest_h is not None:
        made_ms = START_MS - int(newest_h * HOUR_MS)
        (folder / "backups" / f"server-{stamp(made_ms)}.sqlite").touch()
    chore = daily(deps, site.storage, log, settings=settings)
    assert chore.due_ms == START_MS + due_min * 60_000


async def test_two_days_without_a_backup_are_a_problem(site: Site, folder: Path) -> None:
    let_in(site, Role.MANAGER)
    deps = Deps(clock=site.clock, ulids=Row(), watch=site.watch)
    daily(
        deps,
        site.storage,
        RequestLog(site.log, level="info", clock=site.clock),
        settings=load_settings(None, {"data": folder}),
    )
    site.watch.started_ms = START_MS
    for days, problems in ((1, []), (2, ["There is no backup of the last two days: none was made yet."])):
        site.clock.ms = START_MS + days * NIGHT_MS
        assert (await site.ask("GET", "/health/detailed", who="MANAGER")).json()["problems"] == problems


def test_names_of_daily_backups_sort_as_their_moments_do() -> None:
    assert stamp(START_MS) == "20251128T194000Z"
    assert stamp(START_MS) < stamp(START_MS + 1000) < stamp(START_MS + NIGHT_MS)


def test_a_restore_that_was_broken_off_is_done_again(tmp_path: Path) -> None:
    """It stopped when the file had its new name and the log had not: no server starts there."""
    with Storage(tmp_path, history=HISTORY) as storage:
        storage.write(lambda tx: tx.execute("DELETE FROM device")).result()
        copy = backup.make(tmp_path, tmp_path / "one.sqlite").path
    log = tmp_path / f"{FILE_NAME}-wal"
    log.write_bytes(b"what was in it")
    (tmp_path / FILE_NAME).rename(tmp_path / f"{FILE_NAME}.replaced-first")
    with pytest.raises(DatabaseDamaged):
        Storage(tmp_path)
    assert backup.put_back(tmp_path, copy, moment="second") is None
    assert (tmp_path / f"{FILE_NAME}.replaced-second-wal").read_bytes() == b"what was in it"
    with Storage(tmp_path), closing(open_reader(tmp_path / FILE_NAME)) as reader:
        assert reader.execute("SELECT name FROM history").get == HISTORY


def test_a_place_that_the_disk_does_not_even_look_at_is_told_and_ends_no_chore(tmp_path: Path) -> None:
    """A name that is too long stands for a disk that is away: whoever asks what is there gets an error."""
    Storage(tmp_path / "server", history=HISTORY).close()
    with pytest.raises(EvertillError):
        backup.make(tmp_path / "server", tmp_path / ("x" * 300))
