"""Whether a device and this server share a history: the door that keeps all others out while a healing is under way."""

from __future__ import annotations

from reference_server.exchange import Problem
from reference_server.storage import changes, healing, histories
from reference_server.storage.devices import Visitor
from reference_server.storage.seam import Connection
from shared.wire.answers import ConflictType
from shared.wire.healing import Phase

_ON = "Selling goes on; nothing is sent until"
_RESTORED = f"This server was restored from an older copy. {_ON}"
_NOT_HERE = f"This server does not hold what was seen: it was restored from an older copy, or never had it. {_ON}"


def refuse_strangers(tx: Connection, seen: str) -> None:
    """Raises the 409 while the branch is being healed, and when this history does not hold what was seen."""
    under_way = healing.current(tx)
    _refuse_while_healing(None if under_way is None else under_way.phase)
    refuse_unknown(tx, seen)


def refuse_stranger(visitor: Visitor) -> None:
    """The same of who stands at the door."""
    _refuse_while_healing(visitor.phase)
    if not visitor.is_of_here:
        raise _unheard_of()


def refuse_unknown(tx: Connection, seen: str) -> None:
    """Raises the 409 when this history does not hold exactly this pair of revision and operation."""
    if seen and changes.revision_of(tx, seen) is None:
        raise _unheard_of()


def refuse_others(tx: Connection, told: str) -> None:
    """Raises the 409 for a device whose file is of a history of another name; one that knows no name passes."""
    own = histories.name(tx)
    if told and own and told != own:
        raise Problem(
            409,
            f"This server is of another branch than this device's file: it is {own}, the file is of {told}."
            " Nothing was done. Enrol this device at its own server, or here with an empty data folder.",
            conflict=ConflictType.OTHER_BRANCH,
        )


def _refuse_while_healing(phase: Phase | None) -> None:
    if phase is not None and phase is not Phase.DONE:
        raise lost(f"{_RESTORED} all tills and kitchen screens have told it what it lost.")


def _unheard_of() -> Problem:
    return lost(f"{_NOT_HERE} this device has told it what it lost.")


def lost(message: str) -> Problem:
    """The 409 for a device that has seen what this server never did."""
    return Problem(409, message, conflict=ConflictType.HISTORY_LOST)
