"""What measuring and drawing take of a default run on the sample, each by itself: the time before an event is that of
the work which it reports.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from table import Row, report

from calotype.domain.control import Control
from calotype.domain.events import (
    LoraChecked,
    PartsCompared,
    PreviewReady,
    PreviewsMeasured,
    SetExamined,
    Stage,
    StageChanged,
    TrainingEvent,
    ValidationFinished,
)
from calotype.domain.presets import Quality
from calotype.services import library, model_catalog, projects, training_runs
from calotype.services.workspace import close_workspace, open_workspace

LARGEST_SHARE = 0.15
WATCHING = ("validation", "previews", "comparing previews")  # what the goal names; the rest is done once in a run
STAGES = {
    Stage.VALIDATING: "validation",
    Stage.DRAWING_PREVIEWS: "previews",
    Stage.COMPARING_PREVIEWS: "comparing previews",
    Stage.EXAMINING_SET: "examining the set",
    Stage.CHECKING_LORA: "trying the LoRA",
}


def part_of(event: TrainingEvent) -> str:
    """The kind of work that ends with an event; empty for steps, loading and saving."""
    match event:
        case StageChanged():
            return STAGES.get(event.stage, "")
        case ValidationFinished():
            return STAGES[Stage.VALIDATING]
        case PreviewReady():
            return STAGES[Stage.DRAWING_PREVIEWS]
        case PreviewsMeasured():
            return STAGES[Stage.COMPARING_PREVIEWS]
        case SetExamined() | PartsCompared():
            return STAGES[Stage.EXAMINING_SET]
        case LoraChecked():
            return STAGES[Stage.CHECKING_LORA]
        case _:
            return ""


def measured_run() -> tuple[float, dict[str, float]]:
    """The seconds of a run from the click to the last event, and of each part."""
    parts: dict[str, float] = defaultdict(float)
    with tempfile.TemporaryDirectory(prefix="calotype-share-") as folder:
        workspace = open_workspace(Path(folder, "home"))
        try:
            project = projects.create_sample_project(workspace)
            images = library.image_set(workspace, project)
            plan = training_runs.default_plan(workspace, images, Quality.BALANCED, model_catalog.starter_card())
            began = before = time.perf_counter()
            for event in training_runs.start(workspace, project, plan, Control()):
                now = time.perf_counter()
                parts[part_of(event)] += now - before
                before = now
        finally:
            close_workspace(workspace)
    return time.perf_counter() - began, parts


def main() -> None:
    """One run is a minute, and a share needs no second one to compare with."""
    whole, parts = measured_run()
    shares = {name: seconds / whole for name, seconds in parts.items() if name}
    watching, all_of_it = sum(shares.get(name, 0.0) for name in WATCHING), sum(shares.values())
    told = ", ".join(f"{name} {share:.1%}" for name, share in sorted(shares.items()))
    sys.stderr.write(f"{whole:.1f} s: {told}; all together {all_of_it:.1%}\n")
    report(
        [
            Row(
                f"Validation, comparing and previews in a default run of {whole:.0f} s ({told})",
                f"{watching:.1%}",
                f"goal: at most {LARGEST_SHARE:.0%}",
                watching / LARGEST_SHARE,
                watching <= LARGEST_SHARE,
            )
        ]
    )


if __name__ == "__main__":
    main()
