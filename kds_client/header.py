"""The bar at the top: stations with their counts, the views, recall, how the link stands, and the wall clock."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from kds_client.connection import Standing
from shared.qt.icons import IconName
from shared.qt.theme import ThemeHolder
from shared.qt.tokens import Tone
from shared.qt.widgets import ButtonKind, HeaderBar, Label, Role, StatusPill, Tab, TabRow, TouchButton


class KitchenHeader(HeaderBar):
    """Only shows and passes on: `station_chosen` carries a station. Keys belong to the bump bar, not to it."""

    station_chosen = Signal(str)

    def __init__(self, holder: ThemeHolder, parent: QWidget | None = None) -> None:
        super().__init__(holder, parent)
        self._keys: tuple[str, ...] = ()
        self.stations = TabRow(holder)
        self.stations.chosen.connect(self.station_chosen)
        self.all_day = TouchButton(holder, "All-day", kind=ButtonKind.GHOST)
        self.all_day.setCheckable(True)
        self.bumped = TouchButton(holder, "Bumped", kind=ButtonKind.GHOST)
        self.recall = TouchButton(holder, "Recall", kind=ButtonKind.GHOST, icon=IconName.UNDO)
        self.pill = StatusPill(holder)
        self.clock = Label("", role=Role.HEADING)
        self.start.addWidget(self.stations)
        for name in ("stations", "all_day", "bumped", "recall", "pill", "clock"):
            widget: QWidget = getattr(self, name)
            widget.setObjectName(name)
            widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if widget is not self.stations:
                self.end.addWidget(widget)

    def show_stations(self, names: Mapping[str, str], counts: Mapping[str, int], *, current: str) -> None:
        """The tabs: all together first, then each station; a count of none is left out."""
        self._keys = tuple(names)
        tabs = [Tab(key, name, str(counts[key]) if counts.get(key) else "") for key, name in names.items()]
        self.stations.set_tabs(tabs, current=current)

    def show_standing(self, told: Standing) -> None:
        """The pill: amber while it works though cut off or late, red when a person is needed or nothing arrives."""
        is_calm = told.is_connected and not told.title
        tone = Tone.BAD if told.is_bad else Tone.OK if is_calm else Tone.WARN
        icon = IconName.SYNCED if is_calm else IconName.OFFLINE
        self.pill.show_state(told.words, tone=tone, icon=IconName.WARNING if told.needs_person else icon)

    def show_recall(self, table: str) -> None:
        """What the next press on *Recall* brings back; nothing when there is nothing."""
        self.recall.set_words(f"Recall {table}" if table else "Recall")
        self.recall.setEnabled(bool(table))

    def next_station(self) -> str:
        """The station after the one on show, round and round."""
        current = self.stations.current()
        return self._keys[(self._keys.index(current) + 1) % len(self._keys)] if current in self._keys else ""
