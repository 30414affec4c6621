"""Random nights on one order: what two tills may do to it, from screens that are late, with commands that come twice.

`nights()` gives steps that any implementation can be played with: the rules, the fold, or a server over HTTP (which
needs `restaurant.MENU` and `restaurant.ACTORS`). Whether a step is accepted is up to the implementation; a good share
is refused (stale, closed, unknown) on purpose. `marks()` gives what cooks may do to one ticket.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from hypothesis import strategies as st

from shared.domain.commands import NewPayment, OrderOperation, TicketOperation
from shared.domain.lines import Author
from shared.domain.marks import (
    BumpTicket,
    PrioritiseTicket,
    ReadyItem,
    ReadyTicket,
    RecallTicket,
    SeenTicket,
    StartTicket,
)
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.domain.rules import apply
from shared.domain.ticket import Ticket
from shared.domain.tickets import made_by
from shared.ids import OperationId
from tests.unit.domain.acts import of_a_line, of_the_whole
from tests.unit.domain.restaurant import ACTORS, AT, MENU, Names, Till, new_line, opened, tills, ulid


@dataclass(frozen=True, slots=True)
class Step:
    """A command on its way to an implementation, and whose it is."""

    author: Author
    command: OrderOperation


class Act(Enum):
    """What somebody at a till does."""

    ADD = auto()
    CHANGE_LINES = auto()
    CHANGE_ORDER = auto()
    SEND = auto()
    SERVE = auto()
    CLOSE = auto()
    VOID = auto()
    AGAIN = auto()


@dataclass(frozen=True, slots=True)
class Move:
    """One act in the dark: `chosen` picks lines by its bits, `amount` is whatever number the act needs."""

    act: Act
    till: int
    looked: bool
    """Whether this till pulled the order just before."""
    chosen: int
    amount: int


_OPEN_ACTS = (*(Act.ADD,) * 3, *(Act.CHANGE_LINES,) * 4, Act.CHANGE_ORDER, *(Act.SEND,) * 4, Act.SERVE, Act.AGAIN)
_LAST_ACTS = (*(Act.CLOSE,) * 9, *(Act.VOID,) * 2, *_OPEN_ACTS)


def _moves(acts: tuple[Act, ...], *, least: int, most: int) -> st.SearchStrategy[list[Move]]:
    """Moves, each read from the digits of one number: drawing five things for each would take the most time of all."""

    def move(number: int) -> Move:
        number, act = divmod(number, len(acts))
        number, looked = divmod(number, 3)
        number, till = divmod(number, 2)
        amount, chosen = divmod(number, 64)
        return Move(acts[act], till, looked == 0, chosen, amount % 100)

    return st.lists(st.integers(0, len(acts) * 3 * 2 * 64 * 100 - 1).map(move), min_size=least, max_size=most)


def nights(*, closing: bool = True) -> st.SearchStrategy[tuple[Step, ...]]:
    """A create and up to twelve steps more; the last ones close or void the order, unless it is to stay open."""
    ends = _moves(_LAST_ACTS, least=0, most=5) if closing else st.just([])
    return st.builds(written, _moves(_OPEN_ACTS, least=2, most=8), ends, inclusive=st.booleans())


def played(steps: tuple[Step, ...]) -> Order:
    """The order after a night, by the real rules; what they refuse is left out."""
    order: Order | None = None
    for step in steps:
        try:
            order = apply(order, step.command, step.author)
        except CommandRejected:
            continue
    assert order is not None
    return order


def written(moves: list[Move], ends: list[Move], *, inclusive: bool) -> tuple[Step, ...]:
    """The steps that these moves are, each made from what its till had on its screen."""
    night = _Night(tills(inclusive=inclusive))
    for move in (*moves, *ends):
        night.make(move)
    return tuple(night.steps)


def nights_with_late_lines() -> st.SearchStrategy[tuple[Step, ...]]:
    """A night whose last step is a close of the first till that leaves over what the second added just before."""

    def late(moves: list[Move], number: int) -> tuple[Step, ...]:
        night = _Night(tills())
        own = Move(Act.ADD, till=0, looked=True, chosen=number % 2, amount=number)
        added = Move(Act.ADD, till=1, looked=True, chosen=number % 4, amount=number)
        sent = Move(Act.SEND, till=1, looked=True, chosen=number, amount=0)
        paid = Move(Act.CLOSE, till=0, looked=False, chosen=0, amount=7)
        for move in (*moves, own, added, sent, paid):
            night.make(move)
        return tuple(night.steps)

    return st.builds(late, _moves(_OPEN_ACTS, least=0, most=5), st.integers(0, 63))


def moves_on_a_follow_up() -> st.SearchStrategy[list[Move]]:
    """What two tills may do to an order that a close left over, for `continued`."""
    return _moves((*_OPEN_ACTS, *(Act.CLOSE,) * 3, Act.VOID), least=0, most=6)


def continued(late: Order, moves: list[Move], *, first_name: int) -> tuple[Step, ...]:
    """The steps that these moves are on an order that exists; names of theirs begin at this number."""
    pair = tills(inclusive=late.prices_include_tax)
    for till in pair:
        till.names.count, till.order_id = first_name, late.id
    night = _Night(pair, late)
    for move in moves:
        night.make(move)
    return tuple(night.steps)


def pairs_of_changes() -> st.SearchStrategy[tuple[Order, Step, Step]]:
    """An order that is open, and a change of each till that has just looked at it, with no line in common."""

    def pair(night: tuple[Step, ...], numbers: tuple[int, int], split: int) -> tuple[Order, Step, Step]:
        order = played(night)
        names = Names(count=500)
        steps = []
        for place, (author, number) in enumerate(zip(tills(inclusive=order.prices_include_tax), numbers, strict=True)):
            till = Till(author.author, names)
            own = [line for i, line in enumerate(order.lines) if (split >> i & 1) == place]
            changes = [of_a_line(till, line, number + i) for i, line in enumerate(own[:3])]
            steps.append(Step(till.author, till.change(order.version, *changes, till.add(quantity=1 + number % 5))))
        return order, steps[0], steps[1]

    number = st.integers(0, 50)
    return st.builds(pair, nights(closing=False), st.tuples(number, number), st.integers(0, 2**9))


def a_ticket() -> Ticket:
    """A ticket of the kitchen with two lines, as a send makes it."""
    till, _ = tills()
    order = opened(till, "pizza", "cake")
    send = till.send(*(line.id for line in order.lines))
    (ticket,) = made_by(apply(order, send, till.author), send)
    return ticket


def marks(ticket: Ticket) -> st.SearchStrategy[list[TicketOperation]]:
    """Marks of up to three rounds on a ticket, each with its own id, in an order that no kitchen would give them."""

    def named(kinds: list[tuple[type[TicketOperation], int]]) -> list[TicketOperation]:
        return [_mark(kind, ticket, round_=round_, number=100 + i) for i, (kind, round_) in enumerate(kinds)]

    kinds: tuple[type[TicketOperation], ...] = (
        StartTicket,
        ReadyTicket,
        BumpTicket,
        RecallTicket,
        SeenTicket,
        ReadyItem,
        PrioritiseTicket,
    )
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 2)), min_size=1, max_size=8).map(named)


def _mark(kind: type[TicketOperation], ticket: Ticket, *, round_: int, number: int) -> TicketOperation:
    shown = tuple(item.line_id for item in ticket.items)
    bare = StartTicket(
        id=OperationId(ulid(number)), actor_id=ACTORS[0], at=AT, ticket_id=ticket.id, round=round_, line_ids=shown
    )
    extra: dict[str, object] = {"line_id": shown[number % len(shown)]} if kind is ReadyItem else {}
    extra |= {"level": number % 3, "turn": round_} if kind is PrioritiseTicket else {}
    return kind.model_validate(bare.model_dump() | extra)


@dataclass
class _Night:
    """The truth and what each till has on its screen, while the steps are written down."""

    tills: tuple[Till, Till]
    begun: Order | None = None
    steps: list[Step] = field(default_factory=list)
    screens: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.order = self._created() if self.begun is None else self.begun
        self.screens = [self.order, self.order]

    def _created(self) -> Order:
        first = self.tills[0]
        create = first.create(new_line(first.names.new(), quantity=2))
        self.steps.append(Step(first.author, create))
        return apply(None, create, first.author)

    def make(self, move: Move) -> None:
        """Write down the step of a move; one that makes no sense on its screen (nothing to send) is left out."""
        if move.looked:
            self.screens[move.till] = self.order
        if move.act is Act.AGAIN and self.steps:
            step = self.steps[move.amount % len(self.steps)]
        elif (command := self._command(move)) is None:
            return
        else:
            step = Step(self.tills[move.till].author, command)
        self.steps.append(step)
        self.order = _after(self.order, step)
        shown = self.screens[move.till]
        self.screens[move.till] = _after(shown, step).model_copy(update={"version": shown.version})

    def _command(self, move: Move) -> OrderOperation | None:
        till, screen = self.tills[move.till], self.screens[move.till]
        chosen = tuple(line for place, line in enumerate(screen.lines) if move.chosen >> (place % 6) & 1)
        ids = tuple(line.id for line in chosen)
        match move.act:
            case Act.ADD:
                item = MENU.items[move.amount % len(MENU.items)].id
                adds = [
                    till.add(item, quantity=1 + move.chosen % 3, extra_minor=move.amount)
                    for _ in range(1 + move.chosen % 2)
                ]
                return till.change(screen.version, *adds)
            case Act.CHANGE_LINES:
                changes = [of_a_line(till, line, move.amount + i) for i, line in enumerate(chosen[:3])]
                return till.change(screen.version, *changes) if changes else None
            case Act.CHANGE_ORDER:
                return till.change(screen.version, of_the_whole(till, screen, chosen=move.chosen, amount=move.amount))
            case Act.SEND if ids and any(line.held for line in screen.lines) and move.amount % 2:
                return till.fire(*ids[:1])
            case Act.SEND:
                return till.send(*ids[:1], held=ids[1:]) if ids else None
            case Act.SERVE:
                return till.serve(*ids) if ids else None
            case Act.CLOSE if screen.standing_lines:
                return _close(till, screen, move)
            case Act.VOID:
                return till.void(*(line.id for line in screen.standing_lines))
            case _:
                return None


def _after(order: Order, step: Step) -> Order:
    try:
        return apply(order, step.command, step.author)
    except CommandRejected:
        return order


def _close(till: Till, screen: Order, move: Move) -> OrderOperation:
    """Cash for what the screen shows: exact, too much, in two parts, or (refused) too little."""
    exact = till.close(screen)
    total_minor = exact.total_minor
    payments: tuple[NewPayment, ...]
    match move.amount % 8:
        case 0:
            payments = (till.cash(total_minor + move.amount, tip_minor=move.chosen),)
        case 1 | 2:
            payments = (till.cash(total_minor // 2), till.cash(total_minor - total_minor // 2, tendered_minor=10**6))
        case 3 if total_minor:
            payments = (till.cash(total_minor - 1),)
        case _:
            return exact
    return exact.model_copy(update={"payments": payments})
