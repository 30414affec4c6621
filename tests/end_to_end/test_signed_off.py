"""A till that was signed off goes on selling, says so, and after it was enrolled again all of it arrives, once."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.journal import Journal
from reference_server.main import main as server_command
from reference_server.storage import devices
from reference_server.storage.file import FILE_NAME, Storage
from shared.clock import SystemClock
from shared.database import open_reader
from shared.ids import DeviceId
from shared.opening import open_terminal
from shared.settings import load_settings
from shared.terminal import Cause, LinkState, Terminal
from tests.end_to_end.server_process import ServerProcess
from tests.end_to_end.till_process import Waiter

WAIT_S = 20.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "server")
    process.start()
    yield process
    process.close()


class Till:
    """The till's core under a settings file, without a window."""

    def __init__(self, settings: Path) -> None:
        self.terminal: Terminal = open_terminal(load_settings(settings))
        self._news = threading.Event()
        self.terminal.subscribe(lambda _: self._news.set())
        self.waiter = Waiter(self.terminal, Journal(settings.parent / "journal.jsonl", device="till"), random.Random(4))
        self.terminal.start()

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Until it is so; looked at after each piece of news."""
        clock = SystemClock()
        until_s = clock.monotonic_s() + WAIT_S
        while not is_so():
            assert clock.monotonic_s() < until_s, "this did not become so"
            self._news.wait(0.2)
            self._news.clear()


def operations(file: Path) -> list[str]:
    """The ids of a file's operations, sorted."""
    reader = open_reader(file)
    found = [str(one) for (one,) in reader.execute("SELECT id FROM operation").fetchall()]
    reader.close()
    return sorted(found)


def test_a_till_that_was_signed_off_sells_on_and_is_whole_after_it_was_enrolled_again(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "till" / "pos.toml"
    settings.parent.mkdir()
    where = ["--data", str(server.data), "--url", f"http://127.0.0.1:{server.port}"]
    assert server_command(["enrol", *where, "--kind", "pos", "--name", "Till 1", "--letter", "C"]) == 0
    folder = f"data_dir = {json.dumps(str(settings.parent))}\n"
    settings.write_text(capsys.readouterr().out + folder)
    device_id = DeviceId(load_settings(settings).device_id)

    till = Till(settings)
    till.waiter.wait_for_menu()
    till.waiter.serve()
    till.wait(lambda: till.terminal.desk.counts()[0] == 0)
    with Storage(server.data) as storage:
        assert storage.write(lambda tx: devices.revoke(tx, device_id, now_ms=1)).result()
    for _ in range(3):
        till.waiter.serve()
    till.wait(lambda: till.terminal.link().cause is Cause.DEVICE_UNKNOWN)
    assert till.terminal.link().state is LinkState.OFFLINE
    till.waiter.serve()
    waiting, needs_person = till.terminal.desk.counts()
    assert (waiting > 10, needs_person) == (True, 0)
    till.terminal.close()
    mine = operations(settings.parent / "pos.sqlite")
    assert set(operations(server.data / FILE_NAME)) < set(mine)

    assert server_command(["enrol-again", *where, "--device", device_id]) == 0
    settings.write_text(capsys.readouterr().out + folder)
    again = Till(settings)
    again.wait(lambda: again.terminal.desk.counts()[0] == 0)
    assert again.terminal.desk.counts() == (0, 0)
    again.terminal.close()
    assert operations(settings.parent / "pos.sqlite") == mine == operations(server.data / FILE_NAME)
