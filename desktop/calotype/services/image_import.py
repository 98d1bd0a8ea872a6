"""Bring pictures into a project: decoded in parallel, written in order, recorded in batches."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from calotype.domain.captions import with_word
from calotype.domain.control import Control
from calotype.domain.courtesy import courteous
from calotype.domain.events import (
    DuplicateSkipped,
    FileRefused,
    ImageAccepted,
    ImagesCompared,
    ImportEvent,
    ImportFinished,
    ImportStarted,
    OfferedWords,
)
from calotype.domain.imageset import CaptionedImage, Project, Split
from calotype.domain.import_options import USUAL, ImportOptions
from calotype.domain.joining_split import sides_of_joining
from calotype.domain.look_alikes import SIGNATURE_VERSION
from calotype.imagesets.copies import COPY_SUFFIXES, PreparedPicture
from calotype.imagesets.dropped import file_source
from calotype.imagesets.masks import mask_path
from calotype.imagesets.picture_words import PictureWords
from calotype.imagesets.project_folder import caption_path, image_file_name
from calotype.imagesets.sources import Refusal, Source, is_beside
from calotype.imagesets.thumbnails import thumbnail_path
from calotype.services import large_sets, sides
from calotype.services.late_captions import LateCaptions
from calotype.services.look_alikes import compare, known_pairs
from calotype.services.origins_note import OriginsNote
from calotype.services.prepared_pictures import prepared_pictures
from calotype.services.workspace import Workspace
from calotype.storage import image_sets, look_alikes, project_rows
from calotype.storage.files import write_atomically
from calotype.storage.image_sets import ImageOutline

BATCH_SIZE = 32
BATCH_S = 0.5
_FEW = 500  # pictures that are compared even when stopped
_LARGE, _MANY = 10_000, 1000  # pictures, and times as many as join them: the whole set is not weighed anew then


class PictureImport:
    """One import into one project."""

    def __init__(self, workspace: Workspace, project: Project, options: ImportOptions = USUAL) -> None:
        self._workspace = workspace
        self._project = project
        self._options = options
        names = _names_in(project.images_folder)
        # By stem, because two pictures that differ in their suffix alone would share one caption.
        self._taken = {os.path.splitext(name)[0].lower() for name in courteous(names)}  # noqa: PTH122  # there are many
        self._previous: dict[str, Split] = {}
        self._known: dict[str, str] = {}
        self._gone: list[str] = []
        for content_hash, file_name, original_name, split, is_linked in image_sets.each_name(
            workspace.database, project
        ):
            self._previous[content_hash] = split
            if is_linked or file_name in names:
                self._known[content_hash] = original_name
            else:
                self._gone.append(content_hash)
            names.discard(file_name)
        copies = [name for name in names if name.endswith(tuple(COPY_SUFFIXES)) and not is_beside(name)]
        self._left_over = [project.images_folder / name for name in sorted(copies)]
        self._undecided = set(sides.without_side(project))  # also what comes in without a side; content hashes
        self._is_compared = False
        self._batch: list[CaptionedImage] = []
        self._signatures: list[tuple[str, bytes]] = []
        self._added: set[str] = set()
        self._waiting: list[ImportEvent] = []
        self._batch_started = time.monotonic()
        self._accepted = self._adopted = self._duplicates = self._refused = 0
        self._origins = OriginsNote(project, options)
        self._late = LateCaptions(workspace, project)

    def run(
        self, sources: Sequence[Source | Refusal], control: Control, folders: Sequence[Path] = ()
    ) -> Iterator[ImportEvent]:
        """Import everything; what was accepted is recorded before it is reported, whatever happens next.

        `folders` are remembered as those that the sources came from.
        """
        self._origins.begin(folders)
        yield ImportStarted(total=sum(source.count if isinstance(source, Refusal) else 1 for source in sources))
        project_rows.take_images(self._workspace.database, self._project, self._gone)
        try:
            try:
                self._adopt_left_over()
                for prepared in prepared_pictures(sources, control, self._options):
                    self._waiting += self._take(prepared)
                    if len(self._waiting) >= BATCH_SIZE or time.monotonic() - self._batch_started > BATCH_S:
                        yield from self._record()
            finally:
                # Also after a full disk or when nobody listens any more: pictures that are in the folder stay known.
                last = self._record()
            yield from last
            yield from self._compare(control)
        finally:
            self._finish()
        yield ImportFinished(self._accepted, self._duplicates, self._refused, was_stopped=control.is_stopping)

    def _take(self, prepared: PreparedPicture | Refusal) -> list[ImportEvent]:
        self._origins.note(prepared)
        if isinstance(prepared, Refusal):
            return [self._refuse(prepared)]
        name = prepared.source.name
        same_as = self._known.get(prepared.content_hash)
        if same_as is not None:
            self._duplicates += 1
            return [DuplicateSkipped(name, same_as, self._late.take(prepared, self._batch))]
        image = self._write(prepared)
        self._late.note(image, prepared.words)
        self._known[image.content_hash] = image.original_name
        self._batch.append(image)
        self._accepted += 1
        return [*map(self._refuse, prepared.left_out), accepted(prepared, image)]

    def _refuse(self, refusal: Refusal) -> FileRefused:
        self._refused += refusal.count
        return FileRefused(name=refusal.name, reason=str(refusal.error), count=refusal.count)

    def _adopt_left_over(self) -> None:
        """Take in pictures that lie in the project and are not known: a killed import leaves some, or a person."""
        sources = [file_source(path) for path in self._left_over]
        for prepared in prepared_pictures(sources, Control(), USUAL):
            if isinstance(prepared, PreparedPicture) and prepared.is_copy and prepared.content_hash not in self._known:
                assert prepared.source.path is not None
                self._known[prepared.content_hash] = prepared.source.name
                self._batch.append(self._described(prepared, prepared.source.path))
                self._origins.note_copy(prepared.source.path, prepared.content_hash)
                self._adopted += 1

    def _write(self, prepared: PreparedPicture) -> CaptionedImage:
        file_name = image_file_name(
            prepared.source.file_name, prepared.suffix, lambda name: Path(name).stem.lower() in self._taken
        )
        path = self._project.images_folder / file_name
        image = self._described(prepared, path)
        # Not flushed one by one: the originals are still where they were.
        write_atomically(caption_path(path), image.caption.encode("utf-8"), is_durable=False)
        if prepared.mask is not None:
            write_atomically(mask_path(path), prepared.mask, is_durable=False)
        if not prepared.stays:
            write_atomically(path, prepared.data, is_durable=False)
            self._origins.note_copy(path, prepared.content_hash)
        thumbnail = thumbnail_path(self._workspace.folder.thumbnails, prepared.content_hash)
        if not thumbnail.exists():
            write_atomically(thumbnail, prepared.thumbnail, is_durable=False)
        self._taken.add(path.stem.lower())
        return image

    def _described(self, prepared: PreparedPicture, path: Path) -> CaptionedImage:
        notes = prepared.source.notes
        split = self._previous.get(prepared.content_hash, notes.split)
        if split is None:
            self._undecided.add(prepared.content_hash)
        self._signatures.append((prepared.content_hash, prepared.signature))
        self._added.add(prepared.content_hash)
        return CaptionedImage(
            path=path,
            width_px=prepared.width_px,
            height_px=prepared.height_px,
            caption=self._caption(prepared.words),
            content_hash=prepared.content_hash,
            perceptual_hash=prepared.perceptual_hash,
            split=split or Split.TRAINING,
            original_name=prepared.source.file_name,
            repeats=notes.repeats,
            linked_to=prepared.source.path if prepared.stays else None,
            taken_at=prepared.capture.taken_at,
            camera=prepared.capture.camera,
        )

    def _caption(self, words: PictureWords) -> str:
        caption, trigger = words.caption or "", self._project.trigger_word
        return with_word(caption, trigger) if words.is_made or not caption else caption

    def _record(self) -> list[ImportEvent]:
        batch, self._batch = self._batch, []
        if batch:
            came = [image.content_hash for image in batch]
            sides.wait_for_side(self._project, [key for key in came if key in self._undecided])
            image_sets.add_images(self._workspace.database, self._project, batch)
            look_alikes.save_signatures(self._workspace.database, SIGNATURE_VERSION, self._signatures)
            self._signatures = []
        events, self._waiting = self._waiting, []
        self._batch_started = time.monotonic()
        return events

    def _compare(self, control: Control) -> Iterator[ImagesCompared]:
        """Find look-alikes, which must not be torn apart. Few pictures are compared even when stopped: it is a moment.

        Of many, what was not compared when stopped is compared later, behind the page, and has no side until then.
        """
        if self._accepted or self._adopted:
            control = Control() if len(self._added | self._undecided) <= _FEW else control
            yield from compare(self._workspace, self._project, control)
            self._is_compared = not control.is_stopping

    def _finish(self) -> None:
        if self._accepted or self._adopted:
            self._choose_sides()
        self._origins.save()

    def _choose_sides(self) -> None:
        workspace, project = self._workspace, self._project
        if not self._is_compared:  # look-alikes that nobody knows of would come to be on two sides
            sides.choose_later(workspace, project, self._undecided)
        elif not self._split_few():
            sides.choose_sides(workspace, project, self._is_decided, known_pairs(workspace, project))

    def _is_decided(self, image: CaptionedImage | ImageOutline) -> bool:
        """False for what came in now, unless a person has held it out since."""
        return image.split is Split.VALIDATION or image.content_hash not in self._undecided

    def _split_few(self) -> bool:
        """Decide for a few pictures that joined many, and leave `set.json` for later; False if that cannot be."""
        if len(self._known) < max(_LARGE, _MANY * len(self._added | self._undecided)):
            return False
        database, project = self._workspace.database, self._project
        own = image_sets.outlines_around(database, project, sorted(self._undecided))
        joining = {image.content_hash for image in own if not self._is_decided(image)}
        pairs = [pair for key in joining for pair in look_alikes.pairs_with(database, project, key)]
        others = {key for pair in pairs for key in (pair.first, pair.second)}
        images = image_sets.outlines_around(database, project, [*joining, *sorted(others - joining)])
        held_out_count, count = image_sets.side_counts(database, project)
        chosen = sides_of_joining(images, joining, pairs, held_out_count, count)
        if chosen is not None:
            large_sets.choose_splits(self._workspace, project, chosen)
            sides.all_have_sides(project)
        return chosen is not None


def accepted(prepared: PreparedPicture, image: CaptionedImage) -> ImageAccepted:
    """What is reported of a picture that came in."""
    words = prepared.words
    return ImageAccepted(
        name=prepared.source.name,
        path=image.path,
        was_turned=prepared.was_turned,
        content_hash=image.content_hash,
        repeats=image.repeats,
        has_mask=prepared.mask is not None,
        words=OfferedWords(words.prompt, words.name) if words.caption is None else None,
    )


def _names_in(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    with os.scandir(folder) as entries:
        return {entry.name for entry in courteous(entries)}
