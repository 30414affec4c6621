"""The door: who asks is known from the headers alone, before a body is read, and is counted by what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from reference_server.exchange import Problem
from reference_server.people.access import token_hash, unknown_device
from reference_server.protection.rates import Gate, Sort, Standing
from reference_server.routes import TABLE
from reference_server.rows import LIVE
from reference_server.storage import devices
from reference_server.storage.seam import Connection, Storage
from shared.clock import Clock

#: A token is looked up anew this often. Whether it still counts is asked at every request, inside its transaction:
#: what is kept here only says which count is charged.
KNOWN_S: Final = 60.0
MOST_TOKENS: Final = 10_000
_HEALTH: Final = frozenset({"/health", "/health/ready"})
#: A login that was refused like this was a guess.
_FAILED: Final = frozenset({401, 403})


class Visit(NamedTuple):
    """Somebody who may come in. `device_id` is empty for a stranger."""

    address: str
    device_id: str
    sort: Sort
    standing: Standing | None

    @property
    def may_guess(self) -> bool:
        """Whether this could be a guess at a code or a token."""
        return not self.device_id and self.sort is Sort.AUTH


class Door:
    """Stands before the dispatcher. One thread at a time."""

    def __init__(self, gate: Gate, storage: Storage, clock: Clock, *, heavy: frozenset[str]) -> None:
        """`heavy` are addresses outside the table that cost much."""
        self._gate = gate
        self._storage = storage
        self._clock = clock
        self._heavy = heavy
        self._known: dict[bytes, tuple[str, float]] = {}

    async def knock(self, method: str, path: str, *, headers: Mapping[str, str], address: str) -> Visit:
        """Count who asks. Raises the 429."""
        device_id = await self._device(headers)
        if path == LIVE:
            return Visit(address, device_id, Sort.HEALTH, None)
        if device_id:
            return Visit(address, device_id, Sort.API, await self._gate.device(device_id))
        sort = self._sort(method, path)
        return Visit(address, "", sort, await self._gate.stranger(address, sort))

    async def let_in(self, visit: Visit, method: str, path: str) -> None:
        """Keep strangers from what is not open: nothing of their body is read. Raises 401, and 404 for no address."""
        if visit.may_guess:
            await self._gate.trying(visit.address)
        if not visit.device_id and path not in self._heavy:
            row, _ = TABLE.find(_read_as(method), path)
            if not row.is_open:
                raise unknown_device()

    async def left(self, visit: Visit, status: int) -> None:
        """The answer to a login, whose failures are counted."""
        if visit.may_guess and status not in _FAILED:
            await self._gate.succeeded(visit.address)

    async def _device(self, headers: Mapping[str, str]) -> str:
        """The device whose token this is or was, empty for none."""
        token = token_hash(headers)
        if token is None:
            return ""
        now_s = self._clock.monotonic_s()
        device_id, until_s = self._known.get(token, ("", 0.0))
        if device_id and now_s < until_s:
            return device_id
        self._known.pop(token, None)
        device = await self._storage.fetch(lambda tx: _by_token(tx, token))
        if not device:
            return ""
        if len(self._known) >= MOST_TOKENS:
            self._known.clear()
        self._known[token] = (device, now_s + KNOWN_S)
        return device

    def _sort(self, method: str, path: str) -> Sort:
        if path in _HEALTH:
            return Sort.HEALTH
        if path in self._heavy:
            return Sort.HEAVY
        try:
            row, _ = TABLE.find(_read_as(method), path)
        except Problem:
            return Sort.API
        if row.is_guarded:
            return Sort.AUTH
        return Sort.HEAVY if row.is_heavy else Sort.API


def _by_token(tx: Connection, token: bytes) -> str:
    device = devices.by_token(tx, token)
    return "" if device is None else device.id


def _read_as(method: str) -> str:
    return "GET" if method == "HEAD" else method
