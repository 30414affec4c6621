"""The menu: what it fills into a line, what it still has to ask, and the names of tables and people."""

import pytest

from shared.domain.commands import NewLine
from shared.domain.menu import (
    Business,
    Floor,
    Menu,
    ModifierGroup,
    Option,
    Role,
    StaffList,
    StaffMember,
    Table,
    complete,
    missing_choices,
)
from shared.domain.order import Modifier
from shared.domain.rejections import CommandRejected, Refusal
from shared.ids import ItemId, LineId, StaffId, TableId
from tests.unit.domain.restaurant import KITCHEN, MENU, ulid

SIZES = ModifierGroup(
    id="size",
    name="Size",
    least=1,
    options=(Option(id="small", name="Small"), Option(id="large", name="Large", price_minor=300)),
)
TOPPINGS = ModifierGroup(
    id="toppings",
    name="Toppings",
    least=2,
    most=3,
    options=tuple(Option(id=name, name=name.title()) for name in ("ham", "olives", "corn")),
)
SAUCES = ModifierGroup(id="sauces", name="Sauces", options=(Option(id="garlic", name="Garlic"),))
PIZZA = MENU.items[0].model_copy(update={"group_ids": ("size", "sauces", "unknown", "toppings")})
CHOOSY = Menu(version="2", items=(PIZZA,), groups=(TOPPINGS, SIZES, SAUCES))


def bare(item: str) -> NewLine:
    """A line of which nothing is told but the item."""
    return NewLine(id=LineId(ulid(50)), item_id=ItemId(item), quantity=2)


def chosen(*ids: str) -> tuple[Modifier, ...]:
    """Choices by their ids."""
    return tuple(Modifier(id=one, name=one.title()) for one in ids)


def test_what_was_not_told_comes_from_the_menu() -> None:
    line = complete(bare("pizza"), MENU)
    assert (line.name, line.price_minor, line.tax_bp, line.course, line.station) == ("Pizza", 1250, 1000, 1, KITCHEN)
    assert (line.id, line.quantity) == (ulid(50), 2)


def test_what_was_told_is_honoured() -> None:
    told = bare("pizza").model_copy(update={"name": "Pizza of the day", "price_minor": 0, "tax_bp": 0, "course": 2})
    line = complete(told, MENU)
    assert (line.name, line.price_minor, line.tax_bp, line.course) == ("Pizza of the day", 0, 0, 2)
    assert complete(line, MENU) == line


def test_an_item_that_is_not_on_the_menu_is_refused() -> None:
    with pytest.raises(CommandRejected) as caught:
        complete(bare("haggis"), MENU)
    assert (caught.value.refusal, str(caught.value)) == (Refusal.INVALID, "Item haggis is not on the menu.")
    assert caught.value.title == "Item haggis is not on the menu."


@pytest.mark.parametrize(
    ("choices", "missing"),
    [
        ((), ("size", "toppings")),
        (("large",), ("toppings",)),
        (("ham", "olives"), ("size",)),
        (("ham", "ham", "small"), ("toppings",)),
        (("garlic", "small", "ham", "corn"), ()),
    ],
)
def test_choices_that_an_item_needs_are_asked_in_its_own_order(
    choices: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert tuple(group.id for group in missing_choices(CHOOSY, PIZZA, chosen(*choices))) == missing
    assert [group.id for group in CHOOSY.groups_of(PIZZA)] == ["size", "sauces", "toppings"]


def test_an_item_without_questions_asks_none() -> None:
    assert missing_choices(MENU, MENU.items[0], ()) == ()


def test_a_table_is_called_by_its_name_or_else_by_its_id() -> None:
    floor = Floor(version="1", tables=(Table(id=TableId("t5"), name="Table 5", room_id="hall"),))
    assert [floor.table_name(one) for one in ("t5", "t6", None)] == ["Table 5", "t6", "Takeaway"]


def test_people_are_found_active_or_not() -> None:
    gone = StaffMember(id=StaffId("ann"), name="Ann", role=Role.WAITER, pin_verifier="-", active=False)
    staff = StaffList(version="1", staff=(gone,))
    assert staff.member("ann") == gone
    assert staff.member("ben") is None


def test_a_business_counts_in_its_currency() -> None:
    business = Business(version="1", name="Pizza", currency_code="UGX", currency_decimals=0, currency_symbol="USh")
    assert business.currency.text(12_500, symbol=True) == "USh 12,500"
