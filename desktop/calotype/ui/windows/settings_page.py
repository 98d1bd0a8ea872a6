"""The Settings page: where data lies, how the window looks, what computes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from calotype import __version__
from calotype.domain.settings import DeviceChoice, Theme
from calotype.services import devices
from calotype.startup.data_root import root_is_fixed
from calotype.ui.look.wording import file_size
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import link_button, quiet_button
from calotype.ui.widgets.card import Card
from calotype.ui.widgets.comparison_model_card import ComparisonModelCard
from calotype.ui.widgets.data_folder_card import DataFolderCard
from calotype.ui.widgets.fields import Choice, WholeNumber
from calotype.ui.widgets.gpu_pack_card import GpuPackCard
from calotype.ui.widgets.hub_token_card import HubTokenCard
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.network_card import NetworkCard
from calotype.ui.widgets.segments import Segments
from calotype.ui.windows.first_start import FirstChoices, FirstStart
from calotype.ui.windows.help import show_diagnostics, show_help
from calotype.ui.windows.page import Page
from calotype.ui.workers.background_job import BackgroundJob

WIDEST = 760


class SettingsPage(Page):
    """Every change is saved and applied at once, except the data folder, which waits for the next start."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._job: BackgroundJob | None = None
        self._build()
        self._show_settings()
        self._connect()

    @property
    def title(self) -> str:
        """The page's name."""
        return self.tr("Settings")

    def activate(self) -> None:
        """Look whether the chosen model is still there, and what there is to compute with."""
        self._comparison.look_again()
        self._packs.look_again()

    def show_welcome(self) -> None:
        """Show the page of the first start again; what is changed there holds as if it were changed here."""
        settings, root = self._session.settings, self._session.workspace.folder.root
        dialog = FirstStart(root, settings.theme, is_folder_fixed=root_is_fixed(), parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.theme_chosen.connect(self._change_theme)
        dialog.theme_chosen.connect(self._theme.choose)
        dialog.chosen.connect(self._take_choices)
        dialog.open()

    def show_diagnostics(self) -> None:
        """Check this installation."""
        show_diagnostics(self._session, self)

    def show_keys(self) -> None:
        """Show what F1 shows on every page."""
        show_help(self._session, self)

    def _take_choices(self, choices: FirstChoices) -> None:
        if choices.folder != self._session.workspace.folder.root:
            self._folder.move_to(choices.folder)
        if choices.wants_sample:
            self._session.open_sample()

    def _show_settings(self) -> None:
        settings = self._session.settings
        self._theme.choose(settings.theme)
        self._device.blockSignals(True)
        self._device.setCurrentIndex(self._device.findData(settings.device.value))
        self._device.blockSignals(False)
        self._threads.blockSignals(True)
        self._threads.setValue(settings.thread_count)
        self._threads.blockSignals(False)

    def _change_theme(self, theme: object) -> None:
        self._session.change_settings(replace(self._session.settings, theme=Theme(str(theme))))

    def _change_device(self) -> None:
        device = DeviceChoice(str(self._device.currentData()))
        self._session.change_settings(replace(self._session.settings, device=device))
        self._device_note.hide()

    def _change_threads(self, count: int) -> None:
        self._session.change_settings(replace(self._session.settings, thread_count=count))

    def _check_device(self) -> None:
        if self._job is not None:
            return
        choice = self._session.settings.device
        self._device_note.setText(self.tr("Looking…"))
        self._device_note.show()
        self._job = BackgroundJob(lambda: iter([devices.describe_device(choice)]), self)
        self._job.reported.connect(self._show_device)
        self._job.failed.connect(self._session.failure)
        self._job.finished.connect(self._end_check)
        self._job.start()

    def _show_device(self, found: devices.DeviceDescription) -> None:
        text = self.tr("{name}, {memory} of memory. Training and pictures will use it.")
        self._device_note.setText(text.format(name=found.name, memory=file_size(found.memory_bytes)))

    def _end_check(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        if self._device_note.text() == self.tr("Looking…"):
            self._device_note.setText(self.tr("This device is not there. Choose another one."))

    def _build(self) -> None:
        inner = QWidget()
        inner.setMaximumWidth(WIDEST)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        self._comparison = ComparisonModelCard(self._session)
        self._folder = DataFolderCard(self._session)
        self._packs = GpuPackCard(self._session)
        own = (self._packs, self._comparison, HubTokenCard(self._session), self._folder)
        for card in (self._build_look(), self._build_device(), *own):
            column.addWidget(card)
        column.addWidget(NetworkCard(self._session))
        column.addWidget(self._build_about())
        column.addStretch(1)
        holder = QWidget()
        holder.setProperty("role", "scrolled")
        # Only as high as its texts are at this width: a least height would be that of texts broken into short lines.
        holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        row = QHBoxLayout(holder)
        row.setContentsMargins(24, 20, 24, 20)
        row.addWidget(inner, 100)
        row.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(self.tr("Settings"))
        area.setWidgetResizable(True)
        area.setWidget(holder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _build_look(self) -> Card:
        card = Card(self.tr("Appearance"))
        themes = [
            (Theme.SYSTEM, self.tr("As the system"), ""),
            (Theme.LIGHT, self.tr("Light"), ""),
            (Theme.DARK, self.tr("Dark"), ""),
        ]
        self._theme = Segments(themes, self.tr("Theme"))
        card.body.addWidget(self._theme)
        return card

    def _build_device(self) -> Card:
        card = Card(self.tr("Device"))
        self._device = Choice()
        for choice, text in (
            (DeviceChoice.AUTO, self.tr("Automatic: the fastest there is")),
            (DeviceChoice.CUDA, self.tr("NVIDIA or AMD graphics card (CUDA, ROCm)")),
            (DeviceChoice.MPS, self.tr("Apple graphics (MPS)")),
            (DeviceChoice.CPU, self.tr("Processor (CPU)")),
        ):
            self._device.addItem(text, choice.value)
        self._threads = WholeNumber(0, 256)
        self._threads.setSpecialValueText(self.tr("automatic"))
        self._threads.setFixedWidth(150)
        self._check = quiet_button(self.tr("Check"), "cpu")
        self._device_note = label("", "small", wraps=True)
        self._device_note.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._device, 1)
        row.addWidget(self._check)
        card.body.addLayout(_row(self.tr("What computes"), row))
        card.body.addWidget(self._device_note)
        threads = QHBoxLayout()
        threads.addWidget(self._threads)
        note = self.tr("Fewer leave more of the computer to other programs. Applies to the next run.")
        threads.addWidget(label(note, "small", wraps=True), 1)
        card.body.addLayout(_row(self.tr("Processor threads"), threads))
        self._device.setAccessibleName(self.tr("What computes"))
        self._threads.setAccessibleName(self.tr("Processor threads, 0 for automatic"))
        return card

    def _build_about(self) -> Card:
        card = Card(self.tr("About"))
        card.body.addWidget(label(self.tr("Calotype {version}").format(version=__version__)))
        self._diagnostics = quiet_button(self.tr("Diagnostics…"), "circle-check")
        self._welcome = link_button(self.tr("Show the welcome page"))
        self._keys = link_button(self.tr("All keys (F1)"))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self._diagnostics, self._keys, self._welcome):
            row.addWidget(button)
        row.addStretch()
        card.body.addLayout(row)
        return card

    def _connect(self) -> None:
        self._theme.chosen.connect(self._change_theme)
        self._device.currentIndexChanged.connect(self._change_device)
        self._threads.valueChanged.connect(self._change_threads)
        self._check.clicked.connect(self._check_device)
        self._welcome.clicked.connect(self.show_welcome)
        self._keys.clicked.connect(self.show_keys)
        self._diagnostics.clicked.connect(self.show_diagnostics)


def _row(title: str, content: QHBoxLayout) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(5)
    layout.addWidget(label(title, "small"))
    layout.addLayout(content)
    return layout
