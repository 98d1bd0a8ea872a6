"""A screen that nobody sees, and how long a program takes until something is on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageChops, ImageGrab

SIZE_PX = (1440, 900)
_PROGRAM = "calotype"
_PATIENCE_S = 60.0


@contextmanager
def screen(number: int) -> Iterator[str]:
    """A running X server, by the name that programs know it by; programs reach it without a network."""
    name = f":{number}"
    width, height = SIZE_PX
    frame = _frame(name)
    frame.parent.mkdir(exist_ok=True)
    command = ["Xvfb", name, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-ac", "-noreset"]
    command += ["-fbdir", str(frame.parent)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(lambda: Path(f"/tmp/.X11-unix/X{number}").exists(), "the X server")
            yield name
        finally:
            server.terminate()
    shutil.rmtree(frame.parent)


@contextmanager
def started(command: Sequence[str], name: str, program: str = _PROGRAM) -> Iterator[float]:
    """A program on a screen, from when it has drawn something until Ctrl+Q; gives the seconds until it had.

    `program` is whose window takes the key.

    Raises AssertionError if it ends before, or does not end well after.
    """
    frame = _frame(name)
    _look(name)  # so that the server has drawn what is to be drawn
    empty = frame.read_bytes()
    begun_at = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: process.poll() is not None or frame.read_bytes() != empty, "a window")
            seconds = time.monotonic() - begun_at
            assert process.poll() is None, f"the program ended with {process.returncode} before it showed anything"
            yield seconds
            press(name, "ctrl+q", program)
            assert process.wait(timeout=_PATIENCE_S) == 0, f"the program ended with {process.returncode}"
        finally:
            process.kill()


def press(name: str, key: str, program: str = _PROGRAM) -> None:
    """Press a key in the window on a screen. Without a window manager nobody else gives it the keyboard."""
    for words in (["search", "--onlyvisible", "--class", program, "windowfocus", "--sync"], ["key", key]):
        subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": name}, check=True)


def wait_for_window(name: str, program: str = _PROGRAM) -> None:
    """Wait until a window of a program is on a screen."""
    words = ["xdotool", "search", "--sync", "--onlyvisible", "--class", program]
    environment = {**os.environ, "DISPLAY": name}
    subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, timeout=_PATIENCE_S, check=True)


def save_when_still(name: str, path: Path) -> Image.Image:
    """A picture of the screen when nothing moves on it any more."""
    picture = wait_until_still(name)
    picture.save(path)
    return picture


def wait_until_still(name: str) -> Image.Image:
    """Wait until nothing moved on the screen for half a second; what is on it then."""
    seen = [_look(name)]

    def is_still() -> bool:
        time.sleep(0.5)
        seen.append(_look(name))
        return not _differ(seen[-1], seen[-2])

    wait_for(is_still, "the screen to be still")
    return seen[-1]


def _frame(name: str) -> Path:
    """The file in which the X server keeps what is on the screen.

    Reading it costs half a millisecond; asking the server for a picture costs 13, which a start would be without.
    """
    return Path(tempfile.gettempdir(), f"calotype-screen-{name.removeprefix(':')}", "Xvfb_screen0")


def _look(name: str) -> Image.Image:
    return ImageGrab.grab(xdisplay=name).convert("RGB")


def _differ(first: Image.Image, second: Image.Image) -> bool:
    return ImageChops.difference(first, second).getbbox() is not None


def wait_for(is_there: Callable[[], bool], what: str) -> None:
    """Wait until it is there. Raises AssertionError after a minute."""
    until = time.monotonic() + _PATIENCE_S
    while not is_there():
        assert time.monotonic() < until, f"waited {_PATIENCE_S:.0f} s for {what}"
        time.sleep(0.01)
