"""The graphics card of this computer, and the packs that let Calotype use it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from calotype.domain.packs import SUFFIX, PackManifest
from calotype.services.computing import Advice
from calotype.services.gpu_packs import PacksReport
from calotype.ui.look.computing_words import computing_words
from calotype.ui.look.wording import file_size, sentence
from calotype.ui.models.pack_model import PackModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import Button, danger_button, primary_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.labels import label


class GpuPackCard(Card):
    """Looks each time it is shown; a pack that is added or removed takes effect at the next start, and it says so."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.model = PackModel(session, self)
        self._session = session
        self._build()
        self.model.changed.connect(self._show_work)
        self.model.looked.connect(self._show_report)
        self.model.finished.connect(self._say_end)
        self.add_button.clicked.connect(self._ask_for_file)
        self.download_button.clicked.connect(self._download)
        self.stop_button.clicked.connect(self.model.stop)
        self._show_work()

    def look_again(self) -> None:
        """Find out what there is now."""
        self.model.look_again()

    def add_pack(self, path: Path) -> None:
        """Add the pack in a file."""
        self.trouble.hide()
        self.model.add(path)

    def _ask_for_file(self) -> None:
        kinds = self.tr("GPU packs (*{suffix})").format(suffix=SUFFIX)
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Add a GPU pack"), str(Path.home()), kinds)
        if name:
            self.add_pack(Path(name))

    def _download(self) -> None:
        if self.model.offer is not None:
            self.model.download(self.model.offer)
        else:
            self.model.look_up()

    def _show_report(self) -> None:
        report = self.model.report
        if report is None:
            return
        name, note = computing_words(report.computing)
        self._name.setText(name)
        self._note.setText(note)
        self.trouble.setText(sentence(report.trouble) if report.trouble else "")
        self.trouble.setVisible(report.trouble is not None)
        self._restart.setVisible(report.needs_restart)
        self.restart_button.setVisible(report.needs_restart)
        self.add_button.set_kind("primary" if self._is_wanted(report) else "quiet")
        self.download_button.setVisible(self._is_wanted(report) and self.model.can_download)
        while (item := self._packs.takeAt(0)) is not None:
            row = item.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for pack in report.installed:
            self._packs.addWidget(self._row(pack, report))

    def _is_wanted(self, report: PacksReport) -> bool:
        return report.computing.advice is Advice.NEEDS_PACK and not report.installed

    def _row(self, pack: PackManifest, report: PacksReport) -> QWidget:
        if pack.name == report.in_use:
            state = self.tr("in use") if report.chosen == pack.name else self.tr("in use until Calotype is closed")
        else:
            state = self.tr("used from the next start on") if report.chosen == pack.name else self.tr("not used")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(pack.name))
        facts = self.tr("torch {version}, {size}, {state}")
        text = facts.format(version=pack.torch_version, size=file_size(pack.size_bytes), state=state)
        words.addWidget(label(text, "small", wraps=True))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(words, 1)
        if report.chosen != pack.name:
            layout.addWidget(self._action(quiet_button(self.tr("Use")), self.tr("Use {name}"), pack.name, "choose"))
        remove = danger_button(self.tr("Remove"), "trash-2")
        layout.addWidget(self._action(remove, self.tr("Remove {name}"), pack.name, "remove"))
        return row

    def _action(self, button: Button, words: str, name: str, method: str) -> Button:
        button.setAccessibleName(words.format(name=name))
        button.clicked.connect(partial(getattr(self.model, method), name))
        return button

    def _show_work(self) -> None:
        model = self.model
        is_adding = model.is_running
        self.bar.setVisible(is_adding)
        self.stop_button.setVisible(is_adding)
        self.stop_button.setEnabled(not model.is_stopping)
        self.add_button.setEnabled(not is_adding)
        self.download_button.setEnabled(not is_adding)
        self.restart_button.setEnabled(not is_adding)
        offer = model.offer
        words = self.tr("Download {name}, {size}")
        known = words.format(name=offer.name, size=file_size(offer.size_bytes)) if offer else ""
        self.download_button.setText(known or self.tr("Look for one to download"))
        self.bar.setRange(0, 1000 if model.progress else 0)
        if model.progress:
            self.bar.setValue(round(1000 * model.progress.done_bytes / max(1, model.progress.total_bytes)))

    def _say_end(self) -> None:
        if self.model.failure is not None:
            self._session.failure.emit(self.model.failure)

    def _build(self) -> None:
        title = self.tr("Graphics card")
        self.setAccessibleName(title)
        self._name = label(self.tr("Looking…"))
        self._note = label("", "muted", wraps=True)
        self.trouble = label("", "harm", wraps=True)
        self.trouble.hide()
        self._restart = label(self.tr("The change holds from the next start on."), "accent")
        self.restart_button = quiet_button(self.tr("Restart now"), "rotate-ccw")
        self.restart_button.clicked.connect(self._session.restart_wanted)
        self._packs = QVBoxLayout()
        self._packs.setSpacing(8)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the GPU pack"))
        self.stop_button = quiet_button(self.tr("Stop"))
        self.add_button = primary_button(self.tr("Add a GPU pack…"), "plus")
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.download_button = quiet_button("", "download")
        self.download_button.hide()
        for widget in (self.add_button, self.download_button, self.bar, self.stop_button):
            self.buttons.addWidget(widget)
        self.buttons.addStretch()
        text = self.tr(
            "A GPU pack is one file that ends in {suffix} and belongs to your version of Calotype. It can also be "
            "dropped on the window. It is a part of the program: take it only from where you got Calotype."
        )
        for words in (label(title, "heading"), self._name, self._note, self.trouble):
            self.body.addWidget(words)
        self.body.addLayout(self._packs)
        self.body.addLayout(_beside(self._restart, self.restart_button))
        self.body.addLayout(self.buttons)
        self.body.addWidget(label(text.format(suffix=SUFFIX), "small", wraps=True))


def _beside(*widgets: QWidget) -> QHBoxLayout:
    """Widgets in a row, hidden until there is something to say."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        widget.hide()
        row.addWidget(widget)
    row.addStretch()
    return row
