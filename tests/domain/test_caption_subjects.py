"""What captions name is counted; what joins words, and what a style is made of, is not."""

from __future__ import annotations

from calotype.domain.caption_subjects import NamedSubjects, named_subjects, names


def test_that_the_word_that_most_captions_share_is_found() -> None:
    captions = ["inkz, two cats on a wall", "inkz, a Cat asleep", "a cat and a boat, inkz", "inkz, harbour"]

    found = named_subjects(captions, "inkz")

    assert found == NamedSubjects(telling_count=4, word_count=5, commonest="cat", share=0.75)


def test_that_how_it_is_made_and_what_joins_is_no_subject() -> None:
    made = "inkz, a detailed watercolour painting of a heron with soft light, upper body, on paper"

    assert named_subjects([made, "inkz"], "inkz") == NamedSubjects(1, 1, "heron", 1.0)
    assert named_subjects(["eine Eule mit der Maus"], "inkz") == NamedSubjects(1, 2, "eule", 1.0)


def test_that_captions_without_words_name_nothing() -> None:
    assert named_subjects(["inkz", "", "inkz, 42"], "inkz") == NamedSubjects(0, 0, "", 0.0)


def test_that_one_and_several_of_a_thing_are_one_word() -> None:
    assert names("Three Cats", "cat") and names("a cat", "cats") and names("a glass", "glass")
    assert names("two foxes", "fox") and names("dresses and houses", "dress") and names("houses", "house")
    assert not names("a catalogue", "cat") and not names("a glas", "glass")
