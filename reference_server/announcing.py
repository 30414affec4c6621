"""Says in the house's network that the server is there, so that nobody has to write its address down (mDNS)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Any, Final, Protocol

import ifaddr
from zeroconf import Error as ZeroconfError
from zeroconf import IPVersion, NotRunningException
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from shared.wire.discovery import SERVICE, service_name

#: The machine's addresses are looked at this often: it may get another, or its first one long after the start.
LOOK_EVERY_S: Final = 60.0
#: A stopping server takes its word back, and does not wait longer than this for it.
GOODBYE_S: Final = 2.0

Say = Callable[[str, str], object]
"""Is told an event of the log and what it is about."""


class Line(Protocol):
    """What of zeroconf is used."""

    async def async_register_service(self, info: Any, *, allow_name_change: bool = False) -> Any:
        """Say it; what comes back is waited for too."""

    async def async_unregister_all_services(self) -> None:
        """Take it back."""

    async def async_close(self) -> None:
        """Let go of the network."""


OpenLine = Callable[[list[str]], Line]


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said. `host` is where the server listens: every address of the machine for `0.0.0.0`."""

    name: str
    host: str
    port: int
    properties: Mapping[str, str]

    def addresses(self) -> list[str]:
        """Under which addresses others reach it now; none on a machine without network."""
        if self.host not in ("", "0.0.0.0", "::"):  # noqa: S104 - nothing is bound here, it is compared
            return [self.host] if _is_v4(self.host) else []
        own = (ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str))
        return sorted({one for one in own if not ip_address(one).is_loopback})


def is_for_others(host: str) -> bool:
    """Whether anybody but this machine reaches a server that listens there."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


async def announce(
    what: Announcement, say: Say, *, open_line: OpenLine | None = None, every_s: float = LOOK_EVERY_S
) -> None:
    """Say it for as long as the server runs, anew whenever the machine's addresses change. Trouble is waited out."""
    while True:
        addresses = what.addresses()
        if addresses:
            await _said(what, addresses, say, open_line=open_line or _open_line, every_s=every_s)
        else:
            await asyncio.sleep(every_s)


async def _said(what: Announcement, addresses: list[str], say: Say, *, open_line: OpenLine, every_s: float) -> None:
    """Say it, until the addresses are others or it could not be said."""
    line: Line | None = None
    try:
        line = open_line(addresses)
        info = _info(what, addresses)
        await (await line.async_register_service(info, allow_name_change=True))
        say("announced", f"{info.name} at {', '.join(addresses)}")
        while what.addresses() == addresses:  # noqa: ASYNC110 - nobody tells when they change
            await asyncio.sleep(every_s)
    except (OSError, ZeroconfError, NotRunningException) as error:
        say("not announced", f"{type(error).__name__}: {error}")
        await asyncio.sleep(every_s)
    finally:
        if line is not None:
            with suppress(TimeoutError, OSError, ZeroconfError):
                async with asyncio.timeout(GOODBYE_S):
                    await line.async_unregister_all_services()
                    await line.async_close()


def _info(what: Announcement, addresses: list[str]) -> AsyncServiceInfo:
    return AsyncServiceInfo(
        SERVICE,
        service_name(what.name),
        port=what.port,
        addresses=[socket.inet_aton(one) for one in addresses],
        properties=dict(what.properties),
        server=f"{socket.gethostname().partition('.')[0]}-evertill.local.",
    )


def _open_line(addresses: list[str]) -> Line:
    return AsyncZeroconf(interfaces=addresses, ip_version=IPVersion.V4Only)


def _is_v4(host: str) -> bool:
    try:
        return isinstance(ip_address(host), IPv4Address)
    except ValueError:
        return False
