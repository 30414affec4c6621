"""The order: its lines with their stages at the start, the menu beside them, Send and Pay in the corner."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from pos_client import words
from pos_client.course_row import later_courses
from pos_client.frame import Screen
from pos_client.menu_side import MenuSide, where_the_newest_began
from pos_client.order_notices import notice_of
from pos_client.order_sheets import OrderSheets
from pos_client.order_side import OrderSide
from pos_client.order_taps import OrderTaps, Pick, pick_of
from pos_client.session import Intention, Session
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import Ink, Label, Role, TouchButton
from shared.terminal import LineRow, LineStage, OrderView, RefusedTap, Terminal


class OrderScreen(Screen):
    """`pay_wanted` carries the order to pay."""

    pay_wanted = Signal(str)

    def __init__(
        self,
        holder: ThemeHolder,
        terminal: Terminal,
        session: Session,
        *,
        intention: type[Intention] = Intention,
    ) -> None:
        """`intention` makes the ids behind Send and Repeat."""
        self.menu = MenuSide(holder, terminal)
        super().__init__(holder, terminal, session, back="Tables")
        self._intention = intention
        self.taps = self._taps_of(terminal.new_id(), "")
        self._view: OrderView | None = None
        self._opened = ""
        self._removed: LineRow | None = None
        self._began = ""
        self.title = Label("", role=Role.HEADING)
        self.about = Label("", ink=Ink.MUTED, elide=True)
        self.repeat = TouchButton(holder, "Repeat", icon=IconName.REPEAT)
        self.repeat.setObjectName("repeat")
        self.repeat.setAccessibleName("Repeat the last round")
        for widget in (self.title, self.about, self.repeat):
            self.header.start.addWidget(widget)
        self.side = OrderSide(holder, terminal)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addWidget(self.side.courses.under(self.menu) if holder.metrics.has_large_words else self.menu, 1)
        self.sheets = OrderSheets(holder, terminal, overlay=self.make_sheet(), window=self, over=self.menu)
        self.sheet = self.sheets.overlay
        self._connect()

    def _connect(self) -> None:
        self.repeat.clicked.connect(self._repeat)
        self.side.row_tapped.connect(self._select)
        self.side.action_tapped.connect(self._act)
        self.side.mend_wanted.connect(self.sync_pressed)
        self.side.send.clicked.connect(lambda: self._send())
        self.side.courses.hold_wanted.connect(lambda: self._send(holds=True))
        self.side.courses.fire_wanted.connect(self._fire)
        self.side.pay.clicked.connect(self._pay)
        self.menu.item_tapped.connect(self._tap_item)
        self.menu.refused.connect(self.toast.tell)
        self.menu.search_wanted.connect(lambda: self.sheets.ask_dish(self.menu.favourites(), self.menu.look_for))
        self.menu.way_on.connect(self._way_on)
        self.toast.undone.connect(self._undo)

    def toast_anchor(self) -> QWidget:
        """Over the menu, so that Send and Pay stay free."""
        return self.menu

    def open_order(self, order_id: str, table_id: str) -> None:
        """Show this order; a new one exists from its first line on."""
        view = self.terminal.order(order_id)
        known = view.table_id if view is not None else table_id
        self.taps = self._taps_of(order_id, known or "")
        self.order_id_on_show = order_id
        self._opened = ""
        self._removed = None
        self.toast.put_away()
        self.menu.start_again(begin="" if view is not None else self._first_category())

    def _first_category(self) -> str:
        """Where the last new order began: rounds of drinks go from table to table, so the next one begins there too.

        After a restart the newest open order tells; empty where there is none.
        """
        self._began = self._began or where_the_newest_began(self.terminal)
        return self._began

    def left(self) -> None:
        """Whatever was asked is not asked any more; unsent lines stay in the draft."""
        self.sheets.close()
        super().left()

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """The order and, after a change of the catalogue, the menu."""
        super().refresh(ids)
        if ids is None or "catalog" in ids:
            self.menu.read()
        before, self._view = self._view, self.taps.view
        if ids and "catalog" not in ids and self._view is before:
            return
        view = self._view
        self.say_over(self.sheet, before, view)
        self.taps.shown(view)
        self.title.setText(words.place(self.terminal.floor.table_name(self.taps.table_id)))
        about = (
            [view.number, f"{view.guests} guests" if view.guests else "", words.short_name(view.waiter_name)]
            if view
            else ["New order"]
        )
        self.about.setText(" · ".join(word for word in about if word))
        self.repeat.setVisible(self.taps.can_repeat(view))
        lines = {line.id for line in view.lines} if view is not None else set()
        self._opened = self._opened if self._opened in lines else ""
        self.side.show_order(view, opened=self._opened)
        self.menu.show_counts(view)
        self.menu.show_notice(notice_of(view, self.terminal, ended_here=self.taps.has_ended))

    def tick(self) -> None:
        """Ages of the lines go on."""
        super().tick()
        self.side.show_order(self._view, opened=self._opened)

    def _taps_of(self, order_id: str, table_id: str) -> OrderTaps:
        return OrderTaps(self.terminal, self.session, order_id=order_id, table_id=table_id, intention=self._intention)

    def _way_on(self, way: str) -> None:
        if way == words.Way.SYNC:
            self.sync_pressed.emit()
        elif way == words.Way.NEW_ORDER:
            self._go_on()
        elif way == words.Way.HEIR and self._view is not None:
            self.open_order(self._view.heir_id, "")
            self.refresh()
        elif self._view is not None and self._view.is_open and not self._view.owed_ids:
            self.taps.end()
            self.refresh(frozenset())

    def _tap_item(self, item_id: str) -> None:
        item = self.menu.to_be_had(item_id)
        if item is None:
            return
        if self._view is not None and not self._view.is_open:
            self.toast.tell(f"Order {self._view.number} is closed. Open a new order for {item.name}.")
        elif any(group.least for group in self.terminal.menu.groups_of(item)):
            self.sheets.ask_choices(
                item, lambda pick: self._add(item_id, pick, name=item.name), table_id=self.taps.table_id
            )
        else:
            self._add(item_id, Pick())

    def _add(self, item_id: str, pick: Pick, *, name: str = "This dish") -> None:
        item = self.menu.to_be_had(item_id, name)
        if item is not None:
            if self._view is None or not self._view.lines:
                self._began = item.category_id
            self._show_line(self.taps.add(item, pick))

    def _show_line(self, line_id: str) -> None:
        self._opened = line_id
        self.refresh(frozenset())
        self.side.show_row(line_id)

    def _select(self, line_id: str) -> None:
        self._opened = "" if line_id == self._opened else line_id
        self.side.show_order(self._view, opened=self._opened)

    def _act(self, line_id: str, action: str) -> None:
        line = self._line(line_id)
        if line is None:
            return
        is_new = line.stage is LineStage.NEW
        match action:
            case "more" if is_new:
                if self.menu.to_be_had(line.item_id, line.name) is not None:
                    self.taps.set_quantity(line, line.quantity + 1)
            case "more":
                self._add(line.item_id, Pick(line.modifiers, 1, line.note, line.seat), name=line.name)
            case "less" if line.quantity > 1:
                self.taps.set_quantity(line, line.quantity - 1)
            case "less" | "void" if is_new:
                self._remove(line)
            case "note":
                self.sheets.ask_note(line, lambda text: self._with_line(line, lambda now: self.taps.note(now, text)))
            case "options":
                self._choose_anew(line)
            case "void":
                self._ask_reason(line)
            case _:
                return
        self.refresh(frozenset())

    def _with_line(self, line: LineRow, do: Callable[[LineRow], object]) -> None:
        """Do something with a line as it is by now; when it is gone, say so."""
        now = self._line(line.id)
        if now is not None:
            do(now)
        else:
            title, advice = f"{line.name} is not on this order any more", "Look where it went. This was not saved."
            self.tell_refusals([RefusedTap("", self.taps.order_id, title, advice)])
        self.refresh(frozenset())

    def _choose_anew(self, line: LineRow) -> None:
        item = self.menu.still_has(line.item_id, line.name)
        if item is None:
            return

        def change(pick: Pick) -> None:
            self._with_line(line, lambda now: self._show_line(self.taps.choose_anew(item, now, pick)))

        self.sheets.ask_choices(item, change, table_id=self.taps.table_id, before=pick_of(line))

    def _remove(self, line: LineRow) -> None:
        self._removed = line
        self.taps.remove(line)
        self.toast.offer(line.id, f"{line.name} removed.")

    def _undo(self, _: str) -> None:
        line, self._removed = self._removed, None
        item = self.menu.still_has(line.item_id, line.name) if line is not None else None
        if line is not None and item is not None:
            self._show_line(self.taps.put_back(item, line))

    def _ask_reason(self, line: LineRow) -> None:
        """The void's id is made now: however often its button is pressed, the line is voided once."""
        intent_id = self.terminal.new_id()

        def void(reason: str, approved_by: str | None = None) -> None:
            self._with_line(line, lambda now: self.taps.void(intent_id, now, reason, approved_by=approved_by))

        def said(reason: str) -> None:
            if self.taps.needs_manager_to_void():
                self.sheets.ask_manager(line, lambda staff_id: void(reason, staff_id))
            else:
                void(reason)

        self.sheets.ask_reason(line, said)

    def _repeat(self) -> None:
        if self._view is None or not self.taps.can_repeat(self._view):
            return
        missing = self.taps.repeat(self._view)
        if missing:
            self.toast.tell(f"Sold out, so not repeated: {', '.join(missing)}.")
        self.refresh(frozenset())

    def _go_on(self) -> None:
        """From an order that is closed to the next one of its table, with the lines that were not sent."""
        view = self._view
        if view is None:
            return
        left = [line for line in view.lines if line.in_draft]
        order_id = self.taps.carry_over(view) if left else self.terminal.new_id()
        self.open_order(order_id, view.table_id or "")
        self.refresh()
        gone = [line.name for line in left if self.terminal.menu.item(line.item_id) is None]
        if gone:
            self.toast.tell(f"Not on the menu any more, so left on {view.number}: {', '.join(gone)}.")

    def _send(self, *, holds: bool = False) -> None:
        """What is new goes; with `holds` its first course does, and the others wait for their fire."""
        if self._view is not None and self._view.unsent_ids:
            self.taps.send(self._view, held_ids=later_courses(self._view) if holds else ())
            self._opened = ""
            self.refresh(frozenset())

    def _fire(self) -> None:
        if self._view is not None and self._view.next_course_ids:
            self.taps.fire(self._view)
            self.refresh(frozenset())

    def _pay(self) -> None:
        if self._view is not None:
            self.pay_wanted.emit(self._view.id)

    def _line(self, line_id: str) -> LineRow | None:
        view = self.taps.view
        return None if view is None else next((line for line in view.lines if line.id == line_id), None)
