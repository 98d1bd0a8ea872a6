"""How late the window is while the folder of a project with 50,000 linked pictures is looked at again."""

from __future__ import annotations

import time
from pathlib import Path

from many_files import COUNT, fill
from places import Place, sample_place
from pulse import Pulse
from PySide6.QtCore import QEventLoop
from table import Row, quantile, report

from calotype.app import make_application, make_window
from calotype.domain.imageset import CaptionedImage, Project, Split, SubjectKind
from calotype.domain.import_options import ImportOptions
from calotype.domain.origins import ImportedFolder, KnownFile, Origins
from calotype.imagesets.origins_file import ORIGINS_FILE, origins_text, state_of
from calotype.services import projects
from calotype.services.set_file import save_set
from calotype.storage import image_sets
from calotype.ui.workers.background_job import wait_for_all_jobs
from calotype.ui.workers.garbage import GarbageOnThisThread

LAG_GOAL_MS = 50


def main() -> None:
    """Measure and report."""
    app = make_application()
    with sample_place() as place:
        project = _project(place)
        garbage = GarbageOnThisThread()
        session, window = make_window(app, place.workspace)
        window.resize(1440, 900)
        window.show()
        opened, looked = QEventLoop(), QEventLoop()
        folders = session.intake.folders
        session.project_changed.connect(opened.quit)
        session.open_project(project, "images")
        opened.exec()
        folders.changed.connect(looked.quit)
        if folders.is_looking:
            looked.exec()
        pulse, began = Pulse(is_watched=True), time.perf_counter()
        folders.look(is_asked=True)
        looked.exec()
        seconds = time.perf_counter() - began
        pulse.stop()
        assert folders.changes.is_nothing, folders.changes
        pulse.tell()
        _report(pulse, seconds)
        app.aboutToQuit.emit()
        window.close()
        wait_for_all_jobs()
        garbage.deleteLater()
        window.deleteLater()
        session.deleteLater()
        app.processEvents()
        wait_for_all_jobs()  # of what began meanwhile: Python must not end before it


def _report(pulse: Pulse, seconds: float) -> None:
    p50, p95, p99 = (quantile(pulse.late, share) for share in (0.5, 0.95, 0.99))
    name = f"Window lag while {COUNT:,} linked files are looked at again ({seconds:.1f} s): p50 / p95 / p99 / max"
    ours, highest = f"{p50:.1f} / {p95:.1f} / {p99:.1f} / {pulse.worst}", max(pulse.late)
    report([Row(name, ours, f"goal max {LAG_GOAL_MS} ms", highest / LAG_GOAL_MS, highest <= LAG_GOAL_MS)])


def _project(place: Place) -> Project:
    folder = place.scratch / "pictures"
    fill(folder)
    project = projects.create_project(place.workspace, "Many", SubjectKind.STYLE, "many")
    paths = sorted(folder.iterdir())
    images = [_image(project, path, number) for number, path in enumerate(paths)]
    files = {image.linked_to: image.content_hash for image in images if image.linked_to is not None}
    known = {path: KnownFile(state, key) for path, key in files.items() if (state := state_of(path)) is not None}
    origins = Origins((ImportedFolder(folder, ImportOptions(is_linked=True)),), known)
    (project.folder / ORIGINS_FILE).write_text(origins_text(origins), encoding="ascii")
    with place.workspace.database.transaction():
        image_sets.add_images(place.workspace.database, project, images)
        save_set(project, images)
    return project


def _image(project: Project, path: Path, number: int) -> CaptionedImage:
    return CaptionedImage(
        path=project.images_folder / f"{number}.png",
        width_px=64,
        height_px=64,
        caption="many",
        content_hash=f"{number * 2654435761 % 2**64:064x}",
        perceptual_hash=number,
        split=Split.VALIDATION if number % 7 == 0 else Split.TRAINING,
        original_name=path.name,
        linked_to=path,
    )


if __name__ == "__main__":
    main()
