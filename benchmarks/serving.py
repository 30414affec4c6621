"""The reference server in a process of its own, with devices enrolled."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from reference_server.deps import Deps
from reference_server.people.enrolment import enrol
from reference_server.settings import ENVIRONMENT
from reference_server.storage.devices import DeviceKind
from reference_server.storage.file import Storage
from shared.clock import SystemClock
from shared.settings import DeviceSettings
from shared.ulids import SystemUlids


@dataclass(frozen=True, slots=True)
class Served:
    """Where it listens, its folder, and the number of its process."""

    url: str
    folder: Path
    process_id: int

    def enrol(self, folder: Path, *, kind: DeviceKind = DeviceKind.POS) -> DeviceSettings:
        """The settings of a new device, whose file is in `folder`."""
        clock = SystemClock()
        deps = Deps(clock=clock, ulids=SystemUlids(clock), version=version("evertill"))
        with Storage(self.folder) as storage:
            done = storage.write(lambda tx: enrol(tx, deps, kind=kind, name="bench", letter=None)).result()
        about = {"kind": kind.value, "server_url": self.url, "device_id": done.device.id, "token": done.token}
        letter = {} if done.device.letter is None else {"letter": done.device.letter}
        return DeviceSettings.model_validate({**about, **letter, "data_dir": folder})


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """The server with the demo restaurant, on a file in this folder, durable as always."""
    command = [sys.executable, "-m", "reference_server.main", "run", "--data", str(folder), "--port", "0"]
    command += ["--seed-demo", "--log-level", "warning"]
    unbound = {
        **os.environ,
        f"{ENVIRONMENT}DEVICE_LIMIT": "0",
    }  # more is asked here in a minute than in a house in an hour
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=unbound) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http\S+", process.stdout.readline())
            assert found is not None, "the server did not start"
            yield Served(found.group(), folder, process.pid)
        finally:
            process.terminate()  # whatever went wrong here: Popen waits for the server's end
