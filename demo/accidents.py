"""Breaks a night where the plan says so, and looks at that very moment whether it is broken: the proofs of it."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo.cashier import flag_of
from demo.fault_control import tell
from demo.house import House
from demo.night import Night, Proof
from demo.plan import OUTAGE_S, Plan
from shared.database import open_reader

HELD_MS = 1500
"""So long the line holds the payment with which till 2 dies: it is sent, and its answer is not there."""
COME_S = 120.0
SEND_S = 40.0
AT_LEAST_LOST, ONE_IN = 10, 20
FIRST_LOST = 2
"""So many answers are lost when the line is back: what had waited travels together, and goes again."""


class Accidents:
    """What happens to one house. `wait_until` waits for something and says whether it came within the limit."""

    def __init__(
        self, house: House, night: Night, plan: Plan, *, wait_until: Callable[[Callable[[], bool], float], bool]
    ) -> None:
        self._house, self._night, self._wait_until = house, night, wait_until
        self._dying = next(task.order for task in plan.tills["till-2"] if task.do == "pay-and-die")
        self._keeper: socket.socket | None = None

    def cut_line(self) -> str:
        """The line of till 1 falls silent."""
        self.tell("till-1", "cut silent")
        return "The network of till 1 is cut; it goes on selling"

    def mend_line(self) -> str:
        """It is back; what the till's own screen said until then is the proof."""
        said = self._house.processes["till-1"].said
        pill, waiting = str(said.get("pill", "")), int(said.get("waiting", 0))
        self.tell("till-1", f"drop_next {FIRST_LOST}")
        self.tell("till-1", "restore")
        gone_s = self._gone_s("cut", "mended")
        self._prove(
            f"The network of till 1 was gone for {gone_s:.0f} s",
            pill.startswith("Offline") and waiting > 0 and gone_s >= OUTAGE_S - 0.5,
            f"its own screen said “{pill}”, and {waiting} operations waited in its file",
        )
        return "The network of till 1 is back"

    def kill_server(self) -> str:
        """SIGKILL."""
        self._keeper = self._house.kill_server()
        died = self._house.processes["server"].died_of
        if died != signal.SIGKILL:
            self._night.troubles.append(f"the server died of signal {died}")
        return "The server is killed with SIGKILL"

    def start_server(self) -> str:
        """It is started again; what the boards said until then is the proof."""
        bands = {name: str(self._house.processes[name].said.get("band", "")) for name in ("kitchen-1", "kitchen-2")}
        if self._keeper is not None:
            self._house.start_server(self._keeper)
        gone_s = self._gone_s("server killed", "server back")
        self._prove(
            f"The server was killed with SIGKILL and dead for {gone_s:.0f} s",
            self._house.processes["server"].kills == 1 and all(bands.values()) and gone_s >= OUTAGE_S - 0.5,
            "; ".join(f"{name.replace('-', ' ')} said “{words}”" for name, words in bands.items()),
        )
        return "The server is started again"

    def kill_till(self) -> str:
        """Till 2 is killed while its payment is sent and not answered; its file says so after its death."""
        till = self._house.folder / "till-2"
        flag, process = flag_of(till), self._house.processes["till-2"]
        what = "Till 2 was killed with SIGKILL in the middle of a payment"
        if not self._wait_until(flag.exists, COME_S):
            self._prove(what, False, "it never came to that payment")
            return "Till 2 never came to the payment with which it was to be killed"
        how = flag.read_text()
        self.tell("till-2", f"delay_ms {HELD_MS}")
        flag.unlink()
        self._wait_until(lambda: self._payment_on_its_way(till) is not None, SEND_S)
        process.kill()
        self.tell("till-2", "delay_ms 0")
        row = self._payment_on_its_way(till)
        known = "no payment was on its way in its file"
        if row is not None:
            known = f"taken {how}; the file that it left says of this payment: REPLAYING, tries {row[1]}"
        self._prove(what, row is not None and how == "by hand" and process.died_of == signal.SIGKILL, known)
        return "Till 2 is killed with SIGKILL in the middle of a payment"

    def start_till(self) -> str:
        """It is started again."""
        process = self._house.processes["till-2"]
        process.start()
        process.wait()
        return "Till 2 is started again and finds the payment in its file"

    def count_lines(self) -> None:
        """How many operations lost their answers on the tills' lines; several may have been in one request."""
        night = self._night
        for name in ("till-1", "till-2"):
            counts = self.tell(name, "status")
            night.operations_lost += int(counts.get("operations_lost", 0))
            night.operations_answered += int(counts.get("operations_answered", 0))
        share = night.operations_lost / max(1, night.operations_answered)
        self._prove(
            "Operations lost their answers after the server had committed",
            night.operations_lost >= AT_LEAST_LOST and night.operations_lost * ONE_IN >= night.operations_answered,
            f"{night.operations_lost} of {night.operations_answered} ({share:.0%}), counted by the fault proxies",
        )

    def tell(self, name: str, command: str) -> dict[str, Any]:
        """Tell a device's line what to do."""
        return tell(self._house.proxies[name][1], command)

    def _gone_s(self, start: str, end: str) -> float:
        return self._night.moments[end] - self._night.moments[start]

    def _prove(self, what: str, happened: bool, evidence: str) -> None:
        self._night.proofs.append(Proof(what, happened, evidence))

    def _payment_on_its_way(self, till: Path) -> tuple[int, int] | None:
        """The payment that is being sent and has no answer, as the till's own file has it: its place, its sends."""
        reader = open_reader(till / "pos.sqlite")
        row = reader.execute(
            "SELECT seq, sends FROM operation WHERE entity_id = ? AND kind = 'close_order' AND status = 'REPLAYING'",
            (self._dying,),
        ).fetchone()
        reader.close()
        return None if row is None else (int(row[0]), int(row[1]))
