"""One training step of a DoRA against one of a LoRA, and what both have learned after a whole run of the sample.

`python tests/benchmarks/dora_step.py [runs]`: with the word, two whole runs follow.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from dataclasses import replace

from places import Place, sample_place
from table import interleaved

from calotype.domain.control import Control
from calotype.domain.events import RunFinished, StepFinished, TrainingEvent
from calotype.domain.lora import LoraAdapter
from calotype.domain.plan import TrainingPlan
from calotype.training.engine import train
from calotype.training.job import TrainingJob

NEVER = 10**6
STEPS_IN_A_TURN, TURNS = 5, 7


def main(words: list[str]) -> None:
    """Print seconds and ratios."""
    with sample_place() as place:
        quiet = replace(
            place.plan,
            step_count=STEPS_IN_A_TURN * (TURNS + 3),
            validate_every=NEVER,
            checkpoint_every=NEVER,
            preview=replace(place.plan.preview, prompts=(), every=NEVER),
        )
        both = {adapter: _steps(place, quiet, adapter) for adapter in LoraAdapter}
        for steps in both.values():
            next(steps)
        lora, dora = interleaved(TURNS, *(lambda steps=steps: _turn(steps) for steps in both.values()))
        sys.stdout.write(f"a step: LoRA {lora * 1000:.0f} ms, DoRA {dora * 1000:.0f} ms, ratio {dora / lora:.3f}\n")
        sys.stdout.flush()
        for adapter in LoraAdapter if "runs" in words else ():
            finished = list(_events(place, place.plan, adapter))[-1]
            assert isinstance(finished, RunFinished)
            sys.stdout.write(f"{adapter}: best {finished.best_ratio:.3f} of the base model's error, {finished}\n")
            sys.stdout.flush()


def _events(place: Place, plan: TrainingPlan, adapter: LoraAdapter) -> Iterator[TrainingEvent]:
    plan = replace(plan, lora=replace(plan.lora, adapter=adapter))
    return train(TrainingJob(adapter, plan, place.pictures, place.model, place.scratch / adapter, 0.0), Control())


def _steps(place: Place, plan: TrainingPlan, adapter: LoraAdapter) -> Iterator[StepFinished]:
    return (event for event in _events(place, plan, adapter) if isinstance(event, StepFinished))


def _turn(steps: Iterator[StepFinished]) -> float:
    return statistics.median(next(steps).seconds for _ in range(STEPS_IN_A_TURN))


if __name__ == "__main__":
    main(sys.argv[1:])
