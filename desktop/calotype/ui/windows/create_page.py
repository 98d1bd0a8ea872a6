"""The Create page: ask for pictures, watch them come, and look at those that were made."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from calotype.domain.errors import InvalidPlanError, LoraNotFoundError
from calotype.domain.events import GenerationFinished, PictureReady
from calotype.domain.models import LoraCard
from calotype.services import generation as pictures
from calotype.services import model_catalog
from calotype.services.generation import PictureRecord
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.picture_list import PictureList
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.create_form import CreateForm, words_of
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.picture_gallery import PictureGallery
from calotype.ui.widgets.picture_stage import PictureStage
from calotype.ui.windows.page import Page
from calotype.ui.windows.run_break import RunBreak, progress_text
from calotype.ui.workers.background_job import BackgroundJob

FORM_WIDTH, SCROLL_ROOM = 400, 14
MOST_SHOWN = 500


class _FormArea(QScrollArea):
    """As high as the form, and scrolling only where that is too much: the button stays under the form."""

    def __init__(self, form: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setWidget(form)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have it
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
        form.setMaximumWidth(FORM_WIDTH)
        self.setFixedWidth(FORM_WIDTH + SCROLL_ROOM)
        form.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The form may have become higher."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """All of the form, whose links may need a second row."""
        form = self.widget()
        if form is None:
            return super().sizeHint()
        return QSize(self.width(), max(form.sizeHint().height(), form.heightForWidth(FORM_WIDTH)))


class CreatePage(Page):
    """Form on the left, the newest or chosen pictures large on the right, everything made so far below."""

    def __init__(
        self, session: Session, training: TrainingRunModel, generation: GenerationModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._training = training
        self._generation = generation
        self._break = RunBreak(training, generation, self)
        self._pictures = PictureList(self)
        self._chosen: PictureRecord | None = None
        self._job: BackgroundJob | None = None
        self._is_watching = False  # a batch is shown as it comes, until the user looks at something else
        self._build()
        self._connect()
        self._reload_models()
        self._reload_loras()
        self._show_state()
        self._read_gallery()

    @property
    def title(self) -> str:
        """The page's name."""
        return self.tr("Create")

    def header_facts(self) -> list[str]:
        """The base model that draws."""
        model = self._form.model
        return [model.name] if model else []

    def header_widgets(self) -> list[QWidget]:
        """What can be done with the chosen picture."""
        return [self._reuse, self._folder]

    def activate(self) -> None:
        """Take the LoRA that another page asked for."""
        self._reload_loras()
        if self._generation.wanted_lora is not None:
            self._form.use_lora(self._generation.wanted_lora)
            self._generation.wanted_lora = None
        self._show_state()
        self._form.prompt.setFocus()

    def make_pictures(self) -> None:
        """Start, if nothing hinders it."""
        if not self._make.isEnabled() or self._generation.is_running:
            return
        try:
            request = self._form.request()
        except InvalidPlanError as error:
            self._session.failure.emit(error)
            return
        self._is_watching = True
        self._stage.begin(request.count, self.tr("Getting ready"))
        self._gallery.selectionModel().clear()
        self._caption.setText(request.prompt)
        self._break.begin()
        self._generation.start(request)

    def _show_state(self) -> None:
        is_busy, is_training = self._generation.is_running, self._training.is_running
        self._make.setVisible(not is_busy)
        self._cancel.setVisible(is_busy)
        self._cancel.setEnabled(not self._generation.is_stopping)
        self._make.setEnabled(self._break.allows(self._form.model))
        self._hint.setVisible(is_training)
        self._hint.setText(self._break.hint(self._form.model, self._form.models) if is_training else "")
        has_choice = self._chosen is not None
        self._reuse.setEnabled(has_choice)
        self._folder.setEnabled(has_choice)

    def _show_progress(self) -> None:
        model = self._generation
        if self._is_watching and model.is_running:
            self._stage.show_progress(model.sampling_fraction, progress_text(model, is_pausing_run=self._break.is_on))
        self._show_state()

    def _take_picture(self, picture: PictureReady) -> None:
        record = pictures.read_record(picture.path)
        if record is not None:
            self._pictures.add_record(record)
        if self._is_watching:
            self._stage.add(picture.path)

    def _end_batch(self, result: GenerationFinished | None) -> None:
        if self._is_watching:
            self._stage.end()
            if not self._stage.shown:
                self._gallery.choose_first()
        if self._generation.total == 1 and result is not None:
            self._gallery.choose_first()
        self._show_state()

    def _look_at(self, record: PictureRecord) -> None:
        self._chosen, self._is_watching = record, False
        self._stage.show_one(record.path, record.prompt)
        seed, steps = record.settings.get("Seed", ""), record.settings.get("Steps", "")
        prompt = words_of(record)
        facts = self.tr("{prompt}  ·  seed {seed}, {steps} steps").format(prompt=prompt, seed=seed, steps=steps)
        self._caption.setText(facts if seed else prompt)
        self._show_state()

    def _look_at_path(self, path: Path) -> None:
        record = pictures.read_record(path)
        if record is not None:
            self._gallery.select_path(record)
            self._look_at(record)

    def _read_gallery(self) -> None:
        workspace = self._session.workspace
        self._job = BackgroundJob(lambda: iter([pictures.recent_pictures(workspace, MOST_SHOWN)]), self)
        self._job.reported.connect(self._show_gallery)
        self._job.failed.connect(self._session.failure)
        self._job.start()

    def _show_gallery(self, records: list[PictureRecord]) -> None:
        self._pictures.show_records(records)
        if records and not self._generation.is_running:
            self._gallery.choose_first()

    def _reload_models(self) -> None:
        self._form.show_models(model_catalog.list_base_models(self._session.workspace))
        self.header_changed.emit()

    def _reload_loras(self) -> None:
        self._form.show_loras(model_catalog.list_loras(self._session.workspace))

    def _take_lora(self, card: LoraCard) -> None:
        self._reload_loras()
        self._form.use_lora(card)
        self._generation.wanted_lora = None

    def _reuse_settings(self) -> None:
        if self._chosen is not None:
            for name in self._form.reuse(self._chosen):
                self._session.failure.emit(LoraNotFoundError(name))
            self._form.prompt.setFocus()

    def _show_in_folder(self) -> None:
        if self._chosen is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._chosen.path.parent)))

    def _build(self) -> None:
        self._form = CreateForm()
        self._make = primary_button(self.tr("Make pictures   Ctrl ↵"), "sparkles")
        self._make.setMinimumHeight(46)
        self._make.setAccessibleName(self.tr("Make pictures, Ctrl+Enter"))
        self._cancel = quiet_button(self.tr("Stop   Esc"), "circle-stop")
        self._cancel.setMinimumHeight(46)
        self._cancel.setAccessibleName(self.tr("Stop making pictures, Escape"))
        self._hint = label("", "small", wraps=True)
        self._reuse = quiet_button(self.tr("Use its settings"), "copy")
        self._folder = quiet_button(self.tr("Show in folder"), "folder-open")
        self._stage = PictureStage()
        self._caption = label("", "small", wraps=True)
        self._gallery = PictureGallery(self._pictures)
        area = _FormArea(self._form)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(area)
        fixed: tuple[QWidget, ...] = (self._hint, self._make, self._cancel)
        for widget in fixed:
            left.addWidget(widget)
            widget.setFixedWidth(FORM_WIDTH)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self._stage, 1)
        right.addWidget(self._caption)
        right.addWidget(self._gallery)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 14)
        layout.setSpacing(20 - SCROLL_ROOM)
        layout.addLayout(left)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        self._make.clicked.connect(self.make_pictures)
        self._cancel.clicked.connect(self._generation.stop)
        self._form.submitted.connect(self.make_pictures)
        self._form.model_chosen.connect(self.header_changed)
        self._form.model_chosen.connect(self._show_state)
        self._reuse.clicked.connect(self._reuse_settings)
        self._folder.clicked.connect(self._show_in_folder)
        self._gallery.picture_chosen.connect(self._look_at)
        self._stage.picture_clicked.connect(self._look_at_path)
        self._generation.changed.connect(self._show_progress)
        self._generation.picture_added.connect(self._take_picture)
        self._generation.finished.connect(self._end_batch)
        self._generation.lora_wanted.connect(self._take_lora)
        self._training.started.connect(self._show_state)
        self._training.changed.connect(self._show_state)
        self._training.finished.connect(self._show_state)
        self._session.models_changed.connect(self._reload_models)
        self._session.loras_changed.connect(self._reload_loras)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.make_pictures)
        QShortcut(QKeySequence("Escape"), self, self._generation.stop)
