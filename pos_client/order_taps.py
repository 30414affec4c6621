"""What the taps on an order mean: each makes one intention and hands it to the terminal. No widget is known here."""

from pos_client.session import Intention, Session
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    DraftChange,
    EditDraft,
    NewLine,
    RemoveLine,
    SendDraft,
    SetNote,
    SetQuantity,
    VoidLine,
)
from shared.domain.menu import MenuItem, complete
from shared.domain.order import Channel, Modifier
from shared.ids import ChangeId, ItemId, LineId, OperationId, OrderId, TableId
from shared.terminal import LineRow, LineStage, OrderView, Terminal

MOST = 999


class OrderTaps:
    """The order that is open on this till. `order_id` is its final id from the first moment."""

    def __init__(self, terminal: Terminal, session: Session, *, order_id: str, table_id: str) -> None:
        self.order_id = OrderId(order_id)
        self.table_id = TableId(table_id) if table_id else None
        self._terminal, self._session = terminal, session
        self._send = Intention(terminal)

    @property
    def view(self) -> OrderView | None:
        """The order as it is on this till now."""
        return self._terminal.order(self.order_id)

    def add(self, item: MenuItem, modifiers: tuple[Modifier, ...] = (), quantity: int = 1) -> str:
        """One more of an item. The same thing just added grows; anything else is a line of its own. Gives its id."""
        same = self._growing(item, modifiers)
        if same is not None:
            self.set_quantity(same, same.quantity + quantity)
            return same.id
        line_id = LineId(self._terminal.new_id())
        bare = NewLine(id=line_id, item_id=ItemId(item.id), quantity=quantity, modifiers=modifiers)
        self._edit(AddLine(line=complete(bare, self._terminal.menu)))
        return line_id

    def again(self, line: LineRow) -> None:
        """One more of a line that the kitchen has: a new line like it."""
        item = self._terminal.menu.item(line.item_id)
        if item is not None:
            self.add(item, line.modifiers)

    def set_quantity(self, line: LineRow, quantity: int) -> None:
        """So many of a line that was not sent."""
        if 1 <= quantity <= MOST:
            self._edit(SetQuantity(id=self._change_id(), line_id=LineId(line.id), quantity=quantity))

    def remove(self, line: LineRow) -> None:
        """Take a line that was not sent out of the draft."""
        self._edit(RemoveLine(id=self._change_id(), line_id=LineId(line.id)))

    def note(self, line: LineRow, text: str) -> None:
        """Write a note on a line that was not sent."""
        self._edit(SetNote(id=self._change_id(), line_id=LineId(line.id), note=text))

    def void(self, line: LineRow, reason: str, *, base_version: int) -> None:
        """Take a line that was sent off the bill."""
        self._terminal.submit(
            ChangeOrder(
                id=OperationId(self._terminal.new_id()),
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                base_version=base_version,
                changes=(VoidLine(id=self._change_id(), line_id=LineId(line.id), reason=reason),),
            )
        )

    def shown(self, view: OrderView | None) -> None:
        """The screen shows this: Send stands for its unsent lines from now on."""
        self._send.shown(view.unsent_ids if view is not None else ())

    def send(self, view: OrderView) -> None:
        """Send the lines that the screen showed. However often it is tapped on one showing, it is one intention."""
        self._terminal.submit(
            SendDraft(
                id=self._send.id,
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                line_ids=tuple(LineId(line_id) for line_id in view.unsent_ids),
            )
        )

    def _growing(self, item: MenuItem, modifiers: tuple[Modifier, ...]) -> LineRow | None:
        view = self.view
        last = view.lines[-1] if view is not None and view.lines else None
        if last is None or last.stage is not LineStage.NEW or last.note or last.seat is not None:
            return None
        return last if (last.item_id, last.modifiers) == (item.id, modifiers) else None

    def _edit(self, change: DraftChange) -> None:
        self._terminal.submit(
            EditDraft(
                id=OperationId(self._terminal.new_id()),
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                table_id=self.table_id,
                channel=Channel.DINE_IN if self.table_id else Channel.TAKEAWAY,
                changes=(change,),
            )
        )

    def _change_id(self) -> ChangeId:
        return ChangeId(self._terminal.new_id())
