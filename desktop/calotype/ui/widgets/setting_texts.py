"""How each setting of a training plan is called, and what it does, in the language of the window."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from calotype.domain.setting_words import OPTION_WORDS, SETTING_TEXTS, SettingText


def setting_texts() -> list[SettingText]:
    """Every setting in the language of the window, the most useful first."""
    return [SettingText(text.name, say(text.label), say(text.effect)) for text in SETTING_TEXTS]


def say(text: str) -> str:
    """A text about settings in the language of the window."""
    return QCoreApplication.translate("PlanDrawer", text)


def option_text(option: StrEnum) -> str:
    """A choice of a setting in plain words."""
    return say(OPTION_WORDS[option])
