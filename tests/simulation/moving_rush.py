"""A rush in which people carry lines from table to table, merge orders and split them, while the others order on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from shared.database import Connection, open_reader
from shared.domain.commands import AddLine, ChangeOrder
from shared.domain.intents import Scene
from shared.domain.moves import MergeOrder, SplitOrder, TransferLines
from shared.domain.order import Order
from shared.domain.rejections import CommandRejected
from shared.ids import ChangeId, OrderId
from shared.store import scenes
from shared.wire.requests import Kind, decode
from tests.simulation.devices import Code
from tests.simulation.promises import Story
from tests.simulation.rush import STORM, Rush
from tests.simulation.virtual_time import VirtualLoop

KNOWN: Final = ("views_unequal", "payments", "lost: payment")
"""What `demo.check` finds of these: it looks for each line on the order where it was rung up, and knows no moves."""
MOVES: Final = 0.25
"""So much of what people do at the tills carries lines somewhere."""


class MovingRush(Rush):
    """One such rush."""

    def _act(self, name: str) -> None:
        if self.chance.random() >= MOVES:
            super()._act(name)
            return
        device = self.devices[name]
        known = [one for one in device.read(scenes.open_order_ids) if self._is_shown(device, one)]
        if len(known) > 1:
            with suppress(CommandRejected):  # the screen says so
                self._move(name, *self.chance.sample(known, 2))

    def _move(self, name: str, order_id: str, other_id: str) -> None:
        device = self.devices[name]
        read = partial(scenes.of_order, order_id=order_id, author_of=device.author_of)
        seen: Scene = device.read(read).scene
        standing = () if seen.order is None else seen.order.standing_lines
        if not standing:
            return
        some = tuple(line.id for line in standing if self.chance.random() < 0.5) or (standing[0].id,)
        act = self.chance.random()
        if act < 0.5:
            moved = TransferLines(id=ChangeId(self.ids.new()), line_ids=some, to_order_id=OrderId(other_id))
            device.tap(self._made(ChangeOrder, order_id=order_id, base_version=seen.base_version, changes=(moved,)))
        elif act < 0.75:
            shown = tuple(line.id for line in standing)
            device.tap(self._made(MergeOrder, order_id=order_id, into_order_id=other_id, line_ids=shown))
        else:
            new_id = self.ids.new()
            split = {"base_version": seen.base_version, "new_order_id": new_id, "line_ids": some, "table_id": "table-9"}
            device.tap(self._made(SplitOrder, order_id=order_id, **split))
        self.watch.saved(name, device)


def broken_in_moves(folder: Path) -> Iterator[str]:
    """What the files say of lines that were carried about: each is on one bill, and where its mark says."""
    with closing(open_reader(folder / "server" / "server.sqlite")) as reader:
        bodies = reader.execute("SELECT body FROM pos_order ORDER BY id").fetchall()
    orders = {one.id: one for one in (Order.model_validate_json(bytes(body)) for (body,) in bodies)}  # type: ignore[arg-type]
    known = {line.id for order in orders.values() for line in order.lines}
    for path in sorted(folder.glob("till-*/pos.sqlite")):
        with closing(open_reader(path)) as till:
            yield from (f"2: line {one} was accepted and is nowhere" for one in sorted(rung_up(till) - known))
    bills = Counter(line.id for order in orders.values() for line in order.lines if line.moved_to is None)
    yield from (f"2: line {line_id} is on {count} bills" for line_id, count in bills.items() if count > 1)
    for order in orders.values():
        for line in order.lines:
            there = None if line.moved_to is None else orders.get(line.moved_to)
            if line.moved_to is not None and (there is None or there.line(line.id) is None):
                yield f"2: line {line.id} left order {order.id} and is nowhere"


def rung_up(till: Connection) -> set[str]:
    """The lines that this till added, and the server took."""
    found: Sequence[tuple[Any, ...]] = till.execute(
        "SELECT id, path, body FROM operation WHERE kind = ? AND status = 'SUCCESS'", (Kind.CHANGE_ORDER,)
    ).fetchall()
    commands = [decode(Kind.CHANGE_ORDER, operation_id=id_, path=path, body=body) for id_, path, body in found]
    changes = [change for command in commands if isinstance(command, ChangeOrder) for change in command.changes]
    return {change.line.id for change in changes if isinstance(change, AddLine)}


def play_moving_rush(seed: int, folder: Path, *, code: Code | None = None) -> Story:
    """Play the rush of this seed in an empty folder."""
    loop = VirtualLoop()
    try:
        world = MovingRush(seed, folder, loop, code or Code())
        story = loop.run_until_complete(world.night(STORM))
        known = tuple(one for one in story.findings.details if one.startswith(KNOWN))
        return replace(story, broken=(*story.broken, *known, *broken_in_moves(folder)))
    finally:
        loop.close()
