"""Pure: the three palettes and the two sets of ticket ages, as hex strings."""

from typing import assert_never

from shared.qt.tokens import Palette, SlaColour, SlaName, SlaPalette, ThemeName, blend

_WHITE = "#FFFFFF"
_BLACK = "#000000"
_INK = "#0E1113"
_DISABLED_SHARE = 0.5
_FADED_SHARE = 0.7  # the faintest share at which text still has 4.5:1 on every surface of both themes
_FADED_SHARE_STRONG = 0.8
_PRESSED_SHARE = 0.82


def palette(name: ThemeName) -> Palette[str]:
    """The colours of one look."""
    match name:
        case ThemeName.DARK:
            return _dark()
        case ThemeName.LIGHT:
            return _light()
        case ThemeName.HIGH_CONTRAST:
            return _high_contrast()
        case _:
            assert_never(name)


def sla_palette(name: SlaName) -> SlaPalette[str]:
    """The colours of a ticket's age."""
    match name:
        case SlaName.CLEAR:
            return SlaPalette(
                green=SlaColour(fill="#0072B2", text=_WHITE),
                orange=SlaColour(fill="#F0E442", text=_INK),
                red=SlaColour(fill="#D55E00", text=_INK),
            )
        case SlaName.CLASSIC:
            return SlaPalette(
                green=SlaColour(fill="#2FBF86", text=_INK),
                orange=SlaColour(fill="#F2B134", text=_INK),
                red=SlaColour(fill="#FF6B6B", text=_INK),
            )
        case _:
            assert_never(name)


def _dark() -> Palette[str]:
    surface, text, control, primary, ok = "#161A1E", "#F3F6F8", "#2A3138", "#3D6FE8", "#2FBF86"
    return Palette(
        bg="#0E1113",
        surface=surface,
        raised="#1F252A",
        line="#2F3840",
        text=text,
        muted="#98A6B1",
        faded=blend(text, surface, _FADED_SHARE),
        control=control,
        pressed=blend(control, text, _PRESSED_SHARE),
        selected="#1B2A4F",
        disabled=blend(control, surface, _DISABLED_SHARE),
        disabled_text=blend(text, surface, _DISABLED_SHARE),
        primary=primary,
        primary_pressed=blend(primary, _BLACK, _PRESSED_SHARE),
        primary_disabled=blend(primary, surface, _DISABLED_SHARE),
        on_primary=_WHITE,
        accent="#8FB0FF",
        info="#8FB0FF",
        ok=ok,
        ok_back="#12382B",
        warn="#F2B134",
        warn_back="#3D2F0E",
        bad="#FF6B6B",
        bad_back="#431A1C",
        ok_fill=ok,
        ok_pressed=blend(ok, _BLACK, _PRESSED_SHARE),
        ok_disabled=blend(ok, surface, _DISABLED_SHARE),
        warn_fill="#F2B134",
        on_fill=_INK,
        shade=_BLACK,
        notice="#F2B134",
        **_STRIPES,
    )


def _light() -> Palette[str]:
    surface, text, control, primary, ok_fill = "#FFFFFF", "#14191D", "#E9EDF0", "#2F62E6", "#2FBF86"
    return Palette(
        bg="#F1F3F5",
        surface=surface,
        raised="#FFFFFF",
        line="#D9DFE4",
        text=text,
        muted="#5B6871",
        faded=blend(text, surface, _FADED_SHARE),
        control=control,
        pressed=blend(control, text, _PRESSED_SHARE),
        selected="#E2EAFE",
        disabled=blend(control, surface, _DISABLED_SHARE),
        disabled_text=blend(text, surface, _DISABLED_SHARE),
        primary=primary,
        primary_pressed=blend(primary, _BLACK, _PRESSED_SHARE),
        primary_disabled=blend(primary, surface, _DISABLED_SHARE),
        on_primary=_WHITE,
        accent=primary,
        info=blend(primary, _BLACK, 0.92),  # the accent itself has only 4.35:1 on `selected`
        ok="#0B7A4F",
        ok_back="#DDF5EA",
        warn="#8A5A00",
        warn_back="#FDF0D2",
        bad="#C42B2B",
        bad_back="#FDE3E3",
        ok_fill=ok_fill,
        ok_pressed=blend(ok_fill, _BLACK, _PRESSED_SHARE),
        ok_disabled=blend(ok_fill, surface, _DISABLED_SHARE),
        warn_fill="#F2B134",
        on_fill=_INK,
        shade=_BLACK,
        notice="#6E4700",
        **_STRIPES,
    )


def _high_contrast() -> Palette[str]:
    surface, text, control, primary, ok = _BLACK, _WHITE, "#1C2226", "#1546C0", "#57E3A8"
    return Palette(
        bg=_BLACK,
        surface=surface,
        raised="#0B0D0F",
        line="#9AA5AD",
        text=text,
        muted="#D5DCE1",
        faded=blend(text, surface, _FADED_SHARE_STRONG),
        control=control,
        pressed=blend(control, text, _PRESSED_SHARE),
        selected="#00256E",
        disabled=blend(control, surface, _DISABLED_SHARE),
        disabled_text=blend(text, surface, _DISABLED_SHARE),
        primary=primary,
        primary_pressed=blend(primary, _BLACK, _PRESSED_SHARE),
        primary_disabled=blend(primary, surface, _DISABLED_SHARE),
        on_primary=_WHITE,
        accent="#B8CEFF",
        info="#B8CEFF",
        ok=ok,
        ok_back="#00291B",
        warn="#FFC94D",
        warn_back="#2E2000",
        bad="#FFA3A3",
        bad_back="#450000",
        ok_fill=ok,
        ok_pressed=blend(ok, _BLACK, _PRESSED_SHARE),
        ok_disabled=blend(ok, surface, _DISABLED_SHARE),
        warn_fill="#FFC94D",
        on_fill=_BLACK,
        shade=_BLACK,
        notice="#FFC94D",
        **_STRIPES,
    )


_STRIPES = {
    "stripe_1": "#F2B134",
    "stripe_2": "#FF8A5B",
    "stripe_3": "#2FBF86",
    "stripe_4": "#58A6FF",
    "stripe_5": "#B07CFF",
}
