"""calotype selftest: everything that a run needs, once, to see whether this installation works."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import typer

from calotype.cli.options import Choices, HomeOption, JsonOption, choices, opened_workspace
from calotype.cli.output import Output
from calotype.cli.progress import RunReport, follow_generation, follow_run
from calotype.domain.control import Control
from calotype.domain.imageset import Project
from calotype.domain.models import STARTER_ID
from calotype.domain.presets import Quality
from calotype.services import devices, exports, generation, library, model_catalog, projects, training_runs
from calotype.services.workspace import Workspace, load_settings

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


def selftest(context: typer.Context, home: HomeOption = None, is_json: JsonOption = False) -> None:
    """Check this installation: imports, resources, device, one training step, one picture, one file.

    The data folder is only looked at; what is made lies in a temporary folder.
    """
    chosen = choices(context, home, is_json)
    with tempfile.TemporaryDirectory(prefix="calotype-selftest-") as folder:
        checks = _Checks(chosen.output)
        checks.check("imports", _imports)
        checks.check("resources", _resources)
        with opened_workspace(Choices(Path(folder), chosen.output)) as workspace:
            _work(checks, workspace, Path(folder))
    chosen.output.result(f"All {len(checks.passed)} checks passed.", {"checks": checks.passed})


@dataclass(slots=True)
class _Checks:
    """Runs checks one after the other; the first that fails ends them with its own failure."""

    output: Output
    passed: list[dict[str, object]] = field(default_factory=list)

    def check(self, name: str, work: Callable[[], str]) -> None:
        self.output.passing(f"{name} …")
        begun_at = time.monotonic()
        detail = work()
        seconds = round(time.monotonic() - begun_at, 2)
        self.passed.append({"name": name, "detail": detail, "seconds": seconds})
        self.output.progress(f"ok  {name}: {detail} ({seconds:.1f} s)")


def _work(checks: _Checks, workspace: Workspace, folder: Path) -> None:
    reports: list[RunReport] = []
    sample: list[Project] = []
    checks.check("device", lambda: devices.describe_device(load_settings(workspace).device).name)
    checks.check("import", lambda: _import_sample(workspace, sample))
    checks.check("training step", lambda: _train(workspace, sample[0], reports))
    checks.check("picture", lambda: _draw(workspace, folder))
    checks.check("LoRA file", lambda: _export(workspace, reports[0], folder))


def _imports() -> str:
    for name in LIBRARIES:
        import_module(name)
    return f"{len(LIBRARIES)} libraries"


def _resources() -> str:
    missing = [name for name in RESOURCES if not Path(str(files("calotype_resources").joinpath(name))).exists()]
    if missing:
        raise FileNotFoundError(f"the installation lacks {', '.join(missing)}")
    return f"{len(RESOURCES)} found"


def _import_sample(workspace: Workspace, sample: list[Project]) -> str:
    sample.append(projects.create_sample_project(workspace))
    return f"{len(library.image_set(workspace, sample[0]).images)} pictures"


def _train(workspace: Workspace, project: Project, reports: list[RunReport]) -> str:
    pictures = library.image_set(workspace, project)
    model = model_catalog.find_base_model(workspace, STARTER_ID)
    plan = training_runs.default_plan(workspace, pictures, Quality.QUICK, model)
    short = replace(
        plan, step_count=1, preview=replace(plan.preview, sampling_steps=1, prompts=plan.preview.prompts[:1])
    )
    reports.append(follow_run(training_runs.start(workspace, project, short, Control()), Output(is_quiet=True)))
    finished = reports[0].finished
    return f"base model's error {finished.base_loss:.3f}" if finished else "no end"


def _draw(workspace: Workspace, folder: Path) -> str:
    model = model_catalog.find_base_model(workspace, STARTER_ID)
    request = replace(generation.default_request(model, "frog, 3d render, pink background"), sampling_steps=2)
    events = generation.generate(workspace, request, Control(), folder / "picture")
    return follow_generation(events, Output(is_quiet=True))[0].path.name


def _export(workspace: Workspace, report: RunReport, folder: Path) -> str:
    run_id = report.started.run_id if report.started else ""
    exported = exports.export_lora(workspace, run_id, folder / "selftest.safetensors")
    return f"{exported.key_count} keys"
