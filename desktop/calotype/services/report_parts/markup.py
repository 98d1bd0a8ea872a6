"""HTML that cannot be broken by what it shows: every text is escaped unless it was made here."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

# What no HTML file may hold, however it is written: control characters other than line breaks and tabs, and halves of
# surrogate pairs, which are no characters and cannot be encoded.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_EMPTY_ELEMENTS = {"img", "meta", "br", "line", "circle", "path", "polygon", "polyline", "rect"}


class Html(str):
    """Markup that was made by `element` and `joined`; any other text is escaped before it becomes part of a page."""

    __slots__ = ()


def escaped(text: str) -> Html:
    """A text as markup that shows exactly this text, in an element or in a quoted attribute."""
    return Html(html.escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text), quote=True))


def element(name: str, /, *content: str, **attributes: object) -> Html:
    """One element. Content that is no Html is escaped, and so is each attribute.

    `class_` and the like lose their last underscore, other underscores become hyphens; None leaves an attribute out.
    """
    named = "".join(
        f' {key.removesuffix("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY_ELEMENTS and not content:
        return Html(f"<{name}{named}/>")
    return Html(f"<{name}{named}>{joined(*content)}</{name}>")


def joined(*parts: str) -> Html:
    """Parts one after the other; what is no Html is escaped."""
    return Html("".join(part if isinstance(part, Html) else escaped(part) for part in parts))


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], caption: str) -> Html:
    """A table with its caption, a row of column heads, and the first cell of each row as that row's head."""
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", cell, scope="col") for cell in head))),
        element(
            "tbody",
            *(
                element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:]))
                for row in rows
            ),
        ),
    )
