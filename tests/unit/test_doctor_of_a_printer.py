"""What evertill-doctor says of a printer: it is looked at, never printed on, and no printer holds the doctor up."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import closing
from pathlib import Path

import pytest

from shared.doctor.checks import Level, PrinterFacts, PrinterTrouble, check_printer
from shared.doctor.main import findings
from shared.doctor.printer import look_at_printer
from shared.errors import BadSettings
from shared.settings import DeviceKind, DeviceSettings, PrinterPlace, load_settings, place_of_printer
from tests.unit.sync.fake_server import FakeServer
from tests.unit.sync.virtual import VirtualClock, VirtualLoop


def raising(number: int) -> PrinterFacts:
    """What is seen when the system refuses the printer with this error."""

    def touch(_: PrinterPlace, __: float) -> None:
        raise OSError(number, os.strerror(number))

    return look_at_printer("/dev/usb/lp0", touch=touch)


def test_no_printer_is_no_fault() -> None:
    found = check_printer(look_at_printer(""))
    assert (found.level, found.words) == (Level.NOTE, "None is set up: `printer` in the settings names it.")


def test_a_device_that_takes_what_is_written_is_well() -> None:
    found = check_printer(look_at_printer("/dev/null"))
    assert (found.level, found.words) == (Level.WELL, "/dev/null can be written to. Nothing was printed.")


@pytest.mark.parametrize(
    ("number", "trouble", "words"),
    [
        (errno.ENOENT, PrinterTrouble.NOT_THERE, "Is it switched on"),
        (errno.ENODEV, PrinterTrouble.NOT_THERE, "its cable in"),
        (errno.EACCES, PrinterTrouble.NOT_ALLOWED, "group lp"),
        (errno.EBUSY, PrinterTrouble.TAKEN, "CUPS"),
        (errno.EIO, PrinterTrouble.BROKEN, "off and on"),
    ],
)
def test_a_device_that_can_not_be_opened_is_told_with_what_helps(
    number: int, trouble: PrinterTrouble, words: str
) -> None:
    facts = raising(number)
    assert facts.trouble is trouble
    found = check_printer(facts)
    assert found.level is Level.WRONG
    assert found.words.startswith("/dev/usb/lp0: ")
    assert words in found.words
    assert found.words.endswith(f"({os.strerror(number)})")


def test_a_printer_that_is_not_there_and_a_file_in_its_place_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "lp0"
    assert look_at_printer(str(file)).trouble is PrinterTrouble.NOT_THERE
    file.write_bytes(b"receipt")
    assert look_at_printer(str(file)).trouble is PrinterTrouble.NO_PRINTER
    assert file.read_bytes() == b"receipt"


@pytest.mark.parametrize("printer", ["/dev/usb/lp0", "192.168.1.50:9100"])
def test_a_printer_that_never_answers_holds_nobody_up(printer: str) -> None:
    never = threading.Event()

    def touch(_: PrinterPlace, __: float) -> None:
        never.wait()

    facts = look_at_printer(printer, timeout_s=0.01, touch=touch)
    assert facts.trouble is PrinterTrouble.SILENT
    never.set()


@pytest.mark.parametrize(
    ("printer", "place"),
    [
        ("/dev/usb/lp0", Path("/dev/usb/lp0")),
        ("192.168.1.50", ("192.168.1.50", 9100)),
        ("printer.local:9101", ("printer.local", 9101)),
        ("[fe80::1]:9100", ("fe80::1", 9100)),
    ],
)
def test_a_printer_is_a_device_or_an_address(printer: str, place: PrinterPlace) -> None:
    assert place_of_printer(printer) == place


@pytest.mark.parametrize(
    "printer", ["lp 0/x", "http://printer", "printer:port", "printer:99999", "me@printer", "a?b", ":1"]
)
def test_what_is_neither_is_refused_with_the_settings(tmp_path: Path, printer: str) -> None:
    path = tmp_path / "till.toml"
    rest = f'token = "{"t" * 20}"\nletter = "A"\nprinter = "{printer}"\n'
    path.write_text(f'server_url = "http://server/"\ndevice_id = "pos-1"\n{rest}')
    with pytest.raises(BadSettings, match="printer: A device like /dev/usb/lp0 is needed"):
        load_settings(path)


@pytest.mark.parametrize(
    ("kind", "printer", "levels"),
    [
        (DeviceKind.POS, "", [Level.NOTE]),
        (DeviceKind.POS, "/dev/null", [Level.WELL]),
        (DeviceKind.KDS, "", []),
        (DeviceKind.KDS, "/nowhere/lp0", [Level.WRONG]),
    ],
)
def test_a_check_up_looks_at_the_printer(tmp_path: Path, kind: DeviceKind, printer: str, levels: list[Level]) -> None:
    settings = DeviceSettings.model_validate(
        {
            "kind": kind,
            "server_url": "http://server/",
            "device_id": "pos-1",
            "token": "t" * 20,
            "letter": "A",
            "data_dir": tmp_path,
            "printer": printer,
        }
    )
    with closing(VirtualLoop()) as loop:
        server = FakeServer(VirtualClock(loop))
        found = list(findings(settings, clock=server.clock, make_transport=lambda _: server))
    assert [one.level for one in found if one.about == "printer"] == levels
