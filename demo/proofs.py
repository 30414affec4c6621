"""Pure: what the journals prove of a night: who sold while apart, how much was done by taps, whether all have paid."""

from collections.abc import Sequence

from demo.journal import Entry
from demo.night import Night, Proof

BY_HAND = 20
"""So many orders at least are rung up by taps on the real screens; all that can be in a night that has fewer."""


def proofs_of_journals(journal: Sequence[Entry], night: Night, *, planned: int) -> list[Proof]:
    """The proofs that lie in what the screens called saved. `planned` orders were to be rung up by taps."""
    return [_sold_while_cut(journal, night), _one_table(journal, night), _by_hand(journal, planned), _all_paid(journal)]


def _while_cut(entry: Entry, night: Night) -> bool:
    """Whether it was saved while till 1 had no network, as well as one machine's clock knows."""
    at_s = (int(entry.fields.get("atMs", 0)) - night.opened_ms) / 1000
    return night.moments.get("cut", 0.0) <= at_s <= night.moments.get("mended", 0.0)


def _sold_while_cut(journal: Sequence[Entry], night: Night) -> Proof:
    done = [one for one in journal if one.device == "till-1" and _while_cut(one, night)]
    orders = {one.text("order") for one in done if one.event == "sent"}
    paid = sum(one.event == "paid" for one in done)
    return Proof(
        "Till 1 went on selling without its network",
        bool(orders),
        f"its screens called {len(orders)} orders and {paid} payments saved meanwhile",
    )


def _one_table(journal: Sequence[Entry], night: Night) -> Proof:
    """An order to which both tills added by taps while the first was cut off."""
    by: dict[str, set[str]] = {}
    for one in journal:
        if one.event == "sent" and one.fields.get("byHand") and _while_cut(one, night):
            by.setdefault(one.text("order"), set()).add(one.device)
    shared = [order_id for order_id, devices in by.items() if len(devices) > 1]
    numbers = sorted({one.text("number") for one in journal if one.text("order") in shared and one.text("number")})
    return Proof(
        "Both tills added to the same table while apart",
        bool(shared),
        f"by taps on both screens, to order {', '.join(numbers)}" if shared else "no order has taps of both tills then",
    )


def _by_hand(journal: Sequence[Entry], planned: int) -> Proof:
    orders = {one.text("order") for one in journal if one.event == "sent" and one.fields.get("byHand")}
    return Proof(
        "Orders were rung up by taps on the real screens",
        len(orders) >= min(BY_HAND, planned),
        f"{len(orders)} of {len({one.text('order') for one in journal if one.event == 'sent'})} orders",
    )


def _all_paid(journal: Sequence[Entry]) -> Proof:
    served = {one.text("order") for one in journal if one.event == "meant"}
    paid = {one.text("order") for one in journal if one.event == "paid"}
    return Proof(
        "Every guest was served and has paid",
        bool(served) and served == paid,
        f"{len(served & paid)} of {len(served)} orders are paid",
    )
