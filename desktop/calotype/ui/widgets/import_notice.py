"""How an import goes, and what became of each file that was left out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from calotype.ui.look.roles import set_role
from calotype.ui.look.wording import duration
from calotype.ui.models.intake import Intake
from calotype.ui.widgets.buttons import icon_button, link_button, quiet_button
from calotype.ui.widgets.caption_offer import CaptionOffer
from calotype.ui.widgets.labels import label

_MOST_LINES = 2000
_PER_MILLE = 1000


class ImportNotice(QFrame):
    """Shown while an import runs, and after it until it is dismissed. naming_wanted: the user pressed that button."""

    naming_wanted = Signal()

    def __init__(self, intake: Intake, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        imports = self._imports = intake.imports
        set_role(self, "notice")
        self._text = label("", wraps=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of the import"))
        self.stop_button = quiet_button(self.tr("Stop"))
        self.stop_button.clicked.connect(imports.stop)
        self.details_button = link_button(self.tr("Which, and why"))
        self.details_button.clicked.connect(self._toggle_details)
        self.name_button = link_button(self.tr("Name the project…"), "pencil")
        self.name_button.clicked.connect(self.naming_wanted)
        self.name_button.hide()
        self._close = icon_button("x", self.tr("Dismiss"))
        self._close.clicked.connect(imports.forget)
        self.captions = CaptionOffer(intake)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setFixedHeight(110)
        self._details.setAccessibleName(self.tr("Files that were left out"))
        self._details.hide()
        self._lay_out()
        imports.changed.connect(self.refresh)
        imports.finished.connect(self.refresh)
        self.refresh()

    @property
    def text(self) -> str:
        """What is said now."""
        return self._text.text()

    @property
    def details_text(self) -> str:
        """Each file that was left out, with its reason; filled when it is opened."""
        return self._details.toPlainText()

    def refresh(self) -> None:
        """Say how it stands."""
        imports = self._imports
        has_run = imports.result is not None and imports.total > 0
        self.setVisible(imports.is_running or has_run)
        self._bar.setVisible(imports.is_running)
        self._show_bar()
        self.stop_button.setVisible(imports.is_running)
        self._close.setVisible(not imports.is_running)
        left_out = bool(imports.duplicates or imports.refused)
        self.details_button.setVisible(left_out)
        if not left_out:
            self._details.hide()
        elif self._details.isVisible():
            self._fill_details()
        self.captions.setVisible(has_run and not imports.is_running and self.captions.has_something)
        self._text.setText(self._running_words() if imports.is_running else self._result_words())

    def _show_bar(self) -> None:
        imports = self._imports
        if imports.compared is None:
            self._bar.setRange(0, imports.total)
            self._bar.setValue(imports.looked_at)
        else:
            self._bar.setRange(0, _PER_MILLE)
            self._bar.setValue(round(_PER_MILLE * imports.compared))

    def _running_words(self) -> str:
        imports = self._imports
        if imports.compared is None:
            words = self.tr("Adding pictures: {done} of {total}")
            text = words.format(done=f"{imports.looked_at:,}", total=f"{imports.total:,}" if imports.total else "…")
        else:
            text = self.tr("Comparing the pictures with each other: {share}").format(
                share=f"{100 * imports.compared:.0f} %"
            )
        if imports.seconds_left is None:
            return text
        return text + " · " + self.tr("{time} left").format(time=duration(imports.seconds_left))

    def _result_words(self) -> str:
        imports = self._imports
        parts = [self.tr("%n picture(s) added", "", imports.accepted)]
        if imports.turned:
            parts.append(self.tr("%n turned upright", "", imports.turned))
        if imports.masks:
            parts.append(self.tr("%n mask(s) kept", "", imports.masks))
        if imports.repeats:
            often = max(imports.repeats)
            count = sum(imports.repeats.values())
            counted = self.tr("%n count up to {often} times, as their folders say", "", count)
            if len(imports.repeats) == 1:
                counted = self.tr("%n count {often} times, as the folder says", "", count)
            parts.append(counted.format(often=often))
        if imports.duplicates:
            parts.append(self.tr("%n duplicate(s) left out", "", len(imports.duplicates)))
        if imports.refused:
            parts.append(self.tr("%n file(s) could not be used", "", imports.refused_count))
        if imports.result is not None and imports.result.was_stopped:
            parts.append(self.tr("stopped before the end"))
        return " · ".join(parts)

    def _toggle_details(self) -> None:
        self._details.setVisible(not self._details.isVisible())
        if self._details.isVisible():
            self._fill_details()

    def _fill_details(self) -> None:
        same = self.tr("{name} is the same picture as {other}.")
        lines = [event.reason for event in self._imports.refused]
        captioned = self.tr("{name} is the same picture as {other}, which had no caption and got the one beside it.")
        lines += [
            (captioned if event.captioned else same).format(name=event.name, other=event.same_as)
            for event in self._imports.duplicates
        ]
        self._details.setPlainText("\n".join(lines[:_MOST_LINES]))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._text, 1)
        row.addWidget(self.details_button)
        row.addWidget(self.name_button)
        row.addWidget(self.stop_button)
        row.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 8, 8)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._bar)
        column.addWidget(self.captions)
        column.addWidget(self._details)
