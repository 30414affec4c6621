"""The real server over a real line: commands beside it while it runs, big bodies, clean ends."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_server.main import DEMO_FILE, main
from shared.wire.protocol import MAX_BODY_BYTES
from tests.end_to_end.server_process import Line, ServerProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path)
    process.start()
    yield process
    process.close()


def test_devices_and_menus_come_to_a_running_server_which_ends_cleanly(
    server: ServerProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", "--data", str(server.data), "--role", "waiter"]) == 0
    line = Line(server, capsys.readouterr().out.strip())
    order = line.ask("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-1")
    assert (order.status, order.json["tableId"]) == (201, "table-5")
    assert line.ask("POST", "/pos/orders", {"tableId": "table-5"}, key="test-key-1").is_replay
    assert main(["import-catalogue", "--data", str(server.data), "--file", str(DEMO_FILE)]) == 0
    assert line.ask("GET", "/menu").json["items"][0]["name"] == "Chicken Bowl"
    assert main(["run", "--data", str(server.data), "--port", "0"]) == 2
    assert "already running" in capsys.readouterr().err
    taken = ["run", "--data", str(server.data / "other"), "--port", str(server.port)]
    assert main(taken) == 2
    assert "can't listen" in capsys.readouterr().err
    line.close()
    assert server.stop() == 0


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_ten_megabytes_is_refused_while_it_comes(
    server: ServerProcess, announced: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", "--data", str(server.data), "--role", "waiter"]) == 0
    token = capsys.readouterr().out.strip()
    piece = b"x" * 65_536
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        length = "Content-Length: 10485760" if announced else "Transfer-Encoding: chunked"
        head = f"POST /pos/orders HTTP/1.1\r\nHost: s\r\nAuthorization: Bearer {token}\r\n{length}\r\n\r\n"
        line.sendall(head.encode())
        sent = 0
        try:
            while not announced and sent <= MAX_BODY_BYTES:
                line.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
                sent += len(piece)
        except OSError:
            assert sent >= MAX_BODY_BYTES
        response = http.client.HTTPResponse(line)
        response.begin()
        told = json.loads(response.read())
    assert (response.status, told["statusCode"]) == (413, 413)


def refused(port: int) -> dict[str, object]:
    """What is said of something that is no HTTP."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(b"EXPLODE / HTTP/1.1\r\n\r\n")
        heard = b"".join(iter(lambda: line.recv(4_096), b""))
    assert heard.startswith(b"HTTP/1.1 400 ")
    return dict(json.loads(heard.partition(b"\r\n\r\n")[2]))


def test_each_line_on_standard_error_is_json_also_about_what_is_no_http(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, log_level="info")
    server.start()
    name = refused(server.port)["requestId"]
    assert server.stop() == 0
    told = [json.loads(text) for text in server.last_words.splitlines()]
    assert ("request", name, 400) in {(one["event"], one.get("requestId"), one.get("statusCode")) for one in told}


def test_a_standard_error_that_takes_nothing_keeps_no_server_from_its_work(tmp_path: Path) -> None:
    """As where a service's log goes to a disk that is full: before, it did not even start."""
    environment = {**os.environ, "EVERTILL_SERVER_ANNOUNCE": "false"}
    command = [*ServerProcess(tmp_path).command(), "--port", "0"]
    with (
        Path("/dev/full").open("wb") as full,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=full, env=environment) as process,
    ):
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().decode().rpartition(":")[2])
            asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            for _ in range(3):
                asking.request("GET", "/health")
                assert asking.getresponse().read().startswith(b'{"status":"ok"')
            asking.close()
            assert refused(port)["requestId"]
        finally:
            process.terminate()
        assert process.wait(timeout=15) == 0
