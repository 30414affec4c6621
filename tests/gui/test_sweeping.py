"""Garbage in a program with a window: found by the window's thread and no other, soon, and without a long look."""

import gc
import sys
import weakref
from collections.abc import Iterator
from threading import Thread, current_thread

import pytest
from PySide6.QtWidgets import QWidget

from shared.qt.sweeping import AT_THE_LATEST, FEW, Sweeper


class Ring:
    """Holds itself, as a sheet does whose buttons call it."""

    def __init__(self) -> None:
        self.held = self


def dropped() -> "weakref.ref[Ring]":
    """Garbage."""
    return weakref.ref(Ring())


@pytest.fixture
def sweeper(qapp: object) -> Iterator[Sweeper]:
    window = QWidget()
    found = Sweeper(window)
    yield found
    found.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_was_dropped_since_the_last_sweep_is_gone_after_the_next(sweeper: Sweeper) -> None:
    garbage = dropped()
    assert garbage() is not None
    sweeper.sweep()
    assert garbage() is None


def test_what_was_dropped_later_is_gone_after_the_next_sweep_of_everything(sweeper: Sweeper) -> None:
    ring = Ring()
    sweeper.sweep()
    garbage = weakref.ref(ring)
    del ring
    sweeper.sweep()
    assert garbage() is not None, "else each sweep would be a long one"
    for _ in range(AT_THE_LATEST):
        sweeper.sweep()
    assert garbage() is None


def test_everything_is_swept_also_where_somebody_always_taps(sweeper: Sweeper) -> None:
    ring = Ring()
    sweeper.sweep()
    garbage = weakref.ref(ring)
    kept: list[list[int]] = []
    del ring
    for number in range(AT_THE_LATEST):
        kept = [[number] for _ in range(2 * FEW)] if garbage() is not None else kept
        sweeper.sweep()
    assert garbage() is None


def test_no_other_thread_looks_for_garbage_however_much_it_makes(sweeper: Sweeper) -> None:
    """It would take down what belongs to the window."""
    looked = []

    def note(phase: str, _: dict[str, int]) -> None:
        looked.append((phase, current_thread().name))

    gc.callbacks.append(note)
    try:
        other = Thread(target=lambda: [Ring() for _ in range(5_000)], name="worker")
        other.start()
        other.join()
        assert looked == []
        sweeper.sweep()
        assert looked == [("start", current_thread().name), ("stop", current_thread().name)]
    finally:
        gc.callbacks.remove(note)


def test_what_a_program_is_made_of_is_not_looked_through_once_it_stands(sweeper: Sweeper) -> None:
    made_of = gc.get_freeze_count()
    assert made_of > len(sys.modules)
    assert len(gc.get_objects()) < made_of
