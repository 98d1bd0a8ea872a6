"""The Train page: plan a run, watch it, and see what came of it; past runs can be opened again."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from calotype.domain.errors import CalotypeError
from calotype.domain.events import TrainingEvent
from calotype.domain.imageset import Project
from calotype.domain.plan import TrainingPlan
from calotype.domain.runs import Run, RunState
from calotype.services import model_catalog, training_runs
from calotype.ui.models.generation_model import GenerationModel
from calotype.ui.models.session import Session
from calotype.ui.models.training_run_model import RunPhase, TrainingRunModel
from calotype.ui.widgets.buttons import primary_button, quiet_button
from calotype.ui.widgets.empty_state import EmptyState
from calotype.ui.widgets.runs_menu import RunsMenu
from calotype.ui.windows.page import Page
from calotype.ui.windows.run_comparisons import RunComparisons
from calotype.ui.windows.run_opening import RunOpening
from calotype.ui.windows.run_papers import RunPapers
from calotype.ui.windows.run_result import RunResult
from calotype.ui.windows.train_plan_view import TrainPlanView
from calotype.ui.windows.train_run_view import TrainRunView


class TrainPage(Page):
    """Three states: plan, running, result; and an empty one while no project is open."""

    def __init__(
        self, session: Session, training: TrainingRunModel, generation: GenerationModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._live = training
        self._create = generation
        self._past = TrainingRunModel(session, self)
        self._opened: Run | None = None  # what `_past` holds: a run that was continued meanwhile is another
        self._runs: list[Run] = []
        self._wants_plan = False
        self._chosen_run = ""
        self._opening = RunOpening(session, self)
        self._menu = RunsMenu(self)
        self._plan_view = TrainPlanView(session)
        self._run_view = TrainRunView(training)
        self._comparisons = RunComparisons(session, self._run_view.comparison, self)
        self._build()
        self._result = RunResult(session, self._run_view.result, training, generation, self)
        self._result.again_requested.connect(self.plan_new_run)
        self._papers = RunPapers(session, self._run_view.notes, self._run_view.result, self)
        self._connect()
        self.refresh()

    @property
    def title(self) -> str:
        """The open project's name."""
        project = self._session.project
        return project.name if project else self.tr("Train")

    def header_facts(self) -> list[str]:
        """Which run is shown."""
        if self._stack.currentWidget() is not self._run_scroll:
            return [self.tr("New run")] if self._session.project else []
        return [self._menu.name_of(self._run_view.model.run_id)] if self._run_view.model.run_id else []

    def header_widgets(self) -> list[QWidget]:
        """The menu of past runs, and a new run."""
        return [self._actions]

    def activate(self) -> None:
        """Look again at what there is."""
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let a high window have a high curve."""
        super().resizeEvent(event)
        self._run_view.make_room(self.height())

    def plan_new_run(self) -> None:
        """Go back to the plan."""
        self._wants_plan, self._chosen_run = True, ""
        self.refresh()

    def refresh(self) -> None:
        """Choose the state that fits: the running run, a chosen or the newest run, or the plan."""
        project = self._session.project
        if project is None:
            self._show(self._empty)
            return
        self._runs = runs = training_runs.list_runs(self._session.workspace, project)
        self._menu.show_runs(runs)
        if self._live.is_running and self._is_live(project):
            self._show_model(self._live)
        elif self._chosen_run:
            self._open_run(next((run for run in runs if run.id == self._chosen_run), None))
        elif self._is_live(project) and self._live.phase is not RunPhase.NONE and not self._wants_plan:
            self._show_model(self._live)
        elif runs and not self._wants_plan and self._has_result(runs[0]):
            self._open_run(runs[0])
        else:
            self._show_plan()

    def _has_result(self, run: Run) -> bool:
        """True if there is something to see or to go on with."""
        is_over = run.state in (RunState.COMPLETED, RunState.STOPPED)
        return is_over or training_runs.can_continue(self._session.workspace, run)

    def _is_live(self, project: Project) -> bool:
        """True if the live model holds a run of this project, ended or not."""
        return self._live.plan is not None and self._live.plan.project_id == project.id

    def _show_plan(self) -> None:
        self._plan_view.refresh()
        busy = self.tr("Another project is training. Wait until that run has ended, or stop it.")
        self._plan_view.show_busy(busy if self._live.is_running else "")
        self._show(self._plan_scroll)

    def _show_model(self, model: TrainingRunModel) -> None:
        self._run_view.show_run(model, self._base_name(model.plan))
        self._result.show_run(model)
        self._papers.show_run(model)
        self._comparisons.show_run(model, self._runs)
        self._show(self._run_scroll)

    def _open_run(self, run: Run | None) -> None:
        if run is None:
            self._show_plan()
            return
        if self._opened == run:
            self._show_model(self._past)
            return
        self._opening.open(run)

    def _show_history(self, run: Run, events: list[TrainingEvent]) -> None:
        project = self._session.project
        is_wanted = not self._wants_plan and self._chosen_run in ("", run.id)
        if project is None or run.project_id != project.id or not is_wanted:
            return
        self._opened = run
        self._past.show_history(run, events)
        self._show_model(self._past)

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        self._new_button.setVisible(widget is self._run_scroll and not self._live.is_running)
        self._comparisons.button.setVisible(self._new_button.isVisibleTo(self._actions) and len(self._runs) > 1)
        self._runs_button.setVisible(self._session.project is not None and not self._menu.isEmpty())
        self.header_changed.emit()

    def _choose_run(self, run_id: str) -> None:
        self._chosen_run, self._wants_plan = run_id, False
        if self._chosen_run == self._live.run_id:
            self._chosen_run = ""
        self.refresh()

    def _show_newest(self) -> None:
        self._wants_plan, self._chosen_run = False, ""
        self._run_scroll.verticalScrollBar().setValue(0)
        self.refresh()

    def _start(self, plan: TrainingPlan) -> None:
        self._live.start(plan)
        self._run_view.focus_strip()

    def _base_name(self, plan: TrainingPlan | None) -> str:
        if plan is None:
            return ""
        try:
            return model_catalog.find_base_model(self._session.workspace, plan.base_model).name
        except CalotypeError:
            return plan.base_model

    def _build(self) -> None:
        self._runs_button = quiet_button(self.tr("Runs"), "clock")
        self._runs_button.setMenu(self._menu)
        self._new_button = quiet_button(self.tr("New run"), "plus")
        # They are shown and hidden while the header holds them or not: alone they would become windows.
        self._actions = _row(self, self._runs_button, self._comparisons.button, self._new_button)
        to_home = primary_button(self.tr("Choose a project"), "house")
        to_home.clicked.connect(self._go_home)
        text = self.tr(
            "Training needs pictures of one character, product or style. Open one on Home, or try the sample there."
        )
        self._empty = EmptyState("trending-up", self.tr("No project is open"), text, to_home)
        self._plan_scroll = _scrolled(self._plan_view, self.tr("Plan of the run"))
        self._run_scroll = _scrolled(self._run_view, self.tr("The run"))
        self._stack = QStackedWidget()
        for widget in (self._empty, self._plan_scroll, self._run_scroll):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _connect(self) -> None:
        self._opening.opened.connect(self._show_history)
        self._plan_view.start_requested.connect(self._start)
        self._plan_view.images_requested.connect(self._go_to_images)
        self._run_view.lead_to(self._session.open_images)
        self._new_button.clicked.connect(self.plan_new_run)
        self._menu.run_chosen.connect(self._choose_run)
        self._session.project_changed.connect(self._show_newest)
        self._session.images_changed.connect(self._look_again)
        self._session.models_changed.connect(self._look_again)
        self._live.started.connect(self._show_newest)
        self._live.finished.connect(self.refresh)
        self._session.runs_changed.connect(self._look_again)
        QShortcut(QKeySequence("Ctrl+Return"), self._plan_view, self._plan_view.start)
        QShortcut(QKeySequence("Ctrl+K"), self._plan_view, self._plan_view.form.open_drawer)

    def _look_again(self) -> None:
        if self.isVisible():
            self.refresh()

    def _go_home(self) -> None:
        self._session.page_requested.emit("home")

    def _go_to_images(self) -> None:
        self._session.page_requested.emit("images")


def _row(parent: QWidget, *buttons: QWidget) -> QWidget:
    row = QWidget(parent)
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(10)
    for button in buttons:
        layout.addWidget(button)
    return row


def _scrolled(widget: QWidget, name: str) -> QScrollArea:
    holder = QWidget()
    holder.setProperty("role", "scrolled")
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(24, 20, 24, 20)
    layout.addWidget(widget)
    area = QScrollArea()
    area.setAccessibleName(name)
    area.setWidgetResizable(True)
    area.setWidget(holder)
    return area
