"""The till's window: one screen at a time, and the ways between them."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLayout, QStackedLayout, QWidget

from pos_client.frame import Screen
from pos_client.login import LoginScreen
from pos_client.order import OrderScreen
from pos_client.pay import PayScreen
from pos_client.session import Intention, Session
from pos_client.sync import SyncScreen
from pos_client.tables import TablesScreen
from shared.qt.bridge import Bridge
from shared.qt.theme import ThemeHolder
from shared.terminal import Terminal


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
        self.session = Session()
        self.login = LoginScreen(holder, terminal, self.session)
        self.tables = TablesScreen(holder, terminal, self.session)
        self.order = OrderScreen(holder, terminal, self.session, intention=intention)
        self.pay = PayScreen(holder, terminal, self.session, intention=intention)
        self.sync = SyncScreen(holder, terminal, self.session, intention=intention)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # no words push the window off its screen
        self._before: Screen = self.login
        for screen in (self.login, self.tables, self.order, self.pay, self.sync):
            self._stack.addWidget(screen)
            screen.sync_pressed.connect(self._to_sync)
            screen.user_pressed.connect(self._log_out)
        self.login.logged_in.connect(self.to_tables)
        self.tables.order_wanted.connect(self._to_order)
        self.order.back_pressed.connect(self.to_tables)
        self.order.pay_wanted.connect(self._to_pay)
        self.pay.back_pressed.connect(lambda: self._show(self.order))
        self.pay.done.connect(self.to_tables)
        self.sync.back_pressed.connect(lambda: self._show(self._before))
        bridge.changed.connect(self._hear)
        terminal.subscribe(bridge.announce)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.login.entered()

    @property
    def screen_on_show(self) -> Screen:
        """The screen that the person sees."""
        shown = self._stack.currentWidget()
        assert isinstance(shown, Screen)
        return shown

    def to_tables(self) -> None:
        """The floor, where every way begins."""
        self._show(self.tables if self.session.person is not None else self.login)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody is left to tell."""
        self._bridge.close()
        super().closeEvent(event)

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
