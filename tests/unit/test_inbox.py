"""What a thread is woken by: nothing laid down is overslept, and a bell that rang for nothing ends no wait."""

import threading

from shared.inbox import Inbox
from tests.unit.writer_gate import PATIENCE_S


def test_what_was_laid_down_first_is_taken_first() -> None:
    inbox = Inbox[int]()
    for number in range(3):
        inbox.put(number)
    assert len(inbox) == 3
    assert [inbox.take() for _ in range(3) if inbox.wait(0)] == [0, 1, 2]
    assert not inbox.wait(0)


def test_a_bell_that_rings_for_what_was_taken_already_ends_no_wait() -> None:
    inbox = Inbox[int]()
    inbox.put(1)
    assert inbox.take() == 1
    inbox.ring()
    assert not inbox.wait(0.001)
    inbox.ring()
    found: list[int] = []

    def wait() -> None:
        if inbox.wait(None):
            found.append(inbox.take())

    waiting = threading.Thread(target=wait)
    waiting.start()
    inbox.put(2)
    waiting.join(PATIENCE_S)
    assert found == [2]


def test_whoever_hears_the_bell_finds_what_it_rang_for() -> None:
    heard: list[int] = []

    class Heard(Inbox[int]):
        def ring(self) -> None:
            heard.append(len(self))
            super().ring()

    inbox = Heard()
    inbox.put(1)
    inbox.put(2)
    assert heard == [1, 2]


def test_nothing_is_overslept_however_often_two_threads_meet() -> None:
    """The one who lays down waits until it is taken, so that each of these needs a wake-up of its own."""
    inbox, taken = Inbox[int](), Inbox[int]()

    def pass_on() -> None:
        while inbox.wait(None):
            taken.put(number := inbox.take())
            if number < 0:
                return

    passing = threading.Thread(target=pass_on, daemon=True)
    passing.start()
    for number in [*range(5_000), -1]:
        inbox.put(number)
        assert taken.wait(PATIENCE_S), number
        assert taken.take() == number
    passing.join(PATIENCE_S)
    assert not passing.is_alive()
