"""A server that says little: an acceptance without the order, a floor without cursors, a menu without a dish."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from shared.domain.menu import Menu, MenuItem
from shared.ids import ItemId, StationId
from shared.store import catalog, scenes
from shared.sync.exchange import Answered, Exchange, TimedOut
from tests.unit.sync.flights import answer
from tests.unit.sync.night import Night


@pytest.mark.parametrize("shape", ["bare", "named"])
def test_what_a_server_without_cursors_lists_no_more_leaves_the_floor(tmp_path: Path, shape: str) -> None:
    """Another till closed it. What has a line here that was not sent yet stays, until the server judges that."""
    with Night(tmp_path) as night:
        night.server.head_told = False
        closed: set[str] = set()

        def open_set(name: str) -> Exchange | None:
            if name != "orders":
                return None
            found = [json.loads(o.to_json()) for o in night.server.orders.values() if o.id not in closed]
            return answer(200, found if shape == "bare" else {"orders": found, "cursor": ""})

        night.server.read_fault = open_set
        gone, drafted, stays = (night.order() for _ in range(3))
        night.run(10)
        assert set(night.till.run(scenes.open_order_ids)) == {gone, drafted, stays}
        night.till.add_line(drafted)
        closed |= {gone, drafted}
        night.told.clear()
        night.run(10)
        assert set(night.till.run(scenes.open_order_ids)) == {drafted, stays}
        assert any(f"order:{gone}" in ids for ids in night.told)


def test_a_page_that_is_not_all_there_is_takes_nothing_off_the_floor(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.head_told = False
        pages: list[dict[str, object]] = [
            {"orders": [], "cursor": "", "hasMore": True},
            {"orders": [{"id": "not as we know it"}], "cursor": ""},
            {"orders": [], "cursor": "9-x"},
        ]

        def odd(name: str) -> Exchange | None:
            return answer(200, pages.pop(0) if len(pages) > 1 else pages[0]) if name == "orders" else None

        night.server.read_fault = odd
        order_id = night.order()
        night.run(60)
        assert night.till.run(scenes.open_order_ids) == (order_id,)


def test_a_menu_without_a_dish_replaces_none_that_has_some(tmp_path: Path) -> None:
    """A server whose file was lost for a moment must not take the tiles from under a waiter's finger."""
    dish = MenuItem(id=ItemId("soup"), name="Soup", category_id="mains", price_minor=500, station=StationId("grill"))
    with Night(tmp_path) as night:
        stored = Menu(version="7", items=(dish,))
        put = partial(catalog.put, name="menu", etag='"7"', body=stored.to_json(), now_ms=0)
        night.till.run(lambda tx: put(tx))
        night.run(40)
        assert night.till.run(catalog.menu) == stored
        fuller = stored.model_copy(update={"version": "8"}).to_json()
        night.server.read_fault = lambda name: Answered(200, {"etag": '"8"'}, fuller) if name == "menu" else None
        night.run(40)
        assert night.till.run(catalog.menu).version == "8"


def test_what_was_accepted_without_a_word_of_its_order_stays_on_the_screen_until_the_order_is_shown(
    tmp_path: Path,
) -> None:
    """A plain server says *done* and no more: what was tapped is never gone in between, and is done once."""
    with Night(tmp_path) as night:
        night.server.fault_after = lambda flight, seen: answer(200, {}, echo=flight)
        hidden = [TimedOut(), TimedOut()]
        night.server.read_fault = lambda name: {
            "order": hidden.pop() if hidden else None, "orders": answer(200, b"<html>"),
        }.get(name)  # fmt: skip
        order_id = night.order()
        lines = []

        def look(ids: frozenset[str]) -> None:
            scene = night.till.scene(order_id)
            lines.append(0 if scene.scene.order is None else len(scene.scene.order.standing_lines))

        night.heard = look
        night.run(60)

        assert lines
        assert set(lines) == {1}
        assert night.waiting() == 0
        assert night.server.effects_of(order_id) == ["create_order", "change_order", "send_to_kitchen"]


def test_a_server_that_never_shows_an_order_is_believed_after_a_few_sends(tmp_path: Path) -> None:
    with Night(tmp_path) as night:
        night.server.fault_after = lambda flight, seen: answer(200, {}, echo=flight)
        night.server.read_fault = lambda name: answer(404, b"<html>") if name == "order" else None
        night.order()
        night.run(600)
        assert night.waiting() == 0
