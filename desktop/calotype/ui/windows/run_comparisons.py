"""Compares the shown run with another one of its project."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from calotype.domain.runs import Run
from calotype.services import run_comparison
from calotype.services.run_contents import RunContents
from calotype.ui.look.translations import say_report
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import TrainingRunModel
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.comparison_card import ComparedSide, ComparisonCard
from calotype.ui.widgets.runs_menu import RunsMenu
from calotype.ui.widgets.scrolling import bring_to_top
from calotype.ui.workers.background_job import BackgroundJob


class RunComparisons(QObject):
    """Fills a ComparisonCard, and brings it into view."""

    def __init__(self, session: Session, card: ComparisonCard, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._card = card
        self._run_id = ""
        self._other_id = ""
        self._jobs: set[BackgroundJob] = set()
        self._menu = RunsMenu()
        self.button = quiet_button(self.tr("Compare"), "layers")
        self.button.setToolTip(self.tr("Show this run and another one beside each other"))
        self.button.setMenu(self._menu)
        self.button.destroyed.connect(self._menu.deleteLater)
        self._menu.run_chosen.connect(self.compare_with)
        card.closed.connect(self.close)

    def show_run(self, model: TrainingRunModel, runs: Sequence[Run]) -> None:
        """Be about this run from now on; `runs` are all of its project, newest first."""
        if model.run_id != self._run_id or model.is_running:
            self.close()
        self._run_id = model.run_id
        self._menu.show_runs(runs, without=model.run_id)

    def compare_with(self, other_id: str) -> None:
        """Read both runs and show them."""
        workspace, run_id = self._session.workspace, self._run_id
        self._other_id = other_id
        job = BackgroundJob(lambda: iter([run_comparison.compare(workspace, run_id, other_id)]), self)
        job.reported.connect(self._show)
        job.failed.connect(self._session.failure)
        job.finished.connect(self._forget_jobs)
        self._jobs.add(job)
        job.start()

    def close(self) -> None:
        """Show only one run again."""
        self._other_id = ""
        self._card.hide()

    def _show(self, comparison: run_comparison.RunComparison) -> None:
        one, other = comparison.one, comparison.other
        if (one.run.id, other.run.id) != (self._run_id, self._other_id):
            return  # the user has gone on meanwhile
        shown, compared = (_side(contents, self._menu.name_of(contents.run.id)) for contents in (one, other))
        self._card.show_runs(shown, compared, run_comparison.outcome(comparison, say_report))
        self._card.show_tables(
            (shown.name, compared.name),
            run_comparison.number_rows(comparison, say_report),
            run_comparison.setting_rows(comparison, say_report),
        )
        self._card.show()
        bring_to_top(self._card)

    def _forget_jobs(self) -> None:
        for job in [job for job in self._jobs if not job.is_running]:
            self._jobs.discard(job)
            job.deleteLater()


def _side(contents: RunContents, name: str) -> ComparedSide:
    log, best = contents.log, contents.log.best
    preview = log.preview_at(best.step if best else log.last_step, 0)
    return ComparedSide(
        name=name,
        points=log.validations,
        best=best,
        picture=preview.path if preview else None,
        picture_step=preview.step if preview else None,
        prompt=preview.prompt if preview else "",
    )
