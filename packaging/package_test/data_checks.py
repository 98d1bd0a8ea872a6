"""What an installed Calotype must do with data: keep it, leave that of a newer version alone, find it in odd places."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from checks import DATA, PROJECT, Subject, on_screen
from clean_root import HOME, USER_ID
from screen import press, save_when_still, started

_SECOND = f"{HOME}/second data"
_SETTINGS = json.dumps({"schema": 1, "theme": "dark", "of_tomorrow": [1, 2]})
_LONG = "ж" * 127  # 254 bytes: a name may have one more


def works_in_other_languages(subject: Subject) -> str:
    """A project whose name is no ASCII, in a home whose name is none, with locales that know neither."""
    subject.calotype("new", PROJECT)
    for locale in ("C", "POSIX", "de_DE.ISO-8859-1"):
        said = json.loads(subject.root.run(subject.program, "projects", "--json", extra={"LC_ALL": locale}).stdout)
        assert PROJECT in json.dumps(said, ensure_ascii=False), (locale, said)
    assert (subject.root.inside(DATA) / "projects").is_dir()
    return "C, POSIX and one that is not installed"


def has_settings(subject: Subject) -> str:
    """In a second data folder: in the first one they would be the end of the first start."""
    subject.calotype("new", PROJECT, "--home", _SECOND)
    settings = subject.root.inside(_SECOND) / "settings.json"
    settings.write_text(_SETTINGS, encoding="utf-8")
    os.chown(settings, USER_ID, USER_ID)
    return str(settings.name)


def keeps_its_data(subject: Subject) -> str:
    """After another version was installed over it."""
    assert PROJECT in subject.calotype("projects")
    return "the project is there"


def keeps_its_settings(subject: Subject) -> str:
    """Also what it does not know, when it writes them: a window of it was opened and closed."""
    settings = subject.root.inside(_SECOND) / "settings.json"
    assert settings.read_text(encoding="utf-8") == _SETTINGS
    assert PROJECT in subject.calotype("projects", "--home", _SECOND)
    with started(subject.root.command([subject.program, "--home", _SECOND], on_screen(subject)), subject.screen):
        save_when_still(subject.screen, subject.results / "second-data.png")
    kept = json.loads(settings.read_text(encoding="utf-8"))
    assert (kept["theme"], kept["of_tomorrow"]) == ("dark", [1, 2]), kept
    return "and the project beside them"


def leaves_data_of_a_newer_version_alone(subject: Subject) -> str:
    """With a sentence, and without touching the index."""
    place = subject.root.inside(_SECOND) / "calotype.sqlite"
    with closing(sqlite3.connect(place)) as index:
        index.execute("PRAGMA user_version = 9999")
    before = _contents(place.parent)
    refused = subject.root.run(subject.program, "projects", "--home", _SECOND, check=False)
    assert refused.returncode == 1 and "newer version" in refused.stderr, refused
    assert _contents(place.parent) == before, "something was written"
    return refused.stderr.strip()


def works_below_long_names(subject: Subject) -> str:
    """A name of 254 bytes is a home like any other; a path of a thousand is a sentence, and another folder helps."""
    long, too_long = f"{HOME}/{_LONG}", f"{HOME}/{'/'.join([_LONG] * 4)}"
    for folder in (long, too_long):
        made = subject.root.inside(folder)
        made.mkdir(parents=True)
        for path in (made, *made.parents[: 3 if folder == too_long else 0]):
            os.chown(path, USER_ID, USER_ID)
    subject.calotype("new", PROJECT, extra={"HOME": long})
    assert PROJECT in subject.calotype("projects", extra={"HOME": long})
    command = subject.root.command([subject.program], {**on_screen(subject), "HOME": long})
    with started(command, subject.screen):
        save_when_still(subject.screen, subject.results / "long-home.png")
        press(subject.screen, "Return")  # leaves the first page
        save_when_still(subject.screen, subject.results / "long-home-window.png")
    refused = subject.root.run(subject.program, "projects", extra={"HOME": too_long}, check=False)
    assert refused.returncode == 1 and "is too long" in refused.stderr, refused
    subject.calotype("new", PROJECT, "--home", "/tmp/short", extra={"HOME": too_long})
    return f"{len(os.fsencode(long))} bytes work, {len(os.fsencode(too_long))} are refused"


def shares_its_data_with_a_second_copy(subject: Subject, second: str) -> str:
    """Another copy of the program answers in terminals while a window of this one is open."""
    with started(subject.root.command([subject.program], on_screen(subject)), subject.screen):
        save_when_still(subject.screen, subject.results / "first-copy.png")
        said = subject.root.run(second, "new", "Made by the second", check=False)
        assert said.returncode == 0, said
    assert "Made by the second" in subject.calotype("projects")
    return second


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".log"}
