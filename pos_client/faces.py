"""How an order's state is told on the floor: the face of a table and the card of an order."""

from collections.abc import Sequence

from pos_client import words
from pos_client.floor_plan import TableFace
from pos_client.order_cards import OrderCard
from shared.domain.menu import Table
from shared.money import Currency
from shared.qt.tokens import Tone
from shared.terminal import LineStage, OrderView, SyncBadge


def face_of(table: Table, views: Sequence[OrderView], currency: Currency) -> TableFace:
    """The state of a table in colour and words, by the most pressing of the open orders on it."""
    if not views:
        return TableFace(table, Tone.NEUTRAL, "Free")
    if any(view.badge is SyncBadge.NEEDS_YOU for view in views):
        return TableFace(table, Tone.BAD, "Needs you")
    told = [_of_one(view, currency) for view in views]
    tone = next((one for one in (Tone.WARN, Tone.INFO) if one in [tone for tone, _ in told]), Tone.OK)
    if len(views) == 1:
        return TableFace(table, *told[0])
    new = sum(len(view.unsent_ids) for view in views)
    most = f"{new} new" if new else {Tone.WARN: "saved", Tone.OK: "ready"}.get(tone, "")
    return TableFace(table, tone, ", ".join(word for word in (f"{len(views)} orders", most) if word))


def _of_one(view: OrderView, currency: Currency) -> tuple[Tone, str]:
    """How one order stands: what the kitchen does not have yet presses, what is ready has to be fetched."""
    new = len(view.unsent_ids)
    if new:
        return Tone.WARN, f"{new} new"
    stages = [line.stage for line in view.lines if line.stage is not LineStage.VOIDED]
    if stages and all(stage is LineStage.READY for stage in stages):
        return Tone.OK, "Ready"
    if any(stage in words.ON_THIS_TILL for stage in stages):
        return Tone.WARN, "Saved here"
    return Tone.INFO, currency.text(view.totals.total_minor)


def card_of(view: OrderView, currency: Currency, *, now_ms: int) -> OrderCard:
    """An order as it stands in a list."""
    return OrderCard(
        key=view.id,
        number=view.number,
        place=words.place(view.table_name),
        total=currency.text(view.totals.total_minor),
        badge=words.order_badge(view),
        stands=words.kitchen_line(view, now_ms=now_ms) if view.is_open else "Closed",
    )
