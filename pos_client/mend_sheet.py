"""The sheet of an operation that the server did not take: what it was, what was said, and what can be done about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Divider, Ink, Label, Role, TouchButton
from shared.terminal import FailReason, OperationRow

APART_MM = 8.0
"""Between what is safe and what can't be taken back."""


class MendSheet(QWidget):
    """`retry_wanted` and `discard_wanted` say what the person decided; `given_up` that nothing was."""

    retry_wanted = Signal()
    discard_wanted = Signal()
    given_up = Signal()

    def __init__(self, holder: ThemeHolder, row: OperationRow, *, may_discard: bool, is_up: bool) -> None:
        """`may_discard` says whether the person at the till has the right to, `is_up` whether the server is there."""
        super().__init__()
        metrics = holder.metrics
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        column.addWidget(Label(f"{row.what} · {row.entity}".removesuffix(" · "), role=Role.TITLE, wrap=True))
        if row.detail:
            column.addWidget(Label(row.detail, ink=Ink.MUTED, wrap=True))
        column.addWidget(Divider(holder))
        column.addWidget(Label(_said(row), ink=Ink.BAD, wrap=True))
        for words in _ways(row, may_discard=may_discard, is_up=is_up):
            column.addWidget(Label(words, wrap=True))
        column.addStretch(1)
        low = QHBoxLayout()
        low.setSpacing(metrics.mm(APART_MM))
        buttons = [("cancel", "Leave it", ButtonKind.CONTROL, self.given_up)]
        if row.can_discard and may_discard and (is_up or not row.may_have_happened):
            buttons.insert(0, ("discard", "Discard", ButtonKind.DANGER, self.discard_wanted))
        if row.can_retry:
            buttons.append(("retry", "Try again", ButtonKind.PRIMARY, self.retry_wanted))
        for name, text, kind, signal in buttons:
            button = TouchButton(holder, text, kind=kind, min_mm=(34, 16))
            button.setObjectName(name)
            button.clicked.connect(signal)
            low.addWidget(button, 1)
        column.addLayout(low)


def _said(row: OperationRow) -> str:
    if row.reason is FailReason.EXHAUSTED:
        return f"The server failed on this {row.attempts} times. {row.error}"
    return f"The server said: {row.error}" if row.error else "The server refused it and gave no reason."


def _ways(row: OperationRow, *, may_discard: bool, is_up: bool) -> list[str]:
    """Each way with what follows from it."""
    ways = []
    if row.reason is FailReason.EXHAUSTED:
        ways.append("Try again: it keeps its name, so the server does it once at most.")
    elif row.can_retry:
        ways.append("Try again: it goes as it was tapped. Do that when what the server minds has been mended.")
    else:
        ways.append("This is a fault of the program. Export the diagnostics and ask for help; nothing was lost.")
    if row.carries_money:
        ways.append("Money that was taken stays on this till until the server has it. It can't be discarded.")
    elif row.can_discard and may_discard and row.may_have_happened and not is_up:
        ways.append("It may have happened on the server, which can't be asked now. Discard it when the server is back.")
    elif row.can_discard and may_discard:
        if row.may_have_happened:
            ways.append("It may have happened: before it is discarded, the server is asked whether it has it.")
        ways.append("Discard: it is taken off the order, with what was tapped later and needs it. The rest goes on.")
    elif row.can_discard:
        ways.append("Only a manager can discard it. Until then what follows on this order waits; all else goes on.")
    return ways
