"""The plan of a night from its seed: who does what at which second, at which till, and when what breaks."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from demo.day import TABLES, Day, Guest
from shared.ids import derived_id

CUT_LEAST_S = 15.0
"""No outage is shorter, whatever the speed: below that nobody would notice it."""
SHORTEST_SPAN_S = 36.0
SHARED = "shared"
SHARED_TABLE = f"table-{TABLES}"
"""Kept free for the order that both tills add to."""
ANCHOR = "01K0000000EVERT1110000000N"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that one till does at `at_s` seconds after the doors open (real seconds).

    `hand`: by clicks on the real screens; else through the terminal, as a screen would. `sales` are those of
    `demo.day.Sale` as plain values.
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
    orders: int = field(default=0)

    def tasks_of(self, till: str) -> list[dict[str, Any]]:
        """The tasks of a till as they are written for its process."""
        return [asdict(task) for task in self.tills[till]]


def make_plan(day: Day, *, seed: int, speed: float) -> Plan:
    """The night of this day: arrivals `speed` times faster than they were, stays of some minutes of service."""
    chance = random.Random(seed)
    guests = day.guests
    opens_s = 6.0
    first_s = guests[0].at_s
    span_s = max(SHORTEST_SPAN_S, (guests[-1].at_s - first_s) / speed)
    cut_from_s = opens_s + 0.12 * span_s
    cut_until_s = cut_from_s + max(CUT_LEAST_S, 600 / speed)
    server_killed_s = max(cut_until_s + 2, opens_s + 0.5 * span_s)
    payment_killed_s = max(server_killed_s + 6, opens_s + 0.75 * span_s)
    tills: dict[str, list[Task]] = {"till-1": [], "till-2": []}
    by_hand = min(len(guests), 26)
    every = max(1, len(guests) // by_hand)
    for place, guest in enumerate(guests):
        till = ("till-1", "till-2")[place % 2]
        at_s = opens_s + (guest.at_s - first_s) / speed
        hand = place // 2 % every == 0
        tills[till] += _visit(guest, at_s=at_s, stay_s=chance.uniform(6, 14), place=place, hand=hand)
    tills["till-1"] += _shared(guests, "till-1", opens_s=opens_s, cut_from_s=cut_from_s, cut_until_s=cut_until_s)
    tills["till-2"] += _shared(guests, "till-2", opens_s=opens_s, cut_from_s=cut_from_s, cut_until_s=cut_until_s)
    tills["till-2"].append(_killed(guests[-1], payment_killed_s))
    tills["till-1"] += [
        Task(0, 0.5, "picture", picture="1-login", hand=True),
        Task(0, cut_from_s + 6, "picture", picture="4-offline-tables", hand=True),
        Task(0, cut_from_s + 8, "sync", picture="5-offline-sync", hand=True),
        Task(0, cut_until_s + 8, "picture", picture="6-back-online", hand=True),
        Task(0, opens_s + span_s + 16, "sync", picture="9-sync-at-the-end", hand=True),
    ]
    numbered = {
        name: tuple(
            Task(**(asdict(task) | {"number": number, "sales": task.sales}))
            for number, task in enumerate(sorted(tasks, key=lambda task: task.at_s))
        )
        for name, tasks in tills.items()
    }
    ends_s = max(task.at_s for tasks in numbered.values() for task in tasks)
    return Plan(
        seed=seed,
        tills=numbered,
        cut_from_s=cut_from_s,
        cut_until_s=cut_until_s,
        server_killed_s=server_killed_s,
        server_back_s=server_killed_s + 3,
        payment_killed_s=payment_killed_s,
        ends_s=ends_s,
        orders=len(guests) + 2,
    )


def _visit(guest: Guest, *, at_s: float, stay_s: float, place: int, hand: bool) -> list[Task]:
    base = derived_id(ANCHOR, guest.key)
    common: dict[str, Any] = {
        "guest": guest.key,
        "order": derived_id(base, "order"),
        "table": f"table-{place % (TABLES - 1) + 1}" if place % 5 else "",
        "hand": hand,
    }
    sales = tuple(asdict(sale) for sale in guest.sales)
    picture = "2-order" if hand and place == 0 else ""
    return [
        Task(0, at_s, "order", base=derived_id(base, "first"), sales=sales, picture=picture, **common),
        Task(0, at_s + stay_s, "pay", base=derived_id(base, "pay"), picture="3-pay" if place == 0 else "", **common),
    ]


def _shared(guests: Sequence[Guest], till: str, *, opens_s: float, cut_from_s: float, cut_until_s: float) -> list[Task]:
    """One order that both tills add to while the first one's network is cut; paid when both are back together."""
    base = derived_id(ANCHOR, SHARED)
    common: dict[str, Any] = {"guest": SHARED, "order": "", "table": SHARED_TABLE}
    sales = tuple(asdict(sale) for sale in guests[0].sales[:1])
    tasks = []
    if till == "till-1":
        tasks.append(Task(0, opens_s - 3, "order", base=derived_id(base, "open"), sales=sales, hand=True, **common))
    adds = derived_id(base, f"add-{till}")
    tasks.append(Task(0, cut_from_s + 4, "add", base=adds, sales=sales, hand=True, **common))
    if till == "till-1":
        tasks.append(Task(0, cut_until_s + 14, "pay", base=derived_id(base, "pay"), hand=True, **common))
    return tasks


def _killed(guest: Guest, at_s: float) -> Task:
    """A guest who orders and pays at once at till 2, which dies with the money in the waiter's hand."""
    base = derived_id(ANCHOR, "killed")
    sales = tuple(asdict(sale) for sale in guest.sales)
    return Task(
        0, at_s, "pay-and-die", guest="killed", order=derived_id(base, "order"), base=base, sales=sales, hand=True
    )
