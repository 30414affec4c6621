"""Whether what a device still owes, and what it cannot work without, can be read from its file."""

from typing import Final

from shared.database import Connection
from shared.errors import DatabaseDamaged

#: Read whole at every start, since it is little: what settled long ago is not, and is judged when it is asked for.
_NEEDED: Final = {
    "operation": """SELECT seq AS name, body FROM operation WHERE status IN ('PENDING', 'REPLAYING')
                    UNION ALL SELECT seq, body FROM operation WHERE status = 'FAILED'""",
    "draft": "SELECT order_id AS name, body FROM draft",
    "catalog": "SELECT name, body FROM catalog",
    "server_order": "SELECT id AS name, body FROM server_order WHERE state NOT IN ('CLOSED', 'VOIDED')",
}
_ALSO_READ: Final = (
    "SELECT * FROM operation_lane ORDER BY lane, place, seq",
    "SELECT * FROM meta",
    "SELECT * FROM cursor",
)


def require_readable(connection: Connection) -> None:
    """Raise DatabaseDamaged, or what SQLite says of a broken page, when something of it can't be read."""
    for rows in _ALSO_READ:
        connection.execute(rows).fetchall()
    for table, rows in _NEEDED.items():
        broken = connection.execute(
            f"SELECT count(*), min(name) FROM ({rows}) WHERE NOT json_valid(CAST(body AS TEXT))"  # noqa: S608 - our own
        ).fetchone()
        if broken is not None and broken[0]:
            raise DatabaseDamaged(f"{connection.filename}: {broken[0]} rows of {table} are no JSON, first {broken[1]}")
