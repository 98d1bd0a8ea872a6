"""What the terminal says when something fails: one line, and the exit code."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import typer

from calotype.cli.interrupts import INTERRUPTED
from calotype.cli.log import close_log, log_path
from calotype.cli.output import Output
from calotype.domain.errors import CalotypeError

FAILED = 1
logger = logging.getLogger(__name__)


def exit_code(work: Callable[[], int | None], output: Output) -> int:
    """Run a command that answers with its code, or nothing; answer 0 only if it did all that was asked.

    An expected failure is its sentence. A bug is one line that names the log, where its traceback is; without a log
    yet, the traceback itself, because otherwise nobody could find it.
    """
    try:
        return work() or 0
    except typer.Abort:  # Ctrl+C, or the end of the input, where a question was asked
        return INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except CalotypeError as error:
        output.failure(error, str(error))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as bug:  # noqa: BLE001 - the last door before the shell: whatever it is, say it in one line
        _report(bug, output)
        return FAILED
    finally:
        close_log()


def _report(bug: Exception, output: Output) -> None:
    where = log_path()
    if where:
        logger.error("a command failed", exc_info=bug)
    else:
        output.progress("".join(traceback.format_exception(bug)).rstrip())
    hint = f"The details are in {where}" if where else "The details are above"
    output.failure(bug, f"a fault in Calotype: {type(bug).__name__}: {bug}. {hint}")
