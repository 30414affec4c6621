"""A night proves something only if what the plan breaks was broken: each proof fails when its fault did not happen."""

from typing import Any

from demo.journal import Entry
from demo.night import Night, Proof
from demo.proofs import proofs_of_journals


def entry(event: str, device: str, *, order: str, at_ms: int = 12_000, by_hand: bool = True) -> Entry:
    fields: dict[str, Any] = {"order": order, "number": order, "atMs": at_ms, "byHand": by_hand}
    return Entry(event, device, fields)


def night() -> Night:
    return Night(moments={"cut": 10.0, "mended": 25.0})


def happened(*journal: Entry, planned: int = 1) -> list[bool]:
    """Sold while cut, one table, by hand, all paid."""
    return [proof.happened for proof in proofs_of_journals(journal, night(), planned=planned)]


APART = (entry("sent", "till-1", order="A"), entry("sent", "till-2", order="A"))
SERVED = (entry("meant", "till-1", order="A"), entry("paid", "till-1", order="A"))


def test_a_night_in_which_all_was_done_proves_it() -> None:
    assert happened(*APART, *SERVED) == [True, True, True, True]


def test_a_till_that_sold_nothing_while_it_was_cut_proves_nothing() -> None:
    late = (entry("sent", "till-1", order="A", at_ms=26_000), entry("sent", "till-2", order="A"))
    assert happened(*late, *SERVED) == [False, False, True, True]


def test_additions_through_the_terminal_are_no_taps_on_two_screens() -> None:
    not_tapped = (entry("sent", "till-1", order="A", by_hand=False), entry("sent", "till-2", order="A"))
    assert happened(*not_tapped, *SERVED) == [True, False, True, True]


def test_twenty_orders_have_to_be_tapped_where_there_are_so_many() -> None:
    assert happened(*APART, *SERVED, planned=115)[2] is False


def test_a_guest_who_has_not_paid_spoils_the_night() -> None:
    assert happened(*APART, *SERVED, entry("meant", "till-2", order="B"))[3] is False


def test_a_night_is_bad_only_if_everything_was_broken_and_something_was() -> None:
    broken, whole = Proof("a", happened=True, evidence=""), Proof("b", happened=False, evidence="")
    assert Night(proofs=[broken]).was_bad
    assert not Night(proofs=[broken, whole]).was_bad
    assert not Night().was_bad
