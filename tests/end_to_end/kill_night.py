"""A night of kills: a server and its devices in processes of their own, in one folder as `demo.check` wants it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from reference_server.deps import Deps
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import FILE_NAME, Storage
from shared.clock import SystemClock
from shared.database import open_reader
from shared.store import entities
from shared.ulids import SystemUlids
from tests.end_to_end.server_process import ServerProcess
from tests.end_to_end.two_hosts import TwoHosts
from tests.end_to_end.watched_process import WatchedProcess

PATIENCE_S = 60.0
LETTERS = {"till-1": "C", "till-2": "D"}


@dataclass
class KillNight:
    """The folder of one night, its server, and the processes that live in it now."""

    folder: Path
    server: ServerProcess
    running: list[WatchedProcess] = field(default_factory=list)
    hosts: TwoHosts | None = None
    """Where the tills are on another host than the server."""

    @property
    def server_file(self) -> Path:
        """The server's database."""
        return self.server.data / FILE_NAME

    def file_of(self, name: str) -> Path:
        """A device's database."""
        return self.folder / name / ("pos.sqlite" if name.startswith("till") else "kds.sqlite")

    def start(self, name: str, *words: str, environment: Mapping[str, str] | None = None) -> WatchedProcess:
        """Start a device's process and wait until it is open."""
        module = "till_process" if name.startswith("till") else "kitchen_process"
        on = self.hosts.on_till if self.hosts is not None and name.startswith("till") else ()
        process = WatchedProcess(module, self.folder / name, *words, environment=environment, on=on)
        self.running.append(process)
        process.hear("open")
        return process

    def drain(self, *names: str) -> None:
        """Let devices send what waits and read what the server says, and end in order."""
        processes = [self.start(name, "0", "drain") for name in names]
        for process in processes:
            process.hear("settled")
        head = self._head()
        for name, process in zip(names, processes, strict=True):
            self._wait_until_read(name, head)
            process.let_go()

    def close(self) -> None:
        """Leave nothing running, whatever the test came to."""
        for process in self.running:
            process.close()
        self.server.close()

    def _head(self) -> int:
        with closing(open_reader(self.server_file)) as reader:
            return int(reader.execute("SELECT coalesce(max(revision), 0) FROM change").get)

    def _wait_until_read(self, name: str, head: int) -> None:
        """Until this device has read the server's stream up to there."""
        clock, tick = SystemClock(), threading.Event()
        until_s = clock.monotonic_s() + PATIENCE_S
        with closing(open_reader(self.file_of(name))) as reader:
            while int((entities.cursor(reader) or "0-").split("-")[0]) < head:
                assert clock.monotonic_s() < until_s, f"{name} did not read what the server says"
                tick.wait(0.02)


def open_night(folder: Path, *names: str, hosts: TwoHosts | None = None) -> KillNight:
    """A running server and enrolled devices in an empty folder; the caller closes it, and the hosts."""
    server = ServerProcess(folder / "server")
    if hosts is not None:
        server = ServerProcess(folder / "server", host=hosts.server_address, on=hosts.on_server)
    clock = SystemClock()
    deps = Deps(clock=clock, ulids=SystemUlids(clock))
    made = {}
    with Storage(folder / "server") as storage:
        for name in names:
            kind, letter = (DeviceKind.POS, LETTERS[name]) if name in LETTERS else (DeviceKind.KDS, None)
            made[name] = storage.write(
                lambda tx, kind=kind, letter=letter, name=name: enrolment.enrol(  # type: ignore[misc]
                    tx, deps, kind=kind, name=name, letter=letter
                )
            ).result()
    server.start()
    for name, enrolled in made.items():
        (folder / name).mkdir()
        settings = enrolment.settings_toml(enrolled, url=f"http://{server.host}:{server.port}")
        (folder / name / "settings.toml").write_text(f'{settings}data_dir = "{folder / name}"\n')
    return KillNight(folder, server, hosts=hosts)
