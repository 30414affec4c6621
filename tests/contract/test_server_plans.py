"""After years the server is as fast as on its first day: every statement of an evening goes through an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Protocol

import pytest

from benchmarks.years import fill
from reference_server.main import main
from tests.contract.house import House, act, pay

pytestmark = pytest.mark.sqlite

#: So many orders and tickets are there: enough that a scan is seen, and after years.
SIZES: Final = {"many": (2_000, 500), "years": (1_000_000, 100_000)}

#: Tables with a row for each thing that the house has, or one alone: to look at all of them is right.
SMALL: Final = frozenset(
    {"catalogue", "counter", "device", "healing", "healing_device", "history", "known_item", "standing"}
)
#: A page of a report of what was lost, and the end of one.
PAGE: Final = {"seen": "9000-01ARYZ6S410000000000000999"}
WHOLE: Final = {**PAGE, "isWhole": True}

#: The rows that a statement has found by an index before.
FOUND_BEFORE: Final = frozenset({"found"})

#: The table is read from its end, one row of it.
NEWEST: Final = "FROM change ORDER BY revision DESC LIMIT 1"

MOST: Final = {"create": 20, "change": 15, "send": 19, "bump": 16, "close": 19, "again": 4, "pull": 8}
"""So many statements each of them takes, BEGIN and COMMIT among them."""
MOST_WRITES: Final = {"create": 14, "change": 13, "send": 27, "bump": 20, "close": 20, "again": 0, "pull": 0}
"""So many B-trees each of them writes into: a row counts for its table and for each of its indexes."""

_INTO: Final = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


class Watching(Protocol):
    """Notes what is asked for meanwhile."""

    def watching(self) -> AbstractContextManager[None]: ...


class Watch:
    """What a connection was asked for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.asked: list[tuple[str, Any]] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        self.asked = []

        def note(_: object, sql: str, bindings: Any) -> bool:
            self.asked.append((sql, bindings))
            return True

        self._house.connection.exec_trace = note
        yield
        self._house.connection.exec_trace = None

    def scans(self) -> list[str]:
        """The steps of all plans that look at every row of a table that grows."""
        steps = [
            (str(row[3]), sql)
            for sql, bindings in self.asked
            if sql.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))
            for row in self._house.connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings).fetchall()
        ]
        return [f"{step}: {sql}" for step, sql in steps if _looks_at_all(step) and not sql.endswith(NEWEST)]

    def written(self) -> int:
        """The B-trees into which rows were written."""
        tables = [found[1] for sql, _ in self.asked if (found := _INTO.match(sql.lstrip())) is not None]
        count = "SELECT 1 + count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?"
        return sum(int(self._house.connection.execute(count, (table,)).get) for table in tables)


def _looks_at_all(step: str) -> bool:
    words = step.split()
    return words[0] == "SCAN" and " INDEX " not in step and words[1] not in SMALL | FOUND_BEFORE


@pytest.fixture(params=["many", pytest.param("years", marks=pytest.mark.soak)])
def old_house(house: House, request: pytest.FixtureRequest) -> House:
    orders, tickets = SIZES[request.param]
    fill(house.connection, orders=orders, tickets=tickets)
    house.connection.pragma("synchronous", "OFF")
    return house


def evening(house: House, watch: Watching) -> Iterator[str]:
    """One of each that is asked often; after each its name, while what it asked for is known."""
    line = house.ids.new()
    items = [{"id": line, "itemId": "cola", "quantity": 1}]
    with watch.watching():
        order = house.call("POST", "/pos/orders", act({"tableId": "table-5", "items": items}), key="create").json
    yield "create"
    path, flan = f"/pos/orders/{order['id']}", {"itemId": "flan", "quantity": 1}
    with watch.watching():
        house.call("PATCH", path, act({"baseVersion": 1, "changes": [{"type": "addLine", "line": flan}]}))
    yield "change"
    with watch.watching():
        sent = house.call("POST", f"{path}/send-to-kitchen", act({})).json
    yield "send"
    with watch.watching():
        house.call("POST", f"/kds/tickets/{sent['tickets'][0]['id']}/bump", {}, who="kitchen")
    yield "bump"
    with watch.watching():
        closed = house.call("POST", f"{path}/close", act({"payments": [pay(760, house.ids.new())]}), key="close")
    assert closed.status == 200, closed.json
    yield "close"
    bill = act({"tableId": "table-5", "items": items})
    with watch.watching():
        assert house.call("POST", "/pos/orders", bill, key="create").is_replay
    yield "again"
    for asked in (
        f"/kds/queue?cursor={closed.headers['x-cursor']}",
        f"/pos/orders?cursor={closed.headers['x-cursor']}",
    ):
        with watch.watching():
            assert house.call("GET", asked).status == 200
        yield "pull"


def test_nothing_that_is_asked_often_looks_at_all_that_ever_was(old_house: House) -> None:
    watch = Watch(old_house)
    assert {name: watch.scans() for name in evening(old_house, watch) if watch.scans()} == {}


def test_each_write_takes_few_statements_and_writes_into_few_trees(old_house: House) -> None:
    watch = Watch(old_house)
    found = {name: (len(watch.asked), watch.written()) for name in evening(old_house, watch)}
    assert {name: count for name, (count, _) in found.items() if count > MOST[name]} == {}
    assert {name: trees for name, (_, trees) in found.items() if trees > MOST_WRITES[name]} == {}


def test_a_late_report_looks_through_what_it_made_once_and_never_through_all_that_ever_was(old_house: House) -> None:
    """All the time since a healing lies between it and a till that was in a drawer for a week."""
    watch = Watch(old_house)
    for who in ("till-2", "kitchen"):
        old_house.call("POST", "/sync/heal", WHOLE, key="", who=who)
    assert main(["heal", *old_house.place, "--go"]) == 0
    old_house.order("table-5", "cola")
    with watch.watching():
        for body in (PAGE, PAGE, WHOLE, PAGE):
            assert old_house.call("POST", "/sync/heal", body, key="").json["phase"] == "DONE"
    assert [
        step for step in watch.scans() if step.startswith(("SCAN pos_order", "SCAN ticket", "SCAN operation"))
    ] == []
    assert sum("pos_order WHERE id IN" in sql for sql, _ in watch.asked) == 1


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM ticket NOT INDEXED WHERE revision > 7", "SELECT 1 FROM operation WHERE kind = 'x'"]
)
def test_a_statement_without_an_index_is_seen(old_house: House, sql: str) -> None:
    watch = Watch(old_house)
    with watch.watching():
        old_house.connection.execute(sql).fetchall()
    assert len(watch.scans()) == 1


def test_a_sale_of_what_nobody_counts_reads_no_menu(old_house: House) -> None:
    """The restaurant is kept parsed; to parse its menu at every order took as long as all the rest."""
    watch = Watch(old_house)
    old_house.order("table-6", "cola")
    for _ in evening(old_house, watch):
        assert not [sql for sql, _ in watch.asked if "body FROM catalogue" in sql]
