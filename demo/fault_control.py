"""Tells a fault proxy in another process what to do: one line over loopback, one line of JSON back."""

from __future__ import annotations

import json
import socket
from typing import Any, Final

LOOPBACK: Final = "127.0.0.1"
ANSWER_LIMIT_BYTES: Final = 4096


def tell(control_port: int, command: str, *, timeout_s: float = 5.0) -> dict[str, Any]:
    """Give a running proxy one command and wait until it is done; returns the line's state and counts.

    Commands: `cut`, `cut silent`, `hang`, `garbage`, `restore`, `delay_ms 400`, `drop_answers 0.1`, `drop_next 1`,
    `status`. Raises ValueError if the proxy does not take it, OSError if there is none.
    """
    with socket.create_connection((LOOPBACK, control_port), timeout=timeout_s) as connection:
        connection.sendall(command.encode() + b"\n")
        with connection.makefile("rb") as answers:
            line = answers.readline(ANSWER_LIMIT_BYTES)
    if not line.endswith(b"\n"):
        raise ConnectionResetError("the fault proxy closed without an answer")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer
