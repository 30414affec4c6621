"""The processes of a night: server, fault proxies, tills and kitchens, started, watched, killed and stopped by pid."""

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reference_server import main as reference_server
from shared.errors import EvertillError

START_S = 60.0
STOP_S = 10.0
LOOPBACK = "127.0.0.1"
LAST_WORDS = 6
"""So many lines of a process's log are shown when it ends by itself."""


class NightFailed(EvertillError):
    """The night could not be played to its end; nothing is said about the promise."""

    title = "The night could not be played to its end"
    advice = "Every program of it was ended. What they said is in the logs folder of the report."


@dataclass
class Process:
    """One process of the night. What it says last on standard output is in `said`; its words go to a file."""

    name: str
    command: list[str]
    log: Path
    environment: dict[str, str]
    said: dict[str, Any] = field(default_factory=dict)
    first_line: str = ""
    peak_kib: int = 0
    kills: int = 0
    _process: "subprocess.Popen[str] | None" = None
    _heard: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start it; `wait` says when it stands. It dies with us, and an interrupt from the keyboard is ours alone."""
        self._heard.clear()
        self.said, self.first_line = {}, ""
        setpriv = shutil.which("setpriv")
        bound = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*bound, *self.command],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.environment,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def wait(self) -> None:
        """Wait for its first line. Raises NightFailed."""
        if not self._heard.wait(START_S):
            raise NightFailed(f"{self.name} did not start within {START_S:.0f} s. {self.last_words()}")
        if not self.first_line:
            raise NightFailed(f"{self.name} ended at once. {self.last_words()}")

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def died_of(self) -> int:
        """The signal that ended it; 0 while it lives or when it ended by itself."""
        code = None if self._process is None else self._process.poll()
        return -code if code is not None and code < 0 else 0

    def last_words(self) -> str:
        """How it ended, as a signal below 0, and the end of its log."""
        code = None if self._process is None else self._process.poll()
        lines = self.log.read_text(errors="replace").splitlines()[-LAST_WORDS:]
        return f"Exit code {code}. {self.log}: {' / '.join(lines) or 'nothing'}"

    def kill(self) -> None:
        """SIGKILL."""
        self.measure()
        if self._process is not None:
            self.kills += 1
            self._process.kill()
            self._process.wait(STOP_S)

    def ask_to_stop(self) -> None:
        """SIGTERM."""
        self.measure()
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Wait until it has ended, and SIGKILL one that did not hear."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)

    def measure(self) -> None:
        """Remember the most memory that it ever had."""
        if self._process is None:
            return
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return
        peaks = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
        self.peak_kib = max(self.peak_kib, *peaks, 0)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if not self.first_line:
                self.first_line = line.strip()
                self._heard.set()
            if line.startswith("{"):
                self.said = json.loads(line)
        self._heard.set()


@dataclass
class House:
    """All processes of one night, in one folder. `windows` has the environment of each window on a display."""

    folder: Path
    windows: Mapping[str, Mapping[str, str]] | None
    seed: int
    processes: dict[str, Process] = field(default_factory=dict)
    proxies: dict[str, tuple[int, int]] = field(default_factory=dict)
    port: int = 0

    def add(self, name: str, *words: str) -> Process:
        """Start a process of ours: `words` follow `python -m`. `Process.wait` says when it stands."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if self.windows is None:
            environment["QT_QPA_PLATFORM"] = "offscreen"
        else:
            environment |= self.windows.get(name, {})
        log = self.folder / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        process = Process(name, [sys.executable, "-m", *words], log, environment)
        self.processes[name] = process
        process.start()
        return process

    def open_server(self, restaurant: dict[str, Any]) -> None:
        """The server with the day's restaurant in it."""
        data = self.folder / "server"
        data.mkdir(parents=True, exist_ok=True)
        file = self.folder / "restaurant.json"
        file.write_text(json.dumps(restaurant))
        self._server_command("import-catalogue", "--file", str(file))
        server = self.add("server", *self._server_words())
        server.wait()
        self.port = int(server.first_line.rsplit(":", 1)[1])
        server.command = [sys.executable, "-m", *self._server_words()]

    def kill_server(self) -> socket.socket:
        """SIGKILL; gives a socket that keeps the port for the server until it is started again."""
        self.processes["server"].kill()
        keeper = socket.socket()
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind((LOOPBACK, self.port))
        return keeper

    def start_server(self, keeper: socket.socket) -> None:
        """Start it again, on its own port."""
        server = self.processes["server"]
        server.start()
        server.wait()
        keeper.close()

    def lay_line(self, name: str, *, in_a_row: int) -> Process:
        """A fault proxy between a device and the server; it loses so many answers in a row for one request at most."""
        words = ["--listen", "0", "--to", str(self.port), "--control", "0", "--in-a-row", str(in_a_row)]
        return self.add(f"line-{name}", "demo.fault_proxy", *words, "--seed", str(self.seed + len(self.processes)))

    def enrol(self, name: str, *, kind: str, letter: str) -> None:
        """A device at the end of its line. Raises NightFailed."""
        proxy = self.processes[f"line-{name}"]
        proxy.wait()
        words = proxy.first_line.replace(",", "").split()
        listen, control = int(words[2]), int(words[5])
        self.proxies[name] = (listen, control)
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        text = self._server_command(
            "enrol",
            *("--kind", kind, "--name", name.replace("-", " ").title()),
            *(("--letter", letter) if letter else ()),
            *("--url", f"http://{LOOPBACK}:{listen}"),
        )
        (folder / "settings.toml").write_text(f'{text}\ndata_dir = "{folder}"\n')

    def gone(self, *, but: Iterable[str] = ()) -> list[str]:
        """Who has ended, not counting these."""
        return [name for name, process in self.processes.items() if name not in but and not process.is_running]

    def stop(self) -> None:
        """End every process, clients first, whatever state they are in."""
        lines = [name for name in self.processes if name.startswith("line")]
        clients = [name for name in self.processes if name != "server" and name not in lines]
        for names in (clients, ["server"], lines):
            for act in (Process.ask_to_stop, Process.stop):
                for name in names:
                    if name in self.processes:
                        act(self.processes[name])

    def _server_words(self) -> list[str]:
        return ["reference_server.main", "run", "--data", str(self.folder / "server"), "--port", str(self.port),
                "--log-level", "warning"]  # fmt: skip

    def _server_command(self, *words: str) -> str:
        """One of the server's own commands, here, without a process of its own; what it prints. Raises NightFailed."""
        said, trouble = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(trouble):
            code = reference_server.main([*words[:1], "--data", str(self.folder / "server"), *words[1:]])
        if code:
            raise NightFailed(f"{words[0]}: {trouble.getvalue().strip()}")
        return said.getvalue()
