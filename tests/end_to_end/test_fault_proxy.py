"""The fault proxy as a program of its own: it says where it listens and does what its control port is told."""

from __future__ import annotations

import re
import select
import socket
import subprocess
import sys

import pytest

from demo.fault_control import tell

PATIENCE_S = 30.0


def test_the_program_listens_and_obeys() -> None:
    command = [sys.executable, "-m", "demo.fault_proxy", "--listen", "0", "--to", "1", "--control", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
            assert ready, "the program said nothing"
            found = re.fullmatch(r"listening on (\d+), control on (\d+)\n", process.stdout.readline())
            assert found is not None
            port, control = int(found[1]), int(found[2])
            assert tell(control, "garbage")["port"] == port
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as line:
                line.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                assert line.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")
            tell(control, "cut")
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        finally:
            process.kill()


def test_a_port_that_is_taken_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "demo.fault_proxy", "--listen", port, "--to", "1", "--control", "0"]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("The fault proxy can't listen")
