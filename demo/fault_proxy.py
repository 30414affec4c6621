"""The bad line between one client and the server: cuts, delays, hangs, and answers lost after the server committed.

In a program: `python -m demo.fault_proxy --listen PORT --to PORT --control PORT`, then the commands of
`demo/fault_control.py` on the control port. In a test: `FaultProxy`, in the test's own event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
from asyncio import StreamReader, StreamWriter
from random import Random
from typing import Any, Final

from demo.bad_line import LOOPBACK, Connection
from demo.faults import Counts, Faults, Line

COMMAND_LIMIT_BYTES: Final = 4096


class FaultProxy:
    """Listens on loopback and passes HTTP/1.1 on to a port of loopback, as badly as it is told to.

    Each client gets a proxy of its own, so that each line fails alone. All methods belong to the event loop that
    `start` ran in. Connections are kept alive as the two ends wish; streams of events pass unbuffered.
    """

    def __init__(self, *, to_port: int, port: int = 0, seed: int = 0, in_a_row_limit: int = 3) -> None:
        """`port` 0 takes a free one. `in_a_row_limit`: so many answers in a row are lost by chance for one request."""
        self.port = port
        self.to_port = to_port
        self.faults = Faults(chance=Random(seed), in_a_row_limit=in_a_row_limit)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._placeholder: socket.socket | None = None

    @property
    def counts(self) -> Counts:
        """What passed and what was lost since the start."""
        return self.faults.counts

    async def start(self) -> None:
        """Listen; `port` tells where. Raises OSError if the port is taken."""
        self.faults.set_line(Line.UP)
        self._placeholder = self._bound()
        await self._listen()

    async def stop(self) -> None:
        """Close everything, also what hangs. Afterwards it may be started again, on the same port."""
        self._refuse()
        await self._reset_connections()
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None

    async def cut(self, line: Line = Line.RESET) -> None:
        """Take the network away: RESET or SILENT."""
        if line not in (Line.RESET, Line.SILENT):
            raise ValueError(f"a line is cut to reset or to silent, not to {line}")
        await self._change(line)

    async def hang(self) -> None:
        """Accept, and never answer; connections that waited in vain are reset when this ends."""
        await self._change(Line.HANG)

    async def garbage(self) -> None:
        """Answer everything as a captive portal does."""
        await self._change(Line.GARBAGE)

    async def restore(self) -> None:
        """End what `cut`, `hang` and `garbage` began; delays and dropped answers stay as they are set."""
        await self._change(Line.UP)

    def delay_ms(self, delay_ms: int) -> None:
        """Add so much to the round trip of every request."""
        self.faults.delay_ms = max(0, delay_ms)

    def drop_answers(self, share: float) -> None:
        """Lose this share (0.0 to 1.0) of the answers to writes, after the server gave them, drawn from the seed."""
        self.faults.drop_share = min(1.0, max(0.0, share))

    def drop_next(self, count: int) -> None:
        """Lose the answers to exactly the next `count` writes."""
        self.faults.drop_next = max(0, count)

    async def _change(self, line: Line) -> None:
        self.faults.set_line(line)
        if line is Line.RESET:
            self._refuse()
            await self._reset_connections()
        elif self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        if self._placeholder is None:
            raise RuntimeError("the proxy is not started")
        self._server = await asyncio.start_server(self._connected, sock=self._placeholder)

    def _refuse(self) -> None:
        """Stop listening, but keep the port bound: nobody else may get it while the line is cut."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._placeholder = self._bound()

    def _bound(self) -> socket.socket:
        bound = socket.socket(proto=socket.IPPROTO_TCP)  # asyncio turns Nagle off only where TCP is named
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, self.port))
        self.port = bound.getsockname()[1]
        return bound

    def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.counts.connections += 1
        task = asyncio.create_task(Connection(self.faults, self.to_port, reader, writer).run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reset_connections(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def open_control(proxy: FaultProxy, *, port: int) -> asyncio.Server:
    """Listen for commands on a port of loopback; 0 takes a free one."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await obey(proxy, line.decode(errors="replace"))).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            writer.transport.abort()
        finally:
            writer.close()

    return await asyncio.start_server(answer, LOOPBACK, port, limit=COMMAND_LIMIT_BYTES)


async def obey(proxy: FaultProxy, command: str) -> dict[str, Any]:
    """Do one command; the answer holds the state afterwards, or `error`."""
    try:
        match command.split():
            case ["cut"]:
                await proxy.cut()
            case ["cut", line]:
                await proxy.cut(Line(line))
            case ["hang"]:
                await proxy.hang()
            case ["garbage"]:
                await proxy.garbage()
            case ["restore"]:
                await proxy.restore()
            case ["delay_ms", number]:
                proxy.delay_ms(int(number))
            case ["drop_answers", number]:
                proxy.drop_answers(float(number))
            case ["drop_next", number]:
                proxy.drop_next(int(number))
            case ["status"]:
                pass
            case _:
                return {"error": f"unknown command: {command.strip()[:80]}"}
    except (ValueError, OSError) as error:
        return {"error": str(error)}
    return {"line": proxy.faults.line, "port": proxy.port, **proxy.faults.counts.as_dict()}


async def serve(*, listen: int, to: int, control: int, seed: int, in_a_row: int) -> None:
    """Proxy and control port until cancelled; tells on standard output when both listen."""
    proxy = FaultProxy(to_port=to, port=listen, seed=seed, in_a_row_limit=in_a_row)
    await proxy.start()
    async with await open_control(proxy, port=control) as server:
        print(f"listening on {proxy.port}, control on {server.sockets[0].getsockname()[1]}", flush=True)
        try:
            await server.serve_forever()
        finally:
            await proxy.stop()


def main(arguments: list[str] | None = None) -> int:
    """Run the proxy as a program until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m demo.fault_proxy", description=__doc__.splitlines()[0])
    parser.add_argument("--listen", type=int, required=True, help="port for the client; 0 takes a free one")
    parser.add_argument("--to", type=int, required=True, help="port of the server")
    parser.add_argument("--control", type=int, required=True, help="port for commands; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="chance for lost answers")
    parser.add_argument("--in-a-row", type=int, default=3, help="answers lost in a row for one request, at most (3)")
    chosen = parser.parse_args(arguments)
    try:
        asyncio.run(
            serve(
                listen=chosen.listen,
                to=chosen.to,
                control=chosen.control,
                seed=chosen.seed,
                in_a_row=chosen.in_a_row,
            )
        )
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        print(f"The fault proxy can't listen: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
