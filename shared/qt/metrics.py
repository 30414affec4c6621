"""Pure: turns millimetres and design pixels into pixels of one particular screen.

A finger does not shrink with the pixels, so touch sizes are given in millimetres and never scaled; type and spacing
follow the density of the screen and the scale the person chose.
"""

from dataclasses import dataclass
from math import ceil, hypot, pi, tan
from typing import Final

from shared.qt.tokens import TypeSize

TOUCH_FLOOR_PX: Final = 48
TOUCH_MM: Final = 12.0
KEY_MM: Final = 20.0
TILE_MM: Final = (25.0, 22.0)
ACTION_MM: Final = 20.0  # Send and Pay
APART_MM: Final = 8.0  # the least distance from Send and Pay to Void
BUMP_MM: Final = 25.0
SCALE_PERCENT: Final = (90, 150)
DIAGONAL_INCH: Final = (5.0, 100.0)

_MM_PER_INCH: Final = 25.4
_DESIGN_PX_PER_MM: Final = 100.0 / _MM_PER_INCH  # the designs were drawn for about 100 pixels an inch
_DENSITY: Final = (1.0, 2.5)
_CAP_HEIGHT: Final = 0.727  # of the em, Inter; other fonts are within 3 % of it
_MINUTES_PER_DEGREE: Final = 60
_LARGE_SCALE: Final = 1.25
_NARROW_PX, _WIDE_PX = 1024, 1366  # design pixels beside each other: room for words as drawn, and for the largest


@dataclass(frozen=True, slots=True)
class Metrics:
    """Sizes on one screen. `px_per_mm` is physical, `density` and `scale` only change type and spacing."""

    px_per_mm: float
    density: float
    scale: float

    @classmethod
    def of_screen(cls, *, diagonal_inch: float, width_px: int, height_px: int, scale_percent: int = 100) -> "Metrics":
        """Sizes for a screen measured corner to corner; `width_px` and `height_px` are Qt's logical pixels.

        Values outside `DIAGONAL_INCH` and `SCALE_PERCENT` are moved to the nearest end: a wrong setting must still
        give a till that can be touched, so that the setting can be mended there. Words grow only as far as there is
        room for a screen of them: not on 1024 pixels, and in full from 1366 on.
        """
        diagonal = min(max(diagonal_inch, DIAGONAL_INCH[0]), DIAGONAL_INCH[1])
        percent = min(max(scale_percent, SCALE_PERCENT[0]), SCALE_PERCENT[1])
        px_per_mm = hypot(max(width_px, 1), max(height_px, 1)) / (diagonal * _MM_PER_INCH)
        density = min(max(round(px_per_mm / _DESIGN_PX_PER_MM, 1), _DENSITY[0]), _DENSITY[1])
        share = (width_px / density - _NARROW_PX) / (_WIDE_PX - _NARROW_PX)
        fits = 100 + int(max(share, 0) * (SCALE_PERCENT[1] - 100))
        return cls(px_per_mm=px_per_mm, density=density, scale=min(percent, fits) / 100)

    def mm(self, millimetres: float) -> int:
        """Pixels that measure at least this many millimetres."""
        return ceil(round(millimetres * self.px_per_mm, 3))

    def touch(self, millimetres: float = TOUCH_MM) -> int:
        """Side of something touchable: at least 12 mm and 48 px, whatever was asked for."""
        return max(TOUCH_FLOOR_PX, self.mm(max(millimetres, TOUCH_MM)))

    def px(self, design_px: float) -> int:
        """A length drawn as `design_px` in the design, on this screen; at least one pixel."""
        return max(1, round(design_px * self.density * self.scale))

    def space(self, steps: int) -> int:
        """`steps` steps of four design pixels."""
        return self.px(4 * steps) if steps else 0

    def type_px(self, size: TypeSize) -> int:
        """Pixel size of the font for one of the type sizes."""
        return self.px(size.value)

    def font_px_for_angle(self, *, cap_arc_minutes: float, distance_m: float) -> int:
        """Pixel size of a font whose capitals are seen under this angle from this distance.

        For the kitchen: 16 arc minutes for item names, 20 for table and age. The floor is the body size.
        """
        angle = cap_arc_minutes / _MINUTES_PER_DEGREE * pi / 180
        cap_mm = 2 * distance_m * 1000 * tan(angle / 2)
        return max(self.type_px(TypeSize.BODY), ceil(cap_mm * self.px_per_mm / _CAP_HEIGHT))

    @property
    def has_large_words(self) -> bool:
        """Whether the person's scale is so large that screens have to make room for it."""
        return self.scale >= _LARGE_SCALE

    @property
    def radius(self) -> int:
        """Corner radius of cards, tiles and buttons."""
        return self.px(12)

    @property
    def radius_small(self) -> int:
        """Corner radius of badges and other small things."""
        return self.px(10)

    @property
    def radius_large(self) -> int:
        """Corner radius of sheets."""
        return self.px(14)
