"""A till and a server on two hosts with a bad line between them: late, lossy, dark, half open, a new address."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from demo.check import check
from tests.end_to_end.kill_night import KillNight, open_night
from tests.end_to_end.two_hosts import TwoHosts
from tests.soak import Soak

DARK_S = 30.0
OTHER_ADDRESSES = ("10.99.0.7", "10.99.0.8")


def bad_night(night: KillNight, hosts: TwoHosts, *, seed: int, dark_s: float) -> None:
    """One after the other, all that the line can do, while the till rings up and goes on."""
    tick = threading.Event()
    till = night.start("till-1", str(seed), "busy")
    hosts.tell("delay 200")  # each way: a line of 400 ms
    till.hear("answer", 10)
    hosts.tell("loss 0.2")
    till.hear("answer", 10)
    hosts.tell("loss 0 dark 1")
    tick.wait(dark_s)
    hosts.tell("dark 0")
    till.skip()
    till.hear("answer", 5)
    hosts.tell("dark 1")
    night.server.kill()  # the till never hears of it: its connections stay half open
    night.server.start()
    hosts.tell("dark 0")
    till.skip()
    till.hear("answer", 5)
    for address in OTHER_ADDRESSES:
        hosts.tell(f"address {address}")
        till.skip()
        till.hear("answer", 5)
    hosts.tell("delay 0")
    till.kill()
    night.drain("till-1")
    assert night.server.stop() == 0


@pytest.mark.soak
def test_what_a_line_between_two_hosts_can_do_loses_nothing_and_doubles_nothing(tmp_path: Path, soak: Soak) -> None:
    for seed in soak.seeds(enough=3):
        hosts = TwoHosts()
        night = open_night(tmp_path / str(seed), "till-1", hosts=hosts)
        try:
            bad_night(night, hosts, seed=seed, dark_s=DARK_S)
        finally:
            night.close()
            hosts.close()
        findings = check(night.folder)
        assert findings.is_clean, findings
        assert findings.told == 0
        soak.note(
            seed, {"nights": 1, "orders": findings.orders_rung, "lost": findings.lost, "doubled": findings.doubled}
        )
