"""The windows of a night stand side by side on a display of any size, and none lies on another."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication

from demo.main import SCREENS
from demo.stage import FRAME_PX, PLACE, TILL, Room, as_hung, placed
from shared.qt.metrics import Metrics
from shared.qt.starting import make_holder
from shared.settings import DeviceSettings


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (2560, 1440), (1080, 1920)])
def test_no_window_lies_on_another_or_leaves_the_display(size: tuple[int, int]) -> None:
    room = Room(0, 30, size[0], size[1] - 30)
    rects = []
    for name, environment in placed(list(SCREENS), SCREENS, room).items():
        scale = float(environment["QT_SCALE_FACTOR"])
        x, y = (round(int(one) * scale) for one in environment[PLACE].split(","))
        glass = SCREENS[name]
        rects.append(QRect(x, y, int(glass.width_px * scale), int(glass.height_px * scale)))

    assert len(rects) == 4
    for place, rect in enumerate(rects):
        with_frame = rect.adjusted(0, 0, FRAME_PX[0], FRAME_PX[1])
        assert QRect(room.x - 1, room.y - 1, room.width + 2, room.height + 2).contains(with_frame)
        assert not any(with_frame.adjusted(2, 2, -2, -2).intersects(other) for other in rects[place + 1 :])


def test_a_screen_of_the_night_has_the_millimetres_of_the_one_that_hangs_in_the_house(
    qapp: QApplication,
) -> None:
    settings = DeviceSettings(server_url="http://127.0.0.1:1", device_id="d", token="t" * 16, letter="A")  # type: ignore[arg-type]

    hung = make_holder(qapp, as_hung(settings, qapp, TILL)).theme.metrics
    real = Metrics.of_screen(diagonal_inch=15.6, width_px=1366, height_px=768)

    assert abs(hung.px_per_mm - real.px_per_mm) < 0.01
