"""How late a timer of the window comes while 2,000 pictures are imported behind the Images page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from places import sample_place
from pulse import Pulse
from PySide6.QtCore import QEventLoop
from table import Row, quantile, report

from calotype.app import make_application, make_window
from calotype.domain.imageset import SubjectKind
from calotype.services import projects
from calotype.ui.workers.background_job import wait_for_all_jobs
from calotype.ui.workers.garbage import GarbageOnThisThread

COUNT, SIDE_PX = 2000, 320
MAX_GOAL_MS = 100


def main() -> None:
    """Measure and report."""
    app = make_application()
    with sample_place() as place:
        folder = place.scratch / "pictures"
        _fill(folder)
        project = projects.create_project(place.workspace, "Many", SubjectKind.STYLE, "many")
        garbage = GarbageOnThisThread()
        session, window = make_window(app, place.workspace)
        window.resize(1440, 900)
        window.show()
        opened, done = QEventLoop(), QEventLoop()
        session.project_changed.connect(opened.quit)
        session.open_project(project, "images")
        opened.exec()
        pulse = Pulse(is_watched=True)
        session.imports.finished.connect(done.quit)
        session.import_paths([folder])
        done.exec()
        pulse.stop()
        pulse.tell()
        assert session.imports.accepted == COUNT, session.imports.refused[:3]
        window.close()
        wait_for_all_jobs()
        app.processEvents()
        garbage.deleteLater()
        window.deleteLater()
        session.deleteLater()
        app.processEvents()
    p50, p95, p99 = (quantile(pulse.late, share) for share in (0.5, 0.95, 0.99))
    name = f"Window lag while {COUNT} pictures are imported: p50 / p95 / p99 / max"
    highest = max(pulse.late)
    ours = f"{p50:.1f} / {p95:.1f} / {p99:.1f} / {pulse.worst}"
    report([Row(name, ours, f"goal max {MAX_GOAL_MS} ms", highest / MAX_GOAL_MS, highest <= MAX_GOAL_MS)])


def _fill(folder: Path) -> None:
    folder.mkdir()
    chance = np.random.default_rng(1)
    for number in range(COUNT):
        coarse = Image.fromarray(chance.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        coarse.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC).save(
            folder / f"picture-{number:04d}.jpg", quality=85
        )


if __name__ == "__main__":
    main()
