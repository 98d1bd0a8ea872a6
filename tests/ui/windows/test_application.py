"""Files that macOS asks the running program to open come in as if they were dropped on the icon."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

Start = Callable[..., Any]

# One file comes before there is a window, two at once later, as the system sends them: one by one.
_OPEN = """
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFileOpenEvent
from calotype import app as calotype_app
from calotype.services.workspace import close_workspace, open_workspace
from calotype.ui.windows.incoming import Incoming

taken = []
Incoming.take_paths = lambda self, paths, *, into_new: taken.append([str(path) for path in paths])
app, workspace = calotype_app.make_application(), open_workspace(Path(sys.argv[1]))
early, *later = sys.argv[2:]
app.sendEvent(app, QFileOpenEvent(early))
session, window = calotype_app.make_window(app, workspace)
calotype_app._open_asked_files(app, window)
for name in later:
    app.sendEvent(app, QFileOpenEvent(name))
app.files_asked_for.connect(app.quit)
app.exec()
window.close()
close_workspace(workspace)
print(json.dumps([names for names in taken if names]))
"""


def test_that_files_which_the_system_hands_over_come_in_together(start: Start, tmp_path: Path) -> None:
    names = [str(tmp_path / f"Füchsin {number} 狐.png") for number in range(3)]
    for name in names:
        Image.new("RGB", (8, 8)).save(name)

    finished = start(tmp_path / "home", *names, code=_OPEN)

    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout.splitlines()[-1]) == [names[:1], names[1:]]
