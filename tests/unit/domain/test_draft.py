"""The draft: taps on a till that are durable and no order of the house yet."""

import pytest

from shared.domain.commands import DraftChange, EditDraft, RemoveLine
from shared.domain.draft import MAX_APPLIED, Draft, edit, without
from shared.domain.model import MAX_LINES
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import ChangeId, LineId
from tests.unit.domain.restaurant import ACTORS, AT, ORDER_ID, TABLE_6, Till, new_line, tills, ulid
from tests.unit.domain.test_lines import moved_to


def tap(till: Till, *changes: DraftChange) -> EditDraft:
    """A tap that edits the draft."""
    return EditDraft(id=till.operation_id(), actor_id=ACTORS[0], at=AT, order_id=ORDER_ID, changes=changes)


def removed(till: Till, line_id: str) -> RemoveLine:
    """Take a line out of the draft."""
    return RemoveLine(id=ChangeId(till.names.new()), line_id=LineId(line_id))


def drafted(*line_ids: str, is_new: bool = True) -> Draft:
    """A draft with these lines, a pizza each."""
    return Draft(order_id=ORDER_ID, number="A-1", is_new=is_new, lines=tuple(new_line(one) for one in line_ids))


def refusal_of(draft: Draft, command: EditDraft) -> tuple[Refusal, str]:
    """How the draft refuses a tap: it has to."""
    with pytest.raises(CommandRejected) as caught:
        edit(draft, command)
    return caught.value.refusal, caught.value.message


def test_each_tap_does_what_it_says() -> None:
    till, _ = tills()
    draft = edit(drafted(), tap(till, till.add("pizza"), till.add("beer"), till.add("cake")))
    pizza, beer, cake = (line.id for line in draft.lines)
    draft = edit(draft, tap(till, till.quantity(pizza, 3), till.note(pizza, "hot"), till.seat(beer, 2)))
    draft = edit(draft, tap(till, removed(till, cake), till.guests(4), moved_to(till, TABLE_6)))
    assert [(line.name, line.quantity, line.note, line.seat) for line in draft.lines] == [
        ("Pizza", 3, "hot", None),
        ("Beer", 1, "", 2),
    ]
    assert (draft.guests, draft.table_id) == (4, TABLE_6)
    assert draft.line(cake) is None


def test_two_taps_on_a_tile_are_two_items_and_the_same_tap_twice_is_one() -> None:
    till, _ = tills()
    first, second = tap(till, till.add()), tap(till, till.add())
    draft = edit(edit(drafted(), first), second)
    assert len(draft.lines) == 2
    assert edit(draft, first) is draft
    assert len(edit(draft, tap(till, first.changes[0])).lines) == 2


def test_a_line_that_was_sent_or_removed_meanwhile_cannot_be_edited_and_is_gone_already() -> None:
    till, _ = tills()
    draft = drafted(ulid(50))
    for change in (till.quantity(ulid(51), 2), till.note(ulid(51), "hot"), till.seat(ulid(51), 1)):
        assert refusal_of(draft, tap(till, change)) == (
            Refusal.INVALID,
            "This line was sent or removed meanwhile.",
        )
    assert edit(draft, tap(till, removed(till, ulid(51)))).lines == draft.lines


def test_table_and_guests_of_an_order_that_the_house_knows_are_not_drafted() -> None:
    till, _ = tills()
    draft = drafted(is_new=False)
    for change in (till.guests(4), moved_to(till, TABLE_6)):
        assert refusal_of(draft, tap(till, change))[0] is Refusal.INVALID


def test_a_line_that_no_screen_could_show_does_not_come_in() -> None:
    till, _ = tills()
    add = till.add()
    bare = add.model_copy(update={"line": add.line.model_copy(update={"name": None})})
    assert refusal_of(drafted(), tap(till, bare)) == (Refusal.INVALID, "Item pizza is not on the menu.")


def test_a_draft_holds_no_more_lines_than_an_order() -> None:
    till, _ = tills()
    draft = drafted(*(ulid(1000 + i) for i in range(MAX_LINES)))
    assert refusal_of(draft, tap(till, till.add())) == (
        Refusal.INVALID,
        f"An order can have at most {MAX_LINES} lines. Open another order.",
    )


def test_a_draft_remembers_the_latest_taps_and_not_all_of_them_for_ever() -> None:
    till, _ = tills()
    draft = drafted(ulid(50)).model_copy(update={"applied": tuple(ulid(10_000 + i) for i in range(MAX_APPLIED))})
    last = tap(till, till.quantity(ulid(50), 2))
    after = edit(draft, last)
    assert len(after.applied) == MAX_APPLIED
    assert after.applied[-1] == last.id


def test_what_was_not_on_the_screen_that_sent_stays_in_the_draft() -> None:
    draft = drafted(ulid(50), ulid(51))
    left = without(draft, frozenset({ulid(50), ulid(77)}))
    assert [line.id for line in left.lines] == [ulid(51)]
    assert not left.is_new
