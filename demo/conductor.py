"""Conducts a night: opens the house, breaks what the plan says, waits until all is quiet, stops everything."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.day import Day
from demo.fault_control import tell
from demo.house import House
from demo.plan import Plan
from shared.clock import SystemClock
from shared.database import open_reader
from shared.store import entities, outbox

TILLS = {"till-1": "A", "till-2": "B"}
KITCHENS = ("kitchen-1", "kitchen-2")
LOST_ANSWERS = 0.22
"""The share of write answers that each till's line loses after the server committed."""
QUIET_LIMIT_S = 240.0
LEAD_S = 4.0


@dataclass
class Night:
    """What the conductor knows of a night besides its files."""

    seconds: float = 0.0
    kills: int = 0
    answers_dropped: int = 0
    writes_answered: int = 0
    became_quiet: bool = False
    events: list[tuple[float, str]] = field(default_factory=list)
    processes: dict[str, dict[str, Any]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


class Conductor:
    """Plays one night in a folder. `say` hears what happens, in words."""

    def __init__(self, folder: Path, day: Day, plan: Plan, *, offscreen: bool, say: Callable[[str], None]) -> None:
        self._plan, self._day, self._say = plan, day, say
        self._clock = SystemClock()
        self._folder = folder
        self._house = House(folder, offscreen=offscreen, seed=plan.seed)
        self._night = Night()
        self._opened_s = 0.0
        self._tick = threading.Event()

    def play(self) -> Night:
        """The whole night; every process is ended, whatever happens."""
        began_s = self._clock.monotonic_s()
        try:
            self._open()
            self._serve()
            self._night.became_quiet = self._calm_down()
            self._count_lines()
        finally:
            self._house.stop()
            for name, process in self._house.processes.items():
                self._night.processes[name] = {"peak_mib": process.peak_kib // 1024, "kills": process.kills}
        self._night.seconds = round(self._clock.monotonic_s() - began_s, 1)
        self._night.kills = sum(process.kills for process in self._house.processes.values())
        return self._night

    def _open(self) -> None:
        self._house.open_server(self._day.restaurant)
        for name, letter in TILLS.items():
            self._house.enrol(name, kind="pos", letter=letter)
        for name in KITCHENS:
            self._house.enrol(name, kind="kds", letter="")
        (self._folder / "pictures").mkdir(exist_ok=True)
        plan = self._folder / "plan.json"
        plan.write_text(json.dumps({name: self._plan.tasks_of(name) for name in TILLS}))
        start_ms = self._clock.now_ms() + int(LEAD_S * 1000)
        self._opened_s = self._clock.monotonic_s() + LEAD_S
        for place, name in enumerate(KITCHENS):
            self._house.add(name, "demo.kitchen", str(self._folder / name), str(start_ms), str(self._plan.seed + place))
        for name in TILLS:
            self._house.add(name, "demo.till", str(self._folder / name), str(plan), str(start_ms))
            self._tell(name, f"drop_answers {LOST_ANSWERS}")
        self._event("The doors open: two tills, two kitchen screens, one server")

    def _serve(self) -> None:
        plan = self._plan
        moments: list[tuple[float, Callable[[], None]]] = [
            (plan.cut_from_s, self._cut),
            (plan.cut_until_s, self._mend),
            (plan.server_killed_s, self._kill_server),
            (plan.server_back_s, self._start_server),
        ]
        for at_s, act in sorted(moments, key=lambda moment: moment[0]):
            self._wait_until(lambda at_s=at_s: self._now_s() >= at_s, limit_s=at_s - self._now_s() + 60)  # type: ignore[misc]
            act()
        self._kill_payment()

    def _cut(self) -> None:
        self._tell("till-1", "cut silent")
        self._event("The network of till 1 is cut; it goes on selling")

    def _mend(self) -> None:
        self._tell("till-1", "restore")
        self._event("The network of till 1 is back")

    def _kill_server(self) -> None:
        self._house.processes["server"].kill()
        self._event("The server is killed with SIGKILL")

    def _start_server(self) -> None:
        self._house.processes["server"].start()
        self._event("The server is started again")

    def _kill_payment(self) -> None:
        """Till 2 is killed between the tap on the money and its answer: nobody answers it from here on."""
        self._wait_until(lambda: self._now_s() >= self._plan.payment_killed_s, limit_s=600)
        flag = self._folder / "pictures" / "paying"
        if not self._wait_until(flag.exists, limit_s=90):
            self._night.troubles.append("till 2 never came to the payment that was to be killed")
            return
        self._house.processes["till-2"].kill()
        flag.unlink()
        self._event("Till 2 is killed with SIGKILL in the middle of a payment")
        self._house.processes["till-2"].start()
        self._event("Till 2 is started again and finds the payment in its file")

    def _calm_down(self) -> bool:
        """The plan is played, nothing waits, and every file has read the server's stream to its end."""
        self._wait_until(lambda: self._now_s() >= self._plan.ends_s, limit_s=self._plan.ends_s + 60)
        quiet = self._wait_until(self._is_quiet, limit_s=QUIET_LIMIT_S)
        if quiet:
            self._event("All is quiet: everything is on the server and every screen has seen it")
        else:
            said = {name: self._house.processes[name].said for name in (*TILLS, *KITCHENS)}
            self._night.troubles.append(f"it did not become quiet: {said}")
        for name in TILLS:
            self._night.troubles += [
                f"{name}: {words}" for words in self._house.processes[name].said.get("trouble", [])
            ]
        return quiet

    def _is_quiet(self) -> bool:
        for process in self._house.processes.values():
            process.measure()
        said = [self._house.processes[name].said for name in (*TILLS, *KITCHENS)]
        if any(not one or one["left"] or one["waiting"] for one in said):
            return False
        head = self._head()
        files = [(self._folder / name / "pos.sqlite") for name in TILLS]
        files += [(self._folder / name / "kds.sqlite") for name in KITCHENS]
        return all(self._has_read(path, head) for path in files)

    def _head(self) -> int:
        reader = open_reader(next((self._folder / "server").glob("*.sqlite")))
        head = int(reader.execute("SELECT coalesce(max(revision), 0) FROM change").get)
        reader.close()
        return head

    def _has_read(self, path: Path, head: int) -> bool:
        reader = open_reader(path)
        cursor, waiting = entities.cursor(reader), outbox.waiting(reader)
        reader.close()
        return waiting == 0 and int((cursor or "0-").split("-")[0]) >= head

    def _count_lines(self) -> None:
        for name in TILLS:
            counts = self._tell(name, "status")
            self._night.answers_dropped += int(counts.get("dropped_after_2xx", 0))
            self._night.writes_answered += int(counts.get("writes_answered", 0)) + int(counts.get("answers_dropped", 0))

    def _tell(self, name: str, command: str) -> dict[str, Any]:
        return tell(self._house.proxies[name][1], command)

    def _event(self, words: str) -> None:
        self._night.events.append((round(self._now_s(), 1), words))
        self._say(f"{self._now_s():7.1f} s  {words}")

    def _now_s(self) -> float:
        return self._clock.monotonic_s() - self._opened_s

    def _wait_until(self, is_so: Callable[[], bool], *, limit_s: float) -> bool:
        """Look ten times a second. False after the limit, or at once when a process has ended by itself."""
        until_s = self._clock.monotonic_s() + limit_s
        while not is_so():
            gone = [name for name, process in self._house.processes.items() if not process.is_running]
            if self._clock.monotonic_s() > until_s or [name for name in gone if name != "server"]:
                with suppress(IndexError):
                    self._night.troubles.append(f"{gone[0]} ended by itself")
                return False
            self._tick.wait(0.1)
        return True
