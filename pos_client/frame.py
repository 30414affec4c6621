"""What every screen of the till has: the bar with sync pill, clock and person, and a way to be refreshed."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QDateTime, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from pos_client import words
from pos_client.order_notices import over
from pos_client.session import Session
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import (
    ButtonKind,
    EmptyState,
    Ground,
    HeaderBar,
    Ink,
    Label,
    Panel,
    Role,
    SheetOverlay,
    StatusPill,
    Toast,
    TouchButton,
)
from shared.terminal import OrderView, RefusedTap, Terminal

MOST_UNSAVED: Final = 50
"""So many taps that were not saved are counted, and it may be more; with a full disk it is every one."""


class Screen(Panel):
    """A screen holds one thing of the core: its terminal. Build on `body`, and read everything again in `refresh`."""

    back_pressed = Signal()
    sync_pressed = Signal()
    user_pressed = Signal()

    def __init__(self, holder: ThemeHolder, terminal: Terminal, session: Session, *, back: str = "") -> None:
        """`back` is where the arrow at the start leads, in a word; none for the first screens."""
        super().__init__(holder, ground=Ground.BG)
        self.holder, self.terminal, self.session = holder, terminal, session
        self.order_id_on_show = ""
        self.header = HeaderBar(holder)
        self.pill = StatusPill(holder)
        self.pill.setObjectName("pill")
        self.pill.clicked.connect(self.sync_pressed)
        self.clock = Label("", role=Role.STRONG, ink=Ink.MUTED)
        self.user = TouchButton(holder, "", kind=ButtonKind.CONTROL)
        self.user.setObjectName("user")
        self.user.clicked.connect(self.user_pressed)
        if back:
            self.back = TouchButton(holder, back, kind=ButtonKind.PLAIN, icon=IconName.BACK)
            self.back.setObjectName("back")
            self.back.clicked.connect(self.back_pressed)
            self.header.start.addWidget(self.back)
        for widget in (self.pill, self.clock, self.user):
            self.header.end.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        self.body = QWidget()
        column.addWidget(self.body, 1)
        self.toast = Toast(holder, self.toast_anchor())
        self.toast.seen.connect(self._have_seen)
        self._ticker = QTimer(self)
        self._ticker.setInterval(1000)
        self._ticker.timeout.connect(self.tick)

    def toast_anchor(self) -> QWidget:
        """The part of the screen over whose lower edge toasts may lie."""
        return self.body

    def make_sheet(self) -> SheetOverlay:
        """The one sheet of this screen. A toast that still shows goes when it opens: half covered it can't be read.

        What it offered to take back stays done, as it would have a moment later.
        """
        sheet = SheetOverlay(self.holder, self)
        sheet.opened.connect(self.toast.put_away)
        return sheet

    def say_over(self, sheet: SheetOverlay, before: OrderView | None, view: OrderView | None) -> None:
        """What is asked about an order that ended while it was asked can't be done: that is said in its place."""
        if view is None or view.is_open or before is None or not before.is_open or not sheet.isVisible():
            return
        title, advice = over(view, self.terminal).title, "What was asked here was not done. Nothing else is lost."
        told = EmptyState(self.holder, icon=IconName.WARNING, title=title, advice=advice, action="OK")
        told.setObjectName("over")
        told.action_pressed.connect(sheet.close_sheet)
        sheet.open_sheet(told)

    def refresh(self, ids: frozenset[str] | None = None) -> None:
        """Read again what changed; None for everything. Screens extend it."""
        self.show_frame()
        if ids is None or "refusals" in ids:
            self.show_refusals()

    def tick(self) -> None:
        """Once a second while the screen is shown: the clock and whatever ages."""
        self.show_frame()

    def show_frame(self) -> None:
        """Pill, clock and person."""
        waiting, attention = self.terminal.desk.counts()
        house = self.terminal.desk.house_alerts().open if self._is_managers() else 0
        said = words.pill(self.terminal.link(), waiting=waiting, attention=attention, house=house)
        self.pill.show_state(said.text, tone=said.tone, icon=said.icon)
        self.clock.setText(QDateTime.fromMSecsSinceEpoch(self.terminal.now_ms()).toString("HH:mm"))
        person = self.session.person
        self.user.setVisible(person is not None)
        if person is not None:
            self.user.set_words(words.short_name(person.name))

    def _is_managers(self) -> bool:
        return self.session.person is not None and self.terminal.desk.may_discard(self.session.person.id)

    def show_refusals(self) -> None:
        """Say which taps were not saved, the last one in full."""
        self.tell_refusals(self.terminal.take_refusals())

    def tell_refusals(self, refused: Sequence[RefusedTap]) -> None:
        """On every screen until somebody has seen it: the last one in full and how many there are.

        With its order, where that is not the one on show.
        """
        self.session.unsaved = unsaved = (*self.session.unsaved, *refused)[-MOST_UNSAVED:]
        if not unsaved:
            self.toast.keep("")
            return
        last = unsaved[-1]
        view = None if last.entity_id == self.order_id_on_show else self.terminal.order(last.entity_id)
        where = "" if view is None else f"{view.number}, {words.place(view.table_name)}: "
        more = " or more" if len(unsaved) == MOST_UNSAVED else ""
        count = f" {len(unsaved)} taps{more} were not saved." if len(unsaved) > 1 else ""
        self.toast.keep(f"{where}{words.refusal(last)}{count}")
        if refused and not self.toast.is_kept:  # the same words again, and another word lies over them
            self.toast.put_away()

    def _have_seen(self) -> None:
        self.session.unsaved = ()

    def entered(self) -> None:
        """The screen comes into view."""
        self.refresh()
        self._ticker.start()

    def left(self) -> None:
        """The screen goes out of view."""
        self._ticker.stop()
