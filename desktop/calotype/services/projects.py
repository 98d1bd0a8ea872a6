"""Projects: make, find, change, remove and put back."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from calotype.domain.errors import InvalidProjectError, ProjectNotFoundError
from calotype.domain.imageset import Project, SubjectKind
from calotype.domain.trash import TrashedItem
from calotype.imagesets.project_folder import PROJECT_FILE, folder_name, project_text
from calotype.services.project_lock import require_idle
from calotype.services.sample_project import import_sample, sample_set
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, project_rows
from calotype.storage.files import make_folder, moves_together, write_text_atomically
from calotype.storage.trash import kept_text, new_place

_ROWS_FILE = "rows.json"
_PROJECT_FOLDER = "project"


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """One project as Home shows it."""

    project: Project
    image_count: int
    held_out_count: int
    cover: Path | None
    best_ratio: float | None
    run_count: int


def create_project(workspace: Workspace, name: str, kind: SubjectKind, trigger_word: str) -> Project:
    """Make a project with an empty image set. Raises InvalidProjectError, also for a name that is taken."""
    name = " ".join(name.split())
    _require_free_name(workspace, name)
    projects = workspace.folder.projects
    project = Project(
        id=uuid.uuid4().hex[:12],
        name=name,
        kind=kind,
        trigger_word=trigger_word.strip(),
        folder=projects / folder_name(name, lambda wanted: (projects / wanted).exists()),
        created_at=time.time(),
    )
    make_folder(project.images_folder)
    _save(workspace, project)
    return project


def create_sample_project(workspace: Workspace) -> Project:
    """The project with the sample pictures that ship with the app, made if it is not there."""
    sample = sample_set()
    try:
        project = find_project(workspace, sample.name)
    except ProjectNotFoundError:
        project = create_project(workspace, sample.name, sample.kind, sample.trigger_word)
    import_sample(workspace, project, sample)
    return project


def free_project_name(workspace: Workspace, wanted: str) -> str:
    """The wanted name, or with a number behind it the first that no project has."""
    wanted = " ".join(wanted.split())[:70] or "Project"
    taken = {project.name.casefold() for project in _all(workspace)}
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted} {number}"
    return name


def find_project(workspace: Workspace, name_or_id: str) -> Project:
    """The project with this id, or else with this name in any case. Raises ProjectNotFoundError."""
    projects = _all(workspace)
    wanted = name_or_id.strip()
    for project in projects:
        if project.id == wanted:
            return project
    for project in projects:
        if project.name.casefold() == wanted.casefold():
            return project
    raise ProjectNotFoundError(name_or_id)


def list_projects(workspace: Workspace) -> list[ProjectSummary]:
    """Every project, newest first."""
    counts = image_sets.counts(workspace.database)
    return [
        ProjectSummary(
            project=project,
            image_count=counts[project.id].image_count,
            held_out_count=counts[project.id].held_out_count,
            cover=_cover(project, counts[project.id].first_file_name),
            best_ratio=counts[project.id].best_ratio,
            run_count=counts[project.id].run_count,
        )
        for project in _all(workspace)
        if project.id in counts
    ]


def update_project(
    workspace: Workspace,
    project: Project,
    *,
    name: str | None = None,
    kind: SubjectKind | None = None,
    trigger_word: str | None = None,
) -> Project:
    """Change what is given; the folder keeps its name and captions keep their words. Raises InvalidProjectError."""
    changed = replace(
        project,
        name=project.name if name is None else " ".join(name.split()),
        kind=project.kind if kind is None else kind,
        trigger_word=project.trigger_word if trigger_word is None else trigger_word.strip(),
    )
    if changed.name.casefold() != project.name.casefold():
        _require_free_name(workspace, changed.name)
    _save(workspace, changed)
    return changed


def remove_project(workspace: Workspace, project: Project) -> TrashedItem:
    """Move a project with its pictures and runs to the trash, from where `restore` puts it back.

    Raises ProjectBusyError while an import or a training run works on it.
    """
    require_idle(project)
    trashed = new_place(workspace.folder.trash)
    with moves_together() as move, workspace.database.transaction():
        rows = project_rows.take(workspace.database, project)
        write_text_atomically(trashed / _ROWS_FILE, json.dumps({"folder": project.folder.name, "rows": rows}))
        move(project.folder, trashed / _PROJECT_FOLDER)
    return TrashedItem(folder=trashed, name=project.name, count=1)


def restore(workspace: Workspace, item: TrashedItem) -> Project:
    """Put back a project that `remove_project` took away. Raises StorageError, also if the trash was emptied."""
    kept = json.loads(kept_text(item, _ROWS_FILE))
    destination = workspace.folder.projects / kept["folder"]
    with moves_together() as move, workspace.database.transaction():
        project_rows.put_back(workspace.database, kept["rows"])
        move(item.folder / _PROJECT_FOLDER, destination)
    return find_project(workspace, kept["rows"]["projects"][0]["id"])


def _all(workspace: Workspace) -> list[Project]:
    """The projects whose folders are there; one taken away by hand is not shown, and not forgotten."""
    known = image_sets.list_projects(workspace.database, workspace.folder.projects)
    return [project for project in known if project.folder.is_dir()]


def _cover(project: Project, file_name: str) -> Path | None:
    return project.images_folder / file_name if file_name else None


def _require_free_name(workspace: Workspace, name: str) -> None:
    if any(project.name.casefold() == name.casefold() for project in _all(workspace)):
        raise InvalidProjectError("name", name, "another project has it; choose a different one")


def _save(workspace: Workspace, project: Project) -> None:
    # The file is the truth, and is written before the index agrees to it.
    with workspace.database.transaction():
        write_text_atomically(project.folder / PROJECT_FILE, project_text(project))
        image_sets.save_project(workspace.database, project)
