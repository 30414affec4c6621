"""A device's settings: whatever stands in the file, it is read whole or refused in words, and no till guesses."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from reference_server.people.enrolment import Enrolled, settings_toml
from reference_server.storage.devices import Device
from reference_server.storage.devices import DeviceKind as EnrolledKind
from shared.errors import BadSettings
from shared.ids import DeviceId
from shared.settings import DeviceKind, load_settings

TOKEN = "k3y-" * 10


def enrolled(kind: EnrolledKind) -> str:
    """What enrolment prints for a device."""
    letter = "C" if kind is EnrolledKind.POS else None
    return settings_toml(
        Enrolled(Device(DeviceId("device-1"), "Küche 1", kind, letter, None), TOKEN), url="http://192.168.1.10:8080"
    )


TILL = enrolled(EnrolledKind.POS)
KITCHEN = enrolled(EnrolledKind.KDS)


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("EVERTILL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def refusal(file: Path, text: str | bytes) -> BadSettings:
    """Why this text can't be a device's settings."""
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadSettings) as caught:
        load_settings(file)
    assert str(file) in caught.value.detail
    assert TOKEN not in f"{caught.value} {caught.value.advice}"
    return caught.value


def test_what_enrolment_prints_is_a_devices_settings(file: Path) -> None:
    file.write_text(TILL, encoding="utf-8")
    till = load_settings(file)
    assert (till.kind, till.letter, till.token, till.device_name) == (DeviceKind.POS, "C", TOKEN, "Küche 1")
    file.write_text(KITCHEN, encoding="utf-8")
    assert load_settings(file).kind is DeviceKind.KDS


@pytest.mark.parametrize("whole", [TILL, KITCHEN], ids=["till", "kitchen"])
def test_a_file_that_was_cut_short_anywhere_is_never_taken_for_a_whole_one(file: Path, whole: str) -> None:
    raw = whole.encode()
    for length in range(len(raw) - 1):  # without its last line break it is whole
        said = refusal(file, raw[:length])
        assert said.title in ("The settings file is not whole", "The settings can't be used")


def test_a_till_without_its_letter_does_not_take_another_tills(file: Path) -> None:
    said = refusal(file, TILL.replace('letter = "C"\n', ""))
    assert "letter: This field is missing." in said.detail


def test_a_mark_that_an_editor_put_before_the_file_changes_nothing(file: Path) -> None:
    file.write_text(TILL, encoding="utf-8-sig")
    assert load_settings(file).letter == "C"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('server_url = "nonsense"', "server_url: A web address is needed, like http://192.168.1.10:8080."),
        ('server_url = "ftp://till"', "server_url: A web address is needed, like http://192.168.1.10:8080."),
        ("server_url = 8080", "server_url: A web address is needed, like http://192.168.1.10:8080."),
        ('server_url = "http://me:word@till"', "server_url: Only the address itself is needed, without a user's"),
        ('server_url = "http://till/?a=b"', "server_url: Only the address itself is needed"),
        ('letter = "c"', "letter: One to three letters from A to Z are needed."),
        ("letter = 3", "letter: A text is needed."),
        ('token = "short"', "token: It has to have at least 16 characters."),
        ('token = "ééééééééééééééééééé"', "token: It is not the token that enrolment printed."),
        ('token = "aaaaaaaaaaaaaaaa\\nbbbbbbbb"', "token: It is not the token that enrolment printed."),
        ('kind = "bar"', "kind: One of these is needed: 'pos' or 'kds'."),
        ('theme = "pink"', "theme: One of these is needed: dark, light, high-contrast."),
        ('sla_palette = "loud"', "sla_palette: One of these is needed: clear, classic."),
        ('scale_percent = "large"', "scale_percent: A whole number is needed."),
        ("scale_percent = 500", "scale_percent: It can be at most 150."),
        ("diagonal_inch = nan", "diagonal_inch: "),
        ('full_screen = "perhaps"', "full_screen: true or false is needed."),
        ('data_dir = ""', "data_dir: The name of a folder is needed."),
        ('data_dir = "a\\u0000b"', "data_dir: The name of a folder is needed."),
        ("data_dir = { a = 1 }", "data_dir: A text is needed."),
        ('colour = "red"', "colour: This field is not known here."),
        ("_env_prefix = 'X_'", "_env_prefix: This field is not known here."),
        ("self = 1", "self: This field is not known here."),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_words(file: Path, line: str, said: str) -> None:
    name = line.partition(" ")[0]
    others = [row for row in TILL.splitlines() if not row.startswith(f"{name} ")]
    assert said in refusal(file, "\n".join([*others, line])).detail


def test_every_setting_that_is_wrong_is_named_at_once(file: Path) -> None:
    detail = refusal(file, 'letter = "c"\ntheme = 1\n').detail
    assert [row.partition(":")[0] for row in detail.splitlines()[1:]] == [
        "server_url",
        "device_id",
        "token",
        "letter",
        "theme",
    ]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00",
        b"SQLite format 3\x00",
        b"{}",
        b"a = " + b"[" * 100_000,
        b"scale_percent = " + b"9" * 5_000,
        TILL.encode("utf-16"),
        TILL.encode() + TILL.encode(),
        bytes(500),
    ],
    ids=["no text", "a database", "JSON", "deep", "a huge number", "UTF-16", "twice", "zeros"],
)
def test_what_is_no_settings_file_is_said_so(file: Path, raw: bytes) -> None:
    said = refusal(file, raw)
    assert said.title == "The settings file is not whole"
    assert "enrol" in said.advice


def test_a_file_that_is_not_there_or_can_not_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as missing:
        load_settings(tmp_path / "none.toml")
    assert missing.value.title == "This device is not enrolled yet"
    with pytest.raises(BadSettings) as folder:
        load_settings(tmp_path)
    assert "can't be read" in folder.value.detail
    barred = SimpleNamespace(read_text=lambda **_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(BadSettings) as denied:
        load_settings(barred)  # type: ignore[arg-type]
    assert "can't be read: Permission denied" in denied.value.detail


def test_a_wrong_word_in_the_environment_is_named_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERTILL_THEME", "pink")
    assert "theme: One of these is needed" in refusal(file, TILL).detail
    monkeypatch.setenv("EVERTILL_THEME", "light")
    file.write_text(TILL, encoding="utf-8")
    assert load_settings(file).theme == "light"


def test_the_environment_says_it_in_any_letters_and_tables_as_json(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(KITCHEN + '[keys]\nF1 = "bump 1"\n', encoding="utf-8")
    monkeypatch.setenv("EVERTILL_KEYS", '{"F2": "bump 2"}')
    monkeypatch.setenv("evertill_full_screen", "true")
    monkeypatch.setenv("EVERTILL_DATA_DIR", "~/till")
    kitchen = load_settings(file)
    assert (kitchen.keys, kitchen.full_screen, kitchen.data_dir) == (
        {"F1": "bump 1", "F2": "bump 2"},
        True,
        Path.home() / "till",
    )


def test_a_kitchen_by_the_environment_has_a_kitchens_size(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(TILL, encoding="utf-8")
    assert load_settings(file).diagonal_inch == 15.6
    monkeypatch.setenv("EVERTILL_KIND", "kds")
    assert load_settings(file).diagonal_inch == 21.5


def test_a_table_in_the_environment_that_is_no_json_is_refused_by_its_name(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERTILL_KEYS", "F1=bump")
    assert '"keys"' in refusal(file, KITCHEN).detail
