"""The cook at one kitchen screen: presses the real board's buttons in time, and journals what is saved."""

import random
from dataclasses import dataclass, field
from pathlib import Path

from demo.hands import press
from demo.journal import Journal
from kds_client.window import Window
from shared.clock import SystemClock
from shared.domain.ticket import Stage
from shared.terminal import LinkState, Terminal

WORDS = {Stage.QUEUED: ("start", "START"), Stage.IN_PROGRESS: ("ready", "READY"), Stage.READY: ("bump", "BUMP")}
COOKING_S = (0.8, 3.0)
SAME_PLACE_S = 0.45
"""The board takes two presses on one place within 0.4 s for one; the cook is no faster."""
BUSY = 4
"""So many tickets on the board make a picture of it worth while."""


@dataclass
class Cook:
    """Marks one ticket at a time, by a press on its button; what is not on the page on show waits."""

    window: Window
    terminal: Terminal
    journal: Journal
    chance: random.Random
    pictures: Path
    _due_s: dict[str, float] = field(default_factory=dict)
    _unsure: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _pressed_s: float = 0.0

    @property
    def left(self) -> int:
        """Tickets on the board, and marks that are not on the disk yet."""
        return len(self.terminal.tickets()) + len(self._unsure)

    def step(self) -> None:
        """Mark at most one ticket whose time has come, and journal the marks that are on the disk."""
        self._journal_saved()
        self._take_pictures()
        now_s = SystemClock().monotonic_s()
        if now_s - self._pressed_s < SAME_PLACE_S:
            return
        targets = self.window.board.touch_rects()
        for row in self.terminal.tickets():
            ticket = row.ticket
            name, word = WORDS[ticket.status]
            key = f"{name}:{ticket.id}"
            due = now_s >= self._due_s.setdefault(key, now_s + self.chance.uniform(*COOKING_S))
            if due and key in targets:
                press(self.window.board, targets[key].center())
                self._pressed_s = now_s
                if any(
                    one.ticket.id == ticket.id and one.ticket.status is ticket.status for one in self.terminal.tickets()
                ):
                    return  # the board took it for the second tap of one finger; another time
                self._unsure[f"{ticket.id}:{word}"] = ticket.id
                return

    def _journal_saved(self) -> None:
        """A mark is saved when nothing is in hand any more."""
        if self._unsure and self.terminal.in_hand() == 0:
            for key, ticket_id in self._unsure.items():
                self.journal.write("marked", ticket=ticket_id, mark=key.rpartition(":")[2])
            self._unsure.clear()

    def _take_pictures(self) -> None:
        """The board when it is busy, when it is cut off, and when it is connected again."""
        busy = len(self.terminal.tickets()) >= BUSY
        offline = self.terminal.link().state is LinkState.OFFLINE
        if busy and not offline:
            self._picture("7-board-busy")
        if offline and self.terminal.tickets():
            self._picture("8-board-offline")

    def _picture(self, name: str) -> None:
        if name not in self._taken:
            self._taken.add(name)
            self.pictures.mkdir(exist_ok=True)
            self.window.grab().save(str(self.pictures / f"{name}-{self.terminal.settings.data_dir.name}.png"))
