"""A build says at its start what the machine lacks, and the page about building names the same packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("program_modules")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="asks the packages of Debian")
def test_that_a_package_that_is_not_there_is_named() -> None:
    from needs import missing_packages

    assert missing_packages(("dpkg", "libnobody-ever-made-dev")) == ["libnobody-ever-made-dev"]


def test_that_a_system_without_dpkg_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from needs import missing_packages

    monkeypatch.setenv("PATH", "")

    assert missing_packages(("libnobody-ever-made-dev",)) == []


def test_that_the_page_about_building_names_the_same_packages() -> None:
    from needs import PACKAGES

    text = (ROOT / "packaging" / "README.md").read_text(encoding="utf-8")
    told = text.split("sudo apt-get install ", 1)[1].split("```", 1)[0].replace("\\\n", " ").split()

    assert sorted(told) == sorted(PACKAGES)
