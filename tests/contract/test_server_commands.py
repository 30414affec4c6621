"""The server's command line: enrolling, tokens, loading a restaurant; each clear about what it could not do."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from reference_server.main import DEMO_FILE, main
from reference_server.storage.file import FILE_NAME
from shared.database import open_reader
from shared.locks import OsLock
from shared.settings import DeviceKind, DeviceSettings, load_settings


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    reader = open_reader(data / FILE_NAME)
    try:
        return list(reader.execute(sql))
    finally:
        reader.close()


def test_what_enrolment_prints_is_a_device_s_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "http://192.168.1.10:8080"
    assert main(["enrol", "--data", str(tmp_path), "--kind", "pos", "--name", 'Till "A" é', "--url", url]) == 0
    file = tmp_path / "pos.toml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    settings = load_settings(file)
    assert (settings.kind, settings.device_name, settings.letter) == (DeviceKind.POS, 'Till "A" é', "A")
    assert str(settings.server_url).startswith(url)
    assert rows(tmp_path, "SELECT kind, name, letter, role FROM device") == [("pos", 'Till "A" é', "A", None)]
    assert main(["enrol", "--data", str(tmp_path), "--kind", "kds", "--name", "Grill"]) == 0
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_settings(file).kind is DeviceKind.KDS


def test_a_letter_that_is_taken_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["enrol", "--data", str(tmp_path), "--kind", "pos", "--name", "Till", "--letter", "C"]
    assert main(command) == 0
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "This letter belongs to another till." in said
    assert "Traceback" not in said


def test_a_token_is_printed_alone_on_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--data", str(tmp_path), "--role", "waiter", "--days", "30"]) == 0
    printed = capsys.readouterr().out
    assert printed.endswith("\n")
    assert len(printed.strip()) == 43
    assert rows(tmp_path, "SELECT kind, role, expires_at > created_at FROM device") == [("script", "WAITER", 1)]


def test_a_restaurant_is_loaded_from_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-catalogue", "--data", str(tmp_path), "--file", str(DEMO_FILE)]) == 0
    names = {name for (name,) in rows(tmp_path, "SELECT name FROM catalogue")}
    assert {"menu", "floor", "settings", "staff", "staff-names"} <= names
    assert len(capsys.readouterr().err.splitlines()) == 2, "a new server was begun, and nothing else was to be said"


def test_a_wrong_restaurant_changes_nothing_and_every_fault_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = json.loads(DEMO_FILE.read_bytes())
    demo["menu"]["items"][3]["station"] = "sushi"
    demo["floor"]["tables"][0]["roomId"] = "attic"
    file = tmp_path / "menu.json"
    file.write_text(json.dumps(demo))
    assert main(["import-catalogue", "--data", str(tmp_path / "data"), "--file", str(file)]) == 2
    said = capsys.readouterr().err
    assert "line 1, menu.items.3 (Carnitas Bowl): there is no station sushi" in said
    assert "floor.tables.0 (1): there is no room attic" in said
    assert not (tmp_path / "data").exists()


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import-catalogue", "--data", str(tmp_path), "--file", str(tmp_path / "none.json")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("The file can't be read.\n")
    assert "setting" not in said


def test_a_second_server_on_one_folder_says_so_and_leaves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with OsLock(tmp_path / "server.lock"):
        assert main(["run", "--data", str(tmp_path), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert "already running on this folder" in said
    assert "window" not in said


def test_a_damaged_file_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = b"this is no database" * 500
    (tmp_path / FILE_NAME).write_bytes(damaged)
    assert main(["token", "--data", str(tmp_path), "--role", "waiter"]) == 2
    assert "damaged" in capsys.readouterr().err
    assert (tmp_path / FILE_NAME).read_bytes() == damaged


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run", "--data", "d", "--port", "70000"],
        ["run", "--data", "d", "--port", "http"],
        ["enrol", "--data", "d", "--kind", "toaster", "--name", "x"],
        ["enrol", "--data", "d", "--kind", "pos", "--name", ""],
        ["enrol", "--data", "d", "--kind", "pos", "--name", "x", "--letter", "c"],
        ["token", "--data", "d", "--role", "king"],
        ["token", "--data", "d", "--role", "waiter", "--days", "0"],
    ],
)
def test_a_command_that_makes_no_sense_is_refused_with_its_usage(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_code_is_printed_by_itself_and_what_it_is_for_has_to_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["code", "--data", str(tmp_path), "--kind", "pos", "--name", "Till 1"]) == 0
    assert re.fullmatch(r"\w{3}-\w{3}-\w{3}\n", capsys.readouterr().out)
    assert main(["enrol", "--data", str(tmp_path), "--kind", "pos", "--name", "Till 2"]) == 0
    device = DeviceSettings(**tomllib.loads(capsys.readouterr().out)).device_id
    assert main(["code", "--data", str(tmp_path), "--device", device]) == 0
    assert re.fullmatch(r"\w{3}-\w{3}-\w{3}\n", capsys.readouterr().out)
    for wrong in (["--kind", "pos"], ["--name", "Till 1"], ["--device", device, "--name", "Till 1"], ["--device", "x"]):
        assert main(["code", "--data", str(tmp_path), *wrong]) == 2
        told = capsys.readouterr()
        assert (told.out, bool(told.err)) == ("", True)


@pytest.mark.parametrize(
    "asked",
    [
        ["heal"],
        ["heal", "--go"],
        ["export-catalogue", "--part", "menu", "--to", "menu.csv"],
        ["import-catalogue", "--file", str(DEMO_FILE), "--check"],
        ["enrol-again", "--device", "pos-1"],
        ["code", "--device", "pos-1"],
    ],
)
def test_what_asks_about_a_server_makes_none_where_there_is_none(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([asked[0], "--data", "typo", *asked[1:]]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said == ["There is no server's file in this folder.", f"typo/{FILE_NAME}", "Check --data."]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "asked",
    [
        ["token", "--role", "waiter"],
        ["code", "--kind", "kds", "--name", "Grill"],
        ["enrol", "--kind", "pos", "--name", "Till 1"],
        ["import-catalogue", "--file", str(DEMO_FILE)],
    ],
)
def test_what_begins_a_new_server_says_so_once_and_beside_what_it_prints(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "typo"
    command = [asked[0], "--data", str(data), *asked[1:]]
    assert main(command) == 0
    first = capsys.readouterr()
    assert first.err.startswith(f"There was no server's file in {data}: a new one was begun there")
    assert "check --data" in first.err
    assert main(command) == 0
    second = capsys.readouterr()
    assert second.err == ""
    assert len(second.out.splitlines()) == len(first.out.splitlines())


def test_words_without_a_detail_have_no_empty_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "--data", str(tmp_path), "--kind", "pos"]) == 2
    assert "" not in capsys.readouterr().err.splitlines()
