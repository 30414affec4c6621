"""Which round of an order was sent last: by the order of the sends, whatever the clocks said at each."""

from dataclasses import replace

from shared.domain.rules import apply
from shared.domain.together import apply_all
from tests.unit.domain.restaurant import AT, LATER, ids_of, opened, tills
from tests.unit.domain.two_orders import OTHER_ID, merge

EARLIER = "2015-11-27T18:41:05.250Z"


def test_the_round_sent_last_is_the_last_one_also_where_a_clock_was_set_back() -> None:
    till, _ = tills()
    order = opened(till, "pizza", "beer", "cake")
    pizza, beer, cake = ids_of(order)
    assert order.last_round == ()
    order = apply(order, till.send(pizza), till.author)
    order = apply(order, till.send(beer, cake).model_copy(update={"at": EARLIER}), till.author)

    assert [line.id for line in order.last_round] == [beer, cake], "of both stations"
    order = apply(order, till.change(order.version, till.void_line(beer), till.void_line(cake)), till.author)
    assert [line.id for line in order.last_round] == [pizza]


def test_a_table_that_is_merged_in_brings_its_rounds_between_those_of_the_other() -> None:
    till, _ = tills()
    other = replace(till, order_id=OTHER_ID)
    heir, guest = opened(till, "pizza", "beer"), opened(other, "cake")
    heir = apply(heir, till.send(ids_of(heir)[0]).model_copy(update={"at": EARLIER}), till.author)
    heir = apply(heir, till.send(ids_of(heir)[1]).model_copy(update={"at": LATER}), till.author)
    guest = apply(guest, other.send(*ids_of(guest)), till.author)
    assert guest.lines[0].sent_at == AT

    merged = apply_all({one.id: one for one in (heir, guest)}, merge(other, heir.id, *ids_of(guest)), till.author)

    assert [line.sent_at for line in merged[heir.id].last_round] == [LATER]
    assert [line.sent_at for line in heir.lines] == [EARLIER, LATER]
    assert len(merged[heir.id].tickets) == 3
