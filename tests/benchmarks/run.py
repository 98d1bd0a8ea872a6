"""Measure everything and print one table: `make bench`, or `python tests/benchmarks/run.py step_time preview_time`."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

from table import Row, markdown, read

HERE = Path(__file__).resolve().parent
ALL = (
    "step_time",
    "preview_time",
    "next_picture",
    "window_lag",
    "metric_plots",
    "first_window",
    "import_throughput",
    "examination",
    "import_lag",
    "many_files",
    "look_again",
    "added_picture",
    "near_duplicates",
    "large_set",
    "recognition",
)


def main(names: list[str]) -> int:
    """Run each measurement in a process of its own; answer 1 if a goal was missed."""
    rows: list[Row] = []
    for name in names or ALL:
        sys.stderr.write(f"measuring {name} …\n")
        finished = subprocess.run(
            [sys.executable, HERE / f"{name}.py"], env=_environment(), capture_output=True, text=True, check=False
        )
        if finished.returncode:
            sys.stderr.write(finished.stderr)
            return finished.returncode
        rows += read(finished.stdout)
    sys.stdout.write(f"{_machine()}\n\n{markdown(rows)}\n")
    return int(not all(row.is_met for row in rows))


def _environment() -> dict[str, str]:
    wanted = {
        "QT_QPA_PLATFORM": "offscreen",
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    return {**wanted, **os.environ}


def _machine() -> str:
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, no GPU used, {system}, {today}, load {load:.1f}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        lines = information.read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
