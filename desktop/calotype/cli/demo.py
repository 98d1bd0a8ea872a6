"""calotype demo: the whole way from pictures to a LoRA file, without a screen."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from calotype.cli.contact_sheet import draw_sheet
from calotype.cli.curves import draw_curves
from calotype.cli.interrupts import INTERRUPTED, stop_on_interrupt
from calotype.cli.options import Choices, as_command, made_folder, opened_workspace
from calotype.cli.progress import RunReport, follow_generation, follow_run
from calotype.cli.training import summary, summary_text
from calotype.diffusion.model_shelf import ModelShelf
from calotype.domain.control import Control
from calotype.domain.generation import LoraUse
from calotype.domain.imageset import ImageSet
from calotype.domain.models import STARTER_ID
from calotype.domain.plan import TrainingPlan
from calotype.domain.presets import Quality
from calotype.services import exports, generation, library, model_catalog, projects, training_runs
from calotype.services.workspace import Workspace

PROMPT_COUNT, SEED_COUNT, FIRST_SEED = 4, 2, 11


@as_command
def demo(
    chosen: Choices,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the results.")],
    steps: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many updates.")] = None,
) -> None:
    """Train the starter model on the sample pictures and show what it learned: pictures, curves and the LoRA file.

    Without --home, a data folder is made below DIR and removed at the end.
    """
    folder = made_folder(out)
    control = Control()
    with (
        _data_folder(chosen, folder) as here,
        opened_workspace(here) as workspace,
        stop_on_interrupt(control, here.output),
    ):
        text, values = _Demo(workspace, folder, here, control).run(steps)
    chosen.output.result(text, values)
    if control.is_stopping:
        raise typer.Exit(INTERRUPTED)


@contextmanager
def _data_folder(chosen: Choices, folder: Path) -> Iterator[Choices]:
    if chosen.home is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory(prefix=".calotype-", dir=folder) as home:
        yield replace(chosen, home=Path(home))


@dataclass(frozen=True, slots=True)
class _Demo:
    workspace: Workspace
    folder: Path
    chosen: Choices
    control: Control
    shelf: ModelShelf = field(default_factory=ModelShelf)

    def run(self, steps: int | None) -> tuple[str, dict[str, object]]:
        """Do it all; answer with the summary for a person and for a program."""
        begun_at = time.monotonic()
        project = projects.create_sample_project(self.workspace)
        pictures = library.image_set(self.workspace, project)
        # Captions of held-out pictures: nothing on the sheets was ever trained on.
        prompts = tuple(dict.fromkeys(image.caption for image in pictures.held_out))[:PROMPT_COUNT]
        self.chosen.output.progress("Drawing without a LoRA …")
        self._draw(prompts, None, "before.png")
        plan = self._plan(pictures, steps)
        training = training_runs.start(self.workspace, project, plan, self.control, self.shelf)
        report = follow_run(training, self.chosen.output)
        lora_path = self._keep(report, project.trigger_word)
        if not self.control.is_stopping:
            self.chosen.output.progress("Drawing with the LoRA …")
            self._draw(prompts, lora_path, "after.png")
        if report.validations:
            draw_curves(report.events, project.name, self.folder / "curves.png")
        seconds = time.monotonic() - begun_at
        return self._summary(report, lora_path, seconds)

    def _plan(self, pictures: ImageSet, steps: int | None) -> TrainingPlan:
        model = model_catalog.find_base_model(self.workspace, STARTER_ID)
        plan = training_runs.default_plan(self.workspace, pictures, Quality.BALANCED, model)
        if steps is None:
            return plan
        share = steps / plan.step_count
        every = max(1, round(plan.validate_every * share))
        return replace(
            plan,
            step_count=steps,
            warmup_steps=round(plan.warmup_steps * min(1.0, share)),
            validate_every=every,
            checkpoint_every=every,
            preview=replace(plan.preview, every=max(1, round(plan.preview.every * share))),
        )

    def _draw(self, prompts: tuple[str, ...], lora_path: Path | None, name: str) -> None:
        model = model_catalog.find_base_model(self.workspace, STARTER_ID)
        columns = []
        with tempfile.TemporaryDirectory(prefix=".pictures-", dir=self.folder) as scratch:
            for number, prompt in enumerate(prompts):
                request = replace(
                    generation.default_request(model, prompt),
                    loras=() if lora_path is None else (LoraUse(lora_path),),
                    seed=FIRST_SEED,
                    count=SEED_COUNT,
                )
                target = Path(scratch, str(number))
                events = generation.generate(self.workspace, request, self.control, target, self.shelf)
                columns.append([picture.path for picture in follow_generation(events, self.chosen.output, names=False)])
            draw_sheet(columns, prompts, self.folder / name)

    def _keep(self, report: RunReport, trigger_word: str) -> Path | None:
        """What the run leaves behind; None for the LoRA if it was stopped before it learned anything."""
        if report.started is None:
            return None
        run = training_runs.find_run(self.workspace, report.started.run_id)
        shutil.copyfile(run.metrics_path, self.folder / "metrics.jsonl")
        if report.finished is None or report.finished.lora_path is None:
            return None
        return exports.export_lora(self.workspace, run.id, self.folder / f"{trigger_word}.safetensors").path

    def _summary(self, report: RunReport, lora_path: Path | None, seconds: float) -> tuple[str, dict[str, object]]:
        values: dict[str, object] = {
            **summary(report, lora_path),
            "training_seconds": report.finished and round(report.finished.seconds, 2),
            "seconds": round(seconds, 2),
        }
        text = json.dumps(values, indent=2, default=str, ensure_ascii=False)
        (self.folder / "summary.json").write_text(text + "\n", encoding="utf-8")
        told = summary_text(report, lora_path).splitlines()
        told = told[:-1] if lora_path else told
        return "\n".join([*told, f"Everything is in {self.folder}"]), values
