"""The real till, SIGKILLed again and again while it rings up and the server answers: nothing lost, nothing doubled."""

import os
import random
import selectors
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.check import check
from reference_server.deps import Deps
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import Storage
from shared.clock import SystemClock
from shared.database import open_reader
from shared.ulids import SystemUlids
from tests.end_to_end.server_process import ServerProcess

KILLS = int(os.environ.get("EVERTILL_KILLS", "20"))
SEED = int(os.environ.get("EVERTILL_SEED", "1"))

#: Where the killer aims: at which word of the till, and how long after it at most, in seconds.
AIMS = (("tap", 0.0015), ("saved", 0.003), ("send", 0.004), ("answer", 0.0015), ("idle", 0.02))

ROWS = (
    "before the intent's commit",
    "after the commit, before the send",
    "after the send, before the answer is stored",
    "while the answer is stored",
    "idle",
)


class TillProcess:
    """The till in a process of its own, and the words that it says."""

    def __init__(self, folder: Path, seed: int, *words: str) -> None:
        command = [sys.executable, "-m", "tests.end_to_end.till_process", str(folder), str(seed), *words]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._left = b""
        self.errors = ""

    def hear(self, word: str, times: int) -> int:
        """Wait until it has said `word` so often; returns how often it really did, less if it ended or is silent."""
        assert self.process.stdout is not None
        heard = 0
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while heard < times and selector.select(timeout=60):
                piece = os.read(self.process.stdout.fileno(), 65536)
                if not piece:
                    break
                *lines, self._left = (self._left + piece).split(b"\n")
                heard += lines.count(word.encode())
        return heard

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.process.kill()
        _, said = self.process.communicate(timeout=15)
        self.errors = said.decode()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[tuple[Path, ServerProcess]]:
    """A folder with a running server and an enrolled till."""
    server = ServerProcess(tmp_path / "server")
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock))
    with Storage(tmp_path / "server") as storage:
        made = storage.write(
            lambda tx: enrolment.enrol(tx, deps, kind=DeviceKind.POS, name="Till 1", letter="C")
        ).result()
    server.start()
    folder = tmp_path / "till-1"
    folder.mkdir()
    (folder / "settings.toml").write_text(
        f'server_url = "http://127.0.0.1:{server.port}"\ndevice_id = "{made.device.id}"\n'
        f'token = "{made.token}"\nletter = "C"\ndata_dir = "{folder}"\n'
    )
    yield tmp_path, server
    server.close()


def test_a_till_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    night: tuple[Path, ServerProcess], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, server = night
    chance = random.Random(SEED)
    rows: Counter[str] = Counter()
    for kill in range(KILLS):
        till = TillProcess(folder / "till-1", SEED * 1000 + kill)
        assert till.hear("open", 1) == 1, till.process.communicate()
        word, delay_s = AIMS[kill % len(AIMS)]
        heard = till.hear(word, 1 if word == "idle" else chance.randint(1, 25))
        assert heard >= 1, till.process.poll()
        threading.Event().wait(chance.random() * delay_s)
        till.kill()
        rows.update(rows_hit(folder / "till-1" / "pos.sqlite", aim=word))
    drained = TillProcess(folder / "till-1", 0, "drain")
    assert drained.hear("drained", 1) == 1, drained.process.communicate()
    assert drained.process.wait(timeout=15) == 0
    drained.kill()
    assert server.stop() == 0

    findings = check(folder)
    table = [f"{KILLS} kills of a till, {findings.orders_rung} orders; each kill in every row that its file shows:"]
    table += [f"  {row:<46}{rows[row]:>5}" for row in ROWS]
    table.append(f"  lost {findings.lost}, doubled {findings.doubled}, out of order {findings.out_of_order}")
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(table) + "\n")
    assert findings.is_clean, findings
    assert findings.told == 0
    assert sum(rows.values()) >= KILLS
    assert all(rows[row] for row in ROWS), rows


def rows_hit(path: Path, *, aim: str) -> set[str]:
    """In which rows of the crash table this kill fell, as far as the file tells; the first by the aim, too."""
    reader = open_reader(path)
    never_sent = reader.execute("SELECT count(*) FROM operation WHERE status = 'PENDING' AND sends = 0").get
    on_their_way = reader.execute("SELECT count(*) FROM operation WHERE status = 'REPLAYING'").get
    waiting = reader.execute("SELECT count(*) FROM operation WHERE status IN ('PENDING', 'REPLAYING')").get
    reader.close()
    hit = {"before the intent's commit"} if aim == "tap" else set()
    if never_sent:
        hit.add("after the commit, before the send")
    if on_their_way:
        hit.add("while the answer is stored" if aim == "answer" else "after the send, before the answer is stored")
    if not waiting:
        hit.add("idle")
    return hit
