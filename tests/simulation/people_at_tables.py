"""What waiters and cooks do: rounds, courses, notes, discounts, voids, moves; and the kitchen's marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.domain.commands import (
    FireCourse,
    MoveTable,
    RemoveLine,
    SendDraft,
    ServeOrder,
    SetGuests,
    SetNote,
    SetQuantity,
    VoidLine,
    VoidOrder,
)
from shared.domain.discounts import ApplyDiscount, RemoveDiscount
from shared.domain.marks import BumpTicket, PrioritiseTicket, ReadyTicket, RecallTicket, SeenTicket, StartTicket
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.ids import ChangeId, LineId, OrderId
from shared.store.rows import LineRow, LineStage, OrderView
from tests.simulation.people import MOST_OPEN, Touched, nth, pauses, some_till
from tests.simulation.premises import MANAGER

Mark: TypeAlias = StartTicket | ReadyTicket | BumpTicket | RecallTicket | SeenTicket | PrioritiseTicket
MARKS: Final[dict[type[Mark], str]] = {
    StartTicket: "START",
    ReadyTicket: "READY",
    BumpTicket: "BUMP",
    RecallTicket: "",
    SeenTicket: "",
    PrioritiseTicket: "",
}
COURSES: Final = 2
Edit: TypeAlias = tuple[type[SetNote | SetQuantity | RemoveLine], dict[str, Any]]
EDITS: Final[tuple[Edit, ...]] = ((SetNote, {"note": "no salt"}), (SetQuantity, {"quantity": 2}), (RemoveLine, {}))


class Waiters(Touched):
    """At the tables."""

    @rule(
        till=some_till,
        order=nth,
        items=st.lists(nth, min_size=1, max_size=2),
        twice=st.booleans(),
        holds=st.booleans(),
        pause_s=pauses,
    )
    def rings_up(
        self, till: str, order: int, items: Sequence[int], *, twice: bool, holds: bool, pause_s: float
    ) -> None:
        """Tiles and Send, on an order that the screen shows or, in every fourth case, on a new one.

        Who `holds` has the second dish sent later.
        """
        terminal = self.device(till).terminal
        view = self.shown(till, order)
        is_new = view is None or (order >= MOST_OPEN and len(terminal.open_orders()) < MOST_OPEN)
        order_id = terminal.new_id() if view is None or is_new else view.id
        for place, item in enumerate(items):
            self.tile(till, order_id, item, course=1 + place % COURSES if holds else 1)
        self.send(till, terminal.order(order_id), twice=twice)
        self.premises.wait(pause_s)

    @rule(till=some_till, order=nth, item=nth, course=st.integers(1, COURSES))
    def taps_a_tile(self, till: str, order: int, item: int, course: int) -> None:
        view = self.shown(till, order)
        if view is not None:
            self.tile(till, view.id, item, course=course)

    @rule(till=some_till, order=nth, line=nth, what=st.sampled_from(EDITS))
    def edits_what_is_not_sent(self, till: str, order: int, line: int, what: Edit) -> None:
        view = self.shown(till, order)
        new = [] if view is None else [one for one in view.lines if one.in_draft]
        if view is not None and new:
            kind, fields = what
            self.edit(till, view.id, kind(id=self._change_id(till), line_id=LineId(new[line % len(new)].id), **fields))

    @rule(till=some_till, order=nth, twice=st.booleans())
    def sends(self, till: str, order: int, twice: bool) -> None:
        self.send(till, self.shown(till, order), twice=twice)

    def send(self, till: str, view: OrderView | None, *, twice: bool) -> None:
        new = [] if view is None else [line for line in view.lines if line.stage is LineStage.NEW]
        if view is None or not new:
            return
        first = min(line.course for line in new)
        held = tuple(line.id for line in new if line.course > first)
        send = self.made(till, SendDraft, order_id=view.id, line_ids=view.unsent_ids, held_ids=held)
        if self.submit(till, send, twice=twice):
            self.sent(till, send, view, set(view.unsent_ids) - set(held))

    @rule(till=some_till, order=nth, twice=st.booleans())
    def fires_the_next_course(self, till: str, order: int, twice: bool) -> None:
        view = self.shown(till, order)
        if view is not None and view.next_course_ids:
            fire = self.made(till, FireCourse, order_id=view.id, line_ids=view.next_course_ids)
            if self.submit(till, fire, twice=twice):
                self.sent(till, fire, view, view.next_course_ids)

    @rule(till=some_till, order=nth)
    def serves(self, till: str, order: int) -> None:
        view = self.shown(till, order)
        sent = [] if view is None else [line.id for line in self._standing(view) if line.stage is not LineStage.HELD]
        if view is not None and sent:
            self.submit(till, self.made(till, ServeOrder, order_id=view.id, line_ids=tuple(sent)))

    @rule(till=some_till, order=nth, line=st.integers(0, 2 * MOST_OPEN))
    def voids(self, till: str, order: int, line: int) -> None:
        """A line, or once in a while the whole order."""
        view = self.shown(till, order)
        sent = [] if view is None else self._standing(view)
        if view is None or not view.base_version:
            return
        if line == 2 * MOST_OPEN and not view.unsent_ids:
            said = {"line_ids": view.owed_ids, "reason": "they left", "approved_by": MANAGER}
            self.submit(till, self.made(till, VoidOrder, order_id=view.id, **said))
        elif sent:
            line_id = LineId(sent[line % len(sent)].id)
            self.change(till, view, VoidLine(id=self._change_id(till), line_id=line_id, reason="wrong"))

    @rule(till=some_till, order=nth, line=nth, off=st.sampled_from((500, 5_000)), of_all=st.booleans())
    def takes_something_off(self, till: str, order: int, line: int, off: int, of_all: bool) -> None:
        """More than a tenth needs the manager. What was taken off before is put back first."""
        view = self.shown(till, order)
        sent = [] if view is None else self._standing(view)
        if view is not None and view.discounts:
            one = view.discounts[line % len(view.discounts)]
            named = None if one.line_id is None else LineId(one.line_id)
            undo = RemoveDiscount(id=self._change_id(till), line_id=named, discount_id=ChangeId(one.id))
            self.change(till, view, undo)
        elif view is not None and sent:
            said = {"line_id": None if of_all else sent[line % len(sent)].id, "percent_bp": off, "reason": "a regular"}
            approved = {"approved_by": MANAGER} if off > 1_000 else {}
            mark = ApplyDiscount.model_validate({"id": self._change_id(till), **said, **approved})
            self.change(till, view, mark)

    @rule(till=some_till, order=nth, table=st.integers(2, 4), guests=st.booleans())
    def moves_to_a_table(self, till: str, order: int, table: int, guests: bool) -> None:
        """Or says how many guests there are."""
        view = self.shown(till, order)
        if view is not None and view.base_version:
            named = {"id": self._change_id(till)}
            what = {**named, "guests": table} if guests else {**named, "table_id": f"table-{table}"}
            self.change(till, view, (SetGuests if guests else MoveTable).model_validate(what))

    @rule(till=some_till, order=nth, other=nth, some=nth, way=st.sampled_from((TransferLines, MergeOrder, SplitOrder)))
    def carries_lines(self, till: str, order: int, other: int, some: int, way: type[object]) -> None:
        """To another order or to a new one; of a merged order all."""
        view, to = self.shown(till, order), self.shown(till, other)
        standing = [] if view is None else [line.id for line in self._standing(view)]
        if view is None or to is None or not standing or not view.base_version or view.unsent_ids:
            return
        self.has_moved = True
        named, some_ids = {"order_id": view.id}, standing[: 1 + some]
        if way is SplitOrder:
            new_id = self.device(till).terminal.new_id()
            said = {"base_version": view.base_version, "new_order_id": new_id, "table_id": "table-9"}
            self.submit(till, self.made(till, SplitOrder, **named, line_ids=tuple(some_ids), **said))
        elif view.id != to.id and way is MergeOrder:
            merge = self.made(till, MergeOrder, **named, into_order_id=to.id, line_ids=tuple(standing))
            self.submit(till, merge)
        elif view.id != to.id:
            ids = tuple(map(LineId, some_ids))
            self.change(till, view, TransferLines(id=self._change_id(till), line_ids=ids, to_order_id=OrderId(to.id)))

    @rule(kind=st.sampled_from(list(MARKS)), ticket=nth)
    def cooks(self, kind: type[Mark], ticket: int) -> None:
        terminal = self.device("kitchen-1").terminal
        board = terminal.recalled() if kind is RecallTicket else terminal.tickets()
        if not board:
            return
        shown = board[ticket % len(board)].ticket
        said: dict[str, Any] = {"line_ids": tuple(item.line_id for item in shown.items), "round": shown.round}
        if kind is PrioritiseTicket:
            said |= {"level": 1 + ticket % 2, "turn": shown.priority_turn}
        mark = self.made("kitchen-1", kind, ticket_id=shown.id, **said)
        if self.submit("kitchen-1", mark) and MARKS[kind]:
            self.write("kitchen-1", "marked", intent=mark.id, ticket=shown.id, mark=MARKS[kind])

    def _change_id(self, till: str) -> ChangeId:
        return ChangeId(self.device(till).terminal.new_id())

    def _standing(self, view: OrderView) -> list[LineRow]:
        return [one for one in view.lines if one.stage is not LineStage.NEW and not one.voided]
