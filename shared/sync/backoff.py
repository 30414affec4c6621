"""How long to wait, from tenacity's wait objects as plain functions of a count and a chance number."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tenacity import RetryCallState, Retrying, wait_chain, wait_exponential, wait_fixed
from tenacity.wait import wait_base

#: Before the first send, after the first unanswered one, and so on; the last one stays (product row P5).
SEND_DELAYS_S: Final = (0, 5, 15, 45, 120)
#: A delay is stretched or shortened by up to this share, so that tills which failed together do not come back together.
SPREAD: Final = 0.2
#: No delay of a send is longer than this.
LONGEST_SEND_DELAY_S: Final = SEND_DELAYS_S[-1] * (1 + SPREAD)
#: No two probes are closer together than this, however the dice fall.
SHORTEST_PROBE_DELAY_S: Final = 0.1
#: A server that says *again in 0 seconds* is asked again after this.
SHORTEST_TOLD_DELAY_S: Final = 0.5
AFTER_OUTAGE_S: Final = 2.0

_SENDS: Final = wait_chain(*(wait_fixed(delay_s) for delay_s in SEND_DELAYS_S))
_PROBES: Final = wait_exponential(multiplier=0.5, max=5)
_TROUBLE: Final = wait_exponential(multiplier=0.5, max=15)


def delay_s(sends: int, chance: float) -> float:
    """Seconds to wait before an operation goes again that was sent `sends` times: 0, 5, 15, 45, 120, 120 ...

    Jitter: the middle figure times 0.8 to 1.2, evenly by `chance` (0 to 1). Deterministic.
    """
    return _wait(_SENDS, sends + 1) * (1 - SPREAD + 2 * SPREAD * chance)


def told_delay_s(told_s: float, chance: float) -> float:
    """Seconds to wait when the server asked for `told_s`: that and up to a tenth more, and never a busy loop."""
    return max(SHORTEST_TOLD_DELAY_S, told_s * (1 + chance / 10))


def probe_delay_s(misses: int, chance: float) -> float:
    """Seconds until the next probe after `misses` (from 1) in a row: at most 0.5, 1, 2, 4, 5, 5 ...

    Full jitter: anything between 0.1 s and that figure, evenly by `chance`, since all devices of a house lose the
    server in the same moment.
    """
    longest_s = _wait(_PROBES, misses)
    return SHORTEST_PROBE_DELAY_S + (longest_s - SHORTEST_PROBE_DELAY_S) * chance


def after_outage_s(chance: float) -> float:
    """Seconds that this device waits before its first send after an outage, 0 to 2: twenty tills come back at once."""
    return AFTER_OUTAGE_S * chance


def trouble_delay_s(failures: int) -> float:
    """Seconds until the worker tries again after `failures` (from 1) of its own in a row (disk full): 0.5 to 15."""
    return _wait(_TROUBLE, failures)


@lru_cache(maxsize=256)
def _wait(wait: wait_base, number: int) -> float:
    """What a wait object of tenacity, none of which draws lots, says before try `number`, counted from 1."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = number
    return float(wait(state))
