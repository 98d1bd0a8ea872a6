"""No library of the build machine is packed by accident, and none whose licence would hold for everything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("program_modules")
HERE = Path(sys.prefix, "lib", "one.so")  # as if a wheel had brought it


def test_that_a_library_of_the_build_machine_stops_the_build() -> None:
    from libraries import ForeignLibraryError, check_origins

    with pytest.raises(ForeignLibraryError, match=r"libcudart\.so\.13 from /usr/local/cuda/lib64/libcudart\.so\.13"):
        check_origins([("libcudart.so.13", "/usr/local/cuda/lib64/libcudart.so.13", "BINARY")])


def test_that_a_library_under_the_gpl_stops_the_build_even_from_a_wheel() -> None:
    from libraries import ForeignLibraryError, check_origins

    with pytest.raises(ForeignLibraryError, match="pi-heif reads HEIC without it"):
        check_origins([("pillow_heif.libs/libx265-4883ecb5.so.217", str(HERE), "BINARY")])


@pytest.mark.parametrize("name", ["libpython3.11.so.1.0", "libbz2.so.1.0", "libsqlite3.so.0", "libxkbcommon-x11.so.0"])
def test_that_what_the_interpreter_and_qt_need_may_come_from_here(name: str) -> None:
    from libraries import check_origins

    assert [library.place for library in check_origins([(name, f"/usr/lib/{name}", "BINARY")])] == [name]


@pytest.mark.parametrize("name", ["libstdc++.so.6", "libGL.so.1", "libX11.so.6", "libfontconfig.so.1", "libmvec.so.1"])
def test_that_the_users_own_libraries_are_used(name: str) -> None:
    from libraries import comes_from_the_system

    assert comes_from_the_system(name)
    assert not comes_from_the_system(f"pillow.libs/{name}")


def test_that_libraries_go_when_nothing_links_to_them_any_more() -> None:
    from collected import dead_libraries

    entries = [
        ("calotype/thing.so", "/thing", "EXTENSION"),
        ("libused.so.1", "/used", "BINARY"),
        ("libindirect.so.1", "/indirect", "BINARY"),
        ("libgtk.so.3", "/gtk", "BINARY"),
        ("libgdk.so.3", "/gdk", "BINARY"),
    ]
    links = {"/thing": ["libused.so.1"], "/used": ["libindirect.so.1"], "/gtk": ["libgdk.so.3"]}

    dead = dead_libraries(entries, lambda path: links.get(path.as_posix(), []))

    assert dead == {"libgtk.so.3", "libgdk.so.3"}
