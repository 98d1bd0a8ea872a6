"""Proof that a large set is opened and changed without waiting, and that nothing chosen is lost on the way."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from calotype.domain.imageset import CaptionedImage, Project
from calotype.imagesets.project_folder import caption_path
from calotype.services import large_sets, library
from calotype.services.large_sets import KnownFiles
from calotype.services.workspace import Workspace
from calotype.storage import image_sets


def _rated_in_file(project: Project) -> dict[str, int]:
    entries = json.loads((project.folder / "set.json").read_text(encoding="utf-8"))["images"]
    return {entry["original_name"]: entry.get("rating", 0) for entry in entries}


def _first(workspace: Workspace, project: Project) -> CaptionedImage:
    return large_sets.indexed_set(workspace, project).images[0]


def test_that_a_choice_is_in_the_index_at_once_and_in_the_file_when_it_is_written(
    workspace: Workspace, sample: Project
) -> None:
    image = _first(workspace, sample)

    large_sets.choose(workspace, sample, [replace(image, rating=4)])
    assert _first(workspace, sample).rating == 4
    assert large_sets.is_set_file_old(sample)
    assert _rated_in_file(sample)[image.original_name] == 0
    large_sets.write_set_file(workspace, sample)

    assert _rated_in_file(sample)[image.original_name] == 4
    assert not large_sets.is_set_file_old(sample)
    assert not list(sample.folder.glob("*.new"))


def test_that_the_file_is_the_same_whoever_writes_it(workspace: Workspace, sample: Project) -> None:
    image = replace(_first(workspace, sample), rating=2, is_excluded=True)
    library.save_choices(workspace, sample, [image])
    whole = (sample.folder / "set.json").read_bytes()

    large_sets.choose(workspace, sample, [image])
    large_sets.write_set_file(workspace, sample)

    assert (sample.folder / "set.json").read_bytes() == whole


def test_that_what_is_chosen_while_the_file_is_written_comes_into_it(
    workspace: Workspace, sample: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = large_sets.indexed_set(workspace, sample).images[:2]
    large_sets.choose(workspace, sample, [replace(first, rating=1)])
    each_image = image_sets.each_image
    calls: list[object] = []

    def chosen_meanwhile(*arguments: object) -> object:
        found = list(each_image(*arguments))  # type: ignore[arg-type]
        if not calls:
            large_sets.choose(workspace, sample, [replace(second, rating=5)])
        calls.append(1)
        return iter(found)

    monkeypatch.setattr(image_sets, "each_image", chosen_meanwhile)
    large_sets.write_set_file(workspace, sample)

    assert len(calls) == 2
    assert _rated_in_file(sample)[second.original_name] == 5
    assert not large_sets.is_set_file_old(sample)


def test_that_a_file_written_whole_is_not_old(workspace: Workspace, sample: Project) -> None:
    image = _first(workspace, sample)
    large_sets.choose(workspace, sample, [replace(image, rating=3)])

    library.resplit(workspace, sample)

    assert not large_sets.is_set_file_old(sample)
    assert _rated_in_file(sample)[image.original_name] == 3


def test_that_a_look_at_the_folder_finds_what_changed_and_reads_nothing_else(
    workspace: Workspace, sample: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, indexed = KnownFiles(), large_sets.indexed_set(workspace, sample)
    first_look = large_sets.look_at_folder(workspace, indexed, known)
    assert all(seen is image for seen, image in zip(first_look.images, indexed.images, strict=True))
    changed, gone = indexed.images[3], indexed.images[5]
    _write_later(caption_path(changed.path), "zorbi, by hand")
    gone.path.unlink()
    read: list[str] = []
    on_disk = large_sets.caption_on_disk
    monkeypatch.setattr(large_sets, "caption_on_disk", lambda it: read.append(it.original_name) or on_disk(it))

    look = large_sets.look_at_folder(workspace, indexed, known)

    assert read == [changed.original_name]
    assert [image.original_name for image in look.images if image.caption == "zorbi, by hand"] == read
    assert gone not in look.images
    assert len(look.images) == len(indexed.images) - 1
    assert large_sets.indexed_set(workspace, sample).images[3].caption == "zorbi, by hand"


def test_that_a_look_sees_the_same_as_the_library(workspace: Workspace, sample: Project) -> None:
    indexed = large_sets.indexed_set(workspace, sample)
    _write_later(caption_path(indexed.images[0].path), "zorbi, elsewhere")

    whole = library.image_set(workspace, sample)

    assert large_sets.look_at_folder(workspace, indexed, KnownFiles()) == whole


def test_that_many_captions_are_written_and_known(workspace: Workspace, sample: Project) -> None:
    images = large_sets.indexed_set(workspace, sample).images
    captions = {image.content_hash: f"{image.caption}, again " for image in images}

    large_sets.set_captions(workspace, sample, images, captions)

    now = large_sets.indexed_set(workspace, sample).images
    assert [image.caption for image in now] == [f"{image.caption}, again" for image in images]
    assert [large_sets.caption_on_disk(image) for image in images] == [image.caption for image in now]


def _write_later(path: Path, text: str) -> None:
    """Write as another program would some time later: the clock of a file system may tick slowly."""
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))
