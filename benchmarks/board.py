"""`board`: the kitchen at 1080p in software rendering: a hundred tickets shown, 300 clocks ticked, one ticket more."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from benchmarks.measure import Row, median
from kds_client.board import Board
from kds_client.ticket_face import TicketFace, face_of
from shared.clock import SystemClock
from shared.domain.ticket import Ticket, TicketItem
from shared.ids import LineId, OrderId, StationId, TableId, TicketId
from shared.qt.starting import make_holder
from shared.qt.theme import ThemeHolder
from shared.settings import DeviceKind, DeviceSettings
from shared.terminal import TicketRow
from shared.times import to_rfc3339

ROUNDS: Final = 7
TICKS: Final = 300
ADDED: Final = 200
SIZE: Final = (1920, 1080)
COLUMNS: Final = 5
FRAME_MS: Final = 1000 / 60
DISHES: Final = ("Ribeye 300g", "Chicken Bowl", "Fries", "Steak Tacos", "Half chicken", "Sea bass", "Lamb skewers")

T = TypeVar("T", bound=QWidget)


class Frames(QObject):
    """Counts what is really painted: a tick that paints nothing costs nothing and says nothing."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """One paint event of the widget is one frame."""
        self.count += event.type() == QEvent.Type.Paint
        return super().eventFilter(watched, event)


def run() -> list[Row]:
    """Interleaved rounds of *show*; 300 ticks and 200 tickets more, each on a shown window. Medians count."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    now_ms = SystemClock().now_ms()
    faces = [face(number, now_ms=now_ms) for number in range(300)]
    plain: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        holder = make_holder(app, settings_in(Path(folder)))
        for _ in range(ROUNDS):
            plain.append(_show(app, partial(PlainBoard, faces[:100], now_ms=now_ms)))
            ours.append(_show(app, partial(_board, holder, faces[:100], now_ms=now_ms)))
        with shown(app, _board(holder, faces[:300], now_ms=now_ms)) as board:
            seconds = (now_ms + second * 1000 for second in range(1, TICKS + 1))
            ticks = _timed(app, board, (partial(board.tick, moment_ms) for moment_ms in seconds))
        with shown(app, _board(holder, faces[ADDED:300], now_ms=now_ms)) as board:
            # The worst place for one more is the first: all others move.
            more = (faces[ADDED - number : 300] for number in range(1, ADDED + 1))
            adds = (partial(board.show_tickets, all_of_them, now_ms=now_ms) for all_of_them in more)
            added = _timed(app, board, adds)
    return [
        Row("board.show", median(ours), 1.5 * median(plain), "ms", 1.0, at_most=True),
        Row("board.tick", median(ticks), FRAME_MS, "ms", 1.0, at_most=True),
        Row("board.add", median(added), FRAME_MS, "ms", 1.0, at_most=True),
    ]


def settings_in(folder: Path) -> DeviceSettings:
    """A kitchen screen's settings."""
    return DeviceSettings.model_validate(
        {
            "kind": DeviceKind.KDS,
            "server_url": "http://127.0.0.1:1",
            "device_id": "bench",
            "token": "x" * 32,
            "data_dir": folder,
        }
    )


def face(number: int, *, now_ms: int) -> TicketFace:
    """A ticket of two to five items, the older the smaller its number; none becomes late while it is measured."""
    sent = to_rfc3339(now_ms - (600 - number) * 1000)
    items = tuple(
        TicketItem(
            line_id=LineId(f"01MA{number:011d}{place:011d}"),
            name=DISHES[(number + place) % len(DISHES)],
            quantity=1 + place % 3,
            modifiers=("medium rare", "no butter") if place % 2 else (),
            note="ALLERGY: sesame" if number % 9 == 0 and place == 1 else "",
        )
        for place in range(2 + number % 4)
    )
    made = Ticket(
        id=TicketId(f"01M8{number:022d}"),
        order_id=OrderId(f"01M9{number:022d}"),
        order_number=f"C-{number}",
        station=StationId("grill"),
        table_id=TableId("table-5"),
        waiter_name="Amina",
        sent_at=sent,
        updated_at=sent,
        items=items,
        version=1,
    )
    return face_of(TicketRow(made, str(1 + number % 30), 0, 30, 60), zone=UTC)


class PlainBoard(QScrollArea):
    """The same tickets as anybody would build them: a frame each in five columns, labels, and a button."""

    def __init__(self, faces: Sequence[TicketFace], *, now_ms: int) -> None:
        super().__init__()
        content = QWidget()
        grid = QGridLayout(content)
        for place, one in enumerate(faces):
            cell = QFrame(frameShape=QFrame.Shape.Box)
            column = QVBoxLayout(cell)
            column.addWidget(QLabel(f"{one.table}   {one.age(now_ms).text}"))
            column.addWidget(QLabel(one.order))
            for item in one.items:
                column.addWidget(QLabel(f"{item.quantity}   {item.name}"))
                for words in (*((item.details,) if item.details else ()), *item.allergies):
                    column.addWidget(QLabel(words))
            column.addWidget(QPushButton("Start"))
            grid.addWidget(cell, place // COLUMNS, place % COLUMNS)
        self.setWidget(content)
        self.setWidgetResizable(True)


def _board(holder: ThemeHolder, faces: Sequence[TicketFace], *, now_ms: int) -> Board:
    board = Board(holder, distance_m=1.2, monotonic_s=SystemClock().monotonic_s)
    board.resize(*SIZE)
    board.show_tickets(faces, now_ms=now_ms)
    return board


def _show(app: QApplication, make: Callable[[], QWidget]) -> float:
    """Milliseconds from nothing to the first whole picture."""
    began_s = SystemClock().monotonic_s()
    with shown(app, make()):
        return (SystemClock().monotonic_s() - began_s) * 1000


@contextmanager
def shown(app: QApplication, widget: T) -> Iterator[T]:
    """The widget in a window of its own, painted once; gone at the end."""
    frames = Frames(widget.widget() or widget if isinstance(widget, QScrollArea) else widget)
    widget.resize(*SIZE)
    widget.show()
    while not frames.count:
        app.processEvents()
    yield widget
    widget.close()
    widget.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _timed(app: QApplication, board: Board, works: Iterable[Callable[[], None]]) -> list[float]:
    """Milliseconds of each work until it is painted; each has to bring a frame."""
    clock, frames = SystemClock(), Frames(board)
    found = []
    for work in works:
        before, began_s = frames.count, clock.monotonic_s()
        work()
        while frames.count == before:
            app.processEvents()
        found.append((clock.monotonic_s() - began_s) * 1000)
    return found
