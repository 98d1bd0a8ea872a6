"""Whether the verdict is right: runs with a planted fault, and what is said of them. `make bench-verdict`.

Each run is kept in `build/verdicts/SUBJECT-SEED-CAUSE.jsonl`, so that a second call goes on where the first was
stopped, and judges all again with the rules as they are. Subjects and seeds may be named: `verdicts.py fox:0 owl:1`.
Besides the confusion table: whether the ratio follows an independent measure of the subject, and whether the best
checkpoint is better than the last one on pictures and noise that the run never saw.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from checkpoint_trial import Trial, look_at_previews, try_checkpoints
from planted_faults import RIGHT, Cause, plant_plan, plant_set, planted_code
from starter_art import HELD_OUT, ROOT, Sprite, load_sprites
from table import Row, report

from calotype.domain.control import Control
from calotype.domain.errors import LossNotFiniteError
from calotype.domain.event_json import event_from_line
from calotype.domain.events import TrainingEvent
from calotype.domain.presets import Quality
from calotype.domain.run_log import RunLog
from calotype.domain.runs import Run
from calotype.domain.verdict import GOOD, VerdictKind
from calotype.services import library, model_catalog, training_runs
from calotype.services.workspace import Workspace, close_workspace, open_workspace

OUT = ROOT / "build" / "verdicts"
SUBJECTS = ("fox:0", "octopus:0", "rocket:1", "teapot:1")
TRIED = (Cause.NOTHING, Cause.TOO_MANY_STEPS)  # with these, the best LoRA and the last are tried on unseen pictures
# Their ratio is that of something else; with shuffled captions the judge looks for a background that is not meant.
NOT_COMPARED = (Cause.TWO_SUBJECTS, Cause.OTHER_HELD_OUT, Cause.LEAK, Cause.SHUFFLED_CAPTIONS)
BROKEN_OFF = "the loss was no number\n"
RIGHT_SHARE = 0.9


def main(names: Sequence[str]) -> None:
    """Run what is missing, then judge everything that was asked for."""
    OUT.mkdir(parents=True, exist_ok=True)
    sprites = {sprite.label: sprite for sprite in load_sprites(("3d",), HELD_OUT)}
    chosen = list(names or SUBJECTS)
    for name in chosen:
        subject, seed = name.split(":")
        labels = sorted(sprites)
        other = sprites[labels[(labels.index(subject) + 1 + int(seed)) % len(labels)]]
        for cause in Cause:
            if not _path(name, cause).is_file():
                _run(name, cause, sprites[subject], other, int(seed))
    verdicts = {(name, cause): judged(_path(name, cause)) for name in chosen for cause in Cause}
    _show_table(verdicts)
    report(_rows(verdicts))


def _path(name: str, cause: Cause) -> Path:
    return OUT / f"{name.replace(':', '-')}-{cause.name.lower()}.jsonl"


def _run(name: str, cause: Cause, subject: Sprite, other: Sprite, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="calotype-verdict-") as folder:
        workspace = open_workspace(Path(folder, "home"))
        try:
            run, events, ending = _train(workspace, cause, subject, other, seed)
            trial = look_at_previews(events, subject)
            if cause in TRIED and run.best_lora_path.is_file():
                trial = try_checkpoints(trial, run, subject, seed)
            _path(name, cause).with_suffix(".trial.json").write_text(trial.to_json(), encoding="utf-8")
            _path(name, cause).write_text(run.metrics_path.read_text(encoding="utf-8") + ending, encoding="utf-8")
        finally:
            close_workspace(workspace)
    sys.stderr.write(f"{name} {cause.name}: {judged(_path(name, cause))}\n")


def _train(
    workspace: Workspace, cause: Cause, subject: Sprite, other: Sprite, seed: int
) -> tuple[Run, list[TrainingEvent], str]:
    """The run, what it reported, and `BROKEN_OFF` if a loss that is no number ended it."""
    project = plant_set(workspace, cause, subject, other, seed)
    pictures = library.image_set(workspace, project)
    preset = training_runs.default_plan(workspace, pictures, Quality.BALANCED, model_catalog.starter_card())
    events: list[TrainingEvent] = []
    ending = BROKEN_OFF
    with planted_code(cause), suppress(LossNotFiniteError):
        events.extend(training_runs.start(workspace, project, plant_plan(cause, preset), Control()))
        ending = ""
    return training_runs.list_runs(workspace, project)[0], events, ending


def judged(path: Path) -> VerdictKind:
    """The verdict on a kept run, by the rules as they are now. A loss that is no number is the failure of a run, and
    its sentence in the window says the same as this verdict.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines[-1] == BROKEN_OFF.strip():
        return VerdictKind.BROKE
    events = [event for line in lines if (event := event_from_line(line, path.parent)) is not None]
    return RunLog.of(events).verdict.kind


def _show_table(verdicts: dict[tuple[str, Cause], VerdictKind]) -> None:
    """The confusion table: a line for each cause, with every verdict that it got."""
    sys.stderr.write("| planted | verdicts | right |\n| --- | --- | --- |\n")
    for cause in Cause:
        found = Counter(verdict for (_, planted), verdict in verdicts.items() if planted is cause)
        told = ", ".join(f"{verdict.value} {count}" for verdict, count in found.most_common())
        right = sum(count for verdict, count in found.items() if verdict in RIGHT[cause])
        sys.stderr.write(f"| {cause.value} | {told} | {right} of {found.total()} |\n")


def _rows(verdicts: dict[tuple[str, Cause], VerdictKind]) -> list[Row]:
    right = [verdict in RIGHT[cause] for (_, cause), verdict in verdicts.items()]
    share = statistics.fmean(right)
    called_good = sum(verdict in GOOD for (_, cause), verdict in verdicts.items() if cause is not Cause.NOTHING)
    broken = sum(cause is not Cause.NOTHING for _, cause in verdicts)
    trials = {
        (name, cause): Trial.from_json(_path(name, cause).with_suffix(".trial.json").read_text(encoding="utf-8"))
        for name, cause in verdicts
    }
    return [
        Row(
            f"Right verdicts, {len(right)} runs with {len(RIGHT)} planted causes",
            f"{share:.0%}",
            f"goal: at least {RIGHT_SHARE:.0%}",
            RIGHT_SHARE / max(share, 1e-9),
            share >= RIGHT_SHARE,
        ),
        Row("Broken runs that are called good", f"{called_good} of {broken}", "goal: none", 1.0, called_good == 0),
        *_trial_rows(trials),
    ]


def _trial_rows(trials: dict[tuple[str, Cause], Trial]) -> list[Row]:
    """Rank correlation of the ratio with identity over the checkpoints of all runs of a subject; best against last."""
    followed = []
    for subject in {name for name, _ in trials}:
        runs = [trial for (name, cause), trial in trials.items() if name == subject and cause not in NOT_COMPARED]
        ratios = [ratio for trial in runs for ratio in trial.ratios]
        followed.append(-_rank_correlation(ratios, [value for trial in runs for value in trial.identities]))
    pairs = [(trial.best, trial.last) for trial in trials.values() if trial.best is not None and trial.last is not None]
    differing = [(best, last) for best, last in pairs if best != last]
    won = sum(best < last for best, last in differing)
    middle = statistics.median(followed)
    return [
        Row(
            f"Rank correlation of a low ratio and identity of previews, {len(followed)} subjects: median / lowest",
            f"{middle:.2f} / {min(followed):.2f}",
            "goal: median at least 0.5",
            0.5 / max(middle, 1e-9),
            middle >= 0.5,
        ),
        Row(
            "Best checkpoint better than the last one on unseen pictures, where they differ",
            f"{won} of {len(differing)}",
            "goal: more often than not",
            len(differing) / 2 / max(won, 1e-9),
            won * 2 > len(differing),
        ),
    ]


def _rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's; values that are the same share the mean of their ranks."""
    return statistics.correlation(*([_rank(value, values) for value in values] for values in (one, other)))


def _rank(value: float, values: Sequence[float]) -> float:
    return sum(other < value for other in values) + (sum(other == value for other in values) - 1) / 2


if __name__ == "__main__":
    main(sys.argv[1:])
