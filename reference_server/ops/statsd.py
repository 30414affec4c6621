"""The figures for a StatsD daemon, by UDP every ten seconds: nobody waits for it, nor minds when it is not there."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from reference_server.figures.metrics import Metrics

SEND_EVERY_S: Final = 10.0
#: A datagram is kept below what every network carries in one piece.
MOST_BYTES: Final = 1400
_PREFIX: Final = "evertill"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.]+")


class Figures:
    """What was sent last, since a StatsD counter takes what was added and not the sum."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._sent: dict[str, float] = {}

    def lines(self) -> Iterator[str]:
        """Counters as what came since the last time, all else as it stands now; buckets are left out."""
        for family in self._metrics.registry.collect():
            for sample in family.samples:
                if sample.name.endswith(("_bucket", "_created")):
                    continue
                name = _name(sample.name, sample.labels)
                if not sample.name.endswith(("_total", "_count", "_sum")):
                    yield f"{name}:{sample.value:g}|g"
                    continue
                added = sample.value - self._sent.get(name, 0.0)
                self._sent[name] = sample.value
                if added > 0:
                    yield f"{name}:{added:g}|c"

    def datagrams(self) -> Iterator[bytes]:
        """The lines, as many in one datagram as fit."""
        packed = b""
        for line in self.lines():
            raw = line.encode()
            if packed and len(packed) + 1 + len(raw) > MOST_BYTES:
                yield packed
                packed = b""
            packed = packed + b"\n" + raw if packed else raw
        if packed:
            yield packed


async def send_figures(metrics: Metrics, *, to: str, every_s: float = SEND_EVERY_S) -> None:
    """Send for as long as the server runs."""
    host, _, port = to.rpartition(":")
    figures = Figures(metrics)
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(every_s)
        with suppress(OSError):
            found = await loop.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)
            family, _, _, _, address = found[0]
            with socket.socket(family, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                for datagram in figures.datagrams():
                    line.sendto(datagram, address)


def _name(name: str, labels: dict[str, str]) -> str:
    parts = (_PREFIX, name, *labels.values())
    return ".".join(_UNFIT.sub("_", part).strip("_") or "none" for part in parts)
