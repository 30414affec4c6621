"""The three-second offer to take something back, and what has to be said until somebody has seen it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets.banner import ToneIcon
from shared.qt.widgets.button import ButtonKind, TouchButton
from shared.qt.widgets.label import Label

UNDO_MS: Final = 3000


class Toast(QWidget):
    """One slot at the bottom of `anchor`, over whatever is there. A new offer ends the one before it.

    `undone` carries the key of the offer that was taken back, `expired` that of one that was not: by time, by the
    next offer, or by `put_away`. Exactly one of the two follows each `offer`. `seen` follows the tap on what was kept.
    """

    undone = Signal(str)
    expired = Signal(str)
    seen = Signal()

    floats_above = True  # for the walk over the screens: what lies beneath is out of reach for these seconds

    def __init__(self, holder: ThemeHolder, anchor: QWidget, *, shown_ms: int = UNDO_MS) -> None:
        super().__init__(anchor)
        self._holder = holder
        self._anchor = anchor
        self._key: str | None = None
        self._kept = ""
        self._icon = ToneIcon(holder)
        self._icon.show_icon(IconName.WARNING, Tone.BAD)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(shown_ms)
        self._timer.timeout.connect(self.put_away)
        self._words = Label("")
        self.button = TouchButton(holder, self.tr("Undo"), kind=ButtonKind.CONTROL, icon=IconName.UNDO)
        self.button.clicked.connect(self._on_undo)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self.button)
        anchor.installEventFilter(self)
        holder.changed.connect(self._place)
        self.hide()

    def offer(self, key: str, text: str, *, button: str | None = None) -> None:
        """Say what was done and offer to take it back; `key` is the caller's name for it."""
        self._end()
        self._key = key
        self._open(text, button=button if button is not None else self.tr("Undo"), icon=IconName.UNDO)
        self._timer.start()

    def tell(self, text: str) -> None:
        """Only say something for three seconds; nothing to take back."""
        self._end()
        self._open(text)
        self._timer.start()

    def keep(self, text: str) -> None:
        """Say this until somebody taps that they have seen it; nothing with an empty text.

        It comes at once, and again when a shorter word that came after it is over.
        """
        if text != self._kept:
            self._kept = text
            self.put_away()

    def put_away(self) -> None:
        """Take away what lasts three seconds; an offer that was open has expired. What is kept shows again."""
        self._end()
        if self._kept:
            self._open(self._kept, button=self.tr("OK"), icon=IconName.CHECK, is_kept=True)

    @property
    def is_kept(self) -> bool:
        """Whether what shows now stays until somebody taps that they have seen it."""
        return self.isVisible() and self._icon.isVisible()

    def text(self) -> str:
        """The words on show."""
        return self._words.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._anchor and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink, bad = self._holder.ink, self._holder.tone(Tone.BAD)
        fill, edge = (bad.back, bad.fore) if self.is_kept else (ink.raised, ink.muted)
        with Brush(self, self._holder, event) as brush:
            brush.box(self.rect(), fill=fill, radius=self._holder.metrics.radius, edge=edge)

    def _open(self, text: str, *, button: str = "", icon: IconName = IconName.UNDO, is_kept: bool = False) -> None:
        self._words.setText(text)
        self._icon.setVisible(is_kept)
        self.button.setVisible(bool(button))
        self.button.set_icon(icon)
        self.button.set_words(button)
        self._place()
        self.show()
        self.raise_()

    def _end(self) -> None:
        self._timer.stop()
        self.hide()
        key, self._key = self._key, None
        if key is not None:
            self.expired.emit(key)

    def _on_undo(self) -> None:
        key, self._key = self._key, None
        if key is None:
            self._kept = ""
            self._end()
            self.seen.emit()
            return
        self.put_away()
        self.undone.emit(key)

    def _place(self) -> None:
        metrics = self._holder.metrics
        self._row.setContentsMargins(metrics.space(4), metrics.space(2), metrics.space(2), metrics.space(2))
        self._row.setSpacing(metrics.space(4))
        self._row.activate()
        self._words.setWordWrap(False)
        room = self._anchor.rect().adjusted(metrics.space(4), 0, -metrics.space(4), -metrics.space(4))
        size = self.sizeHint().expandedTo(self.minimumSizeHint())
        if size.width() > room.width():
            self._words.setWordWrap(True)
            size = QSize(room.width(), max(size.height(), self._row.heightForWidth(room.width())))
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(room.center())
        place.moveBottom(room.bottom())
        self.setGeometry(place)
