"""The error tree: every error that a person may see has words of its own."""

from __future__ import annotations

import pytest

from shared.errors import DiskFull, EvertillError


def _all_below(kind: type[EvertillError]) -> list[type[EvertillError]]:
    return [below for child in kind.__subclasses__() for below in [child, *_all_below(child)]]


@pytest.mark.parametrize("kind", _all_below(EvertillError), ids=lambda kind: kind.__name__)
def test_every_kind_of_error_says_what_happened_and_what_helps(kind: type[EvertillError]) -> None:
    assert 0 < len(kind.title) <= 60
    assert kind.advice.endswith(".")
    assert kind.title != EvertillError.title
    assert "do not" not in kind.advice.lower()


def test_the_place_that_raises_may_give_better_words_without_changing_its_kind() -> None:
    error = DiskFull("till.db", title="No room for the copy")
    assert str(error) == "No room for the copy: till.db"
    assert error.advice == DiskFull.advice
    assert DiskFull().title == str(DiskFull()) == "The disk is full"
