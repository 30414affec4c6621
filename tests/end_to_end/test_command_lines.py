"""Wrong command lines: each says in a sentence what is wrong, ends with 2, and leaves no traceback."""

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.main import main as demo
from reference_server.main import main as server


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def ends(run: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code, also where argparse ends the program, and what was said."""
    try:
        code = run()  # type: ignore[operator]
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert not said.out
    return code, said.err


def said_of_server(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    code, said = ends(lambda: server(words), capsys)
    assert code == 2
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "required: COMMAND"),
        (["serve"], "invalid choice: 'serve'"),
        (["run"], "The folder of the server's file has to be named: --data"),
        (["token"], "required: --data, --role"),
        (["run", "--data", "DATA", "--port", "99999"], "99999 is no port: 0 to 65535"),
        (["run", "--data", "DATA", "--port", "-1"], "-1"),
        (["run", "--data", "DATA", "--log-level", "loud"], "invalid choice: 'loud'"),
        (["run", "--data", "DATA", "--host", "no.such.host.invalid", "--port", "0"], "can't listen at this address"),
        (["enrol", "--data", "DATA"], "required: --kind, --name"),
        (["enrol", "--data", "DATA", "--kind", "bar", "--name", "x"], "invalid choice: 'bar'"),
        (["enrol", "--data", "DATA", "--kind", "pos", "--name", ""], "a name has 1 to 64 printable characters"),
        (["enrol", "--data", "DATA", "--kind", "pos", "--name", "x", "--letter", "c"], "c is no letter"),
        (["enrol", "--data", "DATA", "--kind", "pos", "--name", "x", "--url", "till"], "till is no address"),
        (["enrol", "--data", "DATA", "--kind", "pos", "--name", "x", "--url", "http://h:x"], "no address of a server"),
        (["enrol-again", "--data", "DATA", "--device", "pos-1"], "There is no server's file in this folder"),
        (["token", "--data", "DATA", "--role", "king"], "invalid choice: 'king'"),
        (["token", "--data", "DATA", "--role", "waiter", "--days", "0"], "0 is no number of days"),
        (["import-catalogue", "--data", "DATA", "--file", "none.json"], "The file can't be read"),
        (["import-catalogue", "--data", "DATA", "--file", "/"], "Is a directory"),
    ],
)
def test_the_server_says_what_is_wrong_with_its_command_line(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in said_of_server([str(tmp_path) if word == "DATA" else word for word in words], capsys)


def test_a_device_that_the_server_does_not_know_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert server(["token", "--data", str(tmp_path), "--role", "waiter"]) == 0
    capsys.readouterr()

    assert "No device has this id" in said_of_server(
        ["enrol-again", "--data", str(tmp_path), "--device", "pos-1"], capsys
    )


def test_a_port_that_is_taken_is_named(taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = said_of_server(["run", "--data", str(tmp_path), "--port", str(taken)], capsys)
    assert "The server can't listen at this address" in said
    assert f"127.0.0.1:{taken}" in said


@pytest.mark.parametrize("command", ["run", "token"])
def test_a_file_in_the_place_of_the_folder_is_named(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").write_text("in the way")
    extra = ["--port", "0"] if command == "run" else ["--role", "waiter"]
    said = said_of_server([command, "--data", str(tmp_path / "data"), *extra], capsys)
    assert "The folder of the device's file can't be used" in said
    assert (tmp_path / "data").read_text() == "in the way"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is not JSON"),
        ('{"menu":\n {"items": [}}', "line 2"),
        ("[]", "one JSON object"),
        ('{"menu": {"items": [{"id": "x"}]}}', "menu.items.0.name: This field is missing."),
        ('{"tables": []}', "tables: This field is not known here."),
        ('{"menu": 7}', "menu: "),
        ('{"floor": {"rooms": []}, "floor": {"tables": []}}', "One object has the field floor twice."),
        ("PK\x03\x04\x14\x00\x06", "Save its sheet as CSV, and load that."),
        ("\udcff", "The file is not JSON"),
    ],
)
def test_a_catalogue_that_cannot_be_loaded_is_named_by_place_and_nothing_is_stored(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "shop.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    told = said_of_server(["import-catalogue", "--data", str(tmp_path / "data"), "--file", str(file)], capsys)
    assert said in told
    assert "Nothing was changed" in told


def test_a_device_that_is_enrolled_again_keeps_its_id_and_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(tmp_path)]
    assert server(["enrol", *data, "--kind", "pos", "--name", "Till 1", "--letter", "C"]) == 0
    first = dict(row.split(" = ") for row in capsys.readouterr().out.splitlines())
    assert server(["enrol-again", *data, "--device", json.loads(first["device_id"])]) == 0
    second = dict(row.split(" = ") for row in capsys.readouterr().out.splitlines())
    assert {name for name in first if first[name] != second[name]} == {"token"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--orders", "0"], "a whole number from 1 to"),
        (["--orders", "many"], "a whole number from 1 to"),
        (["--speed", "fast"], "a number from 1 to 1000, not fast"),
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--colour"], "unrecognized arguments: --colour"),
        (["--data", "none.csv"], "none.csv"),
        (["--data", "/"], "/"),
        (["--data", "BINARY"], "BINARY"),
        (["--data", "EMPTY"], "EMPTY"),
        (["--report", "FULL"], "This folder is not empty and holds no night"),
        (["--report", "EMPTY"], "EMPTY"),
        (["--json", "none/figures.json"], "none"),
    ],
)
def test_the_demo_says_what_is_wrong_with_its_command_line(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("EMPTY").touch()
    Path("BINARY").write_bytes(bytes(range(256)))
    Path("FULL").mkdir()
    Path("FULL/mine.txt").touch()
    monkeypatch.setattr(sys, "argv", ["evertill-demo", "--orders", "1", *words])
    code, told = ends(demo, capsys)
    assert code == 2
    assert said in told
    assert "Traceback" not in told
    assert Path("FULL/mine.txt").exists()
    assert not Path("demo-report").exists() or not any(Path("demo-report").iterdir())
