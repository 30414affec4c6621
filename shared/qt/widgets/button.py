"""The button everything is done with: icon and text, painted from tokens, never smaller than a finger."""

from enum import StrEnum

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from shared.qt.double_tap import is_echo
from shared.qt.icons import IconName
from shared.qt.metrics import TOUCH_MM
from shared.qt.painting import END, MIDDLE, START, Brush
from shared.qt.text import FittedText
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TypeSize, Weight


class ButtonKind(StrEnum):
    """What a button is for. One PRIMARY on a screen; OK is the filled yes of Pay and Ready."""

    PRIMARY = "primary"
    CONTROL = "control"
    GHOST = "ghost"  # an outline
    PLAIN = "plain"  # only its words, as in "Tables" at the top
    DANGER = "danger"
    WARN = "warn"
    OK = "ok"


_FILLED = (ButtonKind.PRIMARY, ButtonKind.OK)
_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class TouchButton(QAbstractButton):
    """Acts on release like every Qt button (`clicked`), shows the press at once, and keeps at least 12 mm.

    `detail` is a quieter word after the text, such as a price. A checkable button that is checked is drawn as
    selected, with a check mark in front. Text may contain line feeds and is broken into `max_lines` lines.
    """

    def __init__(
        self,
        holder: ThemeHolder,
        text: str = "",
        *,
        kind: ButtonKind = ButtonKind.CONTROL,
        icon: IconName | None = None,
        detail: str = "",
        size: TypeSize = TypeSize.BODY,
        min_mm: tuple[float, float] = (TOUCH_MM, TOUCH_MM),
        max_lines: int = 2,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._holder = holder
        self._kind = kind
        self._icon = icon
        self._detail = detail
        self._size = size
        self._min_mm = min_mm
        self._max_lines = max_lines
        self._by_keyboard = False
        self._pressed_at_ms: int | None = None
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        holder.changed.connect(self._remeasure)

    def set_kind(self, kind: ButtonKind) -> None:
        """Change what the button is for."""
        self._kind = kind
        self.update()

    def set_icon(self, icon: IconName | None) -> None:
        """Change or remove the icon before the text."""
        self._icon = icon
        self._remeasure()

    def set_detail(self, detail: str) -> None:
        """Change the quieter word after the text."""
        self._detail = detail
        self._remeasure()

    def set_words(self, text: str) -> None:
        """Change the text and ask for the room it needs; nothing happens when it is the same."""
        if text != self.text():
            self.setText(text)
            self._remeasure()

    def clipped_texts(self) -> list[str]:
        """The text, when the button is too small to show all of it."""
        fitted = self._fit(self._text_width())
        tall = len(fitted.lines) * self._measure_height() > self.height()
        return [] if fitted.whole and not tall else [self.text()]

    def sizeHint(self) -> QSize:
        """Room for icon, text and detail with the usual margins."""
        metrics = self._holder.metrics
        measures = self._holder.font_metrics(self._font())
        lines = self.text().split("\n")
        width = max(measures.horizontalAdvance(line) for line in lines) + self._beside(reserved=True)
        margins = 2 * metrics.space(4) if self.text() else 0
        height = len(lines) * measures.height() + 2 * metrics.space(3)
        least = self._least()
        return QSize(max(width + margins, least.width()), max(height, least.height()))

    def minimumSizeHint(self) -> QSize:
        """The least a finger needs, and the widest word."""
        metrics = self._holder.metrics
        measures = self._holder.font_metrics(self._font())
        words = self.text().split() if self._max_lines > 1 else self.text().split("\n")
        widest = max((measures.horizontalAdvance(word) for word in words), default=0)
        margins = 2 * metrics.space(2) if self.text() else 0
        least = self._least()
        return QSize(max(widest + margins + self._beside(reserved=True), least.width()), least.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember when, for the second of two quick taps."""
        self._pressed_at_ms = event.timestamp()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The second of two quick taps counts like any other, unless the first went to what was here before.

        On a button that stays down it is the same wish again, and would undo it.
        """
        if self.isCheckable() or is_echo(event, last_press_ms=self._pressed_at_ms):
            event.accept()
            return
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter works like Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Only a keyboard that moves about needs to see where it is."""
        self._by_keyboard = event.reason() in _KEYBOARD_REASONS
        super().focusInEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Paint again when enabled, disabled or mirrored."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, icon, text, detail, and a ring when the keyboard is here."""
        metrics = self._holder.metrics
        ink = self._holder.ink
        with Brush(self, self._holder, event) as brush:
            fill, text, edge = self._colours()
            strong = self.isChecked() and self.isEnabled()
            brush.box(self.rect(), fill=fill, radius=metrics.radius, edge=edge, width=2 if strong else 1)
            self._paint_words(brush, text)
            if self.hasFocus() and self._by_keyboard:
                ring = ink.text if self._kind in _FILLED else ink.accent
                brush.box(self.rect().adjusted(3, 3, -3, -3), fill=None, radius=metrics.radius - 3, edge=ring, width=2)

    def _paint_words(self, brush: Brush, colour: QColor) -> None:
        metrics = self._holder.metrics
        font = self._font()
        measures = self._holder.font_metrics(font)
        fitted = self._fit(self._text_width())
        words = max((self._holder.text.width(line, font) for line in fitted.lines), default=0)
        left = (self.width() - words - self._beside()) // 2
        icon = self._shown_icon()
        if icon is not None:
            side = self._icon_px()
            brush.icon(QRect(left, 0, side, self.height()), icon, colour=colour)
            left += side + (metrics.space(2) if self.text() else 0)
        tall = len(fitted.lines) * measures.height()
        room = QRect(left, (self.height() - tall) // 2, words, tall)
        align = START if icon is not None or self._detail else MIDDLE
        brush.lines(room, fitted, font=font, colour=colour, align=align)
        if self._detail:
            ink = self._holder.ink
            muted = ink.muted if self.isEnabled() and self._kind not in _FILLED else colour
            rest = QRect(room.right() + 1, 0, metrics.space(2) + self._detail_width(), self.height())
            brush.text(rest, self._detail, font=self._detail_font(), colour=muted, align=END)

    def _colours(self) -> tuple[QColor | None, QColor, QColor | None]:
        """Fill, words and edge in the state the button is in."""
        ink = self._holder.ink
        down = self.isDown()
        if not self.isEnabled():
            fills = {ButtonKind.PRIMARY: ink.primary_disabled, ButtonKind.OK: ink.ok_disabled}
            words = ink.faded if self._kind in _FILLED else ink.disabled_text
            clear = self._kind in (ButtonKind.PLAIN, ButtonKind.GHOST)
            edge = ink.disabled if self._kind is ButtonKind.GHOST else None
            return (None if clear else fills.get(self._kind, ink.disabled)), words, edge
        if self.isChecked():
            return (ink.pressed if down else ink.selected), ink.text, ink.primary
        match self._kind:
            case ButtonKind.PRIMARY:
                return (ink.primary_pressed if down else ink.primary), ink.on_primary, None
            case ButtonKind.OK:
                return (ink.ok_pressed if down else ink.ok_fill), ink.on_fill, None
            case ButtonKind.GHOST:
                return (ink.pressed if down else None), ink.text, ink.line
            case ButtonKind.PLAIN:
                return (ink.pressed if down else None), (ink.text if down else ink.muted), None
            case ButtonKind.DANGER:
                return (ink.bad_back if down else ink.control), ink.bad, None
            case ButtonKind.WARN:
                return (ink.warn_back if down else ink.control), ink.warn, None
            case ButtonKind.CONTROL:
                return (ink.pressed if down else ink.control), ink.text, None

    def _fit(self, width: int) -> FittedText:
        return self._holder.text.fit(self.text(), self._font(), width, max_lines=self._max_lines)

    def _text_width(self) -> int:
        return self.width() - self._beside() - 2 * self._holder.metrics.space(2)

    def _beside(self, *, reserved: bool = False) -> int:
        """Width of icon and detail with their gaps; `reserved` counts a check mark that may come."""
        gap = self._holder.metrics.space(2)
        width = 0
        if self._shown_icon() is not None or (reserved and self.isCheckable() and self.text()):
            width += self._icon_px() + (gap if self.text() else 0)
        if self._detail:
            width += self._detail_width() + gap
        return width

    def _shown_icon(self) -> IconName | None:
        return IconName.CHECK if self.isChecked() and self._icon is None and self.text() else self._icon

    def _icon_px(self) -> int:
        return self._holder.metrics.px(self._size + (2 if self.text() else 8))

    def _font(self) -> QFont:
        return self._holder.font(self._size, Weight.SEMIBOLD)

    def _detail_font(self) -> QFont:
        return self._holder.font(self._size, Weight.MEDIUM)

    def _detail_width(self) -> int:
        return self._holder.text.width(self._detail, self._detail_font())

    def _measure_height(self) -> int:
        return self._holder.font_metrics(self._font()).height()

    def _least(self) -> QSize:
        metrics = self._holder.metrics
        return QSize(metrics.touch(self._min_mm[0]), metrics.touch(self._min_mm[1]))

    def _remeasure(self) -> None:
        self.updateGeometry()
        self.update()
