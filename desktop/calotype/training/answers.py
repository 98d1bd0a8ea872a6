"""What the user asks of a run between two steps, and how it answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

from calotype.diffusion.features import without_lora
from calotype.domain.control import Command, Control, MakePreview, Pause, Resume, SaveCheckpoint
from calotype.domain.events import RunPaused, RunResumed, TrainingEvent
from calotype.training.checkpoints import Progress
from calotype.training.job import TrainingJob
from calotype.training.keeping import save
from calotype.training.parts import Parts
from calotype.training.previews import show_previews


def answer(
    job: TrainingJob, parts: Parts, progress: Progress, control: Control
) -> Generator[TrainingEvent, None, list[Command]]:
    """Take the commands in the order in which they were sent; return those to be done after this step.

    A Pause saves and then waits here with everything in memory; previews and checkpoints still work, and others may
    draw with the base model. A Stop ends it.
    """
    waiting, later, is_paused = deque(control.drain()), list[Command](), False
    while (waiting or is_paused) and not control.is_stopping:
        command = waiting.popleft() if waiting else (yield from _next_command(parts, control))
        match command:
            case Pause() if not is_paused:
                is_paused = True
                yield save(job, parts, progress)  # whatever happens to a computer that is left alone
                yield RunPaused(progress.step)
            case Resume() if is_paused:
                is_paused = False
                yield RunResumed(progress.step)
            case MakePreview() if is_paused:
                yield from show_previews(job, parts, progress.step, control)
            case SaveCheckpoint() if is_paused:
                yield save(job, parts, progress)
            case MakePreview() | SaveCheckpoint():
                later.append(command)
            case _:
                pass
    return later


def _next_command(parts: Parts, control: Control) -> Generator[TrainingEvent, None, Command]:
    """Wait for it, and meanwhile leave the model, without what was learned, to whoever wants to draw."""
    with without_lora(parts.model.unet):
        parts.lease.step_aside()
        command = control.wait()
        yield from parts.lease.come_back()
    return command
