"""Without a command the window opens; with one the terminal answers."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run Calotype; the result is the exit code."""
    multiprocessing.freeze_support()
    if _is_for_the_window(sys.argv[1:]):
        from calotype import app

        return app.main(sys.argv[1:])
    from calotype.cli.main import main as run

    return run(sys.argv[1:])


def _is_for_the_window(arguments: list[str]) -> bool:
    """True without arguments, or when only the data folder is chosen."""
    if not arguments:
        return True
    is_home = arguments[0] == "--home" and len(arguments) == 2
    return is_home or (len(arguments) == 1 and arguments[0].startswith("--home="))


if __name__ == "__main__":
    sys.exit(main())
