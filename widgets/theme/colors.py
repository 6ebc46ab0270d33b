"""The colours of the two looks, and the palettes made of them."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """One look. Neutral greys, so that they do not tint the eye, and one accent."""

    window: str
    base: str
    raised: str
    hover: str
    pressed: str
    border: str
    edge: str  # of what can be used: 3:1 against its ground
    groove: str  # of sliders and progress
    text: str
    muted: str
    disabled: str
    accent: str  # what is on: fills
    accent_text: str  # upon the fill
    accent_line: str  # focus rings, icons and links upon the window
    accent_soft: str  # a tint for rows and buttons that are on
    canvas: str
    info: str
    success: str
    warning: str
    error: str


DARK = Colors(
    window="#2b2b2b",
    base="#202020",
    raised="#3a3a3a",
    hover="#444444",
    pressed="#1c1c1c",
    border="#1b1b1b",
    edge="#5a5a5a",
    groove="#474747",
    text="#e8e8e8",
    muted="#a9a9a9",
    disabled="#767676",
    accent="#12867d",
    accent_text="#ffffff",
    accent_line="#3ec9bb",
    accent_soft="#25403d",
    canvas="#191919",
    info="#6fb1ff",
    success="#5fcf8b",
    warning="#f2b84b",
    error="#ff8379",
)

LIGHT = Colors(
    window="#f2f2f2",
    base="#ffffff",
    raised="#fbfbfb",
    hover="#e4e4e4",
    pressed="#d3d3d3",
    border="#d2d2d2",
    edge="#a4a4a4",
    groove="#cdcdcd",
    text="#1d1d1d",
    muted="#5c5c5c",
    disabled="#9a9a9a",
    accent="#0b776f",
    accent_text="#ffffff",
    accent_line="#0b776f",
    accent_soft="#cfe7e4",
    canvas="#c6c6c6",
    info="#1559b3",
    success="#136b39",
    warning="#8a5800",
    error="#b3261e",
)


def colors_of(palette: QPalette) -> Colors:
    """The look a widget is painted in, so that no widget has to be told."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    return DARK if dark else LIGHT


def make_palette(colors: Colors) -> QPalette:
    """Every role Fusion and our own painting ask for, disabled ones included."""
    role = QPalette.ColorRole
    roles = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.base,
        role.AlternateBase: colors.window,
        role.Text: colors.text,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.accent_text,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.accent_text,
        role.Accent: colors.accent,
        role.Link: colors.accent_line,
        role.LinkVisited: colors.accent_line,
        role.Light: colors.hover,
        role.Midlight: colors.raised,
        role.Mid: colors.edge,
        role.Dark: colors.border,
        role.Shadow: colors.border,
    }
    palette = QPalette()
    for name, value in roles.items():
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colors.edge))
    return palette
