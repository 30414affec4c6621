"""No statement that a device runs often looks at every operation that it ever settled: all go through an index."""

from functools import partial
from typing import Any

from shared.database import Connection
from shared.domain.menu import Floor
from shared.money import Currency
from shared.store import outbox, panel, retention, scenes, soundness, together
from shared.store.outcomes import FailReason
from shared.wire.requests import order_lane
from tests.unit.store.till import NOW_MS, Till, ulid


class Statements:
    """What a connection was asked for, once each."""

    def __init__(self, connection: Connection) -> None:
        self.seen: dict[str, Any] = {}
        self.connection = connection
        connection.exec_trace = self._note

    def _note(self, _: object, sql: str, bindings: Any) -> bool:
        self.seen.setdefault(sql, bindings)
        return True

    def scans(self) -> list[str]:
        """The statements that look at every row of the table of operations."""
        self.connection.exec_trace = None
        return [sql for sql, bindings in self.seen.items() if self._scans(sql, bindings)]

    def _scans(self, sql: str, bindings: Any) -> bool:
        if not sql.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            return False
        plan = self.connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings).fetchall()
        steps = [str(row[3]) for row in plan]
        return any(step in ("SCAN o", "SCAN operation") for step in steps)


def test_what_runs_often_never_scans_the_operations(till: Till) -> None:
    watch = Statements(till.connection)
    floor, currency = Floor(version="1"), Currency()
    lines = [till.add_line(ulid(900)) for _ in range(2)]
    till.tap(till.send(ulid(900), *lines))
    till.deliver_all()
    till.tap(till.bill(ulid(900), *lines, total_minor=2196))
    till.fail(till.take().flights[0], FailReason.REFUSED)
    for tab in ("waiting", "attention", "sent"):
        till.run(partial(panel.operations, tab=tab, floor=floor, currency=currency))
    till.run(panel.counts)
    till.run(partial(panel.figures, day_start_ms=0))
    till.run(partial(panel.open_alerts, floor=floor, currency=currency))
    till.run(partial(outbox.unsettled, lane=order_lane(ulid(900))))
    till.run(outbox.waiting)
    till.run(scenes.open_order_ids)
    till.run(partial(outbox.reset_replaying, now_ms=NOW_MS))
    till.run(partial(outbox.release_unanswered, now_ms=NOW_MS))
    till.run(partial(retention.tidy, now_ms=NOW_MS, day_start_ms=NOW_MS))
    till.run(partial(together.take, most=50, alone=4, now_ms=NOW_MS))
    soundness.require_readable(till.connection)

    assert len(watch.seen) > 30
    assert watch.scans() == []


def test_a_full_hand_is_found_without_sorting_all_that_waits(till: Till) -> None:
    till.tap(till.send(ulid(900), till.add_line(ulid(900))))
    watch = Statements(till.connection)

    assert len(till.take(limit=1).flights) == 1

    till.connection.exec_trace = None
    plans = [
        str(row[3])
        for sql, bindings in watch.seen.items()
        if "FROM operation" in sql
        for row in till.connection.execute(f"EXPLAIN QUERY PLAN {sql}", bindings).fetchall()
    ]
    assert any("operation_waiting" in step for step in plans)
    assert not any("TEMP B-TREE" in step for step in plans)
