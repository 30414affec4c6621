"""What waits on this device for an order that was merged goes on at its heir: its operations, and what was tapped."""

from shared.database import Connection
from shared.domain.draft import Draft
from shared.domain.order import Order
from shared.store import drafts
from shared.wire.requests import order_lane

_STAND_THERE_TOO = """
    INSERT INTO operation_lane (lane, place, seq) SELECT ?, place, seq FROM operation_lane WHERE lane = ?
    ON CONFLICT DO NOTHING"""


def follow(tx: Connection, merged: Order, heirs: tuple[Order, ...]) -> frozenset[str]:
    """To be called when the server has said that an order was merged; `heirs` are its heirs as far as they are known.

    What was tapped after that on an heir names lines that an operation on the merged order makes: so that stands in
    the heirs' lanes too, and goes first. Returns the lanes that changed.
    """
    assert merged.merged_into is not None, "only a merged order has heirs"
    ids = dict.fromkeys((merged.merged_into, *(heir.id for heir in heirs)))
    for heir_id in ids:
        tx.execute(_STAND_THERE_TOO, (order_lane(heir_id), order_lane(merged.id)))
    move_draft(tx, merged.id, heirs[-1] if heirs else merged.model_copy(update={"id": merged.merged_into}), now_ms=0)
    return frozenset(map(order_lane, ids))


def move_draft(tx: Connection, order_id: str, heir: Order, *, now_ms: int) -> None:
    """What was tapped for an order and not sent stands on its heir from now on."""
    draft, there = drafts.get(tx, order_id), drafts.get(tx, heir.id)
    if draft is None:
        return
    if there is None:
        there = Draft(
            order_id=heir.id,
            number=heir.number,
            is_new=False,
            table_id=heir.table_id,
            channel=heir.channel,
            guests=heir.guests,
        )
    drafts.put(tx, there.model_copy(update={"lines": (*there.lines, *draft.lines)}), now_ms=now_ms)
    drafts.forget(tx, order_id)
