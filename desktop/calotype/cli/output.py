"""The one door through which the terminal speaks: results on stdout, progress and failures on stderr."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Output:
    """Speaks to a person, or with `is_json` to a program: then stdout holds one JSON value and nothing else."""

    is_json: bool = False
    is_quiet: bool = False  # no progress, for work inside other work
    _has_passing_line: bool = field(default=False, init=False)
    _has_answered: bool = field(default=False, init=False)

    def result(self, text: str, values: Mapping[str, object]) -> None:
        """Say what came of the command: the text to a person, the values to a program."""
        self._end_passing_line()
        self._has_answered = True
        answer = json.dumps(values, ensure_ascii=False, indent=2, default=_plain) if self.is_json else text
        sys.stdout.write(_printable(answer + "\n"))
        sys.stdout.flush()

    def progress(self, text: str) -> None:
        """Say what just happened, in a line that stays."""
        if self.is_quiet:
            return
        self._end_passing_line()
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def passing(self, text: str) -> None:
        """Say where the work stands, in a line that the next one replaces; nothing if nobody is looking."""
        if self.is_quiet or not sys.stderr.isatty():
            return
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[K" + text[:width])
        sys.stderr.flush()
        self._has_passing_line = True

    def failure(self, failure: Exception, sentence: str) -> None:
        """Say in one line what went wrong, and to a program also as JSON, unless the result has said it already."""
        self.progress(f"calotype: {' '.join(sentence.split())}")
        if self.is_json and not self._has_answered:
            self.result("", error_values(failure, sentence))

    def _end_passing_line(self) -> None:
        if self._has_passing_line:
            sys.stderr.write("\r\x1b[K")
            self._has_passing_line = False


def error_values(failure: Exception, sentence: str) -> dict[str, object]:
    """What a program is told of a failure: its kind, which stays the same in every language, and the sentence."""
    return {"error": {"kind": type(failure).__name__, "sentence": sentence}}


def _printable(text: str) -> str:
    # A path may hold bytes that are no text, and a terminal may know ASCII alone: neither must end a command.
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no plain form")
