"""The X and Z report: what the server has confirmed, what is only on this till, and whether both agree."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from pos_client.shift_words import HIDDEN, TAKINGS, ReportRow
from pos_client.words import Notice
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import Badge, Banner, Card, Divider, Ink, Label, Role

COLUMNS = ("Confirmed by the server", "Only on this till", "Together")
END = Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter


class ReportCard(Card):
    """`sync_wanted` follows the button of a banner that needs a person."""

    sync_wanted = Signal()

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__(holder)
        self.title = Label("", role=Role.TITLE)
        self.title.setObjectName("report_title")
        self.when = Label("", ink=Ink.MUTED, elide=True)
        self.state = Badge(holder, "", tone=Tone.NEUTRAL)
        self.banner = Banner(holder)
        self.banner.setObjectName("standing")
        self.banner.action_pressed.connect(lambda _: self.sync_wanted.emit())
        self.rows: list[tuple[Label, Label, Label, Label]] = []
        self._grid = QGridLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(holder.metrics.space(2))
        top = QHBoxLayout()
        top.setSpacing(holder.metrics.space(3))
        top.addWidget(self.title)
        top.addWidget(self.when, 1)
        top.addWidget(self.state)
        column.addLayout(top)
        column.addSpacing(holder.metrics.space(2))
        column.addLayout(self._grid, 1)
        column.addWidget(self.banner)
        self._grid.setHorizontalSpacing(holder.metrics.space(3))
        self._grid.setVerticalSpacing(0)
        self._grid.setRowMinimumHeight(0, holder.metrics.px(32))
        for place, share in enumerate((4, 4, 3, 3)):
            self._grid.setColumnStretch(place, share)
        for place, words in enumerate(COLUMNS):
            self._grid.addWidget(Label(words, role=Role.NOTE, ink=Ink.MUTED, wrap=True, align=END), 0, place + 1)

    def show_state(self, title: str, when: str, *, state: str, tone: Tone) -> None:
        """Which report it is, of when, and whether the shift goes on."""
        self.title.setText(title)
        self.when.setText(when)
        self.state.show_state(state, tone=tone)

    def show_rows(self, rows: Sequence[ReportRow]) -> None:
        """The figures; the labels are made once and keep their places."""
        while len(self.rows) < len(rows):
            self._add_row(is_sum=rows[len(self.rows)].name == TAKINGS)
        for labels, row in zip(self.rows, rows, strict=True):
            for label, text in zip(labels, (row.name, row.confirmed, row.only_here, row.together), strict=True):
                label.setText(text)
            labels[1].set_ink(Ink.MUTED if row.confirmed == HIDDEN else Ink.TEXT)
            labels[2].set_ink(Ink.WARN if row.is_waiting else Ink.TEXT)

    def show_standing(self, notice: Notice) -> None:
        """Whether till and server agree, in a sentence."""
        self.banner.show_message(tone=notice.tone, title=notice.title, text=notice.text)
        self.banner.set_actions({"sync": notice.action} if notice.action else {})

    def _add_row(self, *, is_sum: bool) -> None:
        down = 2 * len(self.rows) + 1
        plain = Role.STRONG if is_sum else Role.BODY
        roles = (plain, plain, plain, Role.TITLE if is_sum else Role.STRONG)
        labels = (Label("", role=roles[0]), *(Label("", role=role, align=END) for role in roles[1:]))
        name, confirmed, here, together = labels
        self._grid.addWidget(Divider(self._holder), down, 0, 1, 4)
        self._grid.setRowStretch(down + 1, 1)
        for across, label in enumerate(labels):
            self._grid.addWidget(label, down + 1, across)
        self.rows.append((name, confirmed, here, together))
