"""A program that can't open says why in a window: what is so, what helps, a way out, and the same on the terminal."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from pos_client.window import SCREENS
from shared.domain.model import Model
from shared.errors import AlreadyRunning, BadSettings, DatabaseDamaged, DatabaseReadOnly, EvertillError
from shared.qt.metrics import Metrics
from shared.qt.starting import end_on_signals, say_why, when_painted
from shared.qt.warming import Warmer
from shared.qt.widgets import EmptyState, Panel
from shared.qt.widgets.button import TouchButton
from tests.gui.screen_check import assert_screen_is_sound, press, save_picture

METRICS = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)
MANY = BadSettings(
    "\n".join(["/home/till/.config/evertill/pos.toml", *(f"wrong_{n}: {'x' * n * 20}" for n in range(40))])
)
LONG = DatabaseReadOnly("/var/lib/" + "a-very-long-name-of-a-folder/" * 12 + "pos.sqlite: unable to open")


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def shown() -> Panel:
    """The one window."""
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, Panel) and one.isVisible())


def while_shown(app: QApplication, error: EvertillError, look: Callable[[], None]) -> int:
    """Say why, look at it as soon as it stands, and return the exit code."""
    troubles: list[BaseException] = []

    def safely() -> None:
        try:
            look()
        except AssertionError as trouble:
            troubles.append(trouble)
            app.quit()

    QTimer.singleShot(0, safely)
    code = say_why(app, error)
    if troubles:
        raise troubles[0]
    return code


@pytest.mark.parametrize(
    "error", [MANY, LONG, AlreadyRunning("/till/pos.sqlite"), DatabaseDamaged()], ids=lambda error: type(error).__name__
)
def test_the_window_says_what_is_so_and_what_helps_and_closes_by_a_finger(
    qapp: QApplication, capfd: pytest.CaptureFixture[str], error: EvertillError
) -> None:
    def look() -> None:
        window = shown()
        state = window.findChild(EmptyState)
        assert isinstance(state, EmptyState)
        assert state.title.text() == error.title
        assert state.advice.text().startswith(error.advice)
        assert error.title in window.windowTitle()
        assert_screen_is_sound(window, METRICS)
        save_picture(window, f"cannot-open-{type(error).__name__}")
        press(next(iter(window.findChildren(TouchButton))))

    assert while_shown(qapp, error, look) == 1
    said = capfd.readouterr().err
    assert said.startswith(error.title)
    assert error.advice in said
    assert error.detail in said


def test_a_signal_closes_it_too_even_one_that_came_before_it_ran(qapp: QApplication) -> None:
    assert while_shown(qapp, MANY, lambda: os.kill(os.getpid(), signal.SIGTERM)) == 1
    window = QWidget()
    ticker = end_on_signals(qapp, window)
    os.kill(os.getpid(), signal.SIGTERM)
    assert qapp.exec() == 0
    ticker.stop()


@pytest.mark.parametrize("program", ["pos_client", "kds_client"])
def test_a_window_program_loads_no_command_line_of_libraries(program: str) -> None:
    loaded = after_the_prelude(f"import {program}.program, shared.sync.transport; print(*sys.modules)").split()
    assert not {"rich", "click", "pygments"} & set(loaded)
    assert "sniffio" in loaded, "each request would look for it on the disk"


@pytest.mark.parametrize("program", ["pos_client", "kds_client"])
def test_a_window_is_up_before_what_speaks_to_the_network_is_loaded(program: str) -> None:
    loaded = after_the_prelude(f"import {program}.program; print(*sys.modules)").split()
    assert not {"httpx", "shared.enrolling", "shared.sync.worker"} & set(loaded)


def test_what_waits_for_the_first_paint_comes_after_it_and_once(qtbot: QtBot) -> None:
    told: list[str] = []

    class Painted(QWidget):
        def paintEvent(self, _: QPaintEvent) -> None:
            told.append("painted")

    window = Painted()
    when_painted(window, lambda: told.append("then"))
    assert told == []
    window.show()
    qtbot.waitUntil(lambda: "then" in told)
    assert told == ["painted", "then"]
    window.update()
    qtbot.waitUntil(lambda: told[2:] == ["painted"])
    QApplication.processEvents()
    assert told.count("then") == 1


def test_what_waits_for_a_paint_that_never_comes_is_done_all_the_same(qtbot: QtBot) -> None:
    told: list[str] = []
    window = QWidget()
    when_painted(window, lambda: told.append("then"))
    qtbot.waitUntil(lambda: bool(told))
    assert not window.isVisible()


def test_what_a_first_tap_needs_is_built_in_slices_from_the_first_paint_on(qtbot: QtBot) -> None:
    class Tapped(Model):
        table_id: str

    window = QWidget()
    warmer = Warmer(window)
    QApplication.processEvents()
    assert not Tapped.__pydantic_complete__
    warmer.start()
    qtbot.waitUntil(lambda: warmer.is_done)
    assert Tapped.__pydantic_complete__


def test_a_tills_first_screen_needs_no_other() -> None:
    loaded = after_the_prelude("import pos_client.program; print(*sys.modules)").split()
    assert {"pos_client.login"} == {f"pos_client.{name}" for name in (*SCREENS, "shift")} & set(loaded)


@pytest.mark.parametrize("program", ["pos_client", "kds_client"])
def test_a_window_program_imports_nothing_before_its_prelude(program: str) -> None:
    """What comes before it is searched for garbage, and read by Qt."""
    before = ask_python(f"import sys, {program}.main; print(*sys.modules)").split()
    ours = {name for name in before if name.startswith((program, "shared."))}
    assert ours == {program, f"{program}.main", "shared.qt", "shared.qt.prelude"}
    assert not {"PySide6", "pydantic", "httpx", "asyncio"} & set(before)


@pytest.mark.parametrize("program", ["pos_client", "kds_client"])
def test_a_window_program_has_no_source_read_and_no_garbage_searched_while_it_loads(program: str) -> None:
    """Qt keeps what it reads where tracebacks look lines up."""
    loads = f"import gc, linecache, {program}.program; print(gc.isenabled(), *linecache.cache)"
    searched, *kept = after_the_prelude(loads).split()
    assert (searched, [name for name in kept if program in name or "/shared/" in name]) == ("False", [])


def after_the_prelude(asked: str) -> str:
    """What Python prints where a window's program stands when it imports its own modules."""
    return ask_python(f"import sys; from shared.qt.prelude import prelude; prelude(); {asked}")


def ask_python(asked: str) -> str:
    return subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
