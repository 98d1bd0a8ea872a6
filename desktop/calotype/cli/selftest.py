"""calotype selftest: everything that a run needs, once, to see whether this installation works."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from calotype.cli.log import close_log, keep_log
from calotype.cli.options import Choices, as_command
from calotype.domain.folders import DataFolder
from calotype.services.self_check import SelfCheck


@as_command
def selftest(chosen: Choices) -> None:
    """Check this installation: imports, resources, device, one training step, one picture, one file.

    In a package its files are compared with their list first. The data folder is only looked at; what is made lies in
    a temporary folder. The first check that fails ends it.
    """
    output = chosen.output
    passed: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="calotype-selftest-") as folder:
        tested = SelfCheck(Path(folder))
        (Path(folder) / "logs").mkdir()
        keep_log(DataFolder(Path(folder)))
        try:
            for check in tested.checks:
                output.passing(f"{check.value} …")
                begun_at = time.monotonic()
                detail = tested.run(check)
                seconds = round(time.monotonic() - begun_at, 2)
                passed.append({"name": check.value, "detail": detail, "seconds": seconds})
                output.progress(f"ok  {check.value}: {detail} ({seconds:.1f} s)")
        finally:
            tested.close()
            close_log()  # it goes with the folder, so that a fault must be told in full on stderr
    output.result(f"All {len(passed)} checks passed.", {"checks": passed})
