"""The last-resort error screen: a mistake in a screen covers that screen with words, and the till goes on.

Nothing a person saved depends on the GUI, so after an unexpected error the safe thing is to say so, keep the details
for whoever helps, and go back to the tables. This is one of the two places that may catch any Exception.
"""

import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets.banner import ToneIcon
from shared.qt.widgets.button import ButtonKind, TouchButton
from shared.qt.widgets.label import Ink, Label, Role
from shared.qt.widgets.surfaces import Ground, Panel

_KEPT_CHARACTERS: Final = 20_000  # of details: a loop of errors must not fill the memory

ExceptHook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


class LastResortScreen(Panel):
    """What happened in words, two ways on, and the technical part for whoever asks for it."""

    go_back_pressed = Signal()

    modal_sheet = True  # for the walk over the screens: while it is visible nothing beneath can be reached

    def __init__(self, holder: ThemeHolder, window: QWidget, *, advice: str = "", back: str = "") -> None:
        super().__init__(holder, ground=Ground.BG, parent=window)
        self._holder = holder
        self._window = window
        middle = Qt.AlignmentFlag.AlignCenter
        icon = ToneIcon(holder)
        icon.show_icon(IconName.WARNING, Tone.WARN)
        self.title = Label(self.tr("Something went wrong on this screen."), role=Role.TITLE, wrap=True, align=middle)
        self.advice = Label(
            advice
            or self.tr("Your orders are safe on this till. Go back and carry on; what was saved is still there."),
            ink=Ink.MUTED,
            wrap=True,
            align=middle,
        )
        self.back_button = TouchButton(
            holder, back or self.tr("Go back to tables"), kind=ButtonKind.PRIMARY, min_mm=(40, 20), parent=self
        )
        self.copy_button = TouchButton(holder, self.tr("Copy details"), min_mm=(25, 20), parent=self)
        self.details_button = TouchButton(holder, self.tr("Show details"), kind=ButtonKind.GHOST, min_mm=(25, 20))
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.hide()
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        for button in (self.details_button, self.copy_button, self.back_button):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(icon, 0, middle)
        self._column.addWidget(self.title)
        self._column.addWidget(self.advice)
        self._column.addLayout(self._buttons)
        self._column.addWidget(self.details, 6)
        self._column.addStretch(1)
        self.back_button.clicked.connect(lambda: self.go_back_pressed.emit())
        self.copy_button.clicked.connect(self._copy)
        self.details_button.clicked.connect(self._toggle_details)
        window.installEventFilter(self)
        holder.changed.connect(self._lay_out)
        self._lay_out()
        self.hide()

    def show_error(self, details: str) -> None:
        """Cover the window. While it is on show further errors are added to the details, up to a limit."""
        known = self.details.toPlainText() if self.isVisible() else ""
        self.details.setPlainText(f"{known}\n{details}".strip()[:_KEPT_CHARACTERS])
        self.copy_button.set_words(self.tr("Copy details"))
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.back_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details.toPlainText())
        self.copy_button.set_words(self.tr("Copied"))

    def _toggle_details(self) -> None:
        shown = not self.details.isVisible()
        self.details.setVisible(shown)
        self.details_button.set_words(self.tr("Hide details") if shown else self.tr("Show details"))

    def _lay_out(self) -> None:
        metrics = self._holder.metrics
        margin = metrics.space(8)
        self._column.setContentsMargins(margin, margin, margin, margin)
        self._column.setSpacing(metrics.space(4))
        self._buttons.setSpacing(metrics.space(3))


class LastResort(QObject):
    """Stands in for Python's own hook for uncaught errors, in this thread and in others.

    `go_back` brings the window to its first screen; `report` gets the details for the log. Both come from outside,
    because this part knows neither screens nor logs. `advice` and `back` (the words of the button) are for a program
    that is not a till. Should even showing the error fail, the hook that was there
    before gets it.
    """

    _caught = Signal(str)

    def __init__(
        self,
        holder: ThemeHolder,
        *,
        window: QWidget,
        go_back: Callable[[], None],
        report: Callable[[str], None],
        advice: str = "",
        back: str = "",
    ) -> None:
        super().__init__(window)
        self._go_back = go_back
        self._report = report
        self._before: ExceptHook | None = None
        self._before_in_threads: Callable[[threading.ExceptHookArgs], object] | None = None
        self.screen = LastResortScreen(holder, window, advice=advice, back=back)
        self.screen.go_back_pressed.connect(self._on_go_back)
        self._caught.connect(self.screen.show_error)

    def install(self) -> None:
        """From now on an uncaught error shows the screen."""
        self._before, sys.excepthook = sys.excepthook, self.handle
        self._before_in_threads, threading.excepthook = threading.excepthook, self._handle_in_thread

    def uninstall(self) -> None:
        """Give the hooks back as they were."""
        if self._before is not None and self._before_in_threads is not None:
            sys.excepthook, threading.excepthook = self._before, self._before_in_threads
            self._before = self._before_in_threads = None

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Show an error. Ctrl+C and a wish to exit pass through."""
        before = self._before if self._before is not None else sys.__excepthook__
        if not issubclass(kind, Exception):
            before(kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        try:
            self._report(details)
            self._caught.emit(details)
        except Exception:  # noqa: BLE001 - the last resort: whatever fails here, the first error must not be lost
            before(kind, error, trace)

    def _handle_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.handle(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_go_back(self) -> None:
        """Leave the error screen only when the way back worked."""
        self._go_back()
        self.screen.details.hide()
        self.screen.hide()
