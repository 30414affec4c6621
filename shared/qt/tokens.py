"""Pure: the colours, sizes and steps every screen is drawn with, and the arithmetic that proves them readable.

A screen never writes a colour or a size: it names a token, so that dark, light and high contrast are one switch and a
test can compute every contrast ratio from this one file. `Palette` is generic so that the same names hold hex strings
here and ready `QColor`s in the theme.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from typing import Final, Generic, TypeVar

TIMES: Final = "\N{MULTIPLICATION SIGN}"  # as in "two times soup"

Paint = TypeVar("Paint")
Other = TypeVar("Other")


class ThemeName(StrEnum):
    """The three looks a person may choose."""

    DARK = "dark"
    LIGHT = "light"
    HIGH_CONTRAST = "high-contrast"


class SlaName(StrEnum):
    """`CLEAR` can be told apart by the colour-blind and is the default; `CLASSIC` is green, amber, red."""

    CLEAR = "clear"
    CLASSIC = "classic"


class TypeSize(IntEnum):
    """Type sizes in design pixels, before density and the person's scale."""

    NOTE = 14
    BODY = 16
    HEADING = 20
    TITLE = 26
    FIGURE = 34
    HERO = 46


class Weight(IntEnum):
    """Font weights, on the OpenType scale that QFont uses."""

    REGULAR = 400
    MEDIUM = 500
    SEMIBOLD = 600
    BOLD = 700


class Tone(StrEnum):
    """What a word means to the person. A tone is always shown with an icon and a word, never by colour alone."""

    NEUTRAL = "neutral"
    OK = "ok"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Palette(Generic[Paint]):
    """Every colour by its use. Text-bearing pairs keep 4.5:1 and, on the kitchen's item rows, 7:1."""

    bg: Paint
    surface: Paint
    raised: Paint
    line: Paint
    text: Paint
    muted: Paint
    faded: Paint  # text of rows that are done with: text blended into the surface, still 4.5:1
    control: Paint
    pressed: Paint  # a control under a finger
    selected: Paint
    disabled: Paint  # fill of a control that cannot be used now: half control, half surface
    disabled_text: Paint
    primary: Paint
    primary_pressed: Paint
    primary_disabled: Paint
    on_primary: Paint
    accent: Paint  # links and marks on bg, surface and raised
    info: Paint  # words on `selected`
    ok: Paint
    ok_back: Paint
    warn: Paint
    warn_back: Paint
    bad: Paint
    bad_back: Paint
    ok_fill: Paint  # a filled button that says yes, with `on_fill` text
    ok_pressed: Paint
    ok_disabled: Paint
    warn_fill: Paint
    on_fill: Paint  # dark text on ok, warn and category fills
    shade: Paint  # laid over the screen behind a sheet
    notice: Paint  # a modifier on a kitchen ticket, 7:1
    stripe_1: Paint
    stripe_2: Paint
    stripe_3: Paint
    stripe_4: Paint
    stripe_5: Paint

    def map(self, turn: Callable[[Paint], Other]) -> "Palette[Other]":
        """The same names with each value turned into something else, such as a `QColor`."""
        return Palette(**{field.name: turn(getattr(self, field.name)) for field in fields(self)})

    def stripes(self) -> tuple[Paint, ...]:
        """The category stripes in order; a category takes `stripes()[index % 5]`."""
        return (self.stripe_1, self.stripe_2, self.stripe_3, self.stripe_4, self.stripe_5)


@dataclass(frozen=True, slots=True)
class SlaColour(Generic[Paint]):
    """A ticket header's fill and the text that is readable on it at 4.5:1."""

    fill: Paint
    text: Paint


@dataclass(frozen=True, slots=True)
class SlaPalette(Generic[Paint]):
    """The three ages of a ticket. The kitchen always shows a shape and a word beside the colour."""

    green: SlaColour[Paint]
    orange: SlaColour[Paint]
    red: SlaColour[Paint]

    def map(self, turn: Callable[[Paint], Other]) -> "SlaPalette[Other]":
        """The same three with each colour turned into something else."""

        def one(colour: SlaColour[Paint]) -> SlaColour[Other]:
            return SlaColour(fill=turn(colour.fill), text=turn(colour.text))

        return SlaPalette(green=one(self.green), orange=one(self.orange), red=one(self.red))


def blend(colour: str, over: str, share: float) -> str:
    """`colour` at `share` (0..1) over `over`, as `#RRGGBB`. Fading is done here, never with an opacity effect."""
    mixed = (round(a * share + b * (1 - share)) for a, b in zip(_channels(colour), _channels(over), strict=True))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1..21 of two `#RRGGBB` colours (WCAG 2.2, relative luminance of sRGB)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
