"""Pure: what the server tells those who operate it, beyond the health that everybody may see."""

from __future__ import annotations

from shared.domain.model import Model
from shared.wire.healing import Phase


class StorageHealth(Model):
    """The database and its disk; None where it lies on another machine."""

    size_bytes: int | None = None
    free_bytes: int | None = None
    schema_version: int = 0
    writes_waiting: int = 0
    saturation: float = 0.0
    """How full its queue or pool is, from 0 to 1, where the server refuses."""


class DevicesHealth(Model):
    """Devices that are enrolled, those of them that asked for something just now, and their open streams."""

    enrolled: int = 0
    connected: tuple[str, ...] = ()
    streams: int = 0


class LatencyHealth(Model):
    """Of the last exchanges, in milliseconds; and the share that the server failed, from 0 to 1."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    error_rate: float = 0.0


class DetailedHealth(Model):
    """`GET /health/detailed`. `status` is `ok`, or `attention` when `problems` has a sentence for somebody."""

    status: str
    problems: tuple[str, ...] = ()
    version: str
    server_time: str
    started_at: str | None = None
    uptime_s: float = 0.0
    head: str = ""
    storage: StorageHealth
    devices: DevicesHealth
    latency: LatencyHealth
    alerts: int = 0
    """How many wait for a person: see `/alerts`."""
    healing: Phase = Phase.NONE
    healing_waits_for: tuple[str, ...] = ()
    cleaned_at: str | None = None
    """When answers older than their day were last let go."""
    backed_up_at: str | None = None
