"""Receipt numbers when a till's file is lost, salvaged or older than what came: its letter ends, none comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest

from reference_server.people import codes
from reference_server.people.codes import Wish
from reference_server.storage.devices import DeviceKind as Kind
from shared.database import open_reader, run_inline
from shared.domain.rejections import CommandRejected
from shared.enrolling import enrol
from shared.ids import DeviceId
from shared.opening import open_device_file, open_terminal
from shared.series import series_of
from shared.settings import DeviceKind, DeviceSettings, load_settings
from shared.store import meta, taps
from tests.contract.house import Row
from tests.contract.served import served
from tests.contract.web import Site


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the till's settings stand; its file is beside them."""
    monkeypatch.setenv("EVERTILL_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "pos.toml"


async def enrolled(site: Site, path: Path, device_id: str = "") -> DeviceSettings:
    """The settings after an enrolment: as a new till, or as this one again."""

    def made(tx: object) -> str:
        wish = codes.wish_again(tx, DeviceId(device_id)) if device_id else Wish(Kind.POS, "Till 7")  # type: ignore[arg-type]
        return codes.make(tx, site.deps, wish)  # type: ignore[arg-type]

    code = site.storage.write(made).result()
    async with served(site) as url:
        await asyncio.to_thread(enrol, path, code=code, url=url, kind=DeviceKind.POS)
    return load_settings(path)


def start(settings: DeviceSettings) -> None:
    """Open the till, as its program does, and close it."""
    open_terminal(settings, give_back=lambda: None).close()


def give(settings: DeviceSettings, count: int = 1) -> str:
    """Print so many receipts, and tell the number of the last. Raises CommandRejected."""
    with closing(open_device_file(settings.database_path, ulids=Row("01ARYZ6S49"))) as connection:
        numbers = [
            run_inline(connection, lambda tx: taps.numbers_of(tx, settings.letter).new_receipt()) for _ in range(count)
        ]
    return numbers[-1]


def remove(settings: DeviceSettings, *also: Path) -> None:
    """The disk was exchanged."""
    for one in (*settings.data_dir.iterdir(), *also):
        one.unlink()


def hears_of(site: Site, letter: str, count: int) -> None:
    """The server got a till's receipts up to this one."""
    sql = "INSERT INTO receipt_link (letter, serial, hash, previous, number, order_id, awaits, at)"
    row = (letter, count, "hash", "", f"{letter}-{count:06d}", "order", 0, 1)
    site.storage.write(lambda tx: tx.execute(f"{sql} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)).result()


async def test_a_till_with_its_file_goes_on_under_its_letter(site: Site, path: Path) -> None:
    first = await enrolled(site, path)
    with closing(open_reader(first.database_path)) as reader:
        assert meta.birth(reader) == first.file_birth != ""
    start(first)
    assert give(first, 3) == "B-000003"
    hears_of(site, "B", 3)
    again = await enrolled(site, path, first.device_id)
    start(again)
    assert (again.file_birth, give(again)) == (first.file_birth, "B-000004")


async def test_a_new_file_gives_no_number_until_the_till_is_enrolled_again(site: Site, path: Path) -> None:
    """Also before any server is heard: the numbers that the lost file gave may have gone nowhere."""
    first = await enrolled(site, path)
    start(first)
    give(first, 3)
    remove(first)
    start(first)
    with pytest.raises(CommandRejected, match="no number under B may come twice"):
        give(first)
    again = await enrolled(site, path, first.device_id)
    start(again)
    assert (again.device_id, give(again)) == (first.device_id, "C-000001")


async def test_a_till_that_lost_file_and_settings_gets_another_letter(site: Site, path: Path) -> None:
    first = await enrolled(site, path)
    give(first, 3)
    remove(first, path)
    again = await enrolled(site, path, first.device_id)
    start(again)
    assert give(again) == "C-000001"


async def test_an_old_copy_of_the_file_gives_no_number_that_the_server_has(
    site: Site, path: Path, tmp_path: Path
) -> None:
    first = await enrolled(site, path)
    give(first, 3)
    copy(first.database_path, tmp_path / "copy")
    give(first, 4)
    hears_of(site, "B", 7)
    remove(first)
    copy(tmp_path / "copy", first.database_path)
    again = await enrolled(site, path, first.device_id)
    start(again)
    assert give(again).startswith("C-")


def _damage(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


def _salvage(file: Path) -> None:
    with closing(open_device_file(file, ulids=Row("01ARYZ6S49"))) as connection:
        run_inline(connection, lambda tx: meta.spend_letters(tx, {"B"}))


def _exchange(file: Path) -> None:
    for one in file.parent.iterdir():
        one.unlink()
    open_device_file(file, ulids=Row("01ARYZ6S50")).close()


@pytest.mark.parametrize("harm", [_damage, _salvage, _exchange, Path.unlink])
async def test_what_can_not_know_its_numbers_says_so(site: Site, path: Path, harm: Callable[[Path], None]) -> None:
    first = await enrolled(site, path)
    found = {"letter": first.letter, "file_birth": first.file_birth}
    assert not series_of(found).is_new
    harm(first.database_path)
    assert series_of(found).is_new
