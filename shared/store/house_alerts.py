"""What the server tells managers, as far as this device heard it: its last page, how old that is, who asks for it.

It stands among the parts of the catalogue, in its row the id of the manager in whose name it is asked for: a till has
no role of its own, and the server tells these things to managers only.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from shared.database import Connection
from shared.domain.alerts import HouseAlert
from shared.wire.alerts import AlertPage

NAME: Final = "alerts"
_LANE: Final = "alert:"


@dataclass(frozen=True, slots=True)
class HouseAlerts:
    """The alerts that wait, the oldest first, less those that were closed here. `open` counts also what no page held.

    `heard_ms` is when the server said so; None while this device never heard of them.
    """

    rows: tuple[HouseAlert, ...] = ()
    open: int = 0
    heard_ms: int | None = None


def ask_as(tx: Connection, staff_id: str) -> frozenset[str]:
    """From now on it is asked in this manager's name."""
    tx.execute(
        """INSERT INTO catalog (name, etag, body, stored_at) VALUES (?, ?, CAST('null' AS BLOB), 0)
           ON CONFLICT (name) DO UPDATE SET etag = excluded.etag WHERE catalog.etag <> excluded.etag""",
        (NAME, staff_id),
    )
    return frozenset()


def listed(tx: Connection) -> frozenset[str]:
    """The ids on the last page."""
    page = _page(tx)
    return frozenset() if page is None else frozenset(one.id for one in page.alerts)


def put(
    tx: Connection, told: AlertPage, *, actor_id: str, now_ms: int, listed_before: frozenset[str] = frozenset()
) -> bool:
    """Store what the server said to `actor_id`. Returns whether that is news, beside that it was said again.

    The answer may be older than what is known here: a manager who came meanwhile stays the one who asks, and what was
    listed before the question (`listed_before`) and is not any more was closed meanwhile.
    """
    before = _page(tx)
    closed = listed_before - listed(tx)
    left = tuple(one for one in told.alerts if one.id not in closed)
    told = told.model_copy(update={"alerts": left, "open": told.open - (len(told.alerts) - len(left))})
    tx.execute(
        """INSERT INTO catalog (name, etag, body, stored_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET body = excluded.body, stored_at = excluded.stored_at""",
        (NAME, actor_id, told.to_json(), now_ms),
    )
    return before is None or (before.alerts, before.open) != (told.alerts, told.open)


def put_one(tx: Connection, alert: HouseAlert) -> bool:
    """The server said this of one alert: where somebody has closed it, it waits no more. Returns whether it did."""
    page = _page(tx)
    if page is None or alert.choice is None or all(one.id != alert.id for one in page.alerts):
        return False
    left = tuple(one for one in page.alerts if one.id != alert.id)
    after = page.model_copy(update={"alerts": left, "open": max(len(left), page.open - 1)})
    tx.execute("UPDATE catalog SET body = ? WHERE name = ?", (after.to_json(), NAME))
    return True


def read(tx: Connection) -> HouseAlerts:
    """What is known now, less what was closed here and waits for the server's word."""
    row: tuple[Any, ...] | None = tx.execute("SELECT body, stored_at FROM catalog WHERE name = ?", (NAME,)).fetchone()
    page = None if row is None else _page_in(bytes(row[0]))
    if row is None or page is None:
        return HouseAlerts()
    closing = {
        str(lane).removeprefix(_LANE)
        for (lane,) in tx.execute("SELECT lane FROM operation_lane WHERE lane >= 'alert:' AND lane < 'alert;'")
    }
    rows = tuple(one for one in page.alerts if one.id not in closing)
    return HouseAlerts(rows, page.open - (len(page.alerts) - len(rows)), row[1])


def _page(tx: Connection) -> AlertPage | None:
    row: tuple[Any, ...] | None = tx.execute("SELECT body FROM catalog WHERE name = ?", (NAME,)).fetchone()
    return None if row is None else _page_in(bytes(row[0]))


@lru_cache(maxsize=1)
def _page_in(body: bytes) -> AlertPage | None:
    """The header asks once a second. None for the `null` that stands there until the server has said something."""
    return None if body == b"null" else AlertPage.model_validate_json(body)
