"""`evertill-pos --enrol` and `evertill-kds --enrol` against a running `evertill-server`, with and without TLS."""

import json
import select
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from shutil import rmtree

import pytest

from reference_server.main import main as server_command
from reference_server.storage import catalogue, devices
from reference_server.storage.file import Storage
from reference_server.storage.seam import Connection
from shared.database import open_reader
from shared.domain.menu import Business
from shared.errors import EvertillError
from shared.ids import DeviceId
from shared.settings import DeviceSettings, load_settings
from shared.store import catalog as store_catalog
from tests.end_to_end.programs import Program, refusal
from tests.end_to_end.server_process import ServerProcess

TILL, KITCHEN = "pos_client.main", "kds_client.main"
NOBODY = "http://127.0.0.1:1"
USED_UP = "This code does not enrol anything: it was mistyped, was used, or is older than 15 minutes."


class Desk:
    """Who stands at the server and reads codes out, and who types them at new devices."""

    def __init__(self, server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> None:
        self.server = server
        self._capsys = capsys
        self._names = 0

    def code(self, *said: str) -> str:
        assert server_command(["code", "--data", str(self.server.data), *said]) == 0
        return self._capsys.readouterr().out.strip()

    def types(self, code: str, *, url: str = "") -> tuple[str, ...]:
        return ("--enrol", code, "--url", url or self.server.url)

    def write(self, work: Callable[[Connection], object]) -> None:
        """What nobody can wait for in a test."""
        with Storage(self.server.data) as storage:
            storage.write(work).result()

    def rename(self) -> str:
        """Give the house a name that it did not have before."""
        self._names += 1
        business = Business(version=str(self._names), name=f"House {self._names}")
        self.write(lambda tx: catalogue.put(tx, name=catalogue.SETTINGS, body=business.to_json(), now_ms=1))
        return business.name


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A desk at a server that runs; asked for "https", at one that shows the certificate of the house."""
    is_safe = request.param == "https"
    server = ServerProcess(tmp_path / "server", tls=is_safe)
    if is_safe:
        assert server_command(["certificate", "--data", str(server.data)]) == 0
        capsys.readouterr()
    server.start()
    yield Desk(server, capsys)
    server.close()


def a_place(folder: Path, name: str) -> Path:
    """Where a new device's settings will stand, with what the person who installed it had set: its data folder."""
    path = folder / name / "settings.toml"
    path.parent.mkdir()
    kind = "kds" if name.startswith("kitchen") else "pos"
    path.write_text(f'kind = "{kind}"\ndata_dir = {json.dumps(str(path.parent / "data"))}\n')
    return path


def opens(desk: Desk, module: str, settings: Path, *also: str) -> DeviceSettings:
    """Its settings, when the program has opened, learned how the house is called by now, and was closed well."""
    name = desk.rename()
    program = Program(module, settings, *also)
    try:
        wait_for(name, settings.parent / "data" / ("pos.sqlite" if module == TILL else "kds.sqlite"))
        assert program.close()[0] == 0
    finally:
        program.end()
    assert [one.name for one in settings.parent.iterdir() if one.is_file()] == [settings.name]
    assert settings.stat().st_mode & 0o077 == 0, "a token is for this device alone"
    return load_settings(settings)


def wait_for(name: str, file: Path) -> None:
    """Until the device's file has this name of the house; looked at twenty times a second."""
    for _ in range(600):
        if file.exists() and _house(file) == name:
            return
        select.select([], [], [], 0.05)
    raise AssertionError("the program did not come to speak with its server")


def _house(file: Path) -> str | None:
    """How the house is called in this file, None while that is being made."""
    with suppress(EvertillError), closing(open_reader(file)) as reader:
        is_made = reader.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'catalog'").get
        return store_catalog.business(reader).name if is_made else None
    return None


def at(known: DeviceSettings) -> str:
    """The address at which it asks for its server."""
    return str(known.server_url).rstrip("/")


def left_alone(settings: Path, before: bytes) -> bool:
    """Whether nothing was written but the claim, by which a lost answer is asked for again, and no file was begun."""
    beside = {one.name for one in settings.parent.iterdir()} - {settings.name, f"{settings.name}.claim"}
    return settings.read_bytes() == before and not beside


@pytest.mark.parametrize("desk", ["http"], indirect=True)
def test_a_till_enrols_by_a_code_that_is_good_once_and_again_by_another(desk: Desk, tmp_path: Path) -> None:
    settings = a_place(tmp_path, "till")
    before = settings.read_bytes()
    code = desk.code("--kind", "pos", "--name", "Till 1", "--letter", "C")
    assert USED_UP in refusal(TILL, settings, *desk.types("ZZZ-ZZZ-ZZZ"))
    said = refusal(TILL, settings, *desk.types(code, url=NOBODY))
    assert said.startswith("This device was not enrolled")
    assert f"Nobody answered at {NOBODY}." in said
    assert left_alone(settings, before)

    known = opens(desk, TILL, settings, *desk.types(code))
    assert (known.device_name, known.letter, at(known)) == ("Till 1", "C", desk.server.url)

    second = a_place(tmp_path, "till-2")
    before = second.read_bytes()
    assert USED_UP in refusal(TILL, second, *desk.types(code))
    assert left_alone(second, before)

    desk.write(lambda tx: devices.revoke(tx, DeviceId(known.device_id), now_ms=1))
    again = opens(desk, TILL, settings, *desk.types(desk.code("--device", known.device_id)))
    assert (again.device_id, again.letter) == (known.device_id, "C")
    assert again.token != known.token

    rmtree(again.data_dir)
    anew = opens(desk, TILL, settings, *desk.types(desk.code("--device", known.device_id)))
    assert (anew.device_id, anew.letter) == (known.device_id, "A"), "its file was lost, with the numbers that it gave"


@pytest.mark.parametrize("desk", ["https"], indirect=True)
def test_a_kitchen_screen_pins_the_certificate_of_the_house(desk: Desk, tmp_path: Path) -> None:
    settings = a_place(tmp_path, "kitchen")
    before = settings.read_bytes()
    late = desk.code("--kind", "kds", "--name", "Grill")
    desk.write(lambda tx: tx.execute("UPDATE enrol_code SET expires_at = 1"))
    assert USED_UP in refusal(KITCHEN, settings, *desk.types(late))
    assert left_alone(settings, before)

    known = opens(desk, KITCHEN, settings, *desk.types(desk.code("--kind", "kds", "--name", "Grill")))
    assert at(known) == desk.server.url
    assert known.server_certificate == (desk.server.data / "certificate.pem").read_text()
