"""One theme: tokens, metrics and font together, and the holder through which every widget draws and follows a switch.

The holder is built once by each program and handed to every widget: nothing looks it up. Switching it restyles the
application and tells each painted widget to measure and paint itself again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPaintDevice, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from shared.qt.icons import MIRRORED, IconName, Icons
from shared.qt.metrics import Metrics
from shared.qt.palettes import palette, sla_palette
from shared.qt.style_sheet import style_sheet
from shared.qt.text import TextFitter
from shared.qt.tokens import Palette, SlaName, SlaPalette, ThemeName, Tone, TypeSize, Weight

_WANTED_FAMILIES: Final = ("Inter", "Inter Variable")


@dataclass(frozen=True, slots=True)
class Theme:
    """Everything that decides how the program looks. `family` is empty for the platform's own UI font."""

    name: ThemeName
    metrics: Metrics
    sla: SlaName = SlaName.CLEAR
    family: str = ""


@dataclass(frozen=True, slots=True)
class ToneInk:
    """The two colours of a tone: the word and the ground it stands on."""

    fore: QColor
    back: QColor


class ThemeHolder(QObject):
    """The theme in force, with its colours, fonts and icons ready to paint with.

    `changed` is emitted after every switch; widgets of ours listen by themselves, a screen seldom needs to.
    """

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = Icons()
        self._app: QApplication | None = None
        self._take(theme)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    @property
    def metrics(self) -> Metrics:
        """Sizes on this screen."""
        return self._theme.metrics

    @property
    def ink(self) -> Palette[QColor]:
        """Every colour by its token, ready for a painter."""
        return self._ink

    @property
    def sla(self) -> SlaPalette[QColor]:
        """The colours of a ticket's age."""
        return self._sla

    @property
    def text(self) -> TextFitter:
        """Widths and line breaks in the fonts of this theme, remembered."""
        return self._text

    def tone(self, tone: Tone) -> ToneInk:
        """The colours of a badge, pill or banner of this tone."""
        return self._tones[tone]

    def font(self, size: TypeSize, weight: Weight = Weight.REGULAR, *, struck: bool = False) -> QFont:
        """The font of one of the type sizes, with figures of equal width. Shared: copy before changing it."""
        found = self._sized.get((size, weight, struck))
        if found is None:
            found = self._sized[(size, weight, struck)] = self.font_px(
                self.metrics.type_px(size), weight, struck=struck
            )
        return found

    def font_px(self, pixels: int, weight: Weight = Weight.REGULAR, *, struck: bool = False) -> QFont:
        """A font by its pixel size, for the kitchen, where sizes follow the reading distance."""
        found = self._fonts.get((pixels, weight, struck))
        if found is None:
            found = QFont(self._theme.family) if self._theme.family else QFont(_platform_family())
            found.setPixelSize(pixels)
            found.setWeight(QFont.Weight(weight))
            found.setStrikeOut(struck)
            found.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[(pixels, weight, struck)] = found
            self._text.learn(found)
        return found

    def font_metrics(self, font: QFont) -> QFontMetrics:
        """Measures of a font this holder made; kept, because building them costs more than asking them."""
        return self._text.measures(font)

    def icon(self, name: IconName, *, colour: QColor, size_px: int, on: QPaintDevice, rtl: bool = False) -> QPixmap:
        """An icon in this colour, sharp on the widget `on`; arrows and the like turn round where `rtl` is set."""
        mirrored = rtl and name in MIRRORED
        return self._icons.pixmap(name, colour=colour, size_px=size_px, ratio=on.devicePixelRatioF(), mirrored=mirrored)

    def dress(self, app: QApplication) -> None:
        """Give the whole application this theme, now and after every later switch."""
        self._app = app
        style = QStyleFactory.create("Fusion")
        app.setStyle(style)
        self._restyle(app)

    def switch(self, theme: Theme) -> None:
        """Put another theme in force and repaint everything with it."""
        self._take(theme)
        if self._app is not None:
            self._restyle(self._app)
        self.changed.emit()

    def _take(self, theme: Theme) -> None:
        self._theme = theme
        self._ink: Palette[QColor] = palette(theme.name).map(QColor)
        self._sla: SlaPalette[QColor] = sla_palette(theme.sla).map(QColor)
        self._fonts: dict[tuple[int, Weight, bool], QFont] = {}
        self._sized: dict[tuple[TypeSize, Weight, bool], QFont] = {}
        self._text = TextFitter()
        ink = self._ink
        self._tones = {
            Tone.NEUTRAL: ToneInk(fore=ink.muted, back=ink.control),
            Tone.OK: ToneInk(fore=ink.ok, back=ink.ok_back),
            Tone.INFO: ToneInk(fore=ink.info, back=ink.selected),
            Tone.WARN: ToneInk(fore=ink.warn, back=ink.warn_back),
            Tone.BAD: ToneInk(fore=ink.bad, back=ink.bad_back),
        }

    def _restyle(self, app: QApplication) -> None:
        ink = self._ink
        colours = QPalette()
        for role, colour in (
            (QPalette.ColorRole.Window, ink.bg),
            (QPalette.ColorRole.WindowText, ink.text),
            (QPalette.ColorRole.Base, ink.surface),
            (QPalette.ColorRole.AlternateBase, ink.raised),
            (QPalette.ColorRole.Text, ink.text),
            (QPalette.ColorRole.Button, ink.control),
            (QPalette.ColorRole.ButtonText, ink.text),
            (QPalette.ColorRole.PlaceholderText, ink.muted),
            (QPalette.ColorRole.Highlight, ink.primary),
            (QPalette.ColorRole.HighlightedText, ink.on_primary),
        ):
            colours.setColor(role, colour)
        app.setPalette(colours)
        app.setFont(self.font(TypeSize.BODY))
        app.setStyleSheet(style_sheet(palette(self._theme.name), self.metrics))


def choose_family(installed: Collection[str]) -> str:
    """Inter when the machine has it, else an empty name, which stands for the platform's own UI font."""
    return next((family for family in _WANTED_FAMILIES if family in installed), "")


def installed_family() -> str:
    """`choose_family` for this machine; needs a running QGuiApplication."""
    return choose_family(QFontDatabase.families())


def _platform_family() -> str:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
