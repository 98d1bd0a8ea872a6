"""Everything that a run needs, once, in a data folder of its own: does this installation work?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from calotype.domain.checks import Check
from calotype.domain.control import Control
from calotype.domain.errors.startup import NotTriedError, ProgramDamagedError
from calotype.domain.events import GenerationFinished, PictureReady, RunFinished, RunStarted
from calotype.domain.imageset import Project
from calotype.domain.models import STARTER_ID
from calotype.domain.presets import Quality
from calotype.domain.settings import Settings
from calotype.services import devices, exports, generation, library, model_catalog, projects, training_runs
from calotype.services.compute_modules import load_compute_modules
from calotype.services.workspace import Workspace, close_workspace, open_workspace
from calotype.startup.program import program_folder

LIBRARIES = (
    "PySide6.QtWidgets",
    "pyqtgraph",
    "PIL",
    "pi_heif",
    "torch",
    "diffusers",
    "transformers",
    "peft",
    "safetensors",
)
RESOURCES = ("starter/model_index.json", "sample", "migrations/0001.sql", "icons", "licences/THIRD_PARTY.md")
_MANIFEST = "manifest.json"


class SelfCheck:
    """Runs checks one by one. Some use what an earlier one made, and say so if it is not there."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        """`folder` is empty, and for the checks alone; `settings` choose the device."""
        self._folder = folder
        self._settings = settings or Settings()
        self._opened: Workspace | None = None
        self._project: Project | None = None
        self._run_id = ""

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks that make sense here: only a package has a list of its files."""
        return tuple(check for check in Check if check is not Check.PACKAGE or _manifest_path() is not None)

    def run(self, check: Check) -> str:
        """Do one check, in a job, and say what was found. Raises whatever goes wrong."""
        work: dict[Check, Callable[[], str]] = {
            Check.PACKAGE: _compare_package,
            Check.IMPORTS: _import_libraries,
            Check.RESOURCES: _find_resources,
            Check.DEVICE: lambda: devices.describe_device(self._settings.device).name,
            Check.IMPORT: self._import_sample,
            Check.TRAINING: self._train,
            Check.PICTURE: self._draw,
            Check.LORA: self._export,
        }
        return work[check]()

    def close(self) -> None:
        """Let go of the folder."""
        if self._opened is not None:
            close_workspace(self._opened)
            self._opened = None

    @property
    def _workspace(self) -> Workspace:
        if self._opened is None:
            self._opened = open_workspace(self._folder)
        return self._opened

    def _import_sample(self) -> str:
        self._project = projects.create_sample_project(self._workspace)
        return f"{len(library.image_set(self._workspace, self._project).images)} pictures"

    def _train(self) -> str:
        if self._project is None:
            raise NotTriedError
        pictures = library.image_set(self._workspace, self._project)
        model = model_catalog.find_base_model(self._workspace, STARTER_ID)
        plan = training_runs.default_plan(self._workspace, pictures, Quality.QUICK, model)
        preview = replace(plan.preview, sampling_steps=1, prompts=plan.preview.prompts[:1])
        finished = None
        for event in training_runs.start(
            self._workspace, self._project, replace(plan, step_count=1, preview=preview), Control()
        ):
            match event:
                case RunStarted():
                    self._run_id = event.run_id
                case RunFinished():
                    finished = event
        return f"base model's error {finished.base_loss:.3f}" if finished else "no end"

    def _draw(self) -> str:
        model = model_catalog.find_base_model(self._workspace, STARTER_ID)
        request = generation.default_request(model, "frog, 3d render, pink background")
        made = ""
        for event in generation.generate(
            self._workspace, replace(request, sampling_steps=2), Control(), self._folder / "picture"
        ):
            match event:
                case PictureReady():
                    made = event.path.name
                case GenerationFinished():
                    break
        return made

    def _export(self) -> str:
        if not self._run_id:
            raise NotTriedError
        exported = exports.export_lora(self._workspace, self._run_id, self._folder / "selftest.safetensors")
        return f"{exported.key_count} keys"


def _import_libraries() -> str:
    load_compute_modules()  # the only door by which two threads may ask for them at once
    for name in LIBRARIES:
        import_module(name)
    return f"{len(LIBRARIES)} libraries"


def _find_resources() -> str:
    missing = [name for name in RESOURCES if not Path(str(files("calotype_resources").joinpath(name))).exists()]
    if missing:
        raise ProgramDamagedError(len(missing), missing[0])
    return f"{len(RESOURCES)} found"


def _compare_package() -> str:
    path = _manifest_path()
    if path is None:
        raise NotTriedError
    listed = json.loads(path.read_text(encoding="utf-8"))["files"]
    damaged = [name for name, file in listed.items() if not _is_as_listed(path.parent / name, file)]
    if damaged:
        raise ProgramDamagedError(len(damaged), damaged[0])
    return f"{len(listed)} files"


def _is_as_listed(path: Path, listed: dict[str, object]) -> bool:
    try:
        if path.stat().st_size != listed["size"]:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == listed["sha256"]
    except OSError:
        return False


def _manifest_path() -> Path | None:
    """The list of the files of a package; None without a package, or in one without a list."""
    folder = program_folder()
    return folder / _MANIFEST if folder is not None and (folder / _MANIFEST).is_file() else None
