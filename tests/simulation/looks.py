"""What a storm asks a device's file: how many operations are where."""

import json
from collections.abc import Sequence

from shared.database import Connection


def to_retry(tx: Connection) -> list[str]:
    """On what the server failed ten times, and marks of tickets that a server which was put back had not yet again."""
    rows = tx.execute(
        "SELECT id FROM operation WHERE status = 'FAILED' AND settled_at IS NULL"
        " AND (reason = 'EXHAUSTED' OR reason = 'REFUSED' AND last_status = 404) ORDER BY seq"
    )
    return [str(one) for (one,) in rows]


def told_of(tx: Connection) -> frozenset[str]:
    """The operations about which the device has told a person something."""
    rows = tx.execute("SELECT id FROM operation WHERE seq IN (SELECT operation_seq FROM alert)")
    return frozenset(str(one) for (one,) in rows)


def on_their_way(tx: Connection) -> int:
    """What was sent and has no answer yet."""
    return int(tx.execute("SELECT count(*) FROM operation WHERE status = 'REPLAYING'").get)


def put_off(tx: Connection, *, now_ms: int) -> int:
    """What waits for its moment, which another clock moves."""
    return int(tx.execute("SELECT count(*) FROM operation WHERE status = 'PENDING' AND not_before > ?", (now_ms,)).get)


def others(tx: Connection, *, but: Sequence[str]) -> int:
    """What waits of all orders but these and those they were split from, merged or transferred with.

    The end of a shift is not among them: it goes after all that its till did before, also what hangs.
    """
    found = tx.execute(
        """WITH RECURSIVE bound (lane) AS (
               SELECT 'order:' || value FROM json_each(?) UNION
               SELECT other.lane FROM bound JOIN operation_lane AS one USING (lane)
               JOIN operation_lane AS other ON other.seq = one.seq)
           SELECT count(*) FROM operation WHERE status IN ('PENDING', 'REPLAYING')
           AND kind <> 'close_shift' AND seq NOT IN (SELECT seq FROM operation_lane JOIN bound USING (lane))""",
        (json.dumps(but),),
    )
    return int(found.get)


def done_since(server: Connection, copy: Connection) -> int:
    """How many operations a server did after it was copied."""
    count = "SELECT count(*) FROM operation"
    return int(server.execute(count).get) - int(copy.execute(count).get)
