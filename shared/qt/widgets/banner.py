"""A band that says something about the whole screen, with what can be done about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.painting import Brush
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets.badge import TONE_ICON
from shared.qt.widgets.button import ButtonKind, TouchButton
from shared.qt.widgets.label import Ink, Label, Role


class ToneIcon(QWidget):
    """The icon of a tone, as large as a heading."""

    def __init__(self, holder: ThemeHolder, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._tone = Tone.NEUTRAL
        self._icon = TONE_ICON[Tone.NEUTRAL]
        holder.changed.connect(self._measure)
        self._measure()

    def show_icon(self, icon: IconName, tone: Tone) -> None:
        """Show another icon or the same in another tone."""
        self._icon, self._tone = icon, tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with Brush(self, self._holder, event) as brush:
            brush.icon(self.rect(), self._icon, colour=self._holder.tone(self._tone).fore)

    def _measure(self) -> None:
        side = self._holder.metrics.px(26)
        self.setFixedSize(side, side)


class Banner(QWidget):
    """Icon, title, text and buttons on the ground of a tone. `action_pressed` carries the key of a button.

    `full_width` gives the square band from edge to edge that the kitchen shows when it is not connected.
    """

    action_pressed = Signal(str)

    def __init__(self, holder: ThemeHolder, *, full_width: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._full_width = full_width
        self._tone = Tone.NEUTRAL
        self._buttons: dict[str, TouchButton] = {}
        self._icon = ToneIcon(holder)
        self._title = Label("", role=Role.HEADING if full_width else Role.STRONG, wrap=not full_width)
        self._text = Label("", wrap=True)
        self._words: QHBoxLayout | QVBoxLayout = QHBoxLayout() if full_width else QVBoxLayout()
        if full_width:
            self._words.addWidget(self._title)
            self._words.addWidget(self._text, 1)
        else:
            self._words.addStretch(1)
            self._words.addWidget(self._title)
            self._words.addWidget(self._text)
            self._words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._words, 1)
        tall = QSizePolicy.Policy.Fixed if full_width else QSizePolicy.Policy.Minimum  # words may need more lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, tall)
        self._measure()
        holder.changed.connect(self._measure)

    def show_message(self, *, tone: Tone, title: str = "", text: str = "", icon: IconName | None = None) -> None:
        """Say something; without a title the text itself takes the tone's colour."""
        self._tone = tone
        self._icon.show_icon(icon if icon is not None else TONE_ICON[tone], tone)
        toned = Ink(tone.value) if tone is not Tone.NEUTRAL else Ink.TEXT
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._title.set_ink(toned if self._full_width else Ink.TEXT)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._text.set_role(Role.BODY if title else Role.STRONG)
        self._text.set_ink(toned if self._full_width or not title else Ink.MUTED)
        self.updateGeometry()
        self.update()

    def set_actions(self, actions: dict[str, str], *, primary: str | None = None) -> None:
        """Show these buttons, key and words, in order; one may be the screen's primary.

        The same buttons again stay as they are: a finger may be on one of them.
        """
        if [(key, button.text()) for key, button in self._buttons.items()] == list(actions.items()):
            return
        for button in self._buttons.values():
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = {}
        for key, words in actions.items():
            kind = ButtonKind.PRIMARY if key == primary else ButtonKind.CONTROL
            button = TouchButton(self._holder, words, kind=kind)
            button.clicked.connect(lambda _=False, key=key: self.action_pressed.emit(key))
            self._buttons[key] = button
            self._row.addWidget(button)

    def button(self, key: str) -> TouchButton:
        """One of the buttons by its key."""
        return self._buttons[key]

    def title(self) -> str:
        """The title on show."""
        return self._title.text()

    def text(self) -> str:
        """The text on show."""
        return self._text.text()

    def paintEvent(self, event: QPaintEvent) -> None:
        tone = self._holder.tone(self._tone)
        with Brush(self, self._holder, event) as brush:
            if self._full_width:
                brush.painter.fillRect(event.rect(), tone.back)
            else:
                edge = tone.fore if self._tone is Tone.BAD else None
                brush.box(self.rect(), fill=tone.back, radius=self._holder.metrics.radius, edge=edge)

    def _measure(self) -> None:
        metrics = self._holder.metrics
        side = metrics.space(6) if self._full_width else metrics.space(4)
        self._row.setContentsMargins(side, metrics.space(3), side, metrics.space(3))
        self._row.setSpacing(metrics.space(3))
        self._words.setSpacing(metrics.space(4) if self._full_width else 0)
        self.setMinimumHeight(metrics.px(64))
