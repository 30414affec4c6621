"""The chain of a till's receipts: whatever becomes of one of them, the first break is named in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.domain.receipts import Content, Receipt, beginning, first_break, hash_of, lines_hash

BIRTH, OTHER_BIRTH = "01M80000000000000000000001", "01M80000000000000000000002"


def chain(
    count: int, *, first: int = 1, letter: str = "C", birth: str = BIRTH, after: Receipt | None = None
) -> list[Receipt]:
    """So many receipts, each behind the one before."""
    found: list[Receipt] = []
    for number in range(first, first + count):
        before = found[-1] if found else after
        goes_on = before is not None and (before.letter, before.birth) == (letter, birth)
        previous = before.hash if goes_on and before is not None else beginning(birth, letter, number - 1)
        lines = lines_hash([("line", "cola", 1, 310 + number, 1800)])
        content = Content(
            f"{letter}-{number:06d}", f"order {number}", "2026-03-01T19:41:05.250Z", 310 + number, lines, "[]"
        )
        found.append(Receipt(birth, content, previous, hash_of(previous, content)))
    return found


def forged(one: Receipt, **changed: object) -> Receipt:
    """Another content under a hash that fits it."""
    content = replace(one.content, **changed)  # type: ignore[arg-type]
    return replace(one, content=content, hash=hash_of(one.previous, content))


def swapped(found: list[Receipt]) -> list[Receipt]:
    return [*found[:4], found[5], found[4], *found[6:]]


def test_a_whole_chain_has_no_break() -> None:
    assert first_break(chain(9), count_before=0, count=9) is None
    assert first_break([], count_before=0, count=0) is None


def test_a_chain_may_begin_behind_numbers_that_were_given_before_there_was_one() -> None:
    assert first_break(chain(3, first=98), count_before=97, count=100) is None
    assert first_break([], count_before=97, count=97) is None


def test_a_new_letter_and_a_salvaged_file_begin_a_chain_of_their_own() -> None:
    old = chain(4)
    enrolled_anew = [*old, *chain(3, first=5, letter="D", after=old[-1])]
    salvaged = [*old, *chain(3, first=1, letter="D", birth=OTHER_BIRTH)]
    assert first_break(enrolled_anew, count_before=0, count=7) is None
    assert first_break(salvaged, count_before=0, count=3) is None
    cut = [*old, *chain(4, first=5, letter="D", after=old[-1])[1:]]
    assert first_break(cut, count_before=0, count=8) == (
        "Receipt D-000005 is missing before D-000006: C-000004 is followed by it."
    )


@pytest.mark.parametrize(
    "field",
    [{"order_id": "another"}, {"at": "later"}, {"total_minor": 1}, {"lines": "0"}, {"payments": "[1]"}],
)
def test_whatever_is_changed_on_a_receipt_is_named(field: dict[str, object]) -> None:
    found = chain(9)
    content = replace(found[4].content, **field)  # type: ignore[arg-type]
    found[4] = replace(found[4], content=content)
    assert (first_break(found, count_before=0, count=9) or "").startswith("Receipt C-000005 was changed")


def another_total(one: Receipt) -> Receipt:
    return replace(one, content=replace(one.content, total_minor=1))


ENDS = "this till has given 9 numbers, and the chain ends before it."


@pytest.mark.parametrize(
    ("mutant", "said"),
    [
        (lambda found: found[:4] + found[5:], "C-000005 is missing before C-000006: C-000004 is followed by it."),
        (lambda found: found[1:], "C-000001 is missing before C-000002: it is the first that is there."),
        (lambda found: found[:-1], f"C-000009 is missing: {ENDS}"),
        (lambda found: [], f"number 1 is missing: {ENDS}"),
        (swapped, "C-000006 is out of order: C-000005 belongs in its place."),
        (lambda found: [*found[:5], found[2], *found[5:]], "C-000003 stands twice."),
        (
            lambda found: [*found[:4], another_total(found[4]), *found[5:]],
            "C-000005 was changed: what stands there does not give the hash that was printed with it.",
        ),
        (
            lambda found: [*found[:4], forged(found[4], total_minor=1), *found[5:]],
            "C-000006 does not follow on C-000005: one of the two was exchanged.",
        ),
        (
            lambda found: [forged(replace(found[0], previous="0" * 64)), *found[1:]],
            "C-000001 begins no chain: what stood before it is missing.",
        ),
        (
            lambda found: [*found[:4], forged(found[5], number="C-000005"), *found[6:]],
            "C-000005 does not follow on C-000004: one of the two was exchanged.",
        ),
    ],
)
def test_each_mutant_of_a_chain_is_named(mutant: Callable[[list[Receipt]], list[Receipt]], said: str) -> None:
    assert first_break(mutant(chain(9)), count_before=0, count=9) == f"Receipt {said}"


def test_a_number_that_no_till_gave_is_out_of_order() -> None:
    found = chain(2)
    found[1] = forged(found[1], number="C-by-hand")
    said = first_break(found, count_before=0, count=2)
    assert said == "Receipt C-by-hand is out of order: C-by-000002 belongs in its place."
