"""The cook at one kitchen screen: presses the real board's buttons in time, and journals what is saved."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QPoint

from demo.hands import photograph, press
from demo.journal import Journal
from kds_client.window import Window
from shared.clock import SystemClock
from shared.domain.ticket import Stage
from shared.terminal import Terminal

WORDS = {Stage.QUEUED: ("start", "START"), Stage.IN_PROGRESS: ("ready", "READY"), Stage.READY: ("bump", "BUMP")}
COOKING_S = {"start": (0.8, 3.0), "ready": (0.8, 3.0), "bump": (3.0, 8.0)}
"""How long each step takes in real seconds: what is ready stands there until a waiter takes it away."""
SAME_PLACE_S = 0.45
SAME_PLACE_MM = 12.0
"""The board takes two presses within 0.4 s and 10 mm for one; elsewhere another hand is free at once."""
READ_S, PATIENCE_S = 6.0, 12.0
"""So long a cook looks at a board that lost its server, and at most so long, before the first mark that waits."""
FULL, HASTE = 8, 0.15
"""With more tickets than that on the board everything takes this part of its time: the kitchen has to keep up."""
BUSY = 4
"""So many tickets on the board make a picture of it worth while."""
CATCH_UP_S = 4.0
"""So long after the server is back a board that has not become busy is photographed as it is."""
OFFLINE, BACK = "10-board-offline", "11-board-back"


@dataclass
class Cook:
    """Marks one ticket at a time, by a press on its button; what is not on the page on show waits."""

    window: Window
    terminal: Terminal
    journal: Journal
    chance: random.Random
    pictures: Path
    _began: dict[str, tuple[float, float]] = field(default_factory=dict)
    _unsure: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _lost_s: float = 0.0
    _back_s: float = 0.0
    _outlived: bool = False
    _pressed_s: float = 0.0
    _pressed: QPoint = field(default_factory=QPoint)

    @property
    def left(self) -> int:
        """Tickets on the board, and marks that are not on the disk yet."""
        return len(self.terminal.tickets()) + len(self._unsure)

    def step(self) -> None:
        """Mark at most one ticket whose time has come, and journal the marks that are on the disk."""
        self._journal_saved()
        if self._look():
            return
        now_s = SystemClock().monotonic_s()
        targets = self.window.board.touch_rects()
        haste = HASTE if len(self.terminal.tickets()) > FULL else 1.0
        for row in self.terminal.tickets():
            ticket = row.ticket
            name, word = WORDS[ticket.status]
            if name == "bump" and self._keeps_the_last():
                return
            key = f"{name}:{ticket.id}"
            began_s, takes_s = self._began.setdefault(key, (now_s, self.chance.uniform(*COOKING_S[name])))
            due = now_s >= began_s + takes_s * haste
            if due and key in targets and self._is_new_place(targets[key].center(), now_s=now_s):
                press(self.window.board, targets[key].center())
                self._pressed_s, self._pressed = now_s, targets[key].center()
                if any(
                    one.ticket.id == ticket.id and one.ticket.status is ticket.status for one in self.terminal.tickets()
                ):
                    return  # the board took it for the second tap of one finger; another time
                self._unsure[f"{ticket.id}:{word}"] = ticket.id
                return

    def _keeps_the_last(self) -> bool:
        """The board is not emptied before the server died and came back: an empty one has nothing to keep."""
        return not self._outlived and len(self.terminal.tickets()) == 1

    def _is_new_place(self, place: QPoint, *, now_s: float) -> bool:
        reach_px = self.window.board.holder.metrics.mm(SAME_PLACE_MM)
        apart = place - self._pressed
        return now_s - self._pressed_s >= SAME_PLACE_S or max(abs(apart.x()), abs(apart.y())) > reach_px

    def _journal_saved(self) -> None:
        """A mark is saved when nothing is in hand any more."""
        if self._unsure and self.terminal.in_hand() == 0:
            for key, ticket_id in self._unsure.items():
                self.journal.write("marked", ticket=ticket_id, mark=key.rpartition(":")[2])
            self._unsure.clear()

    def _look(self) -> bool:
        """Pictures of the board: busy, cut off, connected again. True while the cook stands and reads the band."""
        shown = len(self.terminal.tickets())
        now_s = SystemClock().monotonic_s()
        if self.terminal.link().state.is_up:
            self._greet(shown, now_s=now_s)
            return False
        self._back_s = 0.0
        self._lost_s = self._lost_s or now_s
        if now_s - self._lost_s >= READ_S and shown and self.band:
            self._picture(OFFLINE)
        return shown > 0 and now_s - self._lost_s < PATIENCE_S and OFFLINE not in self._taken

    def _greet(self, shown: int, *, now_s: float) -> None:
        """With the server there: a picture of a busy board, and one of the board that got it back."""
        self._back_s = self._back_s or now_s
        if self._lost_s and self._back_s - self._lost_s < READ_S:
            self._lost_s = 0.0  # a hiccup, no outage
        caught_up = now_s - self._back_s >= CATCH_UP_S
        if self._lost_s and OFFLINE in self._taken and (shown >= BUSY or (shown and caught_up)):
            self._picture(BACK)
        elif shown >= BUSY:
            self._picture("09-board-busy")
        self._outlived = self._outlived or bool(self._lost_s and caught_up)

    @property
    def band(self) -> str:
        """What the band across the board says, nothing when there is none."""
        return self.window.band.title() if self.window.band.isVisible() else ""

    def _picture(self, name: str) -> None:
        if name not in self._taken:
            self._taken.add(name)
            photograph(self.window, self.pictures / f"{name}-{self.terminal.settings.data_dir.name}.png")
