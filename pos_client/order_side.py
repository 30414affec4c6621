"""The order's own side of the screen: badges, lines with their stages, totals, Pay and Send."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos_client import words
from pos_client.course_row import CourseRow
from shared.money import Currency
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import TIMES, Tone
from shared.qt.widgets import (
    Badge,
    ButtonKind,
    Divider,
    Edge,
    EmptyState,
    Ink,
    Label,
    LineAction,
    LineList,
    LineRow,
    Panel,
    Role,
    StatusPill,
    TouchButton,
)
from shared.terminal import LineRow as OrderLine
from shared.terminal import LineStage, OrderView, SyncBadge, Terminal

LESS = LineAction(key="less", icon=IconName.MINUS)
MORE = LineAction(key="more", icon=IconName.PLUS)
NOTE = LineAction(key="note", text="Note")
VOID = LineAction(key="void", text="Void", danger=True, apart=True)
REMOVE = LineAction(key="void", text="Remove", danger=True, apart=True)
OPTIONS = LineAction(key="options", text="Options")
NOTHING_YET = ("Nothing ordered yet", "Tap a dish to add it.")
NOTHING_HERE = ("Nothing is on it any more", "")
NEW_ACTIONS = (LESS, MORE, NOTE, REMOVE)
SENT_ACTIONS = (MORE, VOID)


class OrderSide(Panel):
    """`row_tapped` and `action_tapped` carry the line; `mend_wanted` follows the badge of what needs a person."""

    row_tapped = Signal(str)
    action_tapped = Signal(str, str)
    mend_wanted = Signal()

    def __init__(self, holder: ThemeHolder, terminal: Terminal) -> None:
        super().__init__(holder, edge=Edge.END)
        self._terminal = terminal
        self._holder_ = holder
        self.badge = Badge(holder, "", tone=Tone.NEUTRAL)
        self.mend = StatusPill(holder)
        self.mend.setObjectName("mend_order")
        self.mend.clicked.connect(self.mend_wanted)
        self.counts = Label("", role=Role.NOTE, ink=Ink.MUTED, elide=True)
        self.lines = LineList(holder)
        self.lines.setObjectName("lines")
        self.lines.row_tapped.connect(self.row_tapped)
        self.lines.action_tapped.connect(self.action_tapped)
        self.empty = EmptyState(holder, icon=IconName.RECEIPT, title="")
        self.subtotal_name = Label("Subtotal", ink=Ink.MUTED)
        self.subtotal = Label("", ink=Ink.MUTED)
        self.off_name = Label("Discount", ink=Ink.MUTED)
        self.off = Label("", ink=Ink.MUTED)
        self.off.setObjectName("off")
        self.tax_name = Label("", ink=Ink.MUTED)
        self.tax = Label("", ink=Ink.MUTED)
        self.total = Label("", role=Role.TITLE)
        self.total.setObjectName("total")
        self.pay = TouchButton(holder, "Pay", min_mm=(20, 20))
        self.pay.setObjectName("pay")
        self.send = TouchButton(holder, "Send", kind=ButtonKind.PRIMARY, min_mm=(20, 20))
        self.send.setObjectName("send")
        self.courses = CourseRow(holder)
        self._build()

    def show_order(self, view: OrderView | None, *, opened: str) -> None:
        """Everything about the order as it is now; `opened` is the line whose buttons are out."""
        now_ms = self._terminal.now_ms()
        currency = self._terminal.business.currency
        lines = view.lines if view is not None else ()
        line = next((line for line in lines if line.id == opened), None)
        self.lines.set_rows(
            [_row(line, currency, now_ms=now_ms) for line in lines],
            opened=opened or None,
            actions=self._actions(view, line),
        )
        self.lines.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        self.empty.say(*(NOTHING_YET if view is None or view.is_open else NOTHING_HERE))
        self.badge.setVisible(view is not None and view.badge is not SyncBadge.NEEDS_YOU)
        self.mend.setVisible(view is not None and view.badge is SyncBadge.NEEDS_YOU)
        if view is not None:
            needs_person = view.badge is SyncBadge.NEEDS_YOU
            said = words.order_badge(view) if view.is_open or needs_person else words.over_badge(view)
            badge = self.mend if needs_person else self.badge
            badge.show_state(said.text, tone=said.tone, icon=said.icon)
        new = len(view.unsent_ids) if view is not None else 0
        self.counts.setText(words.progress(view) if view is not None else "")
        totals = view.totals if view is not None else None
        inclusive = totals is None or totals.prices_include_tax
        for label in (self.subtotal_name, self.subtotal):  # where words are large, lines need the room of what is told
            label.setVisible(not inclusive or not self._holder_.metrics.has_large_words)  # below by the total as well
        self.subtotal.setText(currency.text(totals.subtotal_minor if totals else 0))
        for label in (self.off_name, self.off):
            label.setVisible(totals is not None and bool(totals.discount_minor))
        self.off.setText(currency.text(-totals.discount_minor if totals else 0))
        rates = [part.rate_bp for part in totals.tax_parts] if totals else []
        rate = f" {rates[0] / 100:g}%" if len(rates) == 1 else ""
        self.tax_name.setText(f"Tax{rate}{' included' if inclusive else ''}")
        self.tax.setText(currency.text(totals.tax_minor if totals else 0))
        self.total.setText(currency.text(totals.total_minor if totals else 0))
        is_open = view is None or view.is_open
        self.send.set_words(f"Send {new} to kitchen" if new else "Send to kitchen")
        self.send.setEnabled(bool(new) and is_open)
        self.pay.setEnabled(view is not None and bool(view.owed_ids) and view.is_open)
        self.courses.show_order(view)

    def show_row(self, line_id: str) -> None:
        """Turn to the page that has this line."""
        self.lines.show_row(line_id)

    def _actions(self, view: OrderView | None, line: OrderLine | None) -> tuple[LineAction, ...]:
        if view is None or line is None or line.voided:
            return ()
        if not view.is_open:
            return (REMOVE,) if line.in_draft else ()
        if line.stage is not LineStage.NEW:
            return SENT_ACTIONS
        item = self._terminal.menu.item(line.item_id)
        return (*NEW_ACTIONS, OPTIONS) if item is not None and item.group_ids else NEW_ACTIONS

    def _build(self) -> None:
        metrics = self._holder_.metrics
        self.setFixedWidth(metrics.px(404))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, metrics.space(3))
        column.setSpacing(metrics.space(2))
        top = QHBoxLayout()
        top.setContentsMargins(metrics.space(4), metrics.space(3), metrics.space(4), 0)
        top.addWidget(self.badge)
        top.addWidget(self.mend)
        top.addStretch(1)
        top.addWidget(self.counts)
        column.addLayout(top)
        column.addWidget(self.lines, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(Divider(self._holder_))
        for name, amount in (
            (self.subtotal_name, self.subtotal),
            (self.off_name, self.off),
            (self.tax_name, self.tax),
            (Label("Total", role=Role.TITLE), self.total),
        ):
            row = QHBoxLayout()
            row.setContentsMargins(metrics.space(4), 0, metrics.space(4), 0)
            row.addWidget(name)
            row.addStretch(1)
            row.addWidget(amount)
            column.addLayout(row)
        if not metrics.has_large_words:  # else lines need the room, and the screen puts it under the menu
            self.courses.setContentsMargins(metrics.space(4), 0, metrics.space(4), 0)
            column.addWidget(self.courses)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(metrics.space(4), metrics.space(2), metrics.space(4), 0)
        buttons.setSpacing(metrics.space(3))
        buttons.addWidget(self.pay, 2)
        buttons.addWidget(self.send, 3)
        column.addLayout(buttons)


def _row(line: OrderLine, currency: Currency, *, now_ms: int) -> LineRow:
    status, tone = words.stage(line, now_ms=now_ms)
    about = [f"Seat {line.seat}"] if line.seat else []
    about += [text for text in (line.note, line.choices) if text]  # an allergy is never what there is no room for
    return LineRow(
        key=line.id,
        lead=f"{line.quantity}{TIMES}",
        title=line.name,
        amount=currency.text(line.total_minor),
        detail=", ".join(about),
        status=status,
        status_tone=tone,
        faded=line.stage is not LineStage.NEW,
        struck=line.voided,
    )
