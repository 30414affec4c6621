"""A hand at the clock of the login screen."""

from collections.abc import Callable

from tests.gui.harness import OFFLINE
from tests.gui.pos.conftest import Till, wait_for


def clock(till: Till, person: str, pin: str) -> None:
    """Come or go: the clock, the tile, and the PIN."""
    before = dict(till.window.login._in_since)
    till.tap("clocking")
    till.tap_on("people", person)
    till.digits(pin)
    wait_for(till, lambda: till.window.login._in_since != before)


def walk_login(till: Till, seen: Callable[[str], None]) -> None:
    """The login screen in every state, each of which is looked at; somebody is logged in at the end, offline."""
    seen("login")
    till.rig.link(OFFLINE)
    clock(till, "amina", "1111")
    till.window.login.toast.put_away()
    seen("login-offline")
    till.tap("clocking")
    seen("clock")
    till.tap("clocking")
    till.log_in()
