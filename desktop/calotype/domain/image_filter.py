"""The language of the filter above the pictures: words, questions such as `rating>=3`, `or`, `-` and brackets.

`red hat` asks for both words, `"red hat"` for the text, `red or blue` for one of them, `-red` for pictures without it.
A question is a key, a sign and a value: `size<512`, `split:validation`, `is:duplicate`, `issue:soft`, `no:caption`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from calotype.domain.errors import FilterUnfinishedError, UnknownFilterKeyError
from calotype.domain.filter_questions import FINDING_KEYS, QUESTIONS
from calotype.domain.image_columns import ImageColumns

KEYS = tuple(QUESTIONS)

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>[()|])
      | (?P<minus>-)(?=[^\s|)])
      | (?P<key>[A-Za-z]+)(?P<sign>:?(?:<=|>=|!=|<|>|=)|:)(?P<value>"[^"]*"?|[^\s()"|]*)
      | (?P<quoted>"[^"]*"?)
      | (?P<word>[^\s()"|]+)
    )""",
    re.VERBOSE,
)


class Expression:
    """A part of a filter."""

    __slots__ = ()

    def rows(self, columns: ImageColumns, among: Sequence[int]) -> list[int]:
        """Those of the rows `among` that it lets through, in their order."""
        raise NotImplementedError

    @property
    def asks_findings(self) -> bool:
        """True if what was found out about pictures decides, and not only the pictures themselves."""
        return False


@dataclass(frozen=True, slots=True)
class HasText(Expression):
    """The caption or the name holds a text."""

    text: str

    def rows(self, columns: ImageColumns, among: Sequence[int]) -> list[int]:
        text, texts = self.text, columns.texts
        return [row for row in among if text in texts[row]]


@dataclass(frozen=True, slots=True)
class Asks(Expression):
    """A question with its sign and its value."""

    key: str
    sign: str
    value: str

    def rows(self, columns: ImageColumns, among: Sequence[int]) -> list[int]:
        holds, images = QUESTIONS[self.key](self.key, self.sign, self.value)(columns), columns.images
        return [row for row in among if holds(images[row])]

    @property
    def asks_findings(self) -> bool:
        return self.key in FINDING_KEYS


@dataclass(frozen=True, slots=True)
class AllOf(Expression):
    """Each part lets it through; none at all is everything."""

    parts: tuple[Expression, ...] = ()

    def rows(self, columns: ImageColumns, among: Sequence[int]) -> list[int]:
        left = list(among)
        for part in self.parts:
            left = part.rows(columns, left)
        return left

    @property
    def asks_findings(self) -> bool:
        return any(part.asks_findings for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Expression):
    """One part lets it through."""

    parts: tuple[Expression, ...]

    def rows(self, columns: ImageColumns, among: Sequence[int]) -> list[int]:
        found = {row for part in self.parts for row in part.rows(columns, among)}
        return [row for row in among if row in found]

    @property
    def asks_findings(self) -> bool:
        return any(part.asks_findings for part in self.parts)


@dataclass(frozen=True, slots=True)
class Without(Expression):
    """The part does not let it through."""

    part: Expression

    def rows(self, columns: ImageColumns, among: Sequence[int]) -> list[int]:
        found = set(self.part.rows(columns, among))
        return [row for row in among if row not in found]

    @property
    def asks_findings(self) -> bool:
        return self.part.asks_findings


EVERYTHING = AllOf()


def parse_filter(text: str) -> Expression:
    """Read a filter. Raises FilterError with the place of what was not understood, in its words."""
    parser = _Parser(text)
    expression = parser.either()
    if parser.kind is not None:
        raise FilterUnfinishedError("an opening “(”")
    return expression


class _Parser:
    """Recursive descent over the tokens of a text, looking one ahead."""

    def __init__(self, text: str) -> None:
        self._matches = list(_TOKEN.finditer(text.strip()))
        self._place = 0

    @property
    def kind(self) -> str | None:
        """What the next token is: mark, minus, sign, quoted, word; None at the end."""
        if self._place == len(self._matches):
            return None
        kind = self._matches[self._place].lastgroup
        return "sign" if kind == "value" else kind

    def either(self) -> Expression:
        parts = [self._each()]
        while self._is_or():
            self._place += 1
            parts.append(self._each())
        if len(parts) > 1 and EVERYTHING in parts:
            raise FilterUnfinishedError("what is on the other side of “or”")
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _each(self) -> Expression:
        parts: list[Expression] = []
        while self.kind is not None and not self._is_or() and self._text() != ")":
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self) -> Expression:
        if self.kind == "minus":
            self._place += 1
            return Without(self._one())
        if self._text() == "(":
            return self._bracket()
        token = self._matches[self._place]
        self._place += 1
        if token["key"] is not None:
            return _question(token["key"].lower(), token["sign"], token["value"])
        return HasText(_unquoted(token["quoted"] or token["word"]))

    def _bracket(self) -> Expression:
        self._place += 1
        inside = self.either()
        if self.kind is None:
            raise FilterUnfinishedError("a closing “)”")
        self._place += 1
        return inside

    def _is_or(self) -> bool:
        return (self.kind == "word" and self._text().lower() == "or") or self._text() == "|"

    def _text(self) -> str:
        return self._matches[self._place][0].strip() if self.kind is not None else ""


def _question(key: str, sign: str, value: str) -> Expression:
    if key not in QUESTIONS:
        raise UnknownFilterKeyError(key, ", ".join(KEYS))
    sign = sign.lstrip(":") or ":"
    if not value:
        raise FilterUnfinishedError(f"a value after “{key}{sign}”")
    plain = _unquoted(value)
    QUESTIONS[key](key, sign, plain)  # refused while it is read, not when it is asked
    return Asks(key, sign, plain)


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text.casefold()
    if len(text) < 2 or not text.endswith('"'):
        raise FilterUnfinishedError("a closing quote")
    return text[1:-1].casefold()
