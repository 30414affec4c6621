"""The till's window: one screen at a time, and the ways between them."""

# Each screen but the first is imported where it is built, which is after the first was painted.
# ruff: noqa: PLC0415

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLayout, QStackedLayout, QWidget

from pos_client.frame import Screen
from pos_client.login import LoginScreen
from pos_client.session import Intention, Session
from shared.qt.bridge import Bridge
from shared.qt.theme import ThemeHolder
from shared.terminal import Terminal

if TYPE_CHECKING:
    from pos_client.order import OrderScreen
    from pos_client.pay import PayScreen
    from pos_client.shift import ShiftScreen
    from pos_client.sync import SyncScreen
    from pos_client.tables import TablesScreen

AScreen = TypeVar("AScreen", bound=Screen)

SCREENS: Final = ("login", "tables", "order", "pay", "sync")
"""In the order in which a person comes to them. The shift, which is looked at twice a day, is built when it is."""


class Window(QWidget):
    """Frames the screens. What the terminal announces reaches the one that is on show."""

    def __init__(
        self, holder: ThemeHolder, terminal: Terminal, bridge: Bridge, *, intention: type[Intention] = Intention
    ) -> None:
        """`intention` makes the ids behind the buttons that send and take money."""
        super().__init__()
        self.setWindowTitle(f"Evertill · {terminal.settings.device_name}")
        self._bridge = bridge
        self._terminal = terminal
        self._heard: set[str] = set()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._read_on)
        self._later.start()
        self._holder, self._intention = holder, intention
        self._building = QTimer(self, singleShot=True, interval=0)
        self._building.timeout.connect(self._build_on)
        self.session = Session()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # no words push the window off its screen
        self._before: Screen = self.login
        bridge.changed.connect(self._hear)
        terminal.subscribe(bridge.announce)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.login.installEventFilter(self)
        self.login.entered()

    @cached_property
    def login(self) -> LoginScreen:
        """The first screen. Each of them is built when it is first needed, and all soon after the first was painted."""
        screen = self._with(LoginScreen(self._holder, self._terminal, self.session))
        screen.logged_in.connect(self.to_tables)
        return screen

    @cached_property
    def tables(self) -> TablesScreen:
        """The floor."""
        from pos_client.tables import TablesScreen

        screen = self._with(TablesScreen(self._holder, self._terminal, self.session, intention=self._intention))
        screen.order_wanted.connect(self._to_order)
        screen.shift_wanted.connect(lambda: self._show(self.shift))
        return screen

    @cached_property
    def shift(self) -> ShiftScreen:
        """The drawer and its reports."""
        from pos_client.shift import ShiftScreen

        screen = self._with(ShiftScreen(self._holder, self._terminal, self.session, intention=self._intention))
        screen.part_wanted.connect(self._to_part)
        return screen

    @cached_property
    def order(self) -> OrderScreen:
        """One order, and what can be put on it."""
        from pos_client.order import OrderScreen

        screen = self._with(OrderScreen(self._holder, self._terminal, self.session, intention=self._intention))
        screen.back_pressed.connect(self.to_tables)
        screen.pay_wanted.connect(self._to_pay)
        return screen

    @cached_property
    def pay(self) -> PayScreen:
        """The bill."""
        from pos_client.pay import PayScreen

        screen = self._with(PayScreen(self._holder, self._terminal, self.session, intention=self._intention))
        screen.back_pressed.connect(lambda: self._show(self.order))
        screen.done.connect(self.to_tables)
        return screen

    @cached_property
    def sync(self) -> SyncScreen:
        """What waits, and what needs a person."""
        from pos_client.sync import SyncScreen

        screen = self._with(SyncScreen(self._holder, self._terminal, self.session, intention=self._intention))
        screen.back_pressed.connect(lambda: self._show(self._before))
        return screen

    @property
    def is_built(self) -> bool:
        """Whether all screens of `SCREENS` are."""
        return all(name in vars(self) for name in SCREENS)

    @property
    def screen_on_show(self) -> Screen:
        """The screen that the person sees."""
        shown = self._stack.currentWidget()
        assert isinstance(shown, Screen)
        return shown

    def to_tables(self) -> None:
        """The floor, where every way begins."""
        self._show(self.tables if self.session.person is not None else self.login)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the first paint on, between all else that is to be done, the other screens are built."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._building.start()
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody is left to tell."""
        self._bridge.close()
        super().closeEvent(event)

    def _with(self, screen: AScreen) -> AScreen:
        self._stack.addWidget(screen)
        screen.sync_pressed.connect(self._to_sync)
        screen.user_pressed.connect(self._log_out)
        return screen

    def _build_on(self) -> None:
        """One screen, and then let others have their turn: paints before all."""
        missing = [name for name in SCREENS if name not in vars(self)]
        if missing:
            getattr(self, missing[0])
            self._building.start()

    def _show(self, screen: Screen) -> None:
        self.screen_on_show.left()
        self._stack.setCurrentWidget(screen)
        screen.setFocus(Qt.FocusReason.OtherFocusReason)  # else Qt moves on to the next button, as Tab would
        screen.entered()

    def _hear(self, ids: frozenset[str]) -> None:
        """What changed is read in slices that no finger feels; then the screen on show hears of it."""
        self._heard |= ids
        self._read_on()

    def _read_on(self) -> None:
        if not self._terminal.catch_up():
            self._later.start()
        elif self._heard:
            heard, self._heard = frozenset(self._heard), set()
            self.screen_on_show.refresh(heard)

    def _to_order(self, order_id: str, table_id: str) -> None:
        self.order.open_order(order_id, table_id)
        self._show(self.order)

    def _to_part(self, part: str) -> None:
        self._show(self.tables)
        self.tables.turn_to(part)

    def _to_pay(self, order_id: str) -> None:
        self.pay.open_order(order_id)
        self._show(self.pay)

    def _to_sync(self) -> None:
        if self.screen_on_show is not self.sync:
            self._before = self.screen_on_show
            self._show(self.sync)

    def _log_out(self) -> None:
        self.session.log_out()
        self._show(self.login)
