"""The server says in the network that it is there, and a machine without one serves all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from reference_server.announcing import Announcement, announce, is_for_others
from shared.doctor.finding import find_servers
from shared.wire.discovery import SERVICE, Announced, announced, properties, service_name

HISTORY = "01ARYZ6S4100000000000H0VSE"


@dataclass
class Net:
    """A network held in memory: who said what, and what was taken back."""

    said: list[Any] = field(default_factory=list)
    taken_back: int = 0
    closed: int = 0
    is_broken: bool = False

    def open(self, addresses: list[str]) -> Net:
        if self.is_broken:
            raise OSError(101, "Network is unreachable")
        return self

    async def async_register_service(self, info: Any, *, allow_name_change: bool = False) -> Any:
        self.said.append(info)
        return asyncio.sleep(0)

    async def async_unregister_all_services(self) -> None:
        self.taken_back += 1

    async def async_close(self) -> None:
        self.closed += 1


class Moved(Announcement):
    """An announcement of a machine whose addresses are set by hand."""

    now: list[str]

    def addresses(self) -> list[str]:
        return self.now


def moved(*addresses: str) -> Moved:
    said = properties(is_tls=True, version="9.9", history=HISTORY)
    what = Moved("Evertill on pos (0H0VSE)", "0.0.0.0", 8443, said)
    object.__setattr__(what, "now", list(addresses))
    return what


async def turns(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - nothing else happens in this loop
            await asyncio.sleep(0)


async def test_what_is_said_is_what_a_device_reads() -> None:
    net, told = Net(), list[tuple[str, str]]()
    what = moved("192.168.1.10")
    saying = asyncio.create_task(announce(what, lambda *event: told.append(event), open_line=net.open, every_s=0.0))
    await turns(lambda: bool(told))
    info = net.said[0]
    read = announced(info.name, info.parsed_addresses(), port=info.port, properties=info.properties)
    assert read == Announced("Evertill on pos (0H0VSE)", ("https://192.168.1.10:8443",), "9.9", HISTORY)
    assert told == [("announced", f"Evertill on pos (0H0VSE).{SERVICE} at 192.168.1.10")]
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert (net.taken_back, net.closed) == (1, 1)


async def test_another_address_is_said_anew_and_none_is_waited_for() -> None:
    net, told = Net(), list[tuple[str, str]]()
    what = moved()
    saying = asyncio.create_task(announce(what, lambda *event: told.append(event), open_line=net.open, every_s=0.0))
    for _ in range(3):
        await asyncio.sleep(0)
    assert net.said == []
    what.now[:] = ["192.168.1.10"]
    await turns(lambda: len(net.said) == 1)
    object.__setattr__(what, "now", ["10.0.0.7"])
    await turns(lambda: len(net.said) == 2)
    assert net.said[1].parsed_addresses() == ["10.0.0.7"]
    assert net.closed == 1
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)


async def test_a_network_that_does_not_let_it_speak_is_told_and_tried_again() -> None:
    net, told = Net(is_broken=True), list[tuple[str, str]]()
    saying = asyncio.create_task(
        announce(moved("192.168.1.10"), lambda *event: told.append(event), open_line=net.open, every_s=0.0)
    )
    await turns(lambda: bool(told))
    assert told[0] == ("not announced", "OSError: [Errno 101] Network is unreachable")
    net.is_broken = False
    await turns(lambda: bool(net.said))
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)


@pytest.mark.parametrize(
    ("host", "others"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),
        ("192.168.1.10", True),
        ("pos", True),
    ],
)
def test_only_who_listens_to_others_speaks(host: str, others: bool) -> None:
    assert is_for_others(host) is others


def test_an_announcement_names_the_address_that_it_listens_at() -> None:
    assert Announcement("x", "192.168.1.10", 1, {}).addresses() == ["192.168.1.10"]
    assert Announcement("x", "pos.house", 1, {}).addresses() == []
    assert not [one for one in Announcement("x", "0.0.0.0", 1, {}).addresses() if one.startswith("127.")]


def test_what_strangers_say_is_cut_to_what_a_terminal_shows() -> None:
    assert announced("x", ["192.168.1.9"], port=None, properties={}) is None
    assert announced("x", [], port=80, properties={}) is None
    found = announced(
        f"a\x1b[31m\n.{SERVICE}", ["192.168.1.9"], port=80, properties={b"version": b"\x1b" * 300 + b"1", b"tls": None}
    )
    assert found == Announced("a[31m", ("http://192.168.1.9:80",), "", "")
    assert len(service_name("é" * 200).removesuffix(f".{SERVICE}").encode()) <= 63


@pytest.mark.soak
async def test_a_device_finds_the_server_by_loopback() -> None:
    what = Announcement("Evertill here", "127.0.0.1", 8080, properties(is_tls=False, version="9.9", history=HISTORY))
    saying = asyncio.create_task(announce(what, lambda *_: None))
    found = await find_servers(listen_s=20.0, interfaces=["127.0.0.1"], enough=1)
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert found == (Announced("Evertill here", ("http://127.0.0.1:8080",), "9.9", HISTORY),)
