"""The report of a run: complete, true to its numbers, and safe whatever a caption holds."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from calotype.domain.errors import FolderNotWritableError, RunNotFoundError
from calotype.domain.events import PreviewsMeasured
from calotype.domain.plan import setting_names
from calotype.domain.run_log import RunLog
from calotype.domain.runs import Run
from calotype.domain.setting_words import ALL_TEXTS
from calotype.domain.speech import as_written
from calotype.services import run_report
from calotype.services.report_parts.charts import charts
from calotype.services.report_parts.diagram import MOST_POINTS, Axes, thinned
from calotype.services.report_parts.pictures import LARGEST_PX, chosen_steps, data_uri
from calotype.services.run_notes import write_notes
from calotype.services.workspace import Workspace

MakeRun = Callable[..., Run]
VOID = {"meta", "img", "br", "line", "circle", "path", "polygon"}
HOSTILE = [
    '<script>alert("1")</script>',
    '"><img src=x onerror=alert(1)>',
    "</style></title><svg/onload=alert(1)>",
    "]]> <!-- & &amp; &lt;b&gt;",
    "‮reversed by an override",
    "a\x00null and a bell\x07",
    "{step} {0} %s",
    "javascript:alert(1)",
]


@dataclass
class Page(HTMLParser):
    """What a browser finds in a page: elements, their attributes, and its text."""

    text: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open_elements: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID or tag == "circle":
            self.open_elements.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        opened = self.open_elements.pop() if self.open_elements else "nothing"
        if opened != tag:
            self.problems.append(f"{tag} closes {opened}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def said(self) -> str:
        return "\n".join(self.words)


def report_of(workspace: Workspace, run: Run, tmp_path: Path, *, has_captions: bool = True) -> Page:
    written = run_report.write_report(workspace, run.id, tmp_path / "out.html", has_captions=has_captions)
    return Page(written.path.read_text(encoding="utf-8"))


def test_that_a_report_tells_verdict_numbers_previews_settings_captions_and_notes(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run("one", [1.0, 0.8, 0.6, 0.7, 0.75], prompts=["zorbi waves"], captions=["zorbi, from behind"])
    write_notes(run, "the green one\nis best")

    page = report_of(workspace, run, tmp_path)

    for words in (
        "Learned it, then too much",
        "After step 20 it began to learn its pictures by heart.",
        "0.600",
        "95 % interval 0.550 to 0.650",
        "1 min 15 s",
        "14",
        "best · step 20",
        "“zorbi waves”",
        "zorbi, from behind",
        "the green one\nis best",
        "Attention and MLP",
        "How much the LoRA can hold.",
    ):
        assert words in page.said
    assert "only for training" not in page.said
    assert page.problems == []
    assert page.open_elements == []


def test_that_every_setting_of_a_plan_has_words() -> None:
    assert sorted(text.name for text in ALL_TEXTS) == sorted(setting_names())


@pytest.mark.parametrize("text", HOSTILE)
def test_that_no_caption_prompt_or_note_becomes_markup(
    text: str, workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run("one", prompts=[text], captions=[text], failure=text, started_at=1_700_000_100.0)
    write_notes(run, text)
    write_notes(make_run("plain", prompts=["x"], captions=["x"], failure="x"), "x")
    plain = report_of(workspace, make_run("plain", prompts=["x"], captions=["x"], failure="x"), tmp_path)

    page = report_of(workspace, run, tmp_path)

    shown = text.replace("\x00", "\N{REPLACEMENT CHARACTER}").replace("\x07", "\N{REPLACEMENT CHARACTER}")
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert [sorted(known) for _, known in page.elements] == [sorted(known) for _, known in plain.elements]
    assert page.words.count(shown) == 3  # failure, notes, caption
    assert f"“{shown}”" in page.words


def test_that_half_a_character_in_a_caption_can_still_be_written(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run("one", captions=["torn \ud83d apart"])

    assert "torn \N{REPLACEMENT CHARACTER} apart" in report_of(workspace, run, tmp_path).said


def test_that_a_report_loads_nothing_and_runs_nothing(workspace: Workspace, make_run: MakeRun, tmp_path: Path) -> None:
    page = report_of(workspace, make_run("one", prompts=["a", "b"]), tmp_path)

    sources = [value for _, known in page.elements for name, value in known.items() if name in ("src", "href")]
    assert len(sources) == 6
    assert all(str(source).startswith("data:image/jpeg;base64,") for source in sources)
    assert {tag for tag, _ in page.elements} & {"script", "link", "iframe", "object", "a", "base"} == set()
    assert [name for _, known in page.elements for name in known if name.startswith("on")] == []
    assert "url(" not in page.text
    assert "@import" not in page.text
    policy = next(known for tag, known in page.elements if known.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'")


def test_that_without_captions_nothing_that_was_written_about_a_picture_is_left(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run(
        "one",
        prompts=["private prompt"],
        captions=["private caption"],
        settings={"preview_prompts": "private prompt"},
        failure="The folder /home/private cannot be written.",
    )

    page = report_of(workspace, run, tmp_path, has_captions=False)

    assert "private" not in page.text
    assert "Prompt 1" in page.said
    pictures = [base64.b64decode(str(known["src"]).split(",")[1]) for tag, known in page.elements if tag == "img"]
    assert len(pictures) == 3
    assert all(b"private" not in picture for picture in pictures)


def test_that_diagrams_are_valid_and_have_a_name_and_a_text(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    page = report_of(workspace, make_run("one"), tmp_path)

    drawings = re.findall(r'<svg [^>]*role="img".*?</svg>', page.text, re.DOTALL)
    assert len(drawings) == 4
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        named = {child.get("id"): child.text for child in root if child.get("id")}
        assert [bool(named[name]) for name in str(root.get("aria-labelledby")).split()] == [True, True]
        assert "nan" not in drawing
        assert "inf" not in drawing.replace("infinite", "")


def test_that_pictures_have_alt_texts_and_headings_go_down_by_one(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    page = report_of(workspace, make_run("one", prompts=["zorbi"], captions=["a"]), tmp_path)

    assert all(known["alt"] for tag, known in page.elements if tag == "img")
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_that_likeness_is_drawn_where_it_is_known_and_told_in_words() -> None:
    some = PreviewsMeasured(10, 0.25, 0.9, 0, "abc", "one.png", 1.2, False, 0.1, 0.75, -0.0214)
    other = PreviewsMeasured(20, None, 0.9, 0, "abc", "one.png", 1.2, False, 0.1, 0.5, None)

    both, one, none = (charts(RunLog.of(events), as_written) for events in ([some, other], [other], []))

    assert both.count('class="line held-out"') == 2  # a line and its key
    assert both.count('class="line training dashed"') == 2
    assert "At step 10, by the base model: 0.25. At step 20, by the comparison model: 0.50." in both
    assert "-0.021" in both
    assert "by the base model:" not in one and "0.50" in one
    assert none == ""


def test_that_numbers_that_are_none_are_not_drawn(workspace: Workspace, make_run: MakeRun, tmp_path: Path) -> None:
    page = report_of(workspace, make_run("one", [1.0, float("nan"), 0.7, float("inf")]), tmp_path)

    shapes = [str(known.get("d") or known.get("points") or "") for tag, known in page.elements if tag != "svg"]
    assert not [shape for shape in shapes if "nan" in shape or "inf" in shape]


def test_that_a_run_that_ended_before_it_began_still_has_a_report(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    page = report_of(workspace, make_run("one", [], failure="The memory of the card is full."), tmp_path)

    assert "Training stopped" in page.said
    assert "The memory of the card is full." in page.said
    assert [tag for tag, known in page.elements if known.get("role") == "img"] == []


def test_that_a_lost_or_damaged_preview_costs_only_itself(
    workspace: Workspace, make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run("one", prompts=["zorbi"])
    (run.folder / "previews" / "step-000000-0.png").unlink()
    (run.folder / "previews" / "step-000010-0.png").write_bytes(b"\x89PNG torn")

    page = report_of(workspace, run, tmp_path)

    assert [known["alt"] for tag, known in page.elements if tag == "img"] == ["Preview at step 20: “zorbi”"]


def test_that_a_report_is_whole_or_not_there(workspace: Workspace, make_run: MakeRun, tmp_path: Path) -> None:
    make_run("one")
    target = tmp_path / "out.html"
    target.mkdir()

    with pytest.raises(FolderNotWritableError):
        run_report.write_report(workspace, "one", target)

    assert list(tmp_path.glob(".*.tmp")) == []


def test_that_a_run_that_is_not_there_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(RunNotFoundError, match="nowhere"):
        run_report.write_report(workspace, "nowhere", tmp_path / "out.html")


def test_that_a_large_picture_is_made_small(tmp_path: Path) -> None:
    Image.new("RGB", (2000, 1000), "teal").save(tmp_path / "large.png")

    uri = data_uri(tmp_path / "large.png")

    assert uri is not None
    with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as picture:
        assert picture.size == (LARGEST_PX, LARGEST_PX // 2)


def test_that_of_many_previews_the_first_the_last_and_the_best_stay() -> None:
    chosen = chosen_steps(list(range(0, 1000, 10)), 370)

    assert len(chosen) == 16
    assert {0, 370, 990} <= set(chosen)


def test_that_ten_thousand_steps_keep_their_peaks_and_little_else() -> None:
    points = [(float(step), 9.0 if step == 7777 else 0.5) for step in range(10_000)]

    kept = thinned(points)

    assert len(kept) <= MOST_POINTS
    assert (7777.0, 9.0) in kept


def test_that_axes_put_values_where_they_belong() -> None:
    axes = Axes(last_step=100, low=0.0, high=1.0)

    assert axes.at(0, 0.0) == (58, 250)
    assert axes.at(100, 1.0) == (746, 14)
    assert axes.at(50, 0.5) == (402, 132)
