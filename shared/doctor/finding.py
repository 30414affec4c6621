"""Which servers say in this network that they are there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from shared.wire.discovery import SERVICE, Announced, announced

#: So long somebody listens for a server; one that is there answers within a second or two.
LISTEN_S: Final = 4.0
_ASK_MS: Final = 2000
_MOST: Final = 50


async def find_servers(
    *,
    listen_s: float = LISTEN_S,
    interfaces: Sequence[str] | InterfaceChoice = InterfaceChoice.All,
    enough: int = _MOST,
) -> tuple[Announced, ...]:
    """Those that say so within that time, or the first `enough` of them. Raises OSError without a network."""
    names: asyncio.Queue[str] = asyncio.Queue()

    def heard(*, name: str, state_change: ServiceStateChange, **_: object) -> None:
        if state_change is not ServiceStateChange.Removed:
            names.put_nowait(name)

    found: dict[str, Announced] = {}
    try:
        line = AsyncZeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)
    except RuntimeError as error:  # zeroconf's word for a machine without an address
        raise OSError(str(error)) from error
    browser = AsyncServiceBrowser(line.zeroconf, SERVICE, handlers=[heard])
    try:
        async with asyncio.timeout(listen_s):
            while len(found) < enough:
                name = await names.get()
                info = AsyncServiceInfo(SERVICE, name)
                if await info.async_request(line.zeroconf, _ASK_MS):
                    one = announced(name, info.parsed_addresses(), port=info.port, properties=info.properties)
                    if one is not None:
                        found[name] = one
    except TimeoutError:
        pass
    finally:
        await browser.async_cancel()
        await line.async_close()
    return tuple(found[name] for name in sorted(found))
