"""Runs, their metrics and previews in the index; the run's own folder is the truth."""

from __future__ import annotations

import logging
import math
import sqlite3
from pathlib import Path

from calotype.domain.errors import InvalidPlanError
from calotype.domain.events import PreviewReady
from calotype.domain.plan import TrainingPlan
from calotype.domain.runs import Run, RunState
from calotype.storage.database import Database

logger = logging.getLogger(__name__)

_COLUMNS = "id, project_id, plan, folder, state, started_at, last_step, best_step, best_ratio, failure"


def add_run(database: Database, run: Run, projects_folder: Path) -> None:
    """Write a new run."""
    with database.transaction() as connection:
        connection.execute(
            f"INSERT OR REPLACE INTO runs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run.id,
                run.project_id,
                run.plan.to_json(),
                run.folder.relative_to(projects_folder).as_posix(),
                run.state.value,
                run.started_at,
                run.last_step,
                run.best_step,
                run.best_ratio,
                run.failure,
            ),
        )


def update_progress(database: Database, run_id: str, last_step: int, best_step: int, best_ratio: float | None) -> None:
    """Write how far a run came."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE runs SET last_step = ?, best_step = ?, best_ratio = ? WHERE id = ?",
            (last_step, best_step, best_ratio, run_id),
        )


def update_state(database: Database, run_id: str, state: RunState, failure: str = "") -> None:
    """Write where a run stands."""
    with database.transaction() as connection:
        connection.execute("UPDATE runs SET state = ?, failure = ? WHERE id = ?", (state.value, failure, run_id))


def add_metrics(database: Database, run_id: str, step: int, values: dict[str, float]) -> None:
    """Write the measurements of one step; a step that is repeated after a crash replaces the earlier numbers."""
    with database.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO metrics (run_id, name, step, value) VALUES (?, ?, ?, ?)",
            # SQLite has no NaN: it would take it for a missing value, which is not allowed.
            [(run_id, name, step, value) for name, value in values.items() if not math.isnan(value)],
        )


def add_preview(database: Database, run_id: str, preview: PreviewReady) -> None:
    """Write one preview picture."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO previews (run_id, step, position, prompt, seed, file_name)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, preview.step, preview.index, preview.prompt, preview.seed, preview.path.name),
        )


def mean_metric(database: Database, run_id: str, name: str) -> float | None:
    """The mean of a metric over a run; None if it was never measured."""
    query = "SELECT AVG(value) FROM metrics WHERE run_id = ? AND name = ?"
    with database.reading() as connection:
        value = connection.execute(query, (run_id, name)).fetchone()[0]
    return None if value is None else float(value)


def find_run(database: Database, run_id: str, projects_folder: Path) -> Run | None:
    """The run with this id."""
    rows = _select(database, projects_folder, "WHERE id = ?", (run_id,))
    return rows[0] if rows else None


def runs_of_project(database: Database, project_id: str, projects_folder: Path) -> list[Run]:
    """The runs of a project, newest first."""
    return _select(database, projects_folder, "WHERE project_id = ? ORDER BY started_at DESC", (project_id,))


def runs_in_state(database: Database, state: RunState, projects_folder: Path) -> list[Run]:
    """Every run in this state, newest first."""
    return _select(database, projects_folder, "WHERE state = ? ORDER BY started_at DESC", (state.value,))


def all_runs(database: Database, projects_folder: Path) -> list[Run]:
    """Every run, newest first."""
    return _select(database, projects_folder, "ORDER BY started_at DESC", ())


def _select(database: Database, projects_folder: Path, where: str, values: tuple[object, ...]) -> list[Run]:
    with database.reading() as connection:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM runs {where}", values).fetchall()
    runs = [_run(row, projects_folder) for row in rows]
    return [run for run in runs if run is not None]


def _run(row: sqlite3.Row | tuple[object, ...], projects_folder: Path) -> Run | None:
    """The run of a row; None if its plan or state is of a newer version, so that the others can still be listed."""
    run_id, project_id, plan, folder, state, started_at, last_step, best_step, best_ratio, failure = row
    try:
        read_plan, read_state = TrainingPlan.from_json(str(plan)), RunState(str(state))
    except (InvalidPlanError, ValueError) as error:
        logger.info("run %s is passed over: %s", run_id, error)
        return None
    return Run(
        id=str(run_id),
        project_id=str(project_id),
        plan=read_plan,
        folder=projects_folder / str(folder),
        state=read_state,
        started_at=float(str(started_at)),
        last_step=int(str(last_step)),
        best_step=int(str(best_step)),
        best_ratio=None if best_ratio is None else float(str(best_ratio)),
        failure=str(failure),
    )
