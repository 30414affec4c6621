"""What the taps on an order mean: each makes one intention and hands it to the terminal. No widget is known here."""

from collections.abc import Sequence
from dataclasses import dataclass

from pos_client.session import Intention, Session
from shared.domain.approvals import APPROVERS
from shared.domain.commands import (
    AddLine,
    ChangeOrder,
    DraftChange,
    EditDraft,
    FireCourse,
    NewLine,
    RemoveLine,
    SendDraft,
    SetNote,
    SetQuantity,
    VoidLine,
    VoidOrder,
)
from shared.domain.menu import Menu, MenuItem, complete
from shared.domain.order import Channel, Modifier
from shared.ids import ChangeId, ItemId, LineId, OperationId, OrderId, StaffId, TableId, derived_id
from shared.terminal import LineRow, OrderView, Terminal

MOST = 999
MOST_FOLLOWING = 20
NOTHING_LEFT = "Every line was taken off"
"""Why an order ended that nobody paid, as it is kept."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a person chose about a dish: the options in the menu's order, how many, a note, and whose it is."""

    modifiers: tuple[Modifier, ...] = ()
    quantity: int = 1
    note: str = ""
    seat: int | None = None


class OrderTaps:
    """The order that is open on this till. `order_id` is its final id from the first moment."""

    def __init__(
        self,
        terminal: Terminal,
        session: Session,
        *,
        order_id: str,
        table_id: str,
        intention: type[Intention] = Intention,
    ) -> None:
        self.order_id = OrderId(order_id)
        self.table_id = TableId(table_id) if table_id else None
        self._terminal, self._session = terminal, session
        self._send = intention(terminal)
        self._fire = intention(terminal)
        self._repeat = intention(terminal)
        self._end = intention(terminal)
        self.has_ended = False
        self._repeated: frozenset[str] = frozenset()

    @property
    def view(self) -> OrderView | None:
        """The order as it is on this till now."""
        return self._terminal.order(self.order_id)

    def add(self, item: MenuItem, pick: Pick) -> str:
        """So many more of an item. The same thing just added grows; else it is a line of its own. Gives its id."""
        same = self._growing(item, pick)
        if same is not None:
            self.set_quantity(same, same.quantity + pick.quantity)
            return same.id
        line = self._line(item, pick, line_id=self._terminal.new_id())
        self._edit(AddLine(line=line))
        return line.id

    def put_back(self, item: MenuItem, line: LineRow) -> str:
        """A removed line again, with all that was said about it, as a line of its own. Gives its id."""
        again = self._as_told(item, line, line_id=self._terminal.new_id())
        self._edit(AddLine(line=again))
        return again.id

    def choose_anew(self, item: MenuItem, line: LineRow, pick: Pick) -> str:
        """Other choices for a line that was not sent: it is exchanged in one edit. Gives the new line's id."""
        again = self._line(item, pick, line_id=self._terminal.new_id())
        self._edit(RemoveLine(id=self._change_id(), line_id=LineId(line.id)), AddLine(line=again))
        return again.id

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

    def needs_manager_to_void(self) -> bool:
        """Whether the person at the till may not take off alone what the kitchen has."""
        person = self._terminal.staff.member(self._session.actor_id)
        is_approver = person is not None and person.active and person.role in APPROVERS
        return self._terminal.business.void_sent_needs_manager and not is_approver

    def void(self, intent_id: str, line: LineRow, reason: str, *, approved_by: str | None = None) -> None:
        """Take a line that was sent off the bill. `intent_id` was made when the reason was asked for."""
        view = self.view
        void = VoidLine(
            id=ChangeId(derived_id(intent_id, "void")),
            line_id=LineId(line.id),
            reason=reason,
            approved_by=None if approved_by is None else StaffId(approved_by),
        )
        self._terminal.submit(
            ChangeOrder(
                id=OperationId(intent_id),
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                base_version=view.base_version if view is not None else 0,
                changes=(void,),
            )
        )

    def shown(self, view: OrderView | None) -> None:
        """The screen shows this: Send stands for its unsent lines from now on, and Repeat for its last round."""
        self._send.shown(view.unsent_ids if view is not None else ())
        self._fire.shown(view.next_course_ids if view is not None else ())
        self._repeat.shown(view.last_round_ids if view is not None else ())
        self._end.shown(tuple(line.id for line in view.lines) if view is not None else ())

    def send(self, view: OrderView, *, held_ids: Sequence[str] = ()) -> None:
        """Send the lines that the screen showed. However often it is tapped on one showing, it is one intention.

        Of them `held_ids` wait for their course: with them and without it is the same round, sent once.
        """
        self._terminal.submit(
            SendDraft(
                id=self._send.id,
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                line_ids=tuple(LineId(line_id) for line_id in view.unsent_ids),
                held_ids=tuple(LineId(line_id) for line_id in held_ids),
            )
        )

    def fire(self, view: OrderView) -> None:
        """Let the next course go, as the screen showed it."""
        self._terminal.submit(
            FireCourse(
                id=self._fire.id,
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                line_ids=tuple(LineId(line_id) for line_id in view.next_course_ids),
            )
        )

    def end(self) -> None:
        """End an order of which no line stands. One that another till adds meanwhile keeps it open, for the server."""
        self.has_ended = True
        self._terminal.submit(
            VoidOrder(
                id=self._end.id,
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                reason=NOTHING_LEFT,
                line_ids=(),
            )
        )

    def can_repeat(self, view: OrderView | None) -> bool:
        """Whether there is a last round that was not ordered again yet."""
        return view is not None and view.is_open and not self._repeated.issuperset(view.last_round_ids)

    def repeat(self, view: OrderView) -> tuple[str, ...]:
        """The last round once more, as new lines; however often it is tapped, once. Gives what is not to be had."""
        self._repeated = frozenset(view.last_round_ids)
        added, missing = [], []
        for line in (one for one in view.lines if one.id in self._repeated):
            item = self._terminal.menu.item(line.item_id)
            if item is None or item.sold_out:
                missing.append(line.name)
            else:
                again = self._line(item, pick_of(line), line_id=derived_id(self._repeat.id, line.id))
                added.append(AddLine(line=again))
        if added:
            self._edit(*added, intent_id=self._repeat.id)
        return tuple(missing)

    def carry_over(self, view: OrderView) -> str:
        """Put the unsent lines of an order that was closed meanwhile on one that follows it. Gives that order's id.

        The ids follow from the old ones, so that it is the same when it is done again after a crash between its two
        writes: no line is on the new order twice.
        """
        after = OrderTaps(
            self._terminal, self._session, order_id=self._following(), table_id=view.table_id or self.table_id or ""
        )
        for line in (one for one in view.lines if one.in_draft):
            item = self._terminal.menu.item(line.item_id)
            if item is not None:
                again = after._as_told(item, line, line_id=derived_id(line.id, "carried over"))
                after._edit(AddLine(line=again))
                self.remove(line)
        return after.order_id

    def _following(self) -> str:
        order_id = derived_id(self.order_id, "after")
        for _ in range(MOST_FOLLOWING):
            view = self._terminal.order(order_id)
            if view is None or view.is_open:
                break
            order_id = derived_id(order_id, "after")
        return order_id

    def _growing(self, item: MenuItem, pick: Pick) -> LineRow | None:
        view = self.view
        last = view.lines[-1] if view is not None and view.lines else None
        if last is None or not last.in_draft or last.quantity + pick.quantity > MOST:
            return None
        same = (last.item_id, last.modifiers, last.note, last.seat) == (item.id, pick.modifiers, pick.note, pick.seat)
        one = self._line(item, pick, line_id=last.id)  # at another price it is another line: the tile shows the new one
        price = (one.price_minor or 0) + sum(choice.price_minor for choice in pick.modifiers)
        return last if same and last.total_minor == last.quantity * price else None

    def _line(self, item: MenuItem, pick: Pick, *, line_id: str) -> NewLine:
        return line_of(item, pick, line_id=line_id, menu=self._terminal.menu)

    def _as_told(self, item: MenuItem, line: LineRow, *, line_id: str) -> NewLine:
        """The same line under another id, at the price that the guest was told, whatever the menu says by now."""
        choices_minor = sum(choice.price_minor for choice in line.modifiers)
        price_minor = line.total_minor // line.quantity - choices_minor
        told = {"name": line.name, "price_minor": price_minor, "course": line.course}
        return self._line(item, pick_of(line), line_id=line_id).model_copy(update=told)

    def _edit(self, *changes: DraftChange, intent_id: str = "") -> None:
        self._terminal.submit(
            EditDraft(
                id=OperationId(intent_id or self._terminal.new_id()),
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=self.order_id,
                table_id=self.table_id,
                channel=Channel.DINE_IN if self.table_id else Channel.TAKEAWAY,
                changes=changes,
            )
        )

    def _change_id(self) -> ChangeId:
        return ChangeId(self._terminal.new_id())


def line_of(item: MenuItem, pick: Pick, *, line_id: str, menu: Menu) -> NewLine:
    """The line that a dish and its choices make."""
    bare = NewLine(
        id=LineId(line_id),
        item_id=ItemId(item.id),
        quantity=pick.quantity,
        modifiers=pick.modifiers,
        note=pick.note,
        seat=pick.seat,
    )
    return complete(bare, menu)


def pick_of(line: LineRow) -> Pick:
    """What was chosen about a line."""
    return Pick(line.modifiers, line.quantity, line.note, line.seat)
