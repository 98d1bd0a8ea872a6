"""Which pictures check the result and which are learned from: chosen only when all of them were compared.

An import that is stopped or killed before that leaves its pictures without a side. Until they are compared they are
learned from, and a note beside `set.json` says which they are; a run does not begin before they have one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from calotype.domain.control import Control
from calotype.domain.events import ImagesCompared
from calotype.domain.imageset import CaptionedImage, Project, Split
from calotype.domain.look_alikes import SIGNATURE_VERSION, AlikePair
from calotype.imagesets.project_folder import WITHOUT_SIDE_FILE
from calotype.services.look_alikes import alike_pairs, compare, known_pairs
from calotype.services.project_lock import import_lock
from calotype.services.set_file import save_set
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, look_alikes
from calotype.storage.files import failures_named, write_text_atomically

IsDecided = Callable[[CaptionedImage], bool]


def split_and_save(workspace: Workspace, project: Project, is_decided: IsDecided, seed: int = 0) -> None:
    """Decide the split of every image but those that are decided as they are now, and write the set down.

    What was not compared yet is compared first, outside the transaction: others may write meanwhile.
    """
    choose_sides(workspace, project, is_decided, alike_pairs(workspace, project), seed)


def choose_sides(
    workspace: Workspace, project: Project, is_decided: IsDecided, pairs: Sequence[AlikePair], seed: int = 0
) -> None:
    """As `split_and_save`, with all pairs of look-alikes that there are."""
    from calotype.imagesets.split import choose_split  # with numpy, which the window opens without

    with workspace.database.transaction():
        images, waiting = image_sets.list_images(workspace.database, project), without_side(project)
        decided = [image for image in images if is_decided(image) and not _is_waiting(image, waiting)]
        previous = {image.content_hash: image.split for image in decided}
        signature_of = look_alikes.signatures_of(workspace.database, project, SIGNATURE_VERSION)
        splits = choose_split(images, previous, pairs, signature_of, seed)
        changed = {image.content_hash: splits[image.content_hash] for image in images}
        image_sets.set_splits(workspace.database, project, changed)
        save_set(project, [replace(image, split=splits[image.content_hash]) for image in images])
        all_have_sides(project)


def wait_for_side(project: Project, content_hashes: Collection[str]) -> None:
    """Note images that come in and have no side yet, so that they wait for one if the program is killed now."""
    path = project.folder / WITHOUT_SIDE_FILE
    if content_hashes:
        with failures_named(path), path.open("a", encoding="ascii") as file:
            file.writelines(f"\n{content_hash}" for content_hash in content_hashes)


def choose_later(workspace: Workspace, project: Project, content_hashes: Collection[str]) -> None:
    """Write the set down, and remember for which of its images, learned from until then, a side is to be chosen."""
    with workspace.database.transaction():
        if content_hashes:
            write_text_atomically(project.folder / WITHOUT_SIDE_FILE, "\n".join(sorted(content_hashes)))
        save_set(project, image_sets.list_images(workspace.database, project))


def settle(workspace: Workspace, project: Project, control: Control) -> Iterator[ImagesCompared]:
    """Compare what was not compared and choose the sides that wait for it; nothing if none does, or when stopped.

    Raises ProjectBusyError during an import.
    """
    if without_side(project):
        yield from compare(workspace, project, control)
        if not control.is_stopping:
            choose_waiting(workspace, project)


def choose_waiting(workspace: Workspace, project: Project) -> bool:
    """Choose the sides that wait for all images to be compared, which they have to be by now; True if some did.

    Raises ProjectBusyError during an import, which chooses them itself at its end.
    """
    if not without_side(project):
        return False
    with import_lock(project):
        choose_sides(workspace, project, lambda _image: True, known_pairs(workspace, project))
    return True


def without_side(project: Project) -> frozenset[str]:
    """The content hashes of the images for which a side is still to be chosen."""
    try:
        return frozenset((project.folder / WITHOUT_SIDE_FILE).read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return frozenset()


def all_have_sides(project: Project) -> None:
    """Forget which images waited for a side."""
    path = project.folder / WITHOUT_SIDE_FILE
    with failures_named(path):
        path.unlink(missing_ok=True)


def _is_waiting(image: CaptionedImage, waiting: Collection[str]) -> bool:
    """False for one that a person has held out since."""
    return image.content_hash in waiting and image.split is Split.TRAINING
