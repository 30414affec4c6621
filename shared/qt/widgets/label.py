"""Words on a screen: a label that is dressed by its role and tone, never by a size or a colour."""

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

_ROLE = "role"
_TONE = "tone"


class Role(StrEnum):
    """How loud a text is; the type size and weight of each are in the style sheet."""

    NOTE = "note"
    BODY = "body"
    STRONG = "strong"
    HEADING = "heading"
    TITLE = "title"
    FIGURE = "figure"
    HERO = "hero"


class Ink(StrEnum):
    """The colours a text may have on plain ground."""

    TEXT = "text"
    MUTED = "muted"
    FADED = "faded"
    ACCENT = "accent"
    INFO = "info"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Label(QLabel):
    """A plain text. With `wrap` it takes as many lines as its width asks for."""

    def __init__(
        self,
        text: str = "",
        *,
        role: Role = Role.BODY,
        ink: Ink = Ink.TEXT,
        wrap: bool = False,
        align: Qt.AlignmentFlag | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty(_ROLE, role.value)
        self.setProperty(_TONE, ink.value)
        self.setWordWrap(wrap)
        if align is not None:
            self.setAlignment(align)
        self.setText(text)

    def set_ink(self, ink: Ink) -> None:
        """Change the colour; nothing happens when it is the same."""
        if self.property(_TONE) != ink.value:
            self.setProperty(_TONE, ink.value)
            self.style().polish(self)

    def set_role(self, role: Role) -> None:
        """Change how loud the text is; nothing happens when it is the same."""
        if self.property(_ROLE) != role.value:
            self.setProperty(_ROLE, role.value)
            self.style().polish(self)
