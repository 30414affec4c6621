"""The server's settings: flags over environment over file over defaults, and every fault in a person's words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reference_server.main import main
from reference_server.settings import FILE_NAME, load_settings
from shared.errors import BadSettings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("EVERTILL_")]:
        monkeypatch.delenv(name)


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.toml"
    file.write_text('\ufeffport = 1\nhost = "0.0.0.0"\nslow_query_ms = 9\nbackup_keep = 3\n', encoding="utf-8")
    monkeypatch.setenv("EVERTILL_SERVER_PORT", "2")
    monkeypatch.setenv("EVERTILL_SERVER_SLOW_QUERY_MS", "7")
    settings = load_settings(file, {"data": tmp_path, "port": 3})
    assert (settings.port, settings.slow_query_ms, settings.backup_keep, settings.host) == (3, 7, 3, "0.0.0.0")
    assert (settings.backup_at, settings.backup_folder) == ("03:30", tmp_path / "backups")


def test_the_file_in_the_server_s_folder_is_read_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE_NAME).write_text("port = 81\n")
    assert load_settings(None, {"data": tmp_path}).port == 81
    monkeypatch.setenv("EVERTILL_SERVER_DATA", str(tmp_path))
    assert load_settings(None, {}).port == 81


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 'x'", "port: A whole number is needed."),
        ("port = 99999", "port: It can be at most 65535."),
        ("backup_at = '25:00'", "backup_at: A time of day is needed, like 03:30."),
        ("log_level = 'loud'", "log_level: One of these is needed"),
        ("statsd = 'here'", "statsd: An address and a port are needed, like 127.0.0.1:8125."),
        ("answers_kept_h = 1", "answers_kept_h: It has to be at least 24."),
        ("colour = 1", "colour: This field is not known here."),
        ("port = ", "The settings file is no TOML"),
    ],
)
def test_every_fault_is_told_with_the_file_and_the_setting(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    assert main(["run", "--data", str(tmp_path), "--settings", str(file)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert str(file) in told
    assert not (tmp_path / "server.sqlite").exists()


def test_a_folder_that_nobody_named_and_a_file_that_is_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run"]) == 2
    assert "--data, or EVERTILL_SERVER_DATA" in capsys.readouterr().err
    with pytest.raises(BadSettings):
        load_settings(tmp_path / "none.toml", {"data": tmp_path})


def test_the_command_says_with_which_settings_the_server_would_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["settings", "--data", str(tmp_path), "--port", "81"]) == 0
    said = capsys.readouterr().out
    assert "port = 81\n" in said
    assert "# log_file is not set\n" in said
    kept = tmp_path / FILE_NAME
    kept.write_text(said)
    assert load_settings(None, {"data": tmp_path}).port == 81


def test_every_command_works_on_the_database_that_the_settings_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE_NAME).write_text('database = "postgresql://nobody@127.0.0.1:1/none"\n')
    assert main(["token", "--data", str(tmp_path), "--role", "waiter"]) == 2
    assert "127.0.0.1" in capsys.readouterr().err
    assert main(["backup", "--data", str(tmp_path), "--to", str(tmp_path / "copy.sqlite")]) == 2
    assert "PostgreSQL is copied by its own tools" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_a_slip_in_the_name_of_a_setting_in_the_environment_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in the file: a server that goes on without what was set may keep its copies on the wrong disk."""
    monkeypatch.setenv("EVERTILL_SERVER_BACKUPTO", "/mnt/other")
    assert main(["settings", "--data", str(tmp_path)]) == 2
    assert "EVERTILL_SERVER_BACKUPTO, in the environment: This field is not known here." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    monkeypatch.delenv("EVERTILL_SERVER_BACKUPTO")
    monkeypatch.setenv("evertill_server_backup_to", "/mnt/other")
    monkeypatch.setenv("EVERTILL_THEME", "dark")
    assert load_settings(None, {"data": tmp_path}).backup_folder == Path("/mnt/other")


def test_a_till_on_the_same_machine_may_be_told_where_its_server_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERTILL_SERVER_URL", "https://till.house:8443")
    monkeypatch.setenv("EVERTILL_SERVER_CERTIFICATE", "/etc/evertill/house.pem")
    assert load_settings(None, {"data": tmp_path}).data == tmp_path
