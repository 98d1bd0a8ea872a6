"""What an installed Calotype must do, each as a function that answers with what it saw or raises."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from clean_root import HOME, CleanRoot
from pictures import draw_pictures
from screen import press, save_when_still, started
from wayland import COMPOSITOR, wayland_on

PROJECT = "Füchse и лисы"
DATA = f"{HOME}/.local/share/Calotype"


@dataclass(slots=True)
class Subject:
    """A way to start Calotype inside a root, a screen for it, and what was measured so far.

    `wanted` names the only checks to do; without any, all are done.
    """

    root: CleanRoot
    program: str
    screen: str
    results: Path
    wanted: frozenset[str] = frozenset()
    figures: dict[str, object] = field(default_factory=dict)

    def calotype(self, *words: str, extra: dict[str, str] | None = None, check: bool = True) -> str:
        """Run it in its terminal form as the user; answer with all that it said."""
        finished = self.root.run(self.program, *words, extra=extra, check=check)
        return finished.stdout + finished.stderr


def passes_its_selftest(subject: Subject) -> str:
    """In the package, in the terminal form."""
    begun_at = time.monotonic()
    said = subject.calotype("selftest")
    seconds = time.monotonic() - begun_at
    assert re.search(r"All \d+ checks passed", said), said
    subject.figures["selftest_s"] = round(seconds, 1)
    assert seconds <= 60, f"took {seconds:.0f} s"
    return f"{seconds:.1f} s"


def trains_and_draws(subject: Subject) -> str:
    """The demo, whole, from pictures to a LoRA file."""
    begun_at = time.monotonic()
    subject.calotype("demo", "--out", f"{HOME}/demo")
    made = sorted(path.name for path in (subject.root.home / "demo").iterdir())
    assert {"before.png", "after.png", "curves.png", "zorbi.safetensors", "summary.json"} <= set(made), made
    for name in ("after.png", "curves.png"):
        shutil.copyfile(subject.root.home / "demo" / name, subject.results / name)
    subject.figures["demo_s"] = round(time.monotonic() - begun_at)
    return f"{subject.figures['demo_s']} s"


def greets_once(subject: Subject) -> str:
    """One page before the first window, which the Return key leaves."""
    command = subject.root.command([subject.program], on_screen(subject))
    with started(command, subject.screen):
        page = save_when_still(subject.screen, subject.results / "first-page.png")
        press(subject.screen, "Return")
        window = save_when_still(subject.screen, subject.results / "first-window.png")
    assert page.tobytes() != window.tobytes(), "the first page stays"
    return "a page, then the window"


def opens_its_window(subject: Subject) -> str:
    """Cold, with nothing of it in memory, then three times warm; with a picture of the first."""
    command = subject.root.command([subject.program], on_screen(subject))
    name = Path(subject.program).name.split("-")[0].lower()
    forget_files()
    with started(command, subject.screen) as cold_s:
        picture = save_when_still(subject.screen, subject.results / f"window-{name}.png")
    colours = picture.getcolors(1 << 24) or []
    assert len(colours) > 50, "the window is empty"
    warm_s = []
    for _ in range(3):
        with started(command, subject.screen) as seconds:
            warm_s.append(seconds)
    warm = sorted(warm_s)[1]
    subject.figures |= {f"cold_start_s ({name})": round(cold_s, 2), f"warm_start_s ({name})": round(warm, 2)}
    return f"cold {cold_s:.2f} s, warm {warm:.2f} s"


def opens_on_wayland(subject: Subject) -> str:
    """Without an X server in sight, and with one beside it, as desktops have both."""
    name = Path(subject.program).name.split("-")[0].lower()
    with wayland_on(subject.screen) as socket:
        for extra in ({}, {"DISPLAY": subject.screen, "XDG_SESSION_TYPE": "wayland"}):
            command = subject.root.command([subject.program], {"WAYLAND_DISPLAY": socket, **extra})
            with started(command, subject.screen, COMPOSITOR) as seconds:
                picture = save_when_still(subject.screen, subject.results / f"window-{name}-wayland.png")
            assert len(picture.getcolors(1 << 24) or []) > 50, "the window is empty"
    return f"{seconds:.2f} s, with Weston, and with X beside it"


def opens_no_connection(subject: Subject) -> str:
    """Every network call from the start to a still window, seen by the kernel: only to the screen, on this machine."""
    trace = subject.results / "network.txt"
    strace = ["strace", "-f", "-qq", "-e", "trace=%network", "-o", str(trace)]
    command = subject.root.command([subject.program], on_screen(subject))
    with started([*strace, *command], subject.screen):
        save_when_still(subject.screen, subject.results / "traced.png")
    calls = re.findall(r"(\w+)\((.*)", trace.read_text(encoding="utf-8", errors="replace"))
    families = {family for name, rest in calls if name == "socket" for family in re.findall(r"AF_\w+", rest)}
    assert families and not families & {"AF_INET", "AF_INET6"}, families
    return f"{len(calls)} calls, families {', '.join(sorted(families))}"


def reads_pictures_of_phones_and_cameras(subject: Subject) -> str:
    """Formats whose readers are libraries of their own."""
    drawn = draw_pictures(subject.root.home / "pictures")
    said = subject.root.run(subject.program, "import", PROJECT, f"{HOME}/pictures", "--json").stdout
    accepted = json.loads(said)["accepted"]
    assert len(accepted) == len(drawn), said
    return ", ".join(drawn)


def gives_a_second_start_to_its_window(subject: Subject) -> str:
    """With a picture, as if it was dropped on the icon: the second program ends, and the first shows a new project."""
    picture = f"{HOME}/second start/{draw_pictures(subject.root.home / 'second start')[0]}"
    before = _projects(subject)
    with started(subject.root.command([subject.program], on_screen(subject)), subject.screen):
        alone = save_when_still(subject.screen, subject.results / "before-second-start.png")
        begun_at = time.monotonic()
        subject.calotype(picture, extra=on_screen(subject))
        seconds = time.monotonic() - begun_at
        shown = save_when_still(subject.screen, subject.results / "after-second-start.png")
        assert alone.tobytes() != shown.tobytes(), "the window shows nothing new"
        subject.calotype(extra=on_screen(subject))
    [added] = _projects(subject) - before
    return f"{added}, {seconds:.1f} s"


def _projects(subject: Subject) -> set[str]:
    said = subject.root.run(subject.program, "projects", "--json").stdout
    return {str(project["name"]) for project in json.loads(said)["projects"]}


def refuses_a_folder_that_it_may_not_write(subject: Subject) -> str:
    """With a sentence and a code, not with a trace."""
    locked = subject.root.inside("/srv/locked")
    locked.mkdir(mode=0o555, parents=True, exist_ok=True)
    finished = subject.root.run(subject.program, "projects", "--home", "/srv/locked", check=False)
    assert finished.returncode not in (0, 130), finished
    assert "/srv/locked" in finished.stderr and "Traceback" not in finished.stderr, finished.stderr
    return finished.stderr.strip().splitlines()[-1]


def says_that_there_is_no_screen(subject: Subject) -> str:
    """Instead of an abort inside Qt."""
    finished = subject.root.run(subject.program, check=False)
    assert finished.returncode == 1, finished
    assert "Traceback" not in finished.stderr, finished.stderr
    return finished.stderr.strip().splitlines()[-1]


def mounts_itself(subject: Subject) -> str:
    """As the user and not unpacked, so that what follows is about the mounted image."""
    finished = subject.root.run(subject.program, "--version")
    assert "cannot mount" not in finished.stderr, finished.stderr
    return finished.stdout.strip()


def leaves_nothing_mounted(subject: Subject) -> str:
    """After all these starts: no folder of a mounted image, and none that was unpacked."""
    left = [path.name for place in ("/tmp", "/var/tmp") for path in subject.root.inside(place).glob("*calotype-*")]
    assert not left, left
    return "nothing in /tmp and /var/tmp"


def notices_half_a_copy(subject: Subject) -> str:
    """A large file that is cut is told at every start; a small one that is missing by the selftest."""
    copy = "/var/tmp/half"
    folder = subject.root.inside(copy)
    subprocess.run(["cp", "-a", subject.root.inside("/opt/calotype"), folder], check=True)
    weights = next(folder.rglob("diffusion_pytorch_model.safetensors"))
    kept_bytes = weights.stat().st_size
    os.truncate(weights, kept_bytes // 2)
    finished = subject.root.run(f"{copy}/calotype", "projects", check=False)
    assert finished.returncode == 1 and "is not complete" in finished.stderr, finished
    os.truncate(weights, kept_bytes)  # the right size again, with a half of zeros
    next(folder.rglob("house.svg")).unlink()
    later = subject.root.run(f"{copy}/calotype", "selftest", check=False)
    assert later.returncode == 1 and "house.svg" in later.stderr, later
    shutil.rmtree(folder)
    return finished.stderr.strip()


def on_screen(subject: Subject) -> dict[str, str]:
    """What a desktop tells its programs; Qt takes its shortcuts from there."""
    return {"DISPLAY": subject.screen, "XDG_CURRENT_DESKTOP": "GNOME"}


def forget_files() -> None:
    """Make the next start a cold one: nothing read from disk stays in memory."""
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3\n", encoding="ascii")
