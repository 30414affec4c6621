"""Pure: what the restaurant sells, where its tables stand, who works there, and how the business counts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.domain.commands import NewLine
from shared.domain.model import (
    AnItemId,
    AnOperationId,
    AStaffId,
    AStationId,
    ATableId,
    Course,
    Minor,
    Model,
    Moment,
    TaxBasisPoints,
    Title,
)
from shared.domain.order import Modifier
from shared.domain.rejections import CommandRejected, Refusal
from shared.money import Currency


class Option(Model):
    """One choice of a modifier group, with what it adds to the price."""

    id: Title
    name: Title
    price_minor: Minor = 0


class ModifierGroup(Model):
    """A question about an item: at least `least` and at most `most` of its options. A forced one has `least` over 0."""

    id: Title
    name: Title
    least: int = 0
    most: int = 1
    options: tuple[Option, ...]


class Category(Model):
    """A tab of the menu. `stripe` picks the colour, 0 to 4."""

    id: Title
    name: Title
    stripe: int = 0


class MenuItem(Model):
    """Something on sale."""

    id: AnItemId
    name: Title
    category_id: Title
    price_minor: Minor
    station: AStationId
    tax_bp: TaxBasisPoints = 0
    course: Course = 1
    group_ids: tuple[str, ...] = ()
    sold_out: bool = False
    remaining: int | None = None
    """How many are left; None where nobody counts."""
    set_at: Moment | None = None
    set_by: AnOperationId | None = None
    """When a person said last what is left of it, and the name of that word."""


class Menu(Model):
    """Everything on sale. `version` changes with every change of it, but not with what is left of a dish."""

    version: str
    categories: tuple[Category, ...] = ()
    items: tuple[MenuItem, ...] = ()
    groups: tuple[ModifierGroup, ...] = ()
    stations: tuple["Station", ...] = ()

    def item(self, item_id: str) -> MenuItem | None:
        """The item with this id, sold out or not."""
        return next((item for item in self.items if item.id == item_id), None)

    def groups_of(self, item: MenuItem) -> tuple[ModifierGroup, ...]:
        """The questions to ask for an item, in the item's order."""
        by_id = {group.id: group for group in self.groups}
        return tuple(by_id[group_id] for group_id in item.group_ids if group_id in by_id)


class Station(Model):
    """A place in the kitchen that cooks its own tickets; SLA limits in minutes."""

    id: AStationId
    name: Title
    orange_after_min: int = 8
    red_after_min: int = 12
    taken_over_by: AStationId | None = None
    """The station whose boards show its tickets too, while its own screen or printer is down."""
    set_at: Moment | None = None
    set_by: AnOperationId | None = None
    """When somebody said last who takes it over, and the name of that word."""


class Room(Model):
    """A part of the house, one tab of the floor plan."""

    id: Title
    name: Title


class Table(Model):
    """A table; place and size on the floor plan in cells of a grid of 18 by 12."""

    id: ATableId
    name: Title
    room_id: Title
    x: int = 0
    y: int = 0
    width: int = 2
    height: int = 2
    seats: int = 4


class Floor(Model):
    """The floor plan of the house."""

    version: str
    rooms: tuple[Room, ...] = ()
    tables: tuple[Table, ...] = ()

    def table_name(self, table_id: str | None) -> str:
        """What people call the table; the id itself when the plan does not know it."""
        if table_id is None:
            return "Takeaway"
        return next((table.name for table in self.tables if table.id == table_id), table_id)


class Role(StrEnum):
    """What a person may do, in rising order of trust among the last three."""

    WAITER = "WAITER"
    CHEF = "CHEF"
    MANAGER = "MANAGER"
    OWNER = "OWNER"
    ADMIN = "ADMIN"


class StaffMember(Model):
    """A person who works here. `pin_verifier` is an Argon2id hash, so that a till can check a PIN by itself."""

    id: AStaffId
    name: Title
    role: Role
    pin_verifier: str
    active: bool = True


class StaffList(Model):
    """All people who may log in, and who once might."""

    version: str
    staff: tuple[StaffMember, ...] = ()

    def member(self, staff_id: str) -> StaffMember | None:
        """The person with this id, active or not."""
        return next((person for person in self.staff if person.id == staff_id), None)


class DiscountCap(Model):
    """How much people of a role may take off a price alone, in basis points."""

    role: Role
    percent_bp: Annotated[int, Field(ge=0, le=10_000)]


class Business(Model):
    """How the business counts. `notes_minor` are the notes guests hand over, rising, in minor units."""

    version: str
    name: Title
    currency_code: Annotated[str, Field(min_length=3, max_length=3)] = "EUR"
    currency_decimals: Annotated[int, Field(ge=0, le=4)] = 2
    currency_symbol: str = ""
    prices_include_tax: bool = True
    notes_minor: tuple[int, ...] = (500, 1000, 2000, 5000, 10_000)
    timezone: str = "UTC"
    receipt_lines: tuple[str, ...] = ()
    discount_caps: tuple[DiscountCap, ...] = (DiscountCap(role=Role.WAITER, percent_bp=1000),)
    """Whose role is not here may take off all."""
    void_sent_needs_manager: bool = False
    """Whether a manager has to approve that something is voided which the kitchen has."""

    @property
    def currency(self) -> Currency:
        """The currency as `money` knows it."""
        return Currency(self.currency_code, self.currency_decimals, self.currency_symbol)


def complete(new: NewLine, menu: Menu) -> NewLine:
    """The line with everything filled in that its sender left to the menu.

    What the sender told (price, name, station, tax) is honoured: it is what the guest was told. Raises CommandRejected
    when the item is unknown.
    """
    item = menu.item(new.item_id)
    if item is None:
        raise CommandRejected(Refusal.INVALID, f"Item {new.item_id} is not on the menu.")
    return filled_in(new, item)


def filled_in(new: NewLine, item: MenuItem) -> NewLine:
    """The line with everything from this item that its sender did not tell."""
    return new.model_copy(
        update={
            "name": item.name if new.name is None else new.name,
            "price_minor": item.price_minor if new.price_minor is None else new.price_minor,
            "course": item.course if new.course is None else new.course,
            "tax_bp": item.tax_bp if new.tax_bp is None else new.tax_bp,
            "station": item.station if new.station is None else new.station,
        }
    )


def missing_choices(menu: Menu, item: MenuItem, chosen: tuple[Modifier, ...]) -> tuple[ModifierGroup, ...]:
    """The groups of an item whose minimum is not met yet by the chosen modifiers."""
    ids = {choice.id for choice in chosen}
    return tuple(
        group for group in menu.groups_of(item) if sum(option.id in ids for option in group.options) < group.least
    )
