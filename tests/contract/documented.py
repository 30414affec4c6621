"""Every answer that any test gets is one that the OpenAPI document names for its endpoint."""

from __future__ import annotations

from reference_server import openapi
from reference_server.exchange import Problem
from reference_server.routes import TABLE


def require_documented(method: str, path: str, status: int) -> None:
    """Raises AssertionError for a status that the endpoint does not say; where there is no endpoint nothing is said."""
    try:
        row, _ = TABLE.find("GET" if method == "HEAD" else method, path.partition("?")[0])
    except Problem:
        return
    assert status in openapi.statuses(row), f"{method} {row.path} answered {status}, which its description lacks"
