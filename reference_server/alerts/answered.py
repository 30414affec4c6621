"""What answers an alert by itself: money that waited for its refund was given back, so nobody is asked for it twice."""

from __future__ import annotations

from typing import Final

from reference_server.effect import Effect
from reference_server.storage import alerts
from reference_server.storage.seam import Connection
from shared.domain.alerts import ABOUT_MONEY, HouseAlert
from shared.domain.order import Order
from shared.times import to_rfc3339

_MOST_CHARS: Final = 200


def by_refund(tx: Connection, effect: Effect, *, actor_id: str, at_ms: int) -> None:
    """Close what asked for money of an order of which nothing waits any more, in the name of who gave it back."""
    noted = {note.return_id for note in effect.return_notes}
    for order in (one for one in effect.changed if noted and isinstance(one, Order) and one.unapplied_minor <= 0):
        for made in (one for one in order.returns if one.id in noted):
            choice = f"Given back as {made.number}: {made.reason}"[:_MOST_CHARS]
            done = {"choice": choice, "chosen_by": actor_id, "chosen_at": to_rfc3339(at_ms)}
            for alert in alerts.open_about(tx, order.id, kinds=ABOUT_MONEY):
                if not _waits_for_its_till(alert, order):
                    alerts.put(tx, alert.model_copy(update=done))


def _waits_for_its_till(alert: HouseAlert, order: Order) -> bool:
    """Whether it asks for a charge that no till has brought to the order yet: that is not what was given back."""
    return alert.kind == "on_no_bill" and not any(one.id in alert.message for one in order.payments)
