"""Ctrl+C as a request: the work saves what it has and ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from calotype.cli.output import Output
from calotype.domain.control import Control, Stop

_Old = Callable[[int, FrameType | None], object] | int | None
INTERRUPTED = 130  # what shells expect of a program that Ctrl+C ended


@contextmanager
def stop_on_interrupt(control: Control, output: Output) -> Iterator[None]:
    """Turn the first Ctrl+C (or a polite kill) into a Stop; a second one ends the program at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, before[number])
        output.progress("Stopping and saving. Press Ctrl+C again to leave at once.")
        control.send(Stop())

    before: dict[int, _Old] = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
