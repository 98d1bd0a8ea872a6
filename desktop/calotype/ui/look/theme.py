"""Both colour schemes, and how they reach the application: QPalette, style sheet, fonts."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QDir, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from calotype.domain.settings import Theme

_PROPERTY = "calotypePalette"
_FONT_PIXELS = 14


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme, as `#rrggbb`.

    Accent marks the next thing to do; teal is held-out, blue is training.
    """

    background: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    teal: str
    blue: str
    green: str
    red: str


DARK = Palette(
    background="#17151a",
    surface="#1e1c22",
    raised="#27242c",
    line="#37333e",
    text="#eeeae4",
    muted="#a49da9",
    accent="#e3a857",
    on_accent="#241a0c",
    teal="#5dbcae",
    blue="#7aa7e8",
    green="#82c585",
    red="#e76f66",
)
LIGHT = Palette(
    background="#f5f2ec",
    surface="#fffdf9",
    raised="#f0ebe2",
    line="#ddd5c8",
    text="#26222b",
    muted="#6f6874",
    accent="#9a5a13",
    on_accent="#fff8ec",
    teal="#1d7a6d",
    blue="#2f62a8",
    green="#3b7a3f",
    red="#b53a33",
)


def mixed(colour: str, other: str, share: float) -> str:
    """Blend two colours; `share` of the second one."""
    a, b = QColor(colour), QColor(other)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in parts)


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application the colours of a theme; widgets hear of it as a PaletteChange."""
    if app.property(_PROPERTY) is None:  # the first time; Fusion may well be the style already
        app.setStyle(QStyleFactory.create("fusion"))
        QDir.addSearchPath("theme", str(files("calotype_resources") / "themes"))
        app.setFont(_load_font())
    palette = _choose(app, theme)
    # The property comes first: whoever answers the PaletteChange below reads the new colours.
    app.setProperty(_PROPERTY, palette)
    app.setPalette(_qt_palette(palette))
    app.setStyleSheet(_style_sheet(palette))


def current_palette() -> Palette:
    """The colours of the application as it is now; dark before any theme was applied."""
    app = QApplication.instance()
    palette = app.property(_PROPERTY) if app is not None else None
    return palette if isinstance(palette, Palette) else DARK


def _choose(app: QApplication, theme: Theme) -> Palette:
    if theme is Theme.SYSTEM:
        return LIGHT if app.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK
    return DARK if theme is Theme.DARK else LIGHT


def _load_font() -> QFont:
    for file in sorted(Path(str(files("calotype_resources") / "fonts")).glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))
    font = QFont("Inter")
    font.setPixelSize(_FONT_PIXELS)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: palette.background,
        role.Base: palette.background,
        role.AlternateBase: palette.surface,
        role.Button: palette.raised,
        role.ToolTipBase: palette.raised,
        role.WindowText: palette.text,
        role.Text: palette.text,
        role.ButtonText: palette.text,
        role.ToolTipText: palette.text,
        role.PlaceholderText: palette.muted,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.Accent: palette.accent,
        role.Link: palette.accent,
        role.Mid: palette.line,
    }
    result = QPalette()
    for name, colour in colours.items():
        result.setColor(name, QColor(colour))
    faint = QColor(_derived(palette)["faint"])
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, faint)
    return result


def _derived(palette: Palette) -> dict[str, str]:
    return {
        "hover": mixed(palette.raised, palette.text, 0.08),
        "faint": mixed(palette.muted, palette.surface, 0.4),
        "accent_hover": mixed(palette.accent, palette.text, 0.14),
        "accent_soft": mixed(palette.surface, palette.accent, 0.12),
        "harm_soft": mixed(palette.surface, palette.red, 0.12),
    }


def _style_sheet(palette: Palette) -> str:
    template = (files("calotype_resources") / "themes" / "calotype.qss").read_text(encoding="utf-8")
    tokens = asdict(palette) | _derived(palette)
    return re.sub(r"@(\w+)", lambda match: tokens[match[1]], template.replace("@names", "names"))
