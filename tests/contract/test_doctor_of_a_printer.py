"""A printer in the network is asked whether it takes a connection, and gets not one byte to print."""

from __future__ import annotations

import socket

from shared.doctor.checks import PrinterTrouble
from shared.doctor.printer import look_at_printer


def test_a_printer_that_listens_is_well_and_prints_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as printer:
        printer.settimeout(10)
        facts = look_at_printer(f"127.0.0.1:{printer.getsockname()[1]}")
        line, _ = printer.accept()
        with line:
            line.settimeout(10)
            assert line.recv(1) == b"", "the line ends, and nothing came before"
    assert facts.trouble is None


def test_a_machine_that_is_no_printer_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert look_at_printer(f"127.0.0.1:{port}").trouble is PrinterTrouble.REFUSED
