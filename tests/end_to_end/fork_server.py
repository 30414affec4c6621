"""Programs of the tests without their imports: one process has made them once, and each program is a fork of it.

A program is a process of its own all the same, with its own memory, standard streams and files, and SIGKILL ends it as
it ends any other; what is saved is the second in which Python reads what it read a hundred times before. The fork runs
the program's module from its first line as `python -m` does.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, Never

PRELOADED: Final = (
    "reference_server.main",
    "tests.end_to_end.agent_process",
    "tests.end_to_end.kitchen_process",
    "tests.end_to_end.till_process",
)
MOST_BYTES: Final = 1 << 16
STATUS: Final = struct.Struct("!i")
PATIENCE_S: Final = 60.0


class Forked:
    """A program that runs in a fork: what the tests ask of a `subprocess.Popen`. Its pipes carry bytes."""

    def __init__(self, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.returncode: int | None = None
        pipes = [os.pipe() for _ in range(3)]
        (its_in, our_in), (our_out, its_out), (our_err, its_err) = pipes
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(_address())
        wish = {"module": module, "arguments": [*arguments], "environment": {**environment}, "folder": str(Path.cwd())}
        socket.send_fds(self._line, [json.dumps(wish).encode()], [its_in, its_out, its_err])
        for one in (its_in, its_out, its_err):
            os.close(one)
        self.stdin, self.stdout, self.stderr = (
            os.fdopen(our_in, "wb"),
            os.fdopen(our_out, "rb"),
            os.fdopen(our_err, "rb"),
        )
        self._line.settimeout(PATIENCE_S)
        self.pid = STATUS.unpack(self._line.recv(STATUS.size))[0]

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it is gone, or ends in this very moment."""
        if not self._is_gone(within_s=0.0):
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, *, timeout: float) -> tuple[bytes, bytes]:
        """Close its input and hear it to its end; what it said on both. Raises TimeoutError."""
        self.stdin.close()
        heard = {self.stdout.fileno(): b"", self.stderr.fileno(): b""}
        with selectors.DefaultSelector() as selector:
            for one in heard:
                selector.register(one, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(timeout)
                if not ready:
                    raise TimeoutError(f"{self.pid} did not end")
                for key, _ in ready:
                    piece = os.read(key.fd, MOST_BYTES)
                    heard[key.fd] += piece
                    if not piece:
                        selector.unregister(key.fd)
        if not self._is_gone(within_s=timeout):
            raise TimeoutError(f"{self.pid} did not end")
        said = tuple(heard.values())
        self.stdout.close()
        self.stderr.close()
        self._line.close()
        return said[0], said[1]

    def _is_gone(self, *, within_s: float) -> bool:
        if self.returncode is None:
            self._line.settimeout(within_s)
            with suppress(BlockingIOError, TimeoutError):
                self.returncode = STATUS.unpack(self._line.recv(STATUS.size))[0]
        return self.returncode is not None


@cache
def _address() -> str:
    """Start the process that forks, once, and wait until it listens. It ends with whoever started it."""
    folder = tempfile.TemporaryDirectory(prefix="forks-")
    address = str(Path(folder.name) / "socket")
    command = [sys.executable, "-m", "tests.end_to_end.fork_server", address]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"listening\n"
    atexit.register(folder.cleanup)
    atexit.register(process.wait, PATIENCE_S)
    atexit.register(process.stdin.close)
    return address


def serve(address: str) -> None:
    """Fork whatever is asked for, and tell how each ended, until the standard input is closed."""
    for module in PRELOADED:
        __import__(module)
    for module in PRELOADED:
        del sys.modules[module]  # each fork runs one of them as its main program, and that anew
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    woken, wakes = socket.socketpair()
    woken.setblocking(False)
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines: dict[int, socket.socket] = {}
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    with selectors.DefaultSelector() as selector:
        for one in (sys.stdin.fileno(), listening.fileno(), woken.fileno()):
            selector.register(one, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if sys.stdin.fileno() in ready:
                return
            if listening.fileno() in ready:
                line, _ = listening.accept()
                pid = _forked(line)
                line.send(STATUS.pack(pid))
                lines[pid] = line
            if woken.fileno() in ready:
                woken.recv(MOST_BYTES)
            _tell_ends(lines)


def _tell_ends(lines: dict[int, socket.socket]) -> None:
    """Tell of each that has ended how it did, as a return code of `subprocess`."""
    while lines:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with lines.pop(pid) as line, suppress(BrokenPipeError):
            line.send(STATUS.pack(os.waitstatus_to_exitcode(status)))


def _forked(line: socket.socket) -> int:
    """Fork one program; its number, in the process that forks."""
    asked, streams, _, _ = socket.recv_fds(line, MOST_BYTES, 3)
    wish = json.loads(asked)
    pid = os.fork()
    if not pid:
        _run(streams, **wish)
    for one in streams:
        os.close(one)
    return pid


def _run(
    streams: Sequence[int], *, module: str, arguments: Sequence[str], environment: Mapping[str, str], folder: str
) -> Never:
    """In the fork: take the streams and run the module as `python -m` does, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, one in enumerate(streams):
        os.dup2(one, number)
    os.closerange(3, 256)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if not isinstance(ended.code, int | None):
            sys.stderr.write(f"{ended.code}\n")
    finally:
        if sys.exc_info()[0] is not None:
            sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
