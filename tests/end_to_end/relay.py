"""Two hosts on one machine and the bad line between them: `python -m tests.end_to_end.relay`, as root on Linux.

Each host is a network namespace of this process with one TUN device. What one sends comes out at the other, late, or
not at all. On standard output it says `ready FD FD`: the namespaces as `/proc/PID/fd/FD`, the till's and the server's,
for nsenter. On standard input it is told `delay MS` (each way), `loss SHARE`, `dark 1` or `dark 0`, `address IP` (the
till's). When its input ends, both hosts are gone.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import os
import random
import select
import socket
import struct
import sys
from typing import Final

from shared.clock import SystemClock

CLONE_NEWNET: Final = 0x40000000
TUNSETIFF, IFF_TUN_NO_PI = 0x400454CA, 0x1001
SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x891C, 0x8914, 0x1
DEVICE: Final = b"line"
TILL, SERVER = "10.99.0.1", "10.99.0.2"
PACKET_BYTES: Final = 65_536
MOST_ON_THE_WAY: Final = 20_000


def host(address: str) -> tuple[int, int]:
    """Move into a new namespace with this address; its descriptor and that of its device."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network namespace can be made")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", DEVICE, IFF_TUN_NO_PI))
    set_address(address)
    for name in (DEVICE, b"lo"):
        _ask(SIOCSIFFLAGS, struct.pack("16sH22x", name, IFF_UP))
    return os.open("/proc/self/ns/net", os.O_RDONLY), device


def set_address(address: str) -> None:
    """Give the device of the namespace that we are in an address; another one that it had is gone."""
    for request, text in ((SIOCSIFADDR, address), (SIOCSIFNETMASK, "255.255.255.0")):
        _ask(request, struct.pack("16sHH4s16x", DEVICE, socket.AF_INET, 0, socket.inet_aton(text)))


def _ask(request: int, what: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to_kernel:
        fcntl.ioctl(to_kernel, request, what)


class Relay:
    """Reads packets from each device and writes them to the other one when they are due."""

    def __init__(self, namespaces: tuple[int, int], devices: tuple[int, int]) -> None:
        self._till_namespace = namespaces[0]
        self._other = {devices[0]: devices[1], devices[1]: devices[0]}
        self._clock = SystemClock()
        self._chance = random.Random(1)
        self._on_the_way: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self._delay_s = self._loss = 0.0
        self._dark = False

    def run(self) -> None:
        """Until standard input ends."""
        while True:
            due_s = self._on_the_way[0][0] - self._clock.monotonic_s() if self._on_the_way else None
            ready, _, _ = select.select([0, *self._other], [], [], None if due_s is None else max(0.0, due_s))
            for device in ready:
                if device == 0:
                    words = os.read(0, 1000).decode().split()
                    if not words:
                        return
                    self._hear(words)
                else:
                    self._take(device)
            self._deliver()

    def _hear(self, words: list[str]) -> None:
        for what, value in zip(words[::2], words[1::2], strict=True):
            match what:
                case "delay":
                    self._delay_s = float(value) / 1000
                case "loss":
                    self._loss = float(value)
                case "dark":
                    self._dark = value == "1"
                case "address":
                    if ctypes.CDLL(None, use_errno=True).setns(self._till_namespace, CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "the till's namespace is gone")
                    set_address(value)
                case _:
                    raise ValueError(what)

    def _take(self, device: int) -> None:
        packet = os.read(device, PACKET_BYTES)
        if self._dark or self._chance.random() < self._loss or len(self._on_the_way) >= MOST_ON_THE_WAY:
            return
        self._count += 1
        due_s = self._clock.monotonic_s() + self._delay_s
        heapq.heappush(self._on_the_way, (due_s, self._count, self._other[device], packet))

    def _deliver(self) -> None:
        while self._on_the_way and self._on_the_way[0][0] <= self._clock.monotonic_s():
            *_, device, packet = heapq.heappop(self._on_the_way)
            if not self._dark:
                os.write(device, packet)


def main() -> None:
    """Make both hosts, say so, and carry packets."""
    till_namespace, till_device = host(TILL)
    server_namespace, server_device = host(SERVER)
    sys.stdout.write(f"ready {till_namespace} {server_namespace}\n")
    sys.stdout.flush()
    Relay((till_namespace, server_namespace), (till_device, server_device)).run()


if __name__ == "__main__":
    main()
