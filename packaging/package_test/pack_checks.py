"""What an installed Calotype must do with a GPU pack: compute with its torch, and with its own one when it is gone."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path

from checks import DATA, Subject, on_screen
from clean_root import HOME
from PIL import Image, ImageChops, ImageStat
from screen import press, save_when_still, started, wait_for, wait_for_window
from stand_in_pack import NAME, StandIn, list_card, make_stand_in_pack

_PACK = f"{DATA}/packs/{NAME}"
_TABS_TO_RESTART = 6  # theme, device, Check, threads, and the page and its scrolled area before them
# Of 255 levels, on average over all pixels. Two builds, and two numbers of threads, which each start chooses anew, may
# round otherwise; a hundredth of this was seen.
_LARGEST_DIFFERENCE = 0.05


def takes_torch_from_a_pack(subject: Subject) -> str:
    """By its version, by the libraries that the linker loads, and by what is drawn, which is the same picture.

    A window is open all the while, and goes over to the pack, and back, with its button “Restart now”.
    """
    pack = make_stand_in_pack(subject.results)
    place = f"/var/tmp/{pack.path.name}"
    shutil.move(pack.path, subject.root.inside(place))
    list_card(subject.root)
    try:
        own = _drawn(subject, "own", of_pack=False)
        with started(subject.root.command([subject.program], on_screen(subject)), subject.screen):
            begun_at = time.monotonic()
            subject.calotype("packs", "add", place)
            subject.figures |= {"pack_MB": round(pack.bytes / 1e6), "pack_added_s": round(time.monotonic() - begun_at)}
            _restart_now(subject, "with-pack")
            difference = _compute_with(subject, pack, own)
            subject.calotype("packs", "remove", NAME)
            assert subject.root.inside(_PACK).exists(), "the window computes with it, and it is gone"
            _restart_now(subject, "without-pack")
            wait_for(lambda: not subject.root.inside(_PACK).exists(), "the removed pack to be deleted")
        again = _mean_difference(own, _drawn(subject, "own", of_pack=False))
        assert again <= _LARGEST_DIFFERENCE, f"without the pack the picture differs by {again:.3f} levels"
    finally:
        shutil.rmtree(subject.root.card)
        subject.root.inside(place).unlink()
    return f"{_in_words(pack)}; pictures differ by {difference:.4f} of 255 levels; then its own"


def _compute_with(subject: Subject, pack: StandIn, own: Image.Image) -> float:
    """Draw and train with the pack; how far its picture is from that of the program's own torch."""
    told = json.loads(subject.root.run(subject.program, "packs", "list", "--json").stdout)
    assert (told["torch"], told["in_use"], told["trouble"]) == (pack.version, NAME, ""), told
    difference = _mean_difference(own, _drawn(subject, "pack", of_pack=True))
    assert difference <= _LARGEST_DIFFERENCE, f"the picture differs by {difference:.3f} levels"
    assert re.search(r"All \d+ checks passed", subject.calotype("selftest")), "the selftest failed"
    return difference


def _restart_now(subject: Subject, name: str) -> None:
    """Press the button in Settings, which is there while the next start would compute with something else."""
    log = subject.root.inside(DATA) / "logs" / "calotype.log"
    starts = _starts(log)
    press(subject.screen, "ctrl+6")
    save_when_still(subject.screen, subject.results / f"restart-{name}.png")
    for _ in range(_TABS_TO_RESTART):
        press(subject.screen, "Tab")
    press(subject.screen, "space")
    wait_for(lambda: _starts(log) > starts, "the restart")
    wait_for_window(subject.screen)
    save_when_still(subject.screen, subject.results / f"restarted-{name}.png")


def _starts(log: Path) -> int:
    return len(re.findall(r"Calotype \S+ starts$", log.read_text(encoding="utf-8"), re.MULTILINE))


def _in_words(pack: StandIn) -> str:
    if pack.why_renamed:
        return f"only its own torch as {pack.version}, for another build could not be had ({pack.why_renamed})"
    return f"torch {pack.version}, another build"


def _drawn(subject: Subject, name: str, *, of_pack: bool) -> Image.Image:
    """A picture, drawn by the torch of the pack or by the program's own one, as the linker says."""
    out, linker = f"{HOME}/drawn by {name}", f"{HOME}/linker-{name}"
    said = subject.root.run(
        *(subject.program, "generate", "--prompt", "frog", "--out", out, "--json"),
        extra={"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": linker},
    ).stdout
    told = ""
    for path in subject.root.home.glob(f"linker-{name}.*"):
        told += path.read_text(encoding="utf-8", errors="replace")
        path.unlink()
    [library] = set(re.findall(r"calling init: (/\S.*/torch/lib/libtorch_cpu\.so)", told))
    assert library.startswith(f"{_PACK}/") == of_pack, library
    with Image.open(subject.root.inside(json.loads(said)["pictures"][0]["path"])) as picture:
        return picture.convert("RGB")


def _mean_difference(first: Image.Image, second: Image.Image) -> float:
    means: list[float] = ImageStat.Stat(ImageChops.difference(first, second)).mean
    return max(means)
