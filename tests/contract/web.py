"""The server's web application in this process, over a real file: what arrives on a line, without the line."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from reference_server.app import build_app
from reference_server.catalogue import loading
from reference_server.deps import CAPABILITIES, Deps
from reference_server.figures.watch import Watch
from reference_server.ops.request_log import RequestLog
from reference_server.people import enrolment
from reference_server.storage.devices import DeviceKind
from reference_server.storage.opening import open_storage
from reference_server.storage.seam import Storage
from shared.clock import SystemClock
from shared.domain.menu import Role
from tests.contract.documented import require_documented
from tests.contract.house import HISTORY, HandClock, Row


@dataclass
class Site:
    """An application with a client; `log` is what the server wrote about itself."""

    app: FastAPI
    deps: Deps
    storage: Storage
    clock: HandClock
    log: io.StringIO
    client: httpx.AsyncClient
    watch: Watch
    tokens: dict[str, str] = field(default_factory=dict)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        who: str = "script",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}
        if key is not None:
            sent["Idempotency-Key"] = key
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = await self.client.request(method, path, content=raw, headers={**sent, **(headers or {})})
        require_documented(method, path, answer.status_code)
        return answer

    def count(self, table: str) -> int:
        return self.storage.read(lambda tx: int(tx.execute(f"SELECT count(*) FROM {table}").get))

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def open_site(
    folder: Path,
    restaurant: loading.Restaurant,
    *,
    level: str = "info",
    capabilities: tuple[str, ...] = CAPABILITIES,
    database: str = "",
) -> Site:
    """A site in this folder, or on the PostgreSQL at an address; close its client and its storage."""
    clock = HandClock()
    deps = Deps(clock=clock, ulids=Row("01ARYZ6S42"), version="9.9", capabilities=capabilities)
    storage = open_storage(folder, database=database, clock=SystemClock(), history=HISTORY)
    log = io.StringIO()
    storage.write(lambda tx: loading.store(tx, restaurant, now_ms=clock.ms)).result()
    till = storage.write(lambda tx: enrolment.enrol(tx, deps, kind=DeviceKind.POS, name="Till 1", letter=None)).result()
    board = storage.write(lambda tx: enrolment.enrol(tx, deps, kind=DeviceKind.KDS, name="Grill", letter=None)).result()
    script = storage.write(lambda tx: enrolment.script_token(tx, deps, role=Role.WAITER)).result()
    chef = storage.write(lambda tx: enrolment.script_token(tx, deps, role=Role.CHEF, days=1)).result()
    app = build_app(deps, storage, log=RequestLog(log, level=level, clock=clock))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://server")
    site = Site(app, deps, storage, clock, log, client, deps.watch)
    site.tokens = {"till": till.token, "kitchen": board.token, "script": script.token, "chef": chef.token}
    return site
