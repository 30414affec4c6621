"""A till on show over a real terminal, and a hand that taps it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from pos_client.window import Window
from reference_server.catalogue.loading import Restaurant
from shared.qt.bridge import Bridge
from shared.qt.metrics import Metrics
from shared.qt.theme import Theme, ThemeHolder, installed_family
from shared.qt.tokens import ThemeName
from shared.qt.widgets import Keypad
from shared.terminal import OrderView
from tests.gui.harness import Rig, demo_restaurant
from tests.gui.screen_check import press, press_target


@pytest.fixture(scope="session")
def restaurant() -> Restaurant:
    """The demo restaurant, read once."""
    return demo_restaurant()


@dataclass
class Till:
    """The window, the rig under it, and a finger that counts."""

    rig: Rig
    window: Window
    holder: ThemeHolder
    app: QApplication
    taps: int = field(default=0)

    @property
    def metrics(self) -> Metrics:
        """The sizes of this screen."""
        return self.holder.metrics

    @property
    def view(self) -> OrderView:
        """The order on the order screen, which has to be there."""
        view = self.window.order.taps.view
        assert view is not None
        return view

    def tap(self, name: str) -> None:
        """Tap the widget of this name on the screen on show."""
        found = [w for w in self.window.screen_on_show.findChildren(QWidget, name) if w.isVisible()]
        assert len(found) == 1, f"{len(found)} widgets called {name} are on show"
        press(found[0])
        self.taps += 1
        self.calm()

    def tap_on(self, name: str, key: str) -> None:
        """Tap one target of a painted widget of this name."""
        found = [w for w in self.window.screen_on_show.findChildren(QWidget, name) if w.isVisible()]
        assert len(found) == 1, f"{len(found)} widgets called {name} are on show"
        press_target(getattr(found[0], "area", found[0]), key)
        self.taps += 1
        self.calm()

    def digits(self, digits: str) -> None:
        """Tap digits on the PIN pad or the keypad that is on show."""
        keypads = [pad for pad in self.window.screen_on_show.findChildren(Keypad) if pad.isVisible()]
        keypad = keypads[-1]  # a sheet lies over what was there before
        for digit in digits:
            press(keypad.key(digit))
            self.taps += 1
            self.calm()

    def item(self, item_id: str) -> None:
        """Tap a dish, going to its category first if need be."""
        item = self.rig.terminal.menu.item(item_id)
        assert item is not None
        if self.window.order.menu.tabs.current() != item.category_id:
            self.tap_on("categories", item.category_id)
        self.tap_on("tiles", item_id)

    def calm(self) -> None:
        """Until all taps are on the disk and the screen has heard of it."""
        self.rig.settle()
        self.app.processEvents()
        self.app.processEvents()

    def log_in(self) -> None:
        """As the first waiter, without counting."""
        self.window.session.log_in(self.rig.terminal.staff.staff[0])
        self.window.to_tables()
        self.calm()


def wait_for(till: Till, is_so: Callable[[], bool]) -> None:
    """Until something that a thread does is so; bounded."""
    for _ in range(500):
        if is_so():
            return
        till.app.processEvents()
        till.rig.settle()
        till.rig.terminal.check_pin("nobody", "0").result(timeout=5)
    raise AssertionError("it did not become so")


@pytest.fixture
def make_till(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, restaurant: Restaurant
) -> Iterator[Callable[..., Till]]:
    """Makes a till of a size and theme, in the demo's house or another; closed afterwards."""
    made: list[Till] = []

    def make(
        *,
        size: tuple[int, int, float] = (1366, 768, 15.6),
        theme: ThemeName = ThemeName.DARK,
        rtl: bool = False,
        scale_percent: int = 100,
        house: Restaurant | None = restaurant,
    ) -> Till:
        width, height, diagonal_inch = size
        metrics = Metrics.of_screen(
            diagonal_inch=diagonal_inch, width_px=width, height_px=height, scale_percent=scale_percent
        )
        holder = ThemeHolder(Theme(name=theme, metrics=metrics, family=installed_family()))
        holder.dress(qapp)
        rig = Rig(tmp_path / f"till-{len(made)}")
        if house is not None:
            rig.stock(house)
        window = Window(holder, rig.terminal, Bridge())
        window.setLayoutDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
        window.resize(width, height)
        window.show()
        qtbot.waitExposed(window)
        made.append(Till(rig, window, holder, qapp))
        made[-1].calm()
        return made[-1]

    yield make
    for till in made:
        till.window.screen_on_show.left()
        till.window.close()
        till.rig.close()


@pytest.fixture
def till(make_till: Callable[..., Till]) -> Till:
    """A till with somebody at it."""
    made = make_till()
    made.log_in()
    return made
