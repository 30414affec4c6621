"""The processes of a night: server, fault proxies, tills and kitchens, started, watched, killed and stopped by pid."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_S = 30.0
STOP_S = 20.0


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
        """Start it and wait for its first line."""
        self._heard.clear()
        self.said = {}
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment
            )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        if not self._heard.wait(START_S):
            raise RuntimeError(f"{self.name} did not start; see {self.log}")
        if not self.first_line:
            raise RuntimeError(f"{self.name} ended at once; see {self.log}")

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL."""
        self.measure()
        if self._process is not None:
            self.kills += 1
            self._process.kill()
            self._process.wait(STOP_S)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not hear it."""
        self.measure()
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
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
        self.first_line = ""
        for line in process.stdout:
            if not self.first_line:
                self.first_line = line.strip()
                self._heard.set()
            if line.startswith("{"):
                self.said = json.loads(line)
        self._heard.set()


@dataclass
class House:
    """All processes of one night, in one folder."""

    folder: Path
    offscreen: bool
    seed: int
    processes: dict[str, Process] = field(default_factory=dict)
    proxies: dict[str, tuple[int, int]] = field(default_factory=dict)
    port: int = 0

    def add(self, name: str, *words: str) -> Process:
        """Start a process of ours: `words` follow `python -m`."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if self.offscreen:
            environment["QT_QPA_PLATFORM"] = "offscreen"
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
        self._run("reference_server.main", "import-catalogue", "--data", str(data), "--file", str(file))
        server = self.add("server", *self._server_words())
        self.port = int(server.first_line.rsplit(":", 1)[1])
        server.command = [sys.executable, "-m", *self._server_words()]

    def enrol(self, name: str, *, kind: str, letter: str) -> None:
        """A device with a fault proxy of its own between it and the server."""
        proxy = self.add(
            f"line-{name}",
            "demo.fault_proxy",
            "--listen",
            "0",
            "--to",
            str(self.port),
            "--control",
            "0",
            "--seed",
            str(self.seed + len(self.proxies)),
        )
        words = proxy.first_line.replace(",", "").split()
        listen, control = int(words[2]), int(words[5])
        self.proxies[name] = (listen, control)
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        extra = ["--letter", letter] if letter else []
        text = self._run(
            "reference_server.main",
            "enrol",
            "--data",
            str(self.folder / "server"),
            "--kind",
            kind,
            "--name",
            name.replace("-", " ").title(),
            *extra,
            "--url",
            f"http://127.0.0.1:{listen}",
        )
        diagonal = "diagonal_inch = 15.6" if kind == "pos" else "diagonal_inch = 21.5"
        (folder / "settings.toml").write_text(f'{text}\ndata_dir = "{folder}"\n{diagonal}\n')

    def stop(self) -> None:
        """End every process, clients first, whatever state they are in."""
        for name in sorted(self.processes, key=lambda name: (name == "server", name.startswith("line"))):
            self.processes[name].stop()

    def _server_words(self) -> list[str]:
        return ["reference_server.main", "run", "--data", str(self.folder / "server"), "--port", str(self.port),
                "--log-level", "warning"]  # fmt: skip

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *words], capture_output=True, text=True, timeout=START_S, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words[:2])}: {done.stderr.strip()}")
        return done.stdout
