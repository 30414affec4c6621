"""The sheets of an operation that the server did not take: what it was, what was said, and what can be done now."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Divider, Ink, Label, Role, TouchButton
from shared.terminal import AlertRow, FailReason, OperationRow, Resolution

APART_MM = 8.0
"""Between what is safe and what can't be taken back."""

Way = tuple[str, str, ButtonKind, SignalInstance]
"""A button: its name, its word, how loud it is, and what it says."""


class MendSheet(QWidget):
    """Each signal is a decision; `given_up` says that none was made."""

    retry_wanted = Signal()
    fix_wanted = Signal()
    discard_wanted = Signal()
    resolve_wanted = Signal()
    given_up = Signal()

    def __init__(self, holder: ThemeHolder, row: OperationRow, *, may_end: bool, is_up: bool) -> None:
        """`may_end` says whether the person at the till is trusted with an end, `is_up` whether the server is there."""
        super().__init__()
        can_end = may_end and (is_up or not row.may_have_happened)
        safe: list[Way] = []
        if row.can_retry and (may_end or not row.has_strange_id):
            word = "Send under a new name" if row.has_strange_id else "Try again"
            safe.append(("retry", word, ButtonKind.PRIMARY, self.retry_wanted))
        if row.can_fix and (may_end or not row.carries_money) and (is_up or not row.may_have_happened):
            safe.append(("fix", "Fix", ButtonKind.CONTROL, self.fix_wanted))
        final: list[Way] = [("cancel", "Leave it", ButtonKind.CONTROL, self.given_up)]
        if row.can_discard and can_end:
            final.insert(0, ("discard", "Discard", ButtonKind.DANGER, self.discard_wanted))
        if row.can_resolve and can_end:
            final.insert(0, ("resolve", "Settle by hand", ButtonKind.DANGER, self.resolve_wanted))
        words = [_said(row), *_ways(row, may_end=may_end, is_up=is_up)]
        column = _told(self, holder, _title(row), detail=row.detail, words=words)
        _add_buttons(holder, column, safe, final)


class ResolveSheet(QWidget):
    """`resolved` carries the `Resolution`; `given_up` says that nothing was decided.

    `moved` says that the money is to be counted where the lines of the bill are by now, where there is such an order.
    """

    resolved = Signal(object)
    moved = Signal()
    given_up = Signal()
    _refunded = Signal()
    _recorded = Signal()

    def __init__(self, holder: ThemeHolder, row: OperationRow) -> None:
        super().__init__()
        self._refunded.connect(lambda: self.resolved.emit(Resolution.REFUNDED))
        self._recorded.connect(lambda: self.resolved.emit(Resolution.RECORDED))
        words = [
            "Money is never discarded. Say what became of it: that is kept under your name, and can't be taken back.",
            "Given back: the guest has the money again, and the order is open on all tills.",
            "Booked by hand: the money is in the drawer and in your books. The order is open until you end it.",
        ]
        safe: list[Way] = []
        if row.moves_to:
            words.insert(1, f"Its lines are on {row.moves_to} by now: there the money can be counted, once.")
            safe.append(("moved", f"Count it on {row.moves_to}", ButtonKind.PRIMARY, self.moved))
        column = _told(self, holder, _title(row), detail=row.detail, words=words)
        final: list[Way] = [
            ("refunded", "Given back", ButtonKind.DANGER, self._refunded),
            ("recorded", "Booked by hand", ButtonKind.DANGER, self._recorded),
        ]
        _add_buttons(holder, column, safe, final, [("cancel", "Go back", ButtonKind.CONTROL, self.given_up)])


_OF_CASH = (
    "It is written into the books under your name, and cash goes out of this till's drawer.",
    "Hand cash over when nothing new needs you here: what another till gave back already is said at once.",
)
_OF_NO_CASH = (
    "It is written into the books under your name, and goes back to the guest by the gateway.",
    "Hand no cash over. If the gateway refuses it, that is said, and then it can be given in cash.",
)
"""What follows from giving back, where a part of it is cash and where none is."""


class GiveBackSheet(QWidget):
    """`given` says that the money is given back, `given_up` that it stays where it is for now."""

    given = Signal()
    given_up = Signal()

    def __init__(self, holder: ThemeHolder, alert: AlertRow) -> None:
        super().__init__()
        words = [f"Give back {alert.gives_back}?", *(_OF_CASH if alert.gives_cash else _OF_NO_CASH)]
        column = _told(self, holder, f"{alert.title} · {alert.entity}".removesuffix(" · "), detail="", words=words)
        ways: list[Way] = [
            ("cancel", "Leave it", ButtonKind.CONTROL, self.given_up),
            ("given", "Give it back", ButtonKind.DANGER, self.given),
        ]
        _add_buttons(holder, column, ways)


def _title(row: OperationRow) -> str:
    return f"{row.what} · {row.entity}".removesuffix(" · ")


def _told(sheet: QWidget, holder: ThemeHolder, title: str, *, detail: str, words: list[str]) -> QVBoxLayout:
    """What it was, and sentences about it, the first the loudest."""
    column = QVBoxLayout(sheet)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(holder.metrics.space(3))
    column.addWidget(Label(title, role=Role.TITLE, wrap=True))
    if detail:
        column.addWidget(Label(detail, ink=Ink.MUTED, wrap=True))
    column.addWidget(Divider(holder))
    column.addWidget(Label(words[0], ink=Ink.BAD, wrap=True))
    for one in words[1:]:
        column.addWidget(Label(one, wrap=True))
    column.addSpacing(holder.metrics.space(2))
    column.addStretch(1)
    return column


def _add_buttons(holder: ThemeHolder, column: QVBoxLayout, *rows: list[Way]) -> None:
    """One row below the other, far enough apart that no finger takes the one for the other."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(holder.metrics.mm(APART_MM))
    grid.setVerticalSpacing(holder.metrics.mm(APART_MM))
    for down, ways in enumerate(one for one in rows if one):
        for across, (name, text, kind, signal) in enumerate(ways):
            button = TouchButton(holder, text, kind=kind, min_mm=(34, 16))
            button.setObjectName(name)
            button.clicked.connect(signal)
            grid.addWidget(button, down, across, 1, 1 if len(ways) > 1 else 2)
    column.addLayout(grid)


def _said(row: OperationRow) -> str:
    if row.reason is FailReason.EXHAUSTED:
        return f"The server failed on this {row.attempts} times. {row.error}"
    if row.has_strange_id:
        return "The server has something else under this operation's id. This is a fault of the program."
    return f"The server said: {row.error}" if row.error else "The server refused it and gave no reason."


def _ways(row: OperationRow, *, may_end: bool, is_up: bool) -> list[str]:
    """Each way with what follows from it."""
    ways = []
    if row.reason is FailReason.EXHAUSTED:
        ways.append("Try again: it keeps its name, so the server does it once at most.")
    elif row.has_strange_id:
        ways.append("Nothing was lost. Export the diagnostics first, and send them to whoever helps you.")
        if may_end:
            ways.append("Under a new name the server judges it anew; nothing of it can be done twice.")
    else:
        ways.append("Try again: it goes as it was tapped. Do that when what the server minds has been mended.")
    must_wait = row.may_have_happened and not is_up
    if row.can_fix and (may_end or not row.carries_money) and not must_wait:
        ways.append(
            "Fix: change or take out what the server minds. It goes in its old place, before what was tapped later."
        )
    if not may_end and not row.carries_money:
        ways.append("Only a manager can discard it. Until then what follows on this order waits; all else goes on.")
    elif must_wait:
        ways.append("It may have happened on the server, which can't be asked now. End it when the server is back.")
    elif may_end and row.may_have_happened:
        ways.append("It may have happened: before it is ended, the server is asked whether it has it.")
    if row.carries_money:
        ways.append("Money that was taken can't be discarded. It stays on this till until the server has it.")
        ways.append("Settle by hand: you say what became of it." if may_end else "A manager can settle it by hand.")
    elif may_end and not must_wait:
        ways.append("Discard: it is taken off the order, with what was tapped later and needs it. The rest goes on.")
    return ways
