"""What is said over the menu of an order that is not as usual, and where its button leads."""

from pos_client import words
from pos_client.words import Notice, Way
from shared.domain.order import OrderState
from shared.qt.tokens import Tone
from shared.terminal import OperationRow, OrderView, SyncBadge, Terminal


def notice_of(view: OrderView | None, terminal: Terminal, *, ended_here: bool) -> Notice | None:
    """What is not as usual: something was not taken by the server, nothing is left of the order, or it is over."""
    if view is None:
        return None
    if view.badge is SyncBadge.NEEDS_YOU:
        rows = [row for row in terminal.desk.operations("attention") if row.entity_id == view.id]
        if rows:
            return _held(rows[0])
    if view.is_open:
        return None if view.owed_ids else _nothing_owed(view)
    return over(view, terminal, ended_here=ended_here)


def over(view: OrderView, terminal: Terminal, *, ended_here: bool = False) -> Notice:
    """What to say about an order that is not open; `ended_here` tells whether somebody just ended it on this till."""
    left = sum(line.in_draft for line in view.lines)
    heir = terminal.order(view.heir_id) if view.heir_id and not left else None
    if heir is not None:
        return _merged(view, heir)
    here = ended_here or (view.receipt_number or "").startswith(f"{terminal.settings.letter}-")
    voided = "was merged into another order" if view.is_merged else "was voided"
    done = voided if view.state is OrderState.VOIDED else "is paid and closed"
    title = f"Order {view.number} {done}{'' if here else ' on another till'}"
    text, action = "What comes now goes on a new order.", "New order"
    if left:
        lines = f"{left} new {'line is' if left == 1 else 'lines are'} not on it and not sent."
        text, action = f"{lines} Put {'it' if left == 1 else 'them'} on a new order.", "Put on a new order"
    return Notice(title, text, action, Way.NEW_ORDER, Tone.WARN)


def _merged(view: OrderView, heir: OrderView) -> Notice:
    """A guest who orders more sits where the lines went: an order besides would be a bill that nobody asked for."""
    where = words.place(heir.table_name) if heir.table_name else "takeaway"
    text = f"All that was on it is there now, {where}."
    return Notice(
        f"Order {view.number} was merged into {heir.number}", text, f"Open {heir.number}", Way.HEIR, Tone.WARN
    )


def _nothing_owed(view: OrderView) -> Notice:
    """An open order of which no line stands: nobody can pay it, and its table is not free."""
    text = "Nothing is owed. End it, so that the table is free, or add a dish."
    return Notice(f"Nothing is left of order {view.number}", text, "End order", Way.END, Tone.INFO)


def _held(row: OperationRow) -> Notice:
    """An open order of which the server did not take something."""
    reason = row.error or "The server gave no reason."
    text = f"{reason} Nothing is lost: it is kept on this till, and what follows it waits."
    return Notice(f"{row.what} was not taken by the server", text, "Open sync", Way.SYNC, Tone.BAD)
