"""A server that was restored gets back what was moved and merged: both orders of each, and the tickets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from shared.database import open_writer
from shared.domain.commands import SetNote
from shared.ids import ChangeId, LineId
from shared.store import retained
from tests.contract.house import House
from tests.contract.two_tills import StoreTill, line_of

FOREIGN = "900-01ARYZ6S410000000000000999"


def copied(house: House, path: Path) -> Path:
    """The file of the server as it is now."""
    house.connection.execute("VACUUM INTO ?", (str(path),))
    return path


def evening(house: House, ann: StoreTill, ben: StoreTill, folder: Path) -> list[Path]:
    """Lines go to and fro, one order is merged, a late line comes for it; the copies were taken on the way."""
    copies = [copied(house, folder / "0.sqlite")]
    five, six, seven = ann.order("pizza", "beer"), ann.order("cake"), ann.order("bread")
    ann.deliver()
    copies.append(copied(house, folder / "1.sqlite"))
    ben.pull()
    ann.transfer(five, six, line_of(ann, five, "pizza"))
    ann.deliver()
    copies.append(copied(house, folder / "2.sqlite"))
    late = ben.more(five, "cake", is_sent=False)[0]
    ann.merge(five, seven)
    ann.deliver()
    copies.append(copied(house, folder / "3.sqlite"))
    ben.more(five, "bread")
    ben.change(five, SetNote(id=ChangeId(ben.ids.new()), line_id=LineId(late), note="warm"))
    ben.deliver()
    ann.pull()
    ann.transfer(six, seven, line_of(ann, six, "pizza"))
    new = ann.split(seven, line_of(ann, seven, "pizza"), line_of(ann, seven, "beer"))
    ann.pay(seven)
    ann.more(new, "bread")
    ann.deliver()
    return copies


def has(house: House) -> dict[str, Any]:
    """All orders and tickets, but for the versions: they may only have grown."""
    found = {}
    for table in ("pos_order", "ticket"):
        for (body,) in house.connection.execute(f"SELECT body FROM {table}").fetchall():
            one = from_json(bytes(body))  # type: ignore[arg-type]
            found[one["id"]] = {key: value for key, value in one.items() if key not in ("version", "updatedAt")}
    return found


def report(house: House, who: str, till: StoreTill | None) -> None:
    page = () if till is None else till.run(partial(retained.page, after_seq=0, limit=500))
    operations = [from_json(one.to_json()) for one in page]
    body = {"seen": FOREIGN, "operations": operations, "isWhole": True}
    assert house.call("POST", "/sync/heal", body, key="", who=who).status == 200


@pytest.mark.parametrize("moment", range(4))
def test_what_was_moved_and_merged_after_the_copy_comes_back(
    small_house: House, ann: StoreTill, ben: StoreTill, tmp_path: Path, moment: int
) -> None:
    copies = evening(small_house, ann, ben, tmp_path)
    connection = open_writer(copies[moment])
    restored = replace(small_house, connection=connection)
    for who, till in (("till", ann), ("till-2", ben), ("kitchen", None)):
        report(restored, who, till)
    while restored.call("POST", "/sync/heal", {"seen": FOREIGN}, key="").json["phase"] != "DONE":
        pass
    assert has(restored) == has(small_house)
    assert restored.count("alert", "kind = 'healing'") == 0
    used = "SELECT kind, id, order_id FROM used_id WHERE kind <> 'change' ORDER BY 1, 2"
    assert connection.execute(used).fetchall() == small_house.connection.execute(used).fetchall()
    connection.close()
