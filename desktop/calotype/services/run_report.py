"""A report of one run as a single HTML file: it opens anywhere, without a network, and can be passed on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from calotype.domain.speech import Say, as_written
from calotype.services.report_parts.charts import charts
from calotype.services.report_parts.markup import Html, element, joined
from calotype.services.report_parts.sections import body
from calotype.services.report_parts.style import STYLE
from calotype.services.run_contents import RunContents, gather
from calotype.services.workspace import Workspace
from calotype.storage.files import write_text_atomically

# No script runs and nothing is fetched, whatever a caption may hold.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report on disk."""

    path: Path
    run_id: str
    size_bytes: int
    has_captions: bool


def write_report(
    workspace: Workspace, run_id: str, destination: Path, *, has_captions: bool = True, say: Say = as_written
) -> WrittenReport:
    """Write the report of a run; an existing file is replaced whole, and a name without an ending gets `.html`.

    Without captions, prompts are left out as well, since they are captions of held-out pictures, and so is the text of
    an error, which may name folders; the notes stay. Raises RunNotFoundError, ProjectNotFoundError or StorageError.
    """
    contents = gather(workspace, run_id)
    text = page(contents if has_captions else contents.without_captions(), say)
    if destination.suffix.lower() not in (".html", ".htm"):
        destination = destination.with_name(destination.name + ".html")
    write_text_atomically(destination, text)
    return WrittenReport(destination, contents.run.id, len(text.encode("utf-8")), has_captions)


def page(contents: RunContents, say: Say = as_written) -> str:
    """The text of the file."""
    title = say("{project}: run {number}").format(project=contents.project.name, number=contents.number)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", STYLE),
    )
    markup = element("html", head, element("body", body(contents, charts(contents.log, say), say)), lang="en")
    return joined(Html("<!doctype html>\n"), markup, Html("\n"))
