"""What a user may ask of running work, and the mailbox that carries it between threads."""

from __future__ import annotations

import queue
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """Save what there is and end."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, and keep everything in memory."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class SaveCheckpoint:
    """Write a checkpoint after this step."""


@dataclass(frozen=True, slots=True)
class MakePreview:
    """Draw the previews after this step."""


Command = Stop | Pause | Resume | SaveCheckpoint | MakePreview


class Control:
    """A thread-safe mailbox: the window sends, the work reads between steps.

    A Stop is remembered: once seen, `is_stopping` stays true, so that work nested inside other work ends as well.
    """

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._is_stopping = False

    def send(self, command: Command) -> None:
        """Leave a command for the work; returns at once."""
        if isinstance(command, Stop):
            self._is_stopping = True
        self._commands.put(command)

    @property
    def is_stopping(self) -> bool:
        """True from the moment a Stop was sent."""
        return self._is_stopping

    def drain(self) -> list[Command]:
        """Take every waiting command, oldest first, without waiting."""
        commands: list[Command] = []
        while not self._commands.empty():
            commands.append(self._commands.get())
        return commands

    def wait(self) -> Command:
        """Block until there is a command, and take it."""
        return self._commands.get()
