"""From the start of the process to the first painted window, against a window with one label."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

from table import Row, interleaved, report

TURNS = 7
GOAL_S = 1.0

WATCH = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
class Watch(QObject):
    def eventFilter(self, thing, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, app, self.leave)
        return False
    def leave(self):
        print(time.time(), "torch" in sys.modules, flush=True)
        app.exit()
"""
OURS = """
from pathlib import Path
from calotype.app import make_application, make_window
from calotype.services.workspace import close_workspace, open_workspace
app = make_application()
workspace = open_workspace(Path(sys.argv[1]))
session, window = make_window(app, workspace)
watch = Watch()
window.installEventFilter(watch)
window.show()
app.exec()
close_workspace(workspace)
"""
PLAIN = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
window = QLabel("Calotype")
watch = Watch()
window.installEventFilter(watch)
window.show()
app.exec()
"""


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory(prefix="calotype-bench-") as home:
        ours, theirs = interleaved(TURNS, lambda: _seconds(OURS, home), lambda: _seconds(PLAIN, home))
    compared = f"goal {GOAL_S:.1f} s; {theirs:.2f} s for a window with one label"
    report([Row("First window, warm, without torch", f"{ours:.2f} s", compared, ours / GOAL_S, ours <= GOAL_S)])


def _seconds(program: str, home: str) -> float:
    began = time.time()
    finished = subprocess.run([sys.executable, "-c", WATCH + program, home], check=True, capture_output=True, text=True)
    painted_at, has_torch = finished.stdout.split()
    assert has_torch == "False", "torch was imported before the first window"
    return float(painted_at) - began


if __name__ == "__main__":
    main()
