"""Captions in every encoding that trainers and old programs left behind: read right, or not at all."""

from __future__ import annotations

import pytest

from calotype.imagesets.caption_text import decode_caption


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("rusty, smiling", "ascii"),
        ("fräulein, häuser, 女の子", "utf-8"),
        ("with its mark ☀", "utf-8-sig"),
        ("fräulein, häuser, 女の子", "utf-16"),
        ("a cat on a mat", "utf-16-le"),
        ("a cat on a mat", "utf-16-be"),
        ("café crème, Ørsted’s Straße", "cp1252"),
        ("naïve señor – “quoted”", "cp1252"),
        ("Bärchen", "latin-1"),
        ("女の子、笑顔、青い空", "cp932"),
        ("1girl, セーラー服, smile", "cp932"),
        ("ネコ", "shift-jis"),
    ],
)
def test_that_a_caption_is_read_in_its_own_encoding(text: str, encoding: str) -> None:
    assert decode_caption(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("девочка улыбается", "cp1251"), ("女孩在笑", "gb18030"), ("소녀가 웃는다", "cp949"), ("ملف", "cp1256")],
)
def test_that_what_cannot_be_told_is_not_guessed(text: str, encoding: str) -> None:
    assert decode_caption(text.encode(encoding)) is None


@pytest.mark.parametrize("data", [b"\xff\xfea", b"\xff\xff\xff\xff", bytes(range(256))])
def test_that_bytes_that_are_no_text_are_not_read(data: bytes) -> None:
    assert decode_caption(data) is None


def test_that_lines_stay_lines() -> None:
    assert decode_caption(b"one\r\ntwo\x00\n") == "one\ntwo"
