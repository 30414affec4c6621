"""The sheet of an item's questions: forced choices, extras, how many, note and seat; it closes itself when it can."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from pos_client.choice_groups import ChoiceGroups
from pos_client.order_taps import MOST, Pick
from pos_client.phrases import ALLERGENS, NOTES, PhraseSheet
from pos_client.seats import SeatSheet
from shared.domain.menu import Menu, MenuItem, ModifierGroup, missing_choices
from shared.domain.order import Modifier
from shared.money import Currency
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import ButtonKind, Ink, Label, Role, TouchButton

ALLERGY = "ALLERGY: "
"""What a note begins with that the kitchen frames."""

NARROW_PX = 500
"""Below this width (at the design's scale) Cancel is an icon, so that the other words have room."""


class ChoicesSheet(QWidget):
    """`chosen` carries a `Pick`; `given_up` follows Cancel. It asks for note and seat on pages of its own."""

    chosen = Signal(object)
    given_up = Signal()

    def __init__(
        self,
        holder: ThemeHolder,
        menu: Menu,
        item: MenuItem,
        *,
        currency: Currency,
        room_px: int,
        seats: int = 8,
        before: Pick | None = None,
    ) -> None:
        """`room_px` is how wide the sheet is inside. `before` is the line that is chosen anew."""
        super().__init__()
        self._holder, self._menu, self._item, self._currency = holder, menu, item, currency
        self._seats, self._anew = seats, before is not None
        self._narrow = room_px < holder.metrics.px(NARROW_PX)
        begin = before if before is not None else Pick()
        self._quantity, self._note, self._seat = begin.quantity, begin.note, begin.seat
        self._asked = menu.groups_of(item)
        self.groups = ChoiceGroups(holder, self._asked, currency=currency, room_px=room_px, picked=begin.modifiers)
        self.groups.picked.connect(self._on_picked)
        self.count = Label("1", role=Role.TITLE, align=Qt.AlignmentFlag.AlignCenter)
        self.about = Label("", ink=Ink.MUTED, elide=True)
        self.add = self._button("add_item", "Add", kind=ButtonKind.PRIMARY, wide_mm=34)
        self.add.clicked.connect(self._finish)
        self.seat = self._button("seat", "Seat", wide_mm=18)
        self.seat.clicked.connect(self._ask_seat)
        self._pages = QStackedLayout(self)
        self._front = QWidget()
        self._pages.addWidget(self._front)
        self._build()
        self._show()

    def _build(self) -> None:
        metrics = self._holder.metrics
        column = QVBoxLayout(self._front)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics.space(3))
        column.addLayout(self._head())
        column.addWidget(self.groups, 1)
        low = QHBoxLayout()
        low.setSpacing(metrics.space(3))
        note = self._button("note", "Note", wide_mm=18)
        note.clicked.connect(lambda: self._ask_words(NOTES, self._note))
        allergy = self._button("allergy", "Allergy", kind=ButtonKind.WARN, wide_mm=18)
        allergy.set_icon(IconName.WARNING)
        allergy.clicked.connect(lambda: self._ask_words(ALLERGENS, f"{self._note}, {ALLERGY}".removeprefix(", ")))
        cancel = self._button("cancel", "" if self._narrow else "Cancel", wide_mm=20)
        cancel.set_icon(IconName.CLOSE if self._narrow else None)
        cancel.setAccessibleName("Cancel")
        cancel.clicked.connect(self.given_up)
        for button in (note, allergy, self.seat):
            low.addWidget(button)
        low.addStretch(1)
        low.addWidget(cancel)
        low.addWidget(self.add)
        column.addLayout(low)

    def _head(self) -> QHBoxLayout:
        metrics = self._holder.metrics
        head = QHBoxLayout()
        head.setSpacing(metrics.space(3))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(self._item.name, role=Role.TITLE, wrap=True))
        words.addWidget(self.about)
        head.addLayout(words, 1)
        for name, icon, by in (("fewer", IconName.MINUS, -1), ("more", IconName.PLUS, 1)):
            button = self._button(name, "", wide_mm=16)
            button.set_icon(icon)
            button.setAccessibleName("Fewer" if by < 0 else "More")
            button.clicked.connect(lambda _=False, step=by: self._count(step))
            head.addWidget(button)
            if by < 0:
                self.count.setMinimumWidth(metrics.touch())
                head.addWidget(self.count)
        return head

    def _button(self, name: str, words: str, *, wide_mm: float, kind: ButtonKind = ButtonKind.CONTROL) -> TouchButton:
        button = TouchButton(self._holder, words, kind=kind, min_mm=(wide_mm, 14))
        button.setObjectName(name)
        return button

    def _on_picked(self) -> None:
        """A choice was made. When nothing is left that could be chosen, the sheet is done."""
        self._show()
        if all(group.least for group in self._asked) and self.groups.are_full() and not self._anew:
            self._finish()

    def _count(self, by: int) -> None:
        self._quantity = min(MOST, max(1, self._quantity + by))
        self._show()

    def _ask_words(self, phrases: tuple[str, ...], text: str) -> None:
        page = PhraseSheet(self._holder, f"Note for {self._item.name}", phrases, text=text)
        page.said.connect(lambda words: self._answer(page, note=words))
        page.given_up.connect(lambda: self._answer(page))
        self._turn_to(page)

    def _ask_seat(self) -> None:
        page = SeatSheet(self._holder, seats=self._seats, chosen=self._seat)
        page.said.connect(lambda seat: self._answer(page, seat=seat))
        self._turn_to(page)

    def _turn_to(self, page: QWidget) -> None:
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.setFocus()

    def _answer(self, page: QWidget, *, note: str | None = None, seat: int | None = None) -> None:
        """Back to the choices. A seat of 0 is nobody's in particular."""
        if note is not None:
            self._note = note
        if seat is not None:
            self._seat = seat or None
        self._pages.setCurrentWidget(self._front)
        self._pages.removeWidget(page)
        page.deleteLater()
        self._show()

    def _missing(self) -> tuple[ModifierGroup, ...]:
        return missing_choices(self._menu, self._item, self._modifiers())

    def _modifiers(self) -> tuple[Modifier, ...]:
        return self.groups.modifiers()

    def _show(self) -> None:
        self.count.setText(str(self._quantity))
        self.seat.set_words(f"Seat {self._seat}" if self._seat else "Seat")
        price = self._currency.text(self._item.price_minor)
        self.about.setText(f"{price} · {self._note}" if self._note else price)
        missing = self._missing()
        each = self._item.price_minor + sum(one.price_minor for one in self._modifiers())
        self.add.setEnabled(not missing)
        word = "Change" if self._anew else "Add"
        self.add.set_words(
            f"{missing[0].name} missing" if missing else f"{word} {self._currency.text(each * self._quantity)}"
        )

    def _finish(self) -> None:
        if not self._missing():
            self.chosen.emit(Pick(self._modifiers(), self._quantity, self._note, self._seat))
