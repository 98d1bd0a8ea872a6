"""Shows every kept checkpoint at several strengths, and keeps the one that is chosen."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from calotype.domain.events import PictureReady
from calotype.domain.models import LoraCard
from calotype.domain.runs import Run
from calotype.services import checkpoint_grid, exports
from calotype.services.checkpoint_grid import STRENGTHS, Checkpoint
from calotype.ui.look.wording import duration
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.checkpoint_cells import CheckpointCells
from calotype.ui.widgets.failure_banner import FailureBanner
from calotype.ui.widgets.labels import label
from calotype.ui.workers.background_job import BackgroundJob


class CheckpointDialog(QDialog):
    """The grid of one run. What was drawn before is there at once; the rest is drawn while one looks.

    Closing it ends the drawing first: the dialog goes when its thread has, so that no run can start beside it.
    """

    def __init__(
        self,
        session: Session,
        run: Run,
        ratios: Mapping[int, float],
        parent: QWidget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ratios` are the validation ratios of steps that were measured."""
        super().__init__(parent)
        self._session, self._run, self._ratios, self._clock = session, run, dict(ratios), clock
        self._is_closing = False
        self._keeping: BackgroundJob | None = None
        self._began: float | None = None  # when the first picture was begun
        self._drawn = 0
        self._kept_text = ""
        self._checkpoints: list[Checkpoint] = checkpoint_grid.checkpoints_of(run)
        self._pictures: dict[int, Path] = {}
        self.drawing = GenerationModel(session, self)
        self.setWindowTitle(self.tr("All checkpoints"))
        self.setMinimumSize(640, 640)
        self._make_parts()
        self._lay_out()
        self._connect()
        for number, path in checkpoint_grid.kept_pictures(run, self._checkpoints).items():
            self._take(number, path)
        self._show()

    def start(self) -> None:
        """Draw what is missing; nothing if all is there."""
        if self.missing == 0 or self.drawing.is_running:
            return
        self.banner.clear()
        self._began, self._drawn = None, 0
        workspace, shelf = self._session.workspace, self._session.shelf
        run, checkpoints = self._run, self._checkpoints
        self.drawing.run(lambda control: checkpoint_grid.draw_grid(workspace, run, checkpoints, control, shelf))
        self._show()

    @property
    def missing(self) -> int:
        """How many pictures are still to be drawn; the one without the LoRA is the same in every row."""
        empty = [n for n in range(len(self._checkpoints) * len(STRENGTHS)) if n not in self._pictures]
        bases = [number for number in empty if number % len(STRENGTHS) == 0]
        return len(empty) - len(bases) + bool(bases)

    def reject(self) -> None:
        """Close at once, or as soon as the threads have ended."""
        if self.drawing.is_running or self._keeping is not None:
            self._is_closing = True
            self.drawing.stop()
            return
        super().reject()

    def _make_parts(self) -> None:
        self.banner = FailureBanner()
        self.cells = CheckpointCells(self._checkpoints, STRENGTHS)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the drawing"))
        self.progress = label("", "small")
        self.words = label("", "muted", wraps=True)
        self.draw_button = quiet_button(self.tr("Stop"), "circle-stop")
        self.close_button = quiet_button(self.tr("Close"))
        self.keep_button = primary_button(self.tr("Keep this one"), "download")

    def _lay_out(self) -> None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.cells)
        area.setAccessibleName(self.tr("Checkpoints and strengths"))
        prompt = next(iter(self._run.plan.preview.prompts), "")
        text = self.tr("“{prompt}” by each checkpoint, from the same seed.").format(prompt=prompt)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.draw_button)
        buttons.addWidget(self.progress, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.keep_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(label(text, "muted", wraps=True))
        column.addWidget(self.banner)
        column.addWidget(self.cells.headings)
        column.addSpacing(-10)
        column.addWidget(area, 1)
        column.addWidget(self.bar)
        column.addWidget(self.words)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.cells.cell_chosen.connect(self._choose)
        self.draw_button.clicked.connect(self._stop_or_start)
        self.close_button.clicked.connect(self.reject)
        self.keep_button.clicked.connect(self._keep)
        self.drawing.picture_added.connect(self._add)
        self.drawing.changed.connect(self._show)
        self.drawing.failed.connect(self.banner.show_failure)
        self.drawing.finished.connect(self._end)

    def _add(self, picture: PictureReady) -> None:
        if picture.index not in self._pictures:
            self._drawn += self._began is not None
            self._take(picture.index, picture.path)

    def _take(self, number: int, path: Path) -> None:
        self._pictures[number] = path
        self.cells.show_picture(number, path)

    def _show(self) -> None:
        is_drawing = self.drawing.is_running
        if is_drawing and self._began is None and self.drawing.sampling_fraction > 0:
            self._began = self._clock()
        total = len(self._checkpoints) * len(STRENGTHS)
        self.bar.setRange(0, total)
        self.bar.setValue(len(self._pictures))
        self.bar.setVisible(is_drawing)
        self.progress.setText(self._progress_text())
        self.bar.setAccessibleDescription(self._progress_text())
        self.draw_button.setVisible(is_drawing or self.missing > 0)
        self.draw_button.setText(self.tr("Stop") if is_drawing else self.tr("Draw the rest"))
        self.draw_button.set_icon("circle-stop" if is_drawing else "play")
        self.draw_button.setEnabled(not self.drawing.is_stopping)
        self.keep_button.setEnabled(self.cells.chosen >= 0 and self._keeping is None)
        self.words.setText(self._chosen_text())

    def _progress_text(self) -> str:
        if self.drawing.is_stopping:
            return self.tr("Stopping")
        if not self.drawing.is_running:
            return self.tr("%n picture(s) not drawn yet", "", self.missing) if self.missing else ""
        left = self.tr("%n picture(s) left", "", self.missing)
        if self._began is None or self._drawn == 0:
            return left
        seconds = (self._clock() - self._began) / self._drawn * self.missing
        return self.tr("{pictures}, about {time}").format(pictures=left, time=duration(5 * round(seconds / 5)))

    def _choose(self) -> None:
        self._kept_text = ""
        self._show()

    def _chosen_text(self) -> str:
        if self._keeping is not None:
            return self.tr("Saving it, and comparing its file with the run…")
        if self._kept_text:
            return self._kept_text
        if self.cells.chosen < 0:
            return self.tr("Choose a picture to keep its checkpoint in the Library.")
        step = self._checkpoints[self.cells.chosen // len(STRENGTHS)].step
        if step in self._ratios:
            text = self.tr("Step {step}: {less} of the base model's error on held-out pictures.")
            return text.format(step=step, less=f"{self._ratios[step]:.2f}")
        return self.tr("Step {step}: it was not measured on held-out pictures.").format(step=step)

    def _stop_or_start(self) -> None:
        if self.drawing.is_running:
            self.drawing.stop()
        else:
            self.start()

    def _keep(self) -> None:
        row = self.cells.chosen // len(STRENGTHS)
        checkpoint, workspace, run_id = self._checkpoints[row], self._session.workspace, self._run.id
        preview = self._pictures.get(row * len(STRENGTHS) + len(STRENGTHS) - 1)  # at full strength
        self._keeping = BackgroundJob(
            lambda: iter([exports.keep_checkpoint(workspace, run_id, checkpoint, preview)]), self
        )
        self._keeping.reported.connect(self._tell_kept)
        self._keeping.failed.connect(self.banner.show_failure)
        self._keeping.finished.connect(self._end_keeping)
        self._keeping.start()
        self._show()

    def _tell_kept(self, card: LoraCard) -> None:
        self._session.loras_changed.emit()
        self._kept_text = self.tr("Kept in the Library as {name}.").format(name=card.path.name)

    def _end_keeping(self) -> None:
        job, self._keeping = self._keeping, None
        if job is not None:
            job.deleteLater()
        self._end()

    def _end(self) -> None:
        self._show()
        if self._is_closing:
            self.reject()
