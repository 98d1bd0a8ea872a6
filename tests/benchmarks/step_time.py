"""One training step against the loop that encodes every batch anew."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace

from places import Place, sample_place
from plain_training import PlainTraining
from table import Row, interleaved, report

from calotype.domain.control import Control
from calotype.domain.events import StepFinished
from calotype.training.engine import TrainingJob, train

NEVER = 10**6
STEPS_IN_A_TURN, TURNS = 5, 7


def main() -> None:
    """Measure and report."""
    with sample_place() as place:
        plan = replace(
            place.plan,
            step_count=STEPS_IN_A_TURN * (TURNS + 3),
            validate_every=NEVER,
            checkpoint_every=NEVER,
            preview=replace(place.plan.preview, prompts=(), every=NEVER),
        )
        job = TrainingJob("bench", plan, place.pictures, place.model, place.scratch / "run", 0.0)
        steps = (event for event in train(job, Control()) if isinstance(event, StepFinished))
        next(steps)
        plain = PlainTraining(place.model, plan, place.pictures.training, _layers(place))
        ours, theirs = interleaved(TURNS, lambda: _turn(steps), lambda: _plain_turn(plain))
        steps.close()
    name = f"One step, batch {plan.batch_size}, {plain.trained_count / 1e6:.2f} M weights trained"
    compared = f"{theirs * 1000:.0f} ms, diffusers + peft, encoding every step"
    report([Row(name, f"{ours * 1000:.0f} ms", compared, ours / theirs, ours <= theirs)])


def _turn(steps: Iterator[StepFinished]) -> float:
    return statistics.median(next(steps).seconds for _ in range(STEPS_IN_A_TURN))


def _plain_turn(plain: PlainTraining) -> float:
    return statistics.median(plain.step() for _ in range(STEPS_IN_A_TURN))


def _layers(place: Place) -> list[str]:
    """The names of the layers that the engine trains, so that both train the same."""
    import torch

    from calotype.diffusion.base_model import load_base_model
    from calotype.diffusion.lora_adapter import attach_trainable, trained_layers

    model = load_base_model(place.model, torch.device("cpu"), torch.float32)
    attach_trainable(model.unet, place.plan.lora, 1)
    return list(trained_layers(model.unet, place.plan.lora))


if __name__ == "__main__":
    main()
