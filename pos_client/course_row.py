"""What waits for its course, over Pay and Send: hold the later courses of a round, fire the next one with one tap."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.widgets import TouchButton
from shared.terminal import LineRow, OrderView


class CourseRow(QWidget):
    """`hold_wanted` sends the first course and lets the others wait; `fire_wanted` lets the next one go.

    Each course has a button of its own: where one took the place of another, the second press of a double tap would
    find it there and fire what nobody asked for. The second press on a button that was not pressed before is none.
    """

    hold_wanted = Signal()
    fire_wanted = Signal()

    def __init__(self, holder: ThemeHolder) -> None:
        super().__init__()
        self._holder = holder
        self.hold = TouchButton(holder, "", icon=IconName.CLOCK, min_mm=(30, 14))
        self.hold.setObjectName("hold")
        self.hold.clicked.connect(self.hold_wanted)
        self._fires: dict[int, TouchButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(holder.metrics.space(3))
        self._row.addWidget(self.hold, 1)
        self.hide()

    def under(self, above: QWidget) -> QWidget:
        """Both in one column, where the order's own side has no room for this."""
        both, edge = QWidget(), self._holder.metrics.space(4)
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(above, 1)
        column.addWidget(self)
        self.setContentsMargins(edge, 0, edge, edge)
        return both

    def show_order(self, view: OrderView | None) -> None:
        """What can be held and fired now; nothing is shown where no course waits for another."""
        is_open = view is not None and view.is_open
        held = next_course(view) if view is not None and is_open else ()
        later = later_courses(view) if view is not None and is_open else ()
        course = held[0].course if held else 0
        self.hold.setVisible(bool(later))
        if view is not None and later:
            gap = "\n" if course else " "
            self.hold.set_words(f"Send course {first_course(view)},{gap}hold {len(later)}")
        if course and course not in self._fires:
            self._fires[course] = self._fire(course)
        for one, button in self._fires.items():
            button.setVisible(one == course)
        if course:
            between = "\n" if later else " · "
            self._fires[course].set_words(f"Fire course {course}{between}{_dishes(held)}")
        self.setVisible(bool(course or later))

    def _fire(self, course: int) -> TouchButton:
        button = TouchButton(self._holder, "", icon=IconName.FIRE, min_mm=(30, 14))
        button.setObjectName(f"fire:{course}")
        button.clicked.connect(self.fire_wanted)
        self._row.addWidget(button, 1)
        return button


def first_course(view: OrderView) -> int:
    """The lowest course of what is not sent."""
    return min((line.course for line in _unsent(view)), default=0)


def later_courses(view: OrderView) -> tuple[str, ...]:
    """The lines that are not sent and are of a later course than the first of them."""
    first = first_course(view)
    return tuple(line.id for line in _unsent(view) if line.course > first)


def next_course(view: OrderView) -> tuple[LineRow, ...]:
    """The held lines that go with the next fire."""
    named = set(view.next_course_ids)
    return tuple(line for line in view.lines if line.id in named)


def _unsent(view: OrderView) -> tuple[LineRow, ...]:
    named = set(view.unsent_ids)
    return tuple(line for line in view.lines if line.id in named)


def _dishes(lines: tuple[LineRow, ...]) -> str:
    count = sum(line.quantity for line in lines)
    return f"{count} {'dish' if count == 1 else 'dishes'}"
