"""The keys of a kitchen's own bump bar, and a sheet that somebody forgot over the board."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from kds_client.bump_bar import KEYMAP, Deed, KeyMeaning, keymap
from kds_client.program import kitchen_settings
from kds_client.window import SHEET_TICKS
from shared.errors import BadSettings
from shared.settings import DeviceKind, DeviceSettings
from tests.gui.kds.conftest import Kitchen, ticket

KEY = Qt.Key
ENROLLED = 'kind = "kds"\nserver_url = "http://127.0.0.1:1"\ndevice_id = "kds-1"\ntoken = "' + "x" * 32 + '"\n'


def test_a_kitchens_own_keys_lie_over_the_usual_ones() -> None:
    keys = keymap({"Plus": "bump", "F9": "choose 2", "Z": "item 12", "S": "nothing", "7": "page-on"})
    assert keys[KEY.Key_Plus] == KeyMeaning(Deed.BUMP)
    assert keys[KEY.Key_F9] == KeyMeaning(Deed.CHOOSE, 1)
    assert keys[KEY.Key_Z] == KeyMeaning(Deed.ITEM, 11)
    assert keys[KEY.Key_7] == KeyMeaning(Deed.PAGE_ON, repeats=True)
    assert KEY.Key_S not in keys
    assert keys[KEY.Key_Return] == KEYMAP[KEY.Key_Return]


@pytest.mark.parametrize(
    ("name", "deed"),
    [("Foo", "bump"), ("A", "choose"), ("A", "bump 2"), ("A", "item 0"), ("A", "item x"), ("A", "dance"), ("A", "")],
)
def test_what_is_no_key_or_no_deed_is_named_before_the_window_opens(tmp_path: Path, name: str, deed: str) -> None:
    path = tmp_path / "kds.toml"
    path.write_text(f'{ENROLLED}[keys]\n{name} = "{deed}"\n')
    with pytest.raises(BadSettings, match=name):
        kitchen_settings(path, theme=None)


def test_a_kitchen_screen_has_21_inches_and_a_half_until_somebody_says_otherwise() -> None:
    enrolled = {"server_url": "http://127.0.0.1:1", "device_id": "kds-1", "token": "x" * 32, "letter": "A"}
    for kind, inches in ((DeviceKind.KDS, 21.5), (DeviceKind.POS, 15.6)):
        assert DeviceSettings.model_validate({**enrolled, "kind": kind}).diagonal_inch == inches
        assert DeviceSettings.model_validate({**enrolled, "kind": kind, "diagonal_inch": 32}).diagonal_inch == 32


def test_a_sheet_that_was_forgotten_uncovers_the_board_by_itself(kitchen: Kitchen) -> None:
    kitchen.key(KEY.Key_L)
    kitchen.put(ticket(1, "Burger"))
    assert kitchen.window.sheet.isVisible()
    assert kitchen.rig.operations() == []
    for _ in range(SHEET_TICKS):
        kitchen.window._tick()
    kitchen.calm()

    assert not kitchen.window.sheet.isVisible()
    assert kitchen.rig.operations() == ["seen_ticket"]
