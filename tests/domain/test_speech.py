"""Proof that what is too long to be shown is still told apart."""

from __future__ import annotations

from calotype.domain.speech import ends


def test_that_a_long_name_keeps_its_two_ends() -> None:
    name = "a" * 100 + "-0001.jpg"

    short = ends(name, 21)

    assert short == "a" * 12 + "…" + "0001.jpg"
    assert len(short) == 21


def test_that_a_name_that_fits_stays_as_it_is() -> None:
    assert ends("fox.jpg", 7) == "fox.jpg"
