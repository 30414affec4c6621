"""The bridge: any thread announces, the GUI thread hears, nothing is lost and nothing said twice."""

from collections.abc import Callable
from threading import Barrier, Thread, get_ident

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from shared.qt.bridge import Bridge


class Heard:
    """Collects what the GUI thread was told."""

    def __init__(self, bridge: Bridge) -> None:
        self.sets: list[frozenset[str]] = []
        self.threads: set[int] = set()
        bridge.changed.connect(self._take)

    def all(self) -> set[str]:
        """Every id heard of so far."""
        return set().union(*self.sets)

    def _take(self, ids: frozenset[str]) -> None:
        self.sets.append(ids)
        self.threads.add(get_ident())


def in_thread(work: Callable[[], None]) -> None:
    """Run to the end in another thread."""
    thread = Thread(target=work)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_a_change_announced_by_another_thread_is_heard_in_the_gui_thread(qapp: QApplication, qtbot: QtBot) -> None:
    bridge = Bridge()
    heard = Heard(bridge)
    with qtbot.waitSignal(bridge.changed):
        in_thread(lambda: bridge.announce(frozenset({"order-1", "order-2"})))
    assert heard.sets == [frozenset({"order-1", "order-2"})]
    assert heard.threads == {get_ident()}


def test_many_announcements_before_the_gui_gets_round_are_one(qapp: QApplication) -> None:
    bridge = Bridge()
    heard = Heard(bridge)

    def announce() -> None:
        for number in range(1000):
            bridge.announce(frozenset({f"order-{number % 50}"}))

    in_thread(announce)
    assert heard.sets == []
    QCoreApplication.processEvents()
    assert heard.sets == [frozenset(f"order-{number}" for number in range(50))]


def test_nothing_is_lost_while_threads_announce_and_the_gui_listens(qapp: QApplication, qtbot: QtBot) -> None:
    bridge = Bridge()
    heard = Heard(bridge)
    start = Barrier(4)

    def announce(name: str) -> None:
        start.wait(timeout=30)
        for number in range(500):
            bridge.announce(frozenset({f"{name}-{number}"}))

    threads = [Thread(target=announce, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: len(heard.all()) == 2000, timeout=30_000)
    for thread in threads:
        thread.join(timeout=30)
    assert sum(len(ids) for ids in heard.sets) == 2000
    assert len(heard.sets) < 2000


def test_an_announcement_made_while_hearing_one_comes_next(qapp: QApplication) -> None:
    bridge = Bridge()
    heard = Heard(bridge)
    bridge.changed.connect(lambda ids: bridge.announce(frozenset({"second"})) if "first" in ids else None)
    bridge.announce(frozenset({"first"}))
    QCoreApplication.processEvents()
    QCoreApplication.processEvents()
    assert heard.sets == [frozenset({"first"}), frozenset({"second"})]


def test_announcing_nothing_says_nothing_and_a_closed_bridge_is_silent(qapp: QApplication) -> None:
    bridge = Bridge()
    heard = Heard(bridge)
    bridge.announce(frozenset())
    QCoreApplication.processEvents()
    bridge.announce(frozenset({"late"}))
    bridge.close()
    bridge.announce(frozenset({"later"}))
    QCoreApplication.processEvents()
    assert heard.sets == []
