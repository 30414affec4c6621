"""Merging on the floor: which order stays, which goes into it, and a last look before it is done."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos_client import words
from pos_client.faces import card_of
from pos_client.session import Intention, Session
from pos_client.which_sheet import WhichSheet
from shared.domain.moves import MergeOrder
from shared.ids import LineId, OrderId
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, EmptyState, Ink, Label, Role, SheetOverlay, TouchButton
from shared.terminal import OrderView, Terminal

TWO: Final = 2
"""So many orders a merge is about."""

MOST_NAMED: Final = 3

LEAST_MM: Final = 110
"""How wide the last question is at least, so that its words stand in few lines."""


class Merging:
    """Asks on `overlay`, one thing at a time, and hands the intention to the terminal.

    `done` is told the order that stays, once the merge was asked for. `asked` are the two orders of the last question
    while that is open, as it shows them: first the one that goes.
    """

    def __init__(
        self,
        holder: ThemeHolder,
        terminal: Terminal,
        session: Session,
        *,
        overlay: SheetOverlay,
        done: Callable[[str], None],
        intention: type[Intention] = Intention,
    ) -> None:
        self.asked: tuple[OrderView, ...] = ()
        self._holder, self._terminal, self._session = holder, terminal, session
        self._overlay, self._done = overlay, done
        self._intention = intention(terminal)
        overlay.closed.connect(self._forget)

    def ask(self, views: Sequence[OrderView]) -> None:
        """Of these orders at one table: which stays? One that can't be merged now is named, with why."""
        why = self._why_not(views)
        able = [view for view in views if not self._why_not([view])]
        if len(able) < TWO:
            self._tell("There are no two orders to merge here yet", why)
            return
        advice = "The other is moved into it and ends: they are one bill from then on."
        sheet = self._which(able, title="Which order stays?", advice=f"{advice} {why}".strip())
        sheet.chosen.connect(lambda order_id: self._ask_source(order_id, able))
        self._overlay.open_sheet(sheet)

    def look_again(self, say_over: Callable[[SheetOverlay, OrderView | None, OrderView | None], None]) -> None:
        """Something changed. The last question shows what is so; an order that ended or went is told instead."""
        before = self.asked
        now: list[OrderView] = []
        for was in before:
            view = self._terminal.order(was.id)
            if view is None:
                self._tell("Nothing was merged", f"Order {was.number} is not on this till any more.")
                return
            now.append(view)
        for was, view in zip(before, now, strict=True):
            if self.asked:
                say_over(self._overlay, was, view)
        if self.asked and tuple(now) != before:
            self._confirm(*now)

    def _ask_source(self, heir_id: str, views: Sequence[OrderView]) -> None:
        """Which one goes? With two there is only one that can."""
        heir = next(view for view in views if view.id == heir_id)
        others = [view for view in views if view.id != heir_id]
        if len(others) == 1:
            self._ask_last(others[0].id, heir_id)
            return
        title = f"Which order goes into {heir.number}?"
        sheet = self._which(others, title=title, advice=f"{heir.number} stays.")
        sheet.chosen.connect(lambda order_id: self._ask_last(order_id, heir_id))
        self._overlay.open_sheet(sheet)

    def _ask_last(self, source_id: str, heir_id: str) -> None:
        """The last question, about the orders as they are now: one may have ended since the sheet was opened."""
        found = [self._terminal.order(source_id), self._terminal.order(heir_id)]
        views = [view for view in found if view is not None and view.is_open]
        why = self._why_not(views)
        if len(views) < TWO or why:
            self._tell("Nothing was merged", why or "One of these orders was ended meanwhile.")
            return
        self._confirm(*views)

    def _confirm(self, source: OrderView, heir: OrderView) -> None:
        """Shows which goes into which, and what comes of it. The intention's id is made here."""
        holder, metrics = self._holder, self._holder.metrics
        line_ids = tuple(LineId(line.id) for line in source.lines if not line.voided and not line.in_draft)
        self._intention.shown((source.id, heir.id, line_ids))
        content = QWidget()
        content.setMinimumWidth(min(metrics.mm(LEAST_MM), round(0.8 * self._overlay.width())))
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(4))
        title = Label(f"Merge {source.number} into {heir.number}?", role=Role.HEADING, wrap=True)
        title.setObjectName("merge:title")
        text = Label(self._told(source, heir), ink=Ink.MUTED, wrap=True)
        text.setObjectName("merge:text")
        column.addWidget(title)
        column.addWidget(text)
        low = QHBoxLayout()
        low.setSpacing(metrics.mm(8))
        cancel = TouchButton(holder, "Cancel", min_mm=(28, 14))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self._overlay.close_sheet)
        merge = TouchButton(holder, f"Merge into {heir.number}", kind=ButtonKind.PRIMARY, min_mm=(50, 14))
        merge.setObjectName("merge:do")
        merge.clicked.connect(lambda: self._merge(source.id, heir.id, line_ids))
        low.addWidget(cancel)
        low.addWidget(merge, 1)
        column.addLayout(low)
        self._overlay.open_sheet(content)
        self.asked = (source, heir)

    def _told(self, source: OrderView, heir: OrderView) -> str:
        """What comes of it, in words."""
        currency = self._terminal.business.currency
        count = sum(not line.voided for line in source.lines)
        lines = "Nothing stands on it" if not count else "Its line moves" if count == 1 else f"Its {count} lines move"
        unsent = " What was not sent goes along." if source.unsent_ids else ""
        return (
            f"{source.number} ({currency.text(source.totals.total_minor)}) ends. {lines}"
            f"{f' to {heir.number} ({currency.text(heir.totals.total_minor)})' if count else ''}, which stays on"
            f" {words.place(heir.table_name)}.{unsent} This can't be taken back."
        )

    def _merge(self, source_id: str, heir_id: str, line_ids: tuple[LineId, ...]) -> None:
        self._terminal.submit(
            MergeOrder(
                id=self._intention.id,
                actor_id=self._session.actor_id,
                at=self._terminal.at(),
                order_id=OrderId(source_id),
                into_order_id=OrderId(heir_id),
                line_ids=line_ids,
            )
        )
        self._overlay.close_sheet()
        self._done(heir_id)

    def _why_not(self, views: Sequence[OrderView]) -> str:
        """Which of these take part in no merge now, and why, in words; empty where all can."""
        unsent = [view.number for view in views if not view.opened_at]
        said = [f"Never sent, send first: {_some(unsent)}."] if unsent else []
        paying = [view.number for view in views if self._is_paying(view)]
        said += [f"A payment is under way, wait for its end: {_some(paying)}."] if paying else []
        return " ".join(said)

    def _is_paying(self, view: OrderView) -> bool:
        payment = self._terminal.cards.payment(view.id)
        return payment is not None and payment.state.holds_money

    def _which(self, views: Sequence[OrderView], *, title: str, advice: str) -> WhichSheet:
        currency, now_ms = self._terminal.business.currency, self._terminal.now_ms()
        sheet = WhichSheet(
            self._holder,
            len(views),
            lambda place: card_of(views[place], currency, now_ms=now_ms),
            title=title,
            advice=advice,
        )
        cancel = TouchButton(self._holder, "Cancel", min_mm=(80, 14))
        sheet.add_button(cancel, "cancel", self._overlay.close_sheet, wide=True)
        return sheet

    def _tell(self, title: str, advice: str) -> None:
        told = EmptyState(self._holder, icon=IconName.INFO, title=title, advice=advice, action="OK")
        told.setObjectName("merge:told")
        told.action_pressed.connect(self._overlay.close_sheet)
        self._overlay.open_sheet(told)

    def _forget(self) -> None:
        self.asked = ()


def _some(numbers: Sequence[str]) -> str:
    """The first few of them, and how many more there are."""
    more = len(numbers) - MOST_NAMED
    return ", ".join(numbers[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
