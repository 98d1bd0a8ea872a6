"""Tries a GPU pack in a process of its own, before a process that somebody works in depends on it."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from calotype.domain.errors.packs import PackFailedError
from calotype.packs.failures import BROKEN, TRIAL_WORD, in_words
from calotype.startup.program import is_packaged

_LONGEST_TRIAL_S = 300  # a slow disk, and a driver that compiles for a new card


def require_working(name: str, folder: Path) -> None:
    """Load torch from a pack and multiply two matrices with it. Raises PackFailedError with what it said."""
    with tempfile.TemporaryDirectory(prefix="calotype-trial-") as place:
        answer = Path(place, "answer.json")
        program = [sys.executable] if is_packaged() else [sys.executable, "-m", "calotype"]
        try:
            finished = subprocess.run(
                [*program, TRIAL_WORD, str(folder), str(answer)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LONGEST_TRIAL_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PackFailedError(name, f"it did not answer within {_LONGEST_TRIAL_S} seconds") from error
        try:
            cause = str(json.loads(answer.read_text(encoding="utf-8"))["cause"])
        except (OSError, ValueError, KeyError, TypeError):
            cause = f"the trial ended without an answer, with code {finished.returncode}"
    if cause:
        raise PackFailedError(name, cause)


def answer_trial(arguments: Sequence[str]) -> int:
    """What the process of a trial does: write to the second argument what became of the pack in the first."""
    folder, answer = arguments[0], Path(arguments[1])
    sys.path.insert(0, folder)
    try:
        torch = importlib.import_module("torch")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.matmul(torch.ones(8, 8, device=device), torch.ones(8, 8, device=device)).sum().item()
        cause = ""
    except BROKEN as error:
        cause = in_words(error)
    answer.write_text(json.dumps({"cause": cause}), encoding="utf-8")
    # A library that fails on the way out must not hide the answer.
    os._exit(0 if not cause else 1)
