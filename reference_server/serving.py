"""uvicorn around the application: listens, says so in one line, and stops cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from functools import partial
from typing import Final

import uvicorn

from reference_server import announcing, certificate
from reference_server.announcing import Announcement
from reference_server.app import Beside, build_app
from reference_server.chores import keep_house
from reference_server.deps import Deps
from reference_server.exchange import Fact
from reference_server.ops import backups, statsd
from reference_server.ops.request_log import LEVELS, RequestLog, heard
from reference_server.protection.lines import Lines
from reference_server.settings import ServerSettings
from reference_server.storage import histories
from reference_server.storage.seam import Storage
from reference_server.streams import Streams
from shared.domain.model import build_models
from shared.errors import EvertillError
from shared.wire.discovery import properties

#: A stopping server finishes what it is answering, for at most so long.
GRACE_S: Final = 5
#: Whose line is open then reads or sends too slowly: it ends, and the answer on it, which would be cut off.
CALLERS_S: Final = 4
#: A connection that says nothing for so long is closed; tills ask every second.
KEEP_ALIVE_S: Final = 75
BACKLOG: Final = 512
TICKS_A_SECOND: Final = 10
#: So many new objects, the rest of some hundred requests, are looked through at once.
NEW_OBJECTS: Final = 10_000
#: What a server has open besides its callers' lines.
OTHER_FILES: Final = 500


class PortTaken(EvertillError):
    """The address can't be listened on."""

    title = "The server can't listen at this address"
    advice = "Another program may have it: choose another --port, or stop that program."


class _Announcing(uvicorn.Server):
    """Says where it listens as soon as that is so, for people and for whoever started it; ends the streams first.

    Once a second it looks which lines are late.
    """

    def __init__(self, config: uvicorn.Config, streams: Streams, lines: Lines) -> None:
        super().__init__(config)
        self._streams = streams
        self._lines = lines

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second, uvicorn says; gives whether to end."""
        if counter % TICKS_A_SECOND == 0:
            self._lines.look(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End the serving on a signal, and nothing more: uvicorn's own would then end the process half tidied."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then print the one line."""
        await super().startup(sockets=sockets)
        if sockets and self.started:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            sys.stdout.write(f"ready on {'https' if self.config.is_ssl else 'http'}://{shown}:{port}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """A stream never ends by itself, so it must not be waited for, nor must who reads or sends too slowly."""
        self._streams.close()
        late = asyncio.get_running_loop().call_later(CALLERS_S, self._lines.give_up_all)
        await super().shutdown(sockets=sockets)
        late.cancel()


def serve(deps: Deps, storage: Storage, *, log: RequestLog, settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT. Raises PortTaken."""
    own = certificate.required(settings.data) if settings.tls else None
    listening = _listen(settings.host, settings.port)
    streams, lines = Streams(), Lines(refused=partial(refused, deps, log))
    _have_room_for(lines.limits.lines)
    beside = _beside(deps, storage, log=log, settings=settings)
    if announcing.is_for_others(settings.host) if settings.announce is None else settings.announce:
        what = _announcement(deps, storage, settings=settings, port=listening.getsockname()[1])
        beside.append(partial(announcing.announce, what, lambda event, about: log.happened(event, about=about)))
    config = uvicorn.Config(
        build_app(deps, storage, log=log, streams=streams, beside=beside),
        http=lines.protocol(),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=max(LEVELS[settings.log_level], logging.WARNING),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=None if own is None else own.path,
        ssl_keyfile=None if own is None else own.key_path,
    )
    with listening, heard(log):
        all(build_models())  # here, so that no request has to
        _sweep_seldom()
        _Announcing(config, streams, lines).run(sockets=[listening])


def refused(deps: Deps, log: RequestLog, status: int) -> str:
    """Tell of what came on a line and was no request; its name in the log."""
    name = deps.ulids.new()
    deps.watch.metrics.told((Fact("refused", str(status)),))
    log.exchanged(request_id=name, device_id="", user_id="", method="", path="", status=status, duration_s=0.0)
    return name


def _sweep_seldom() -> None:
    """Keep the collector of garbage away from what was imported, and let it look at more of what is new at once."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)


def _beside(deps: Deps, storage: Storage, *, log: RequestLog, settings: ServerSettings) -> list[Beside]:
    """What this server does besides answering."""
    found: list[Beside] = []
    if settings.backup_at and not settings.database:
        chore = backups.daily(deps, storage, log, settings=settings)
        found.append(partial(keep_house, [chore], clock=deps.clock, trouble=log.undone))
    if settings.statsd:
        found.append(partial(statsd.send_figures, deps.watch.metrics, to=settings.statsd))
    return found


def _announcement(deps: Deps, storage: Storage, *, settings: ServerSettings, port: int) -> Announcement:
    """The server as the network hears of it, told apart from others by the end of its history's name."""
    history = storage.read(histories.name)
    name = f"Evertill on {socket.gethostname()} ({history[-6:]})"
    said = properties(is_tls=settings.tls, version=deps.version, history=history)
    return Announcement(name, settings.host, port, said)


def _have_room_for(lines: int) -> None:
    """Let the system give us a file for each line, as far as it does; Windows has no such bound."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows does not have it

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = lines + OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listening = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortTaken(f"{host}:{port}: {error.strerror or error}") from error
    listening.set_inheritable(True)
    return listening
