"""The system's clock for a program of the tests, hours wrong by libfaketime: all that asks the system gets it."""

from __future__ import annotations

from pathlib import Path

PLACE = Path("/usr/lib")
INSTALL = "packaging/linux/test-servers.sh installs it, and `make test` calls that"


def clock_wrong_by(hours: int) -> dict[str, str]:
    """What a program's environment needs for it; what counts seconds goes on as it is. Only for a new program."""
    found = sorted(PLACE.glob("*/faketime/libfaketimeMT.so.1"))
    assert found, f"libfaketime is not installed: {INSTALL}"
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": f"{hours:+d}h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # else each wait for the interpreter ends at once, and it spins
    }
