"""Long names, large sums, many of everything, small and large words, high contrast: nothing is clipped or covered."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from pos_client.order_taps import Pick
from reference_server.catalogue.loading import Restaurant
from shared.domain.menu import Category, Room, Table
from shared.domain.order import Modifier
from shared.ids import ItemId, TableId
from shared.qt.tokens import ThemeName
from shared.store.outcomes import FailReason
from shared.terminal import Cause
from tests.gui.harness import OFFLINE
from tests.gui.pos.conftest import Till
from tests.gui.screen_check import SIZES, faults, save_picture

LOOKS = [
    (SIZES[1], ThemeName.HIGH_CONTRAST, 90),
    (SIZES[0], ThemeName.LIGHT, 100),
    (SIZES[1], ThemeName.DARK, 150),
    (SIZES[0], ThemeName.DARK, 150),
]
DISHES = (
    "Slow-roasted lamb with potatoes",
    "Kinderteller mit Pommes frites",
    "Tea",
)


@pytest.fixture(scope="session")
def large_house(restaurant: Restaurant) -> Restaurant:
    """The demo's house with long names everywhere, twelve rooms, forty tables in one, and sums of twelve digits."""
    menu, floor, staff, business = restaurant.menu, restaurant.floor, restaurant.staff, restaurant.business
    assert menu is not None
    assert floor is not None
    assert staff is not None
    assert business is not None
    categories = [
        *menu.categories,
        *(Category(id=f"extra-{n}", name=f"Seasonal specials {n}") for n in range(8)),
    ]
    items = [
        item.model_copy(update={"name": f"{DISHES[place % 3]} {place}"}) if place % 4 == 0 else item
        for place, item in enumerate(menu.items)
    ]
    items.append(items[0].model_copy(update={"id": ItemId("yacht"), "name": "Yacht", "price_minor": 999_999_999,
                                             "group_ids": (), "sold_out": False, "remaining": 128}))  # fmt: skip
    items[1:9:3] = [item.model_copy(update={"remaining": 12}) for item in items[1:9:3]]
    rooms = [*floor.rooms, *(Room(id=f"room-{n}", name=f"Conservatory {n}") for n in range(9))]
    tables = [
        *floor.tables,
        *(
            Table(id=TableId(f"garden-{n}"), name=f"Garden {n}", room_id="room-0", x=n % 8 * 2, y=n // 8 * 2, width=2)
            for n in range(40)
        ),
    ]
    people = [
        person.model_copy(update={"name": "Maximiliana Oppenheimer"}) if place == 0 else person
        for place, person in enumerate(staff.staff * 4)
    ]
    people = [person.model_copy(update={"id": f"person-{place}"}) for place, person in enumerate(people)]
    return replace(
        restaurant,
        menu=menu.model_copy(update={"categories": tuple(categories), "items": tuple(items)}),
        floor=floor.model_copy(update={"rooms": tuple(rooms), "tables": tuple(tables)}),
        staff=staff.model_copy(update={"staff": tuple(people)}),
        business=business.model_copy(update={"name": "Restaurant at the end of the longest road in the county"}),
    )


@dataclass
class Walk:
    """A till in the large house, and what was found wrong on the way."""

    till: Till
    name: str
    wrong: list[str] = field(default_factory=list)

    def seen(self, state: str) -> None:
        """Keep a picture of this state, and remember its faults."""
        self.till.calm()
        save_picture(self.till.window, f"pos-large-{state}-{self.name}")
        self.wrong += [f"{state}: {fault}" for fault in faults(self.till.window, self.till.metrics)]

    def closed(self) -> None:
        """Nothing was wrong, and the window is still as large as its screen."""
        assert not self.wrong, "\n".join(self.wrong)
        assert f"{self.till.window.width()}x{self.till.window.height()}" == self.name.split("-")[0]


def name_of(look: tuple[tuple[int, int, float], ThemeName, int]) -> str:
    """The look in a word."""
    (width, height, _), theme, scale = look
    return f"{width}x{height}-{theme.value}-{scale}"


@pytest.fixture(params=LOOKS, ids=name_of)
def walk(request: pytest.FixtureRequest, make_till: Callable[..., Till], large_house: Restaurant) -> Walk:
    """A till of each look, with twenty orders on one table and one of forty-two lines on the screen."""
    size, theme, scale = request.param
    till = make_till(size=size, theme=theme, scale_percent=scale, house=large_house)
    walk = Walk(till, name_of(request.param))
    walk.seen("login")
    till.log_in()
    for _ in range(20):
        ring_up(till, ("yacht", Pick(quantity=9)))
    till.window.to_tables()
    till.window.tables._choose_room("room-0")
    walk.seen("floor")
    till.tap_on("floor", "garden-3")
    walk.seen("which")
    see_the_merge(walk)
    till.tap_on("floor", "garden-3")
    till.tap("which:new")
    ring_up(till, *((item.id, Pick()) for item in till.rig.terminal.menu.items[:40]), new=False)
    till.window.order._add("yacht", Pick(quantity=999 if scale == 100 else 1))
    choices = tuple(Modifier(id=f"m{n}", name="Extra cheese", price_minor=90) for n in range(4))
    till.window.order._add("chicken-bowl", Pick(modifiers=choices, note="ALLERGY: nuts, no onion", seat=3))
    walk.seen("order")
    return walk


def see_the_merge(walk: Walk) -> None:
    """None of the twenty was sent; then two of them are."""
    till = walk.till
    till.tap("which:merge")
    walk.seen("merge-not-yet")
    till.window.tables.sheet.close_sheet()
    orders = [view for view in till.rig.terminal.open_orders() if view.table_id == "garden-3"][:2]
    for view in orders:
        till.window.order.open_order(view.id, "garden-3")
        till.window.order.taps.shown(view)
        till.window.order.taps.send(view)
    till.calm()
    till.tap_on("floor", "garden-3")
    till.tap("which:merge")
    walk.seen("merge-stays")
    till.tap_on("which", orders[0].id)
    walk.seen("merge-last")
    till.tap("cancel")


def ring_up(till: Till, *picks: tuple[str, Pick], new: bool = True) -> None:
    """Put dishes on an order of one table without looking."""
    if new:
        till.window.order.open_order(till.rig.terminal.new_id(), "garden-3")
    for item_id, pick in picks:
        item = till.rig.terminal.menu.item(item_id)
        assert item is not None
        till.window.order.taps.add(item, pick)


def test_every_screen_and_sheet_bears_what_a_large_house_brings(walk: Walk) -> None:
    see_the_sheets(walk)
    see_money_and_sync(walk)
    walk.closed()


def see_the_sheets(walk: Walk) -> None:
    """All that is asked on an order."""
    till = walk.till
    till.window.order._tap_item("chicken-bowl")
    walk.seen("choices")
    till.tap("seat")
    walk.seen("seats")
    till.tap("seat:2")
    till.tap("note")
    walk.seen("note")
    till.window.order.sheet.close_sheet()
    till.tap("search")
    walk.seen("search")
    till.window.order.sheets._answered(till.window.order.menu.look_for, "zzz")
    walk.seen("nothing-found")
    till.tap("send")
    till.window.order._ask_reason(till.view.lines[0])
    walk.seen("reason")
    till.tap("cancel")


def see_money_and_sync(walk: Walk) -> None:
    """The order refused and paid offline, the sync panel, and a till that its server does not know."""
    till = walk.till
    till.rig.refuse(FailReason.INVALID, "The item Slow-roasted lamb shoulder is not on this menu any more.")
    till.rig.link(OFFLINE)
    walk.seen("refused")
    till.tap("pay")
    till.digits("999999999")
    walk.seen("pay")
    till.tap("pill")
    walk.seen("sync")
    for _ in range(3):
        till.tap("back")
    till.tap("user")
    till.rig.link(replace(OFFLINE, cause=Cause.DEVICE_UNKNOWN))
    walk.seen("login-unknown")


@pytest.mark.parametrize("look", LOOKS, ids=name_of)
def test_an_allergy_at_the_end_of_a_long_note_is_read_on_its_line(
    make_till: Callable[..., Till], look: tuple[tuple[int, int, float], ThemeName, int]
) -> None:
    size, theme, scale = look
    till = make_till(size=size, theme=theme, scale_percent=scale)
    till.log_in()
    note = f"{'Sauce aside, well done, no onion, ' * 3}ALLERGY: nuts"
    many = tuple(Modifier(id=str(n), name="Black beans with white rice") for n in range(9))
    ring_up(till, ("chicken-bowl", Pick(many, note=note)), ("soup-of-the-day", Pick(note=note)))
    till.window._to_order(till.window.order.taps.order_id, "garden-3")
    till.tap_on("lines", till.view.lines[0].id)
    till.tap_on("lines", till.view.lines[0].id)
    save_picture(till.window, f"pos-noted-{name_of(look)}")

    area = till.window.order.side.lines.area
    painted = [area._painter._fit(row, area.width())[1] for row in area._rows]
    for detail in painted:
        assert detail is not None
        assert "ALLERGY: nuts" in " ".join(detail.lines)
