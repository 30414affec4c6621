"""The plan of a night: everybody is served and pays, what breaks stays broken long enough, and chance has a seed."""

from pathlib import Path

from demo.plan import SHARED, SHARED_TABLE, make_plan
from demo.records import own_night, pizza_friday, shop_day


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


def test_ten_times_the_orders_are_the_same_hours_ten_times_as_dense() -> None:
    day = pizza_friday()
    assert day is not None
    dense = day.busiest(1150)
    once, often = make_plan(day, seed=1), make_plan(dense, seed=1)

    assert len({guest.key for guest in dense.guests}) == 1150
    assert sum(len(guest.sales) for guest in dense.guests) == 10 * sum(len(guest.sales) for guest in day.guests)
    assert (dense.guests[0].at_s, dense.guests[-1].at_s) == (day.guests[0].at_s, day.guests[-1].at_s)
    for hour in range(24):
        came = [sum(hour * 3600 <= g.at_s < (hour + 1) * 3600 for g in guests) for guests in (day.guests, dense.guests)]
        assert abs(came[1] - 10 * came[0]) <= 10
    assert abs(often.ends_s - once.ends_s) < 10
    assert sum(task.hand and task.do == "order" for tasks in often.tills.values() for task in tasks) >= 20


def test_a_night_of_twenty_orders_is_over_in_a_minute_and_has_all_its_outages() -> None:
    day = pizza_friday()
    assert day is not None
    plan = make_plan(day.busiest(20), seed=1)

    assert plan.ends_s < 60
    assert plan.speed > 60
    assert plan.cut_until_s - plan.cut_from_s >= 15
    assert plan.server_back_s - plan.server_killed_s >= 15


def test_a_day_with_one_guest_comes_as_often_as_it_is_asked_for() -> None:
    day = own_night(1).busiest(1)

    assert len(day.busiest(3).guests) == 3
    assert make_plan(day.busiest(3), seed=1).orders == 5


def test_another_shops_day_has_taps_where_its_prices_are_the_menus() -> None:
    day = shop_day(Path(__file__).parent.parent.parent / "data" / "shop.csv")
    plan = make_plan(day, seed=1)
    tasks = [task for tasks in plan.tills.values() for task in tasks]
    by_hand = {task.guest for task in tasks if task.do == "order" and task.hand}

    assert 0 < len(by_hand) < len(day.guests)
    assert plan.by_hand == len(by_hand)
    assert all(task.sales for task in tasks if task.guest == SHARED and task.do in ("order", "add"))
