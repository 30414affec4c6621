"""A server that says little: an acceptance without the order, a menu without a dish."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from shared.domain.menu import Menu, MenuItem
from shared.ids import ItemId, StationId
from shared.store import catalog
from shared.sync.exchange import Answered, TimedOut
from tests.unit.sync.flights import answer
from tests.unit.sync.night import Night


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
