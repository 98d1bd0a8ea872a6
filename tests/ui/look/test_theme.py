"""Proof that both themes are readable and reach every widget."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from calotype.domain.settings import Theme
from calotype.ui.look.icons import icon
from calotype.ui.look.theme import DARK, LIGHT, Palette, apply_theme, current_palette
from calotype.ui.widgets.buttons import primary_button, quiet_button


def _luminance(colour: str) -> float:
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_that_every_text_stands_out_from_what_is_behind_it(palette: Palette) -> None:
    texts = [
        palette.text,
        palette.muted,
        palette.accent,
        palette.teal,
        palette.blue,
        palette.green,
        palette.red,
    ]
    pairs = [(text, behind) for text in texts for behind in (palette.background, palette.surface)]
    pairs += [
        (palette.text, palette.raised),
        (palette.muted, palette.raised),
        (palette.on_accent, palette.accent),
    ]

    contrasts = {pair: _contrast(*pair) for pair in pairs}

    assert {pair: ratio for pair, ratio in contrasts.items() if ratio < 4.5} == {}


def test_that_a_theme_reaches_the_palette_the_style_sheet_and_the_icons(qapp: QApplication, qtbot: QtBot) -> None:
    apply_theme(qapp, Theme.DARK)
    button = primary_button("Go", "play")
    qtbot.addWidget(button)
    before = button.icon().pixmap(18).toImage()

    apply_theme(qapp, Theme.LIGHT)

    assert current_palette() == LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.background)
    assert LIGHT.accent in qapp.styleSheet()
    assert "@" not in qapp.styleSheet()
    assert button.icon().pixmap(18).toImage() != before


def test_that_an_icon_is_drawn_in_its_colour(qapp: QApplication) -> None:
    image = icon("x", "#ff0000", 24).pixmap(24).toImage()

    colours = {
        image.pixelColor(x, y).name() for x in range(24) for y in range(24) if image.pixelColor(x, y).alpha() == 255
    }

    assert colours == {"#ff0000"}


@pytest.mark.parametrize("theme", [Theme.DARK, Theme.LIGHT])
def test_that_a_button_with_the_focus_has_a_ring_and_no_mark_on_its_words(
    qapp: QApplication, qtbot: QtBot, theme: Theme
) -> None:
    apply_theme(qapp, theme)
    window = QWidget()
    row = QHBoxLayout(window)
    first, second = quiet_button("First"), quiet_button("New project…")
    row.addWidget(first)
    row.addWidget(second)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus()
    inside = second.rect().adjusted(8, 6, -8, -6)  # within the ring
    before = second.grab(inside).toImage()

    qtbot.keyClick(first, Qt.Key.Key_Tab)

    assert second.hasFocus()
    assert second.grab(inside).toImage() == before
