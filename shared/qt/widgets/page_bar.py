"""Two big arrows and "2 of 5" between them: how everything longer than the screen is read, instead of flicking."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets.button import TouchButton
from shared.qt.widgets.label import Ink, Label


class PageBar(QWidget):
    """`turned` carries the number of the page wanted, counted from 0. Hidden while there is only one page."""

    turned = Signal(int)

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._holder = holder
        self._page = 0
        self._pages = 1
        self.previous_button = TouchButton(holder, icon=IconName.CHEVRON_LEFT, min_mm=(20, 12))
        self.next_button = TouchButton(holder, icon=IconName.CHEVRON_RIGHT, min_mm=(20, 12))
        self.previous_button.setAccessibleName(self.tr("Previous page"))
        self.next_button.setAccessibleName(self.tr("Next page"))
        self._words = Label("", ink=Ink.MUTED, align=Qt.AlignmentFlag.AlignCenter)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.previous_button)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self.next_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.previous_button.clicked.connect(lambda: self.turned.emit(self._page - 1))
        self.next_button.clicked.connect(lambda: self.turned.emit(self._page + 1))
        self.show_page(0, 1)
        self._measure()
        holder.changed.connect(self._measure)

    def show_page(self, page: int, pages: int) -> None:
        """Say where we are: `page` counted from 0, of `pages`."""
        self._page, self._pages = page, pages
        self.setVisible(pages > 1)
        self._words.setText(self.tr("{page} of {pages}").format(page=page + 1, pages=pages))
        self.previous_button.setEnabled(page > 0)
        self.next_button.setEnabled(page < pages - 1)

    def _measure(self) -> None:
        self._row.setSpacing(self._holder.metrics.space(3))
