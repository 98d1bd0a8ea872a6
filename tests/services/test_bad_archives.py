"""A zip is read with care: what is dangerous or damaged in it is refused, and the rest comes in."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from noise_pictures import bring_in, noise_file, reasons_by_name

from calotype.domain.imageset import Project, SubjectKind
from calotype.imagesets import archives
from calotype.services.library import image_set
from calotype.services.projects import create_project
from calotype.services.workspace import Workspace


@pytest.fixture
def project(workspace: Workspace) -> Project:
    return create_project(workspace, "Cat", SubjectKind.CHARACTER, "tomcat")


def test_that_a_zip_never_writes_or_reads_elsewhere(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    data = noise_file(tmp_path / "a.png").read_bytes()
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        for name in ("../../up.png", "/etc/absolute.png", "C:\\windows\\drive.png", "..\\back.png"):
            archive.writestr(name, data)
        archive.writestr("fine/good.png", noise_file(tmp_path / "b.png", 2).read_bytes())
    before = {path for path in tmp_path.rglob("*") if path.suffix == ".png"}

    events = bring_in(workspace, project, tmp_path / "evil.zip")

    reasons = reasons_by_name(events)
    assert len(reasons) == 4 and all("points outside the archive" in reason for reason in reasons.values())
    assert [image.original_name for image in image_set(workspace, project).images] == ["good.png"]
    after = {path for path in tmp_path.rglob("*.png") if project.folder not in path.parents}
    assert after == before and not (tmp_path.parent / "up.png").exists()


def test_that_nested_and_squeezed_entries_are_refused(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as inner:
        inner.write(noise_file(tmp_path / "a.png"), "a.png")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
        archive.writestr("squeezed.png", bytes(40 * 1024**2))
        archive.write(tmp_path / "a.png", "good.png")

    reasons = reasons_by_name(bring_in(workspace, project, tmp_path / "outer.zip"))

    assert "archive inside an archive" in reasons["outer.zip/inner.zip"]
    assert "squeezed far more" in reasons["outer.zip/squeezed.png"]
    assert len(image_set(workspace, project).images) == 1


def test_that_a_squeezed_mask_is_left_out_and_its_picture_comes_in(
    workspace: Workspace, project: Project, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "some.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(noise_file(tmp_path / "a.png"), "a.png")
        archive.writestr("a-masklabel.png", bytes(40 * 1024**2))

    reasons = reasons_by_name(bring_in(workspace, project, tmp_path / "some.zip"))

    assert len(reasons) == 1 and "squeezed far more" in reasons["a-masklabel.png"]
    assert len(image_set(workspace, project).images) == 1


def test_that_an_enormous_zip_is_refused_by_its_table_of_contents(
    workspace: Workspace, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 10)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(11):
            archive.writestr(f"{number}.png", b"")

    reasons = reasons_by_name(bring_in(workspace, project, tmp_path / "many.zip", noise_file(tmp_path / "a.png")))

    assert "would unpack to 11 files" in reasons["many.zip"]
    assert len(image_set(workspace, project).images) == 1


@pytest.mark.parametrize("damage", ["text", "empty", "truncated", "scrambled"])
def test_that_a_damaged_zip_costs_only_what_is_damaged(
    workspace: Workspace, project: Project, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.write(noise_file(tmp_path / f"{number}.png", number), f"{number}.png")
    data = bytearray(path.read_bytes())
    data[300:400] = bytes(100)
    path.write_bytes(
        {"text": b"no zip", "empty": b"", "truncated": bytes(data[:-200]), "scrambled": bytes(data)}[damage]
    )

    events = bring_in(workspace, project, path, noise_file(tmp_path / "beside.png", 9))

    assert len(reasons_by_name(events)) == 1
    assert len(image_set(workspace, project).images) == (4 if damage == "scrambled" else 1)


def test_that_a_zip_with_a_password_says_so(workspace: Workspace, project: Project, tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(noise_file(tmp_path / "a.png"), "a.png")
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag for encryption, in the file's own header and in the table of contents
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    reasons = reasons_by_name(bring_in(workspace, project, path))

    assert "locked with a password" in reasons["locked.zip/a.png"]
