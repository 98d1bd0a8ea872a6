"""The list of base models is one file that several programs change."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from calotype.domain.errors import DatabaseBusyError
from calotype.domain.models import AddedModel
from calotype.storage import models_file
from calotype.storage.models_file import add_model, read_models, remove_model

ADD_MANY = """
import sys
from pathlib import Path
from calotype.domain.models import AddedModel
from calotype.storage.models_file import add_model
for number in range(25):
    name = f"{sys.argv[2]}-{number}"
    add_model(Path(sys.argv[1]), AddedModel(name, name, name))
"""


def test_that_programs_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    programs = [subprocess.Popen([sys.executable, "-c", ADD_MANY, str(path), name]) for name in "abc"]

    assert [program.wait(60) for program in programs] == [0, 0, 0]
    assert len(read_models(path)) == 75


def test_that_a_list_that_another_program_holds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "models.json"
    add_model(path, AddedModel("a", "a", "a"))
    monkeypatch.setattr(models_file, "LONGEST_WAIT_S", 0.0)

    with FileLock(path.with_suffix(".lock")), pytest.raises(DatabaseBusyError, match=r"models\.json"):
        remove_model(path, "a")

    assert [model.id for model in read_models(path)] == ["a"]


def test_that_what_a_newer_version_noted_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    first = {"id": "a", "name": "a", "folder": "/a", "speed": 3}
    other = {"id": "cloud", "address": "somewhere else"}
    path.write_text(json.dumps({"schema": 2, "order": "name", "models": [first, other]}), encoding="utf-8")

    add_model(path, AddedModel("b", "b", "/b"))
    add_model(path, AddedModel("a", "renamed", "/a"))

    values = json.loads(path.read_text(encoding="utf-8"))
    entries = {entry["id"]: entry for entry in values["models"]}
    assert (values["schema"], values["order"]) == (2, "name")
    assert (entries["a"]["name"], entries["a"]["speed"]) == ("renamed", 3)
    assert entries["cloud"] == other
    assert {model.id for model in read_models(path)} == {"a", "b"}
