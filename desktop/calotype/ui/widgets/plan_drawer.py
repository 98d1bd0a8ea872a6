"""Every setting of a training plan, with what it does and a way back to the preset; hidden until asked for."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from calotype.domain.errors import InvalidPlanError, UnknownSettingError
from calotype.domain.plan import TrainingPlan, override, setting_value
from calotype.domain.setting_words import SettingText
from calotype.ui.look.wording import sentence
from calotype.ui.widgets.buttons import icon_button, link_button
from calotype.ui.widgets.fields import Choice
from calotype.ui.widgets.setting_texts import option_text, setting_texts


class _SettingRow(QWidget):
    """One setting. edited: its text was changed by the user."""

    edited = Signal()

    def __init__(self, text: SettingText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = text
        self._editor: QWidget | None = None
        self._preset = ""
        title = QLabel(text.label)
        effect = QLabel(text.effect)
        effect.setProperty("role", "small")
        effect.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(title)
        words.addWidget(effect)
        self._reset = icon_button("rotate-ccw", self.tr("Back to the preset"))
        self._reset.clicked.connect(self._go_back)
        self._reset.setAccessibleName(self.tr("Back to the preset: {setting}").format(setting=text.label))
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 4, 0, 4)
        self._layout.setSpacing(12)
        self._layout.addLayout(words, 1)
        self._layout.addWidget(self._reset)

    def show_preset(self, value: object) -> None:
        """Take the preset's value as the one to come back to, and show it."""
        self._preset = _as_text(value)
        if self._editor is None:
            self._editor = self._make_editor(value)
            self._editor.setAccessibleName(self.text.label)
            self._editor.setAccessibleDescription(self.text.effect)
            self._editor.setFixedWidth(_width_px(value))
            self._layout.addWidget(self._editor)
        self._write(self._preset)

    def take(self, value: object) -> None:
        """Show a value as if the user had written it."""
        self._write(_as_text(value))
        self._announce()

    def add_action(self, button: QWidget) -> None:
        """Put a button beside the field."""
        self._layout.insertWidget(1, button)

    @property
    def change(self) -> str | None:
        """The text that differs from the preset, None if it is the preset's."""
        return None if self._read() == self._preset else self._read()

    def _make_editor(self, value: object) -> QWidget:
        if isinstance(value, bool):
            box = QCheckBox()
            box.toggled.connect(self._announce)
            return box
        if isinstance(value, StrEnum):
            choice = Choice()
            for option in type(value):
                choice.addItem(option_text(option), option.value)
            choice.currentIndexChanged.connect(self._announce)
            return choice
        line = QLineEdit()
        line.textChanged.connect(self._announce)
        return line

    def _read(self) -> str:
        match self._editor:
            case QCheckBox():
                return "true" if self._editor.isChecked() else "false"
            case Choice():
                return str(self._editor.currentData())
            case QLineEdit():
                return self._editor.text().strip()
        return self._preset

    def _write(self, text: str) -> None:
        match self._editor:
            case QCheckBox():
                self._editor.setChecked(text == "true")
            case Choice():
                self._editor.setCurrentIndex(self._editor.findData(text))
            case QLineEdit():
                self._editor.setText(text)
        self._reset.setVisible(False)

    def _go_back(self) -> None:
        self._write(self._preset)
        self.edited.emit()

    def _announce(self) -> None:
        self._reset.setVisible(self.change is not None)
        self.edited.emit()


class PlanDrawer(QWidget):
    """All settings, searchable.

    plan_changed: a TrainingPlan, or None while a value is not allowed. rate_wanted: find a good learning rate.
    """

    plan_changed = Signal(object)
    rate_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preset: TrainingPlan | None = None
        self._is_filling = False
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search settings"))
        self.search.setAccessibleName(self.tr("Search settings"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self._problem = QLabel()
        self._problem.setProperty("role", "harm")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._rows = [_SettingRow(text, self) for text in setting_texts()]
        self.find_rate_button = link_button(self.tr("Find a good rate…"), "trending-up")
        self.find_rate_button.setToolTip(self.tr("A short run tries growing rates; nothing of it is kept"))
        self.find_rate_button.setEnabled(False)
        self.find_rate_button.clicked.connect(self.rate_wanted)
        self._rate_row.add_action(self.find_rate_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.search)
        layout.addWidget(self._problem)
        for row in self._rows:
            layout.addWidget(row)
            row.edited.connect(self._apply)

    def show_preset(self, plan: TrainingPlan) -> None:
        """Set every field to the preset's value."""
        self._preset = plan
        self._is_filling = True
        for row in self._rows:
            row.show_preset(setting_value(plan, row.text.name))
        self._is_filling = False
        self._problem.hide()

    def use_rate(self, rate: float) -> None:
        """Change the learning rate."""
        self._rate_row.take(rate)

    @property
    def _rate_row(self) -> _SettingRow:
        return next(row for row in self._rows if row.text.name == "learning_rate")

    def _apply(self) -> None:
        if self._preset is None or self._is_filling:
            return
        changes = {row.text.name: row.change for row in self._rows}
        try:
            plan = override(self._preset, {name: text for name, text in changes.items() if text is not None})
        except (InvalidPlanError, UnknownSettingError) as error:
            self._problem.setText(sentence(error))
            self._problem.show()
            self.plan_changed.emit(None)
            return
        self._problem.hide()
        self.plan_changed.emit(plan)

    def _filter(self, wanted: str) -> None:
        words = wanted.lower().split()
        for row in self._rows:
            text = f"{row.text.name} {row.text.label} {row.text.effect}".lower()
            row.setVisible(all(word in text for word in words))


def _width_px(value: object) -> int:
    if isinstance(value, tuple):
        return 220
    return 176 if isinstance(value, StrEnum) else 132


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return " | ".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
