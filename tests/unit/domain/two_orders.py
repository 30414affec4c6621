"""Random nights on two orders: lines go to and fro between them, by two tills whose screens are late."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from hypothesis import strategies as st

from shared.domain.commands import Change, OrderOperation
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Line, Order
from shared.domain.rejections import CommandRejected
from shared.domain.together import apply_all
from shared.ids import ChangeId, LineId, OrderId
from tests.unit.domain.restaurant import LATER, MENU, ORDER_ID, TABLE_6, Till, new_line, tills, ulid
from tests.unit.domain.strategies import Step

OTHER_ID: Final = OrderId(ulid(800))
PAIR: Final = (ORDER_ID, OTHER_ID)

_ACTS: Final = (
    "add",
    "change",
    "send",
    "send",
    "serve",
    "move",
    "move",
    "move",
    "move",
    "again",
    "merge",
    "split",
    "close",
    "void",
)


def nights_of_two_orders() -> st.SearchStrategy[tuple[Step, ...]]:
    """Two creates with lines and up to fourteen steps more; each step is read from the digits of one number."""
    number = st.integers(0, len(_ACTS) * 2 * 3 * 2 * 64 * 20 - 1)
    return st.lists(number, min_size=4, max_size=16).map(written)


def written(numbers: list[int]) -> tuple[Step, ...]:
    """The steps that these numbers are, each made from what its till had on its screen."""
    night = _Night()
    for number in numbers:
        night.make(number)
    return tuple(night.steps)


def transfer(till: Till, to_order_id: OrderId, *line_ids: str) -> TransferLines:
    """Carry lines from the till's order to this one."""
    named = tuple(map(LineId, line_ids))
    return TransferLines(id=ChangeId(till.names.new()), line_ids=named, to_order_id=to_order_id)


def merge(till: Till, into_order_id: OrderId, *line_ids: str) -> MergeOrder:
    """Carry all of the till's order to this one; its screen showed these lines."""
    return MergeOrder(
        id=till.operation_id(),
        actor_id=till.actor_id,
        at=LATER,
        order_id=till.order_id,
        into_order_id=into_order_id,
        line_ids=tuple(map(LineId, line_ids)),
    )


def split(till: Till, new_order_id: OrderId, *line_ids: str, base_version: int) -> SplitOrder:
    """Carry lines of the till's order to a new one."""
    return SplitOrder(
        id=till.operation_id(),
        actor_id=till.actor_id,
        at=LATER,
        order_id=till.order_id,
        base_version=base_version,
        new_order_id=new_order_id,
        line_ids=tuple(map(LineId, line_ids)),
        number=f"A-{new_order_id[-4:]}",
        table_id=TABLE_6,
        guests=1,
    )


@dataclass
class _Night:
    steps: list[Step] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    screens: list[dict[str, Order]] = field(default_factory=lambda: [{}, {}])

    def __post_init__(self) -> None:
        self.tills = tills()
        for till, order_id, items in zip(self.tills, PAIR, (("pizza", "beer"), ("cake", "bread")), strict=True):
            opener = replace(till, order_id=order_id)
            self._take(Step(till.author, opener.create(*(new_line(till.names.new(), item) for item in items))))
        self.screens = [dict(self.orders), dict(self.orders)]

    def make(self, number: int) -> None:
        """Write down the step of a number; one that makes no sense on its screen is left out."""
        number, act = divmod(number, len(_ACTS))
        number, who = divmod(number, 2)
        number, looked = divmod(number, 3)
        number, which = divmod(number, 2)
        amount, chosen = divmod(number, 64)
        screen = self.screens[who]
        if looked == 0:
            screen.update(self.orders)
        till = replace(self.tills[who], order_id=PAIR[which])
        shown = screen[PAIR[which]]
        if _ACTS[act] == "again":
            step = self.steps[amount % len(self.steps)]
        else:
            lines = tuple(line for place, line in enumerate(shown.lines) if chosen >> (place % 6) & 1)
            command = _command(till, shown, _ACTS[act], lines=lines, amount=amount)
            if command is None:
                return
            step = Step(till.author, command)
        self._take(step)
        own = _after(screen, step)
        screen.update(
            {one.id: one.model_copy(update={"version": screen[one.id].version}) for one in own if one.id in PAIR}
        )

    def _take(self, step: Step) -> None:
        self.steps.append(step)
        self.orders.update({one.id: one for one in _after(self.orders, step)})


def _after(orders: dict[str, Order], step: Step) -> list[Order]:
    try:
        return list(apply_all(orders, step.command, step.author).values())
    except CommandRejected:
        return []


def _command(till: Till, shown: Order, act: str, *, lines: tuple[Line, ...], amount: int) -> OrderOperation | None:
    ids = tuple(line.id for line in lines)
    other = PAIR[1 - PAIR.index(till.order_id)]
    changes: list[Change] = []
    match act:
        case "add":
            changes = [till.add(MENU.items[amount % len(MENU.items)].id, quantity=1 + amount % 3)]
        case "change":
            changes = [till.void_line(i) if amount % 5 == 0 else till.note(i, f"no salt {amount}") for i in ids[:2]]
            changes += [till.seat(i, 1 + amount % 9) for i in ids[2:3]]
        case "move" if ids:
            added = [till.add("bread")] if amount % 7 == 0 else []
            changes = [*added, transfer(till, other, *ids, *(one.line.id for one in added))]
        case "send" if ids:
            return till.send(*ids)
        case "serve" if ids:
            return till.serve(*ids)
        case "merge" if amount % 2 == 0:
            return merge(till, other, *(line.id for line in shown.standing_lines))
        case "split" if ids:
            return split(till, OrderId(till.names.new()), *ids, base_version=shown.version)
        case "close" if shown.standing_lines and amount % 3 == 0:
            return till.close(shown)
        case "void" if amount % 5 == 0:
            return till.void(*(line.id for line in shown.standing_lines))
        case _:
            pass
    return till.change(shown.version, *changes) if changes else None
