"""Without a command the window opens; with one the terminal answers."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

from calotype.packs.failures import TRIAL_WORD
from calotype.packs.use import use_pack
from calotype.startup.data_root import root_named_in
from calotype.startup.process import prepare_process
from calotype.startup.screen import trouble_with_screen


def main() -> int:
    """Run Calotype; the result is the exit code."""
    multiprocessing.freeze_support()
    prepare_process()
    if sys.argv[1:2] == [TRIAL_WORD]:
        from calotype.packs.trial import answer_trial

        return answer_trial(sys.argv[2:])
    use_pack(root_named_in(sys.argv[1:]))
    if _is_for_the_window(sys.argv[1:]):
        return _open_window(sys.argv[1:])
    from calotype.cli.main import main as run

    return run(sys.argv[1:])


def _open_window(arguments: list[str]) -> int:
    trouble = trouble_with_screen(os.environ)
    if trouble is not None:
        sys.stderr.write(f"calotype: {trouble}\n")
        return 1
    from calotype import app

    return app.main(arguments)


def _is_for_the_window(arguments: list[str]) -> bool:
    """True without arguments, with the choice of a data folder, and with files that were dropped on the icon.

    A desktop names files by their whole path, so that one is never taken for a command.
    """
    rest = list(arguments)
    if rest and rest[0] == "--home" and len(rest) > 1:
        rest = rest[2:]
    elif rest and rest[0].startswith("--home="):
        rest = rest[1:]
    return all(Path(word).is_absolute() and Path(word).exists() for word in rest)


if __name__ == "__main__":
    sys.exit(main())
