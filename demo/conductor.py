"""Conducts a night: opens the house, breaks what the plan says, waits until all is quiet, stops everything."""

import json
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from demo.accidents import Accidents
from demo.day import Day
from demo.house import House, NightFailed
from demo.journal import read_all
from demo.night import Night
from demo.plan import Plan
from demo.proofs import proofs_of_journals
from shared.clock import SystemClock
from shared.database import open_reader
from shared.store import entities, outbox

TILLS = {"till-1": "A", "till-2": "B"}
KITCHENS = ("kitchen-1", "kitchen-2")
LOST_ANSWERS = 0.22
"""The share of write answers that each till's line loses after the server committed, in a long night."""
LOST_IN_ALL, WRITES_AN_ORDER = 30, 4.5
"""In a short one so many may be lost before the server dies, that at least ten are; after it few, to be home soon."""
LOST_LATE = 0.12
QUIET_LIMIT_S = 240.0
READY_S = 60.0
LOOK_S = 0.1
LONG_S = 180.0
PROGRESS_S = (30.0, 10.0)
"""How often a long and a short night say how far they are."""
IN_A_ROW = (2, 1)
"""So many answers in a row are lost for one request in a long and in a short night: each time its retry comes later."""


class Conductor:
    """Plays one night in a folder. `say` hears what happens, in words."""

    def __init__(
        self,
        folder: Path,
        day: Day,
        plan: Plan,
        *,
        windows: Mapping[str, Mapping[str, str]] | None,
        say: Callable[[str], None],
    ) -> None:
        """`windows` has the environment of each window, or is None where everything is drawn offscreen."""
        self._plan, self._day, self._say = plan, day, say
        self._clock = SystemClock()
        self._folder = folder
        self._house = House(folder, windows, seed=plan.seed)
        self._night = Night()
        self._accidents = Accidents(self._house, self._night, plan, wait_until=self._wait_until)
        self._opened_s = 0.0
        self._told_s = 0.0
        self._may_be_gone: set[str] = set()
        self._tick = threading.Event()

    def play(self) -> Night:
        """The whole night; every process is ended, whatever happens. Raises NightFailed."""
        began_s = self._clock.monotonic_s()
        try:
            self._open()
            self._serve()
            self._night.became_quiet = self._calm_down()
            self._accidents.count_lines()
        finally:
            before = [signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)]
            self._house.stop()
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
                signal.signal(number, handler)
        night = self._night
        for name, process in self._house.processes.items():
            night.processes[name] = {"peak_mib": process.peak_kib // 1024, "kills": process.kills}
        night.proofs += proofs_of_journals(read_all(self._folder / "journal"), night, planned=self._plan.by_hand)
        night.seconds = round(self._clock.monotonic_s() - began_s, 1)
        night.kills = sum(process.kills for process in self._house.processes.values())
        return night

    def _open(self) -> None:
        house, plan = self._house, self._folder / "plan.json"
        plan.write_text(json.dumps({name: self._plan.tasks_of(name) for name in TILLS}))
        house.open_server(self._day.restaurant)
        devices = [*TILLS, *KITCHENS]
        for name in devices:
            house.lay_line(name, in_a_row=IN_A_ROW[not self._is_long])
        for name in devices:
            house.enrol(name, kind="pos" if name in TILLS else "kds", letter=TILLS.get(name, ""))
        (self._folder / "pictures").mkdir(exist_ok=True)
        for place, name in enumerate(KITCHENS):
            house.add(name, "demo.kitchen", str(self._folder / name), str(self._plan.seed + place))
        doors = self._folder / "doors"
        for name in TILLS:
            house.add(name, "demo.till", str(self._folder / name), str(plan), str(doors))
            self._accidents.tell(name, f"drop_answers {self._share()}")
        for name in devices:
            house.processes[name].wait()
        if not self._wait_until(lambda: all(house.processes[name].said.get("ready") for name in TILLS), READY_S):
            raise NightFailed("a till did not get the menu from the server")
        self._night.opened_ms = self._clock.now_ms()
        self._opened_s = self._clock.monotonic_s()
        _write_whole(doors, str(self._night.opened_ms))
        self._event("The doors open: two tills, two kitchen screens, one server")

    def _serve(self) -> None:
        """What happens when, and who is not expected to live from then on. A moment is told after it has happened."""
        plan, accidents = self._plan, self._accidents
        moments: list[tuple[float, str, Callable[[], str], str]] = [
            (plan.cut_from_s, "cut", accidents.cut_line, ""),
            (plan.cut_until_s, "mended", accidents.mend_line, ""),
            (plan.server_killed_s, "server killed", accidents.kill_server, "server"),
            (plan.server_back_s, "server back", accidents.start_server, ""),
            (plan.payment_killed_s, "till killed", accidents.kill_till, "till-2"),
            (plan.payment_killed_s, "till back", accidents.start_till, ""),
        ]
        for at_s, name, act, victim in moments:
            self._wait_until(lambda at_s=at_s: self._now_s() >= at_s, at_s - self._now_s() + 60)  # type: ignore[misc]
            self._night.moments[name] = self._now_s()
            words = act()
            if name == "server back" and not self._is_long:
                for till in TILLS:
                    accidents.tell(till, f"drop_answers {LOST_LATE}")
            if victim:
                self._may_be_gone = {victim}
                self._night.moments[name] = self._now_s()
            else:
                self._may_be_gone = set()
            self._event(words)

    def _calm_down(self) -> bool:
        """The plan is played, nothing waits, and every file has read the server's stream to its end."""
        self._wait_until(lambda: self._now_s() >= self._plan.ends_s, self._plan.ends_s + 60)
        quiet = self._wait_until(self._is_quiet, QUIET_LIMIT_S)
        said = {name: self._house.processes[name].said for name in (*TILLS, *KITCHENS)}
        if quiet:
            self._event("All is quiet: everything is on the server and every screen has seen it")
        else:
            self._night.troubles.append(f"it did not become quiet: {said}")
        for name in TILLS:
            self._night.troubles += [f"{name}: {words}" for words in said[name].get("trouble", [])]
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

    def _event(self, words: str) -> None:
        self._night.events.append((round(self._now_s(), 1), words))
        self._told_s = self._now_s()
        self._say(f"{max(0.0, self._now_s()):7.1f} s  {words}")

    def _progress(self) -> None:
        """Now and then, how far it is, so that nobody has to wonder."""
        every_s = PROGRESS_S[not self._is_long]
        if self._opened_s == 0.0 or self._now_s() - self._told_s < every_s:
            return
        self._told_s = self._now_s()
        saved = read_all(self._folder / "journal")
        rung = len({one.text("order") for one in saved if one.event == "sent"})
        paid = len({one.text("order") for one in saved if one.event == "paid"})
        waits = ", ".join(f"{name} {self._house.processes[name].said.get('waiting', '?')}" for name in TILLS)
        self._say(
            f"{self._now_s():7.1f} s  … {rung} of {self._plan.orders} orders rung up, {paid} paid; "
            f"not on the server yet: {waits}"
        )

    def _share(self) -> float:
        if self._is_long:
            return LOST_ANSWERS
        return min(0.7, max(0.35, LOST_IN_ALL / (WRITES_AN_ORDER * self._plan.orders)))

    @property
    def _is_long(self) -> bool:
        return self._plan.ends_s > LONG_S

    def _now_s(self) -> float:
        return self._clock.monotonic_s() - self._opened_s

    def _wait_until(self, is_so: Callable[[], bool], limit_s: float) -> bool:
        """Look ten times a second. False after the limit. Raises NightFailed when a process has ended by itself."""
        until_s = self._clock.monotonic_s() + limit_s
        while not is_so():
            gone = self._house.gone(but=self._may_be_gone)
            if gone:
                raise NightFailed(f"{gone[0]} ended by itself. {self._house.processes[gone[0]].last_words()}")
            if self._clock.monotonic_s() > until_s:
                return False
            self._tick.wait(LOOK_S)
            self._progress()
        return True


def _write_whole(path: Path, text: str) -> None:
    """Nobody ever reads half of it."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
