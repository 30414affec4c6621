"""An order whose lost version a waiting change still names: lifted to it, where that version can't come back."""

from __future__ import annotations

from typing import Final

from reference_server.storage import entities, healing
from reference_server.storage.seam import Connection
from shared.domain.order import Order
from shared.domain.versioned import Versioned
from shared.ids import OperationId
from shared.wire.healing import Phase

#: No tap is further ahead of what was given back to the server than this: more is a fault of the device.
MOST_AHEAD: Final = 1_000


def as_far_as(tx: Connection, entity: Versioned | None, told: object, *, device: str, now_ms: int) -> Versioned | None:
    """The order, lifted to the version that a change of it names where that one was lost and cannot come back.

    A report names the versions that waiting changes were made on, and `redo.finish` lifts their orders. What was tapped
    between the report and the moment in which the device began anew stands on a version that nobody named: without
    this it would be told HISTORY_LOST for ever. Only for a device that the last healing heard.
    """
    if not isinstance(entity, Order) or type(told) is not int or not 0 < told - entity.version <= MOST_AHEAD:
        return entity
    now = healing.current(tx)
    if now is None or now.phase is not Phase.DONE or not healing.has_reported(tx, device):
        return entity
    lifted = entity.model_copy(update={"version": told})
    entities.store(tx, (lifted,), by=OperationId(now.name), at_ms=now_ms)
    return lifted
