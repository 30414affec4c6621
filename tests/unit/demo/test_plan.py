"""The plan of a night: everybody is served and pays, what breaks stays broken long enough, and chance has a seed."""

from demo.plan import SHARED, SHARED_TABLE, make_plan
from demo.records import own_night


def test_every_guest_orders_once_and_pays_once() -> None:
    day = own_night(1)
    plan = make_plan(day, seed=1, speed=60)
    tasks = [task for tasks in plan.tills.values() for task in tasks]

    for act in ("order", "pay"):
        served = sorted(task.guest for task in tasks if task.do == act and task.guest != SHARED)
        assert served == sorted(guest.key for guest in day.guests)


def test_at_least_twenty_orders_are_made_by_hand_at_both_tills() -> None:
    plan = make_plan(own_night(1), seed=1, speed=60)
    by_hand = {name: sum(task.hand and task.do == "order" for task in tasks) for name, tasks in plan.tills.items()}

    assert sum(by_hand.values()) >= 20
    assert min(by_hand.values()) >= 1


def test_an_outage_is_long_enough_to_be_one_whatever_the_speed() -> None:
    for speed in (1, 60, 1000):
        plan = make_plan(own_night(1), seed=1, speed=speed)
        assert plan.cut_until_s - plan.cut_from_s >= 15
        assert plan.server_killed_s > plan.cut_until_s
        assert plan.payment_killed_s > plan.server_back_s


def test_both_tills_add_to_one_order_while_the_first_is_cut_off_and_nobody_else_sits_there() -> None:
    plan = make_plan(own_night(1), seed=1, speed=60)
    tasks = [task for tasks in plan.tills.values() for task in tasks]
    adds = [task for task in tasks if task.do == "add"]

    assert len(adds) == 2
    assert all(plan.cut_from_s < task.at_s < plan.cut_until_s for task in adds)
    assert {task.guest for task in tasks if task.table == SHARED_TABLE} == {SHARED}


def test_the_same_seed_gives_the_same_night_and_tasks_are_in_their_order() -> None:
    day = own_night(1)
    plan = make_plan(day, seed=5, speed=60)

    assert plan == make_plan(day, seed=5, speed=60)
    assert plan != make_plan(day, seed=6, speed=60)
    for tasks in plan.tills.values():
        assert [task.number for task in tasks] == list(range(len(tasks)))
        assert [task.at_s for task in tasks] == sorted(task.at_s for task in tasks)
