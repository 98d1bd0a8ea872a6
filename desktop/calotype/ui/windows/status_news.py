"""Keeps the status strip true: device, running work, free space."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from calotype.domain.settings import DeviceChoice
from calotype.services.workspace import disk_free_bytes
from calotype.ui.look.wording import duration
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase
from calotype.ui.widgets.status_strip import StatusStrip

if TYPE_CHECKING:
    from calotype.ui.models.generation_model import GenerationModel
    from calotype.ui.models.training_run_model import TrainingRunModel

_REDRAW_MS = 300


class StatusNews(QObject):
    """Listens to everything that runs, and says the most important of it."""

    def __init__(
        self,
        session: Session,
        training: TrainingRunModel,
        generation: GenerationModel,
        strip: StatusStrip,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._training = training
        self._generation = generation
        self._strip = strip
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self._show_job)
        for model in (training, generation, session.imports):
            model.changed.connect(self._show_soon)
            model.finished.connect(self.refresh)
        session.settings_changed.connect(self.refresh)
        session.images_changed.connect(self.refresh)
        session.online_changed.connect(strip.show_online)
        self.page_of_job = "train"
        self.refresh()

    def refresh(self) -> None:
        """Look at everything again."""
        self._strip.show_disk(disk_free_bytes(self._session.workspace))
        self._show_device()
        self._show_job()

    def _show_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _show_device(self) -> None:
        loaded = self._training.model
        choice = self._session.settings.device
        if loaded is not None:
            text = loaded.device.upper() if len(loaded.device) <= 4 else loaded.device
        elif choice is DeviceChoice.AUTO:
            # Asking the graphics card would load torch, which takes seconds; the first job finds out.
            text = self.tr("Device: automatic")
        else:
            text = choice.value.upper()
        cores = self.tr("%n core(s)", "", os.cpu_count() or 1)
        is_processor = text in ("CPU", "")
        self._strip.show_device(
            f"CPU · {cores}" if is_processor else text,
            self.tr("What computes. The best device is found when the first work starts; change it in Settings."),
        )

    def _show_job(self) -> None:
        self._timer.stop()
        if self._training.is_running:
            self.page_of_job = "train"
            self._show_device()
            self._strip.show_job(*self._training_words())
        elif self._generation.is_running:
            self.page_of_job = "create"
            self._strip.show_job(self.tr("Making pictures"), self._generation.fraction)
        elif self._session.imports.is_running:
            self.page_of_job = "images"
            self._strip.show_job(*self._import_words())
        else:
            self._strip.show_job("", None)

    def _import_words(self) -> tuple[str, float | None]:
        imports = self._session.imports
        if imports.compared is not None:
            return self.tr("Comparing pictures: {share}").format(
                share=f"{100 * imports.compared:.0f} %"
            ), imports.compared
        words = self.tr("Adding pictures: {done} of {total}").format(done=imports.looked_at, total=imports.total)
        return words, imports.looked_at / imports.total if imports.total else None

    def _training_words(self) -> tuple[str, float | None]:
        training = self._training
        if not training.step_count or training.step == 0:
            return self.tr("Training: getting ready"), None
        place = self.tr("step {step} of {total}").format(step=training.step, total=training.step_count)
        fraction = training.step / training.step_count
        if training.phase is RunPhase.PAUSED:
            return self.tr("Training is paused: {place}").format(place=place), fraction
        left = training.seconds_left
        if left is None or left < 1:
            return self.tr("Training: {place}").format(place=place), fraction
        words = self.tr("Training: {left} left · {place}")
        return words.format(left=duration(left), place=place), fraction
