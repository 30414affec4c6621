"""The plan of a night from its seed: who does what at which second, at which till, and when what breaks."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from demo.day import TABLES, Day, Guest, Sale
from shared.ids import derived_id

OUTAGE_S = 15.0
"""No outage is shorter, whatever the speed: below that nobody would notice it."""
SERVICE_CUT_S = 600.0
"""So long the network of till 1 is gone, in seconds of service."""
SHORTEST_SPAN_S = 36.0
SPEED = 60.0
FEW = 20
"""A night of so few orders is played faster than that, so that it takes less than 90 s with all its outages."""
BY_HAND = 26
"""About so many guests are served by taps on the screens, the others through the terminal behind them."""
SHARED = "shared"
KILLED = "killed"
SHARED_TABLE = f"table-{TABLES}"
"""Kept free for the order that both tills add to."""
ANCHOR = "01K0000000EVERT1110000000N"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that one till does at `at_s` seconds after the doors open (real seconds).

    `hand`: by clicks on the real screens; else through the terminal, as a screen would. `sales` are those of
    `demo.day.Sale` as plain values. Of a look at the sync panel `table` is
    the tab, and of a picture `settled` when it waits for the server.
    """

    number: int
    at_s: float
    do: str
    guest: str = ""
    order: str = ""
    base: str = ""
    table: str = ""
    sales: tuple[dict[str, Any], ...] = ()
    hand: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole night. Moments in real seconds after the doors open."""

    seed: int
    tills: dict[str, tuple[Task, ...]]
    cut_from_s: float
    cut_until_s: float
    server_killed_s: float
    server_back_s: float
    payment_killed_s: float
    ends_s: float
    speed: float = SPEED
    orders: int = 0
    """With the one that both tills share and the one with which a till is killed."""
    by_hand: int = 0
    """So many of them are rung up by taps on the screens."""

    def tasks_of(self, till: str) -> list[dict[str, Any]]:
        """The tasks of a till as they are written for its process."""
        return [asdict(task) for task in self.tills[till]]


def make_plan(day: Day, *, seed: int, speed: float | None = None) -> Plan:
    """The night of this day: arrivals `speed` times faster than they were, stays of some minutes of service.

    Without a speed it is 60, or what a short night needs.
    """
    chance = random.Random(seed)
    guests = day.guests
    opens_s = 4.0
    first_s, real_span_s = guests[0].at_s, guests[-1].at_s - guests[0].at_s
    if speed is None:
        speed = max(SPEED, real_span_s / SHORTEST_SPAN_S) if len(guests) <= FEW else SPEED
    span_s = max(SHORTEST_SPAN_S, real_span_s / speed)
    cut_from_s = opens_s + 0.12 * span_s
    cut_until_s = cut_from_s + max(OUTAGE_S, SERVICE_CUT_S / speed)
    server_killed_s = max(cut_until_s + 6, opens_s + 0.5 * span_s)
    server_back_s = server_killed_s + OUTAGE_S
    payment_killed_s = max(server_back_s + 3, opens_s + 0.75 * span_s)
    tills: dict[str, list[Task]] = {"till-1": [], "till-2": []}
    hand = _by_hand(day)
    for place, guest in enumerate(guests):
        till = ("till-1", "till-2")[place % 2]
        at_s = opens_s + (guest.at_s - first_s) / speed
        tasks = _visit(guest, at_s=at_s, stay_s=chance.uniform(6, 14), place=place, hand=place in hand)
        tills[till] += _seen(tasks) if place == min(hand, default=None) else tasks
    shared = (asdict(_tappable(day)),)
    for till in tills:
        tills[till] += _shared(shared, till, opens_s=opens_s, cut_from_s=cut_from_s, cut_until_s=cut_until_s)
    tills["till-2"].append(_killed(guests[-1], payment_killed_s))
    tills["till-1"] += [
        Task(0, 0.5, "picture", picture="01-login", hand=True),
        Task(0, cut_until_s - 5, "picture", picture="05-cut-tables", hand=True),
        Task(0, cut_until_s - 4, "sync", table="waiting", picture="06-cut-sync", hand=True),
        Task(0, cut_until_s + 3, "sync", table="sent", picture="07-back-sync", hand=True),
        Task(0, opens_s + span_s + 16, "picture", table="settled", picture="15-closing-time", hand=True),
    ]
    numbered = {
        name: tuple(
            Task(**(asdict(task) | {"number": number, "sales": task.sales}))
            for number, task in enumerate(sorted(tasks, key=lambda task: task.at_s))
        )
        for name, tasks in tills.items()
    }
    return Plan(
        seed=seed,
        tills=numbered,
        cut_from_s=cut_from_s,
        cut_until_s=cut_until_s,
        server_killed_s=server_killed_s,
        server_back_s=server_back_s,
        payment_killed_s=payment_killed_s,
        ends_s=max(task.at_s for tasks in numbered.values() for task in tasks),
        speed=speed,
        orders=len(guests) + 2,
        by_hand=len(hand) + 1,
    )


def _by_hand(day: Day) -> set[int]:
    """The places of guests who are served by taps: some of those whose order the screens can ring up as it was."""
    can = [place for place, guest in enumerate(day.guests) if all(day.can_be_tapped(sale) for sale in guest.sales)]
    every = max(1, len(can) // BY_HAND)
    return {place for nth, place in enumerate(can) if nth // 2 % every == 0}


def _tappable(day: Day) -> Sale:
    """Something that the screens can ring up: as it was sold, or plain."""
    sales = [sale for guest in day.guests for sale in guest.sales]
    plain = Sale(sales[0].item_id, (), 1, day.menu_price(sales[0].item_id))
    return next((sale for sale in sales if day.can_be_tapped(sale)), plain)


def _visit(guest: Guest, *, at_s: float, stay_s: float, place: int, hand: bool) -> list[Task]:
    base = derived_id(ANCHOR, guest.key)
    common: dict[str, Any] = {
        "guest": guest.key,
        "order": derived_id(base, "order"),
        "table": f"table-{place % (TABLES - 1) + 1}" if place % 5 else "",
        "hand": hand,
    }
    sales = tuple(asdict(sale) for sale in guest.sales)
    return [
        Task(0, at_s, "order", base=derived_id(base, "first"), sales=sales, **common),
        Task(0, at_s + stay_s, "pay", base=derived_id(base, "pay"), **common),
    ]


def _seen(tasks: Sequence[Task]) -> list[Task]:
    """The first visit by hand, with pictures."""
    return [replace(task, picture={"order": "02-order", "pay": "03-pay"}[task.do]) for task in tasks]


def _shared(
    sales: tuple[dict[str, Any], ...], till: str, *, opens_s: float, cut_from_s: float, cut_until_s: float
) -> list[Task]:
    """One order that both tills add to while the first one's network is cut; paid when both are back together."""
    base = derived_id(ANCHOR, SHARED)
    common: dict[str, Any] = {"guest": SHARED, "order": "", "table": SHARED_TABLE}
    tasks = []
    if till == "till-1":
        tasks.append(Task(0, opens_s - 3, "order", base=derived_id(base, "open"), sales=sales, hand=True, **common))
    adds = derived_id(base, f"add-{till}")
    tasks.append(Task(0, cut_from_s + 5, "add", base=adds, sales=sales, hand=True, picture="04-apart", **common))
    tasks.append(Task(0, cut_until_s + 4, "look", hand=True, picture="08-together", **common))
    if till == "till-1":
        tasks.append(Task(0, cut_until_s + 14, "pay", base=derived_id(base, "pay"), hand=True, **common))
    return tasks


def _killed(guest: Guest, at_s: float) -> Task:
    """A guest who orders and pays at once at till 2, which dies with the money in the waiter's hand."""
    base = derived_id(ANCHOR, "killed")
    sales = tuple(asdict(sale) for sale in guest.sales)
    return Task(
        0,
        at_s,
        "pay-and-die",
        guest=KILLED,
        order=derived_id(base, "order"),
        base=base,
        sales=sales,
        hand=True,
        picture="12-killed-payment",
    )
