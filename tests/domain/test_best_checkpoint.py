"""The rule by which a step is kept: validation first, then previews and drift, with two vetoes."""

import pytest

from calotype.domain.best_checkpoint import BASE, Candidate, is_better

KEPT = Candidate(30, 0.80, drift=0.2, similarity=0.5)


@pytest.mark.parametrize(
    ("new", "answer"),
    [
        (Candidate(60, 0.79), True),
        (Candidate(60, 0.82, drift=0.0, similarity=1.0), False),
        # within one per cent, the previews decide
        (Candidate(60, 0.801, drift=0.4, similarity=0.7), True),
        (Candidate(60, 0.799, drift=0.1, similarity=0.3), False),
        # if those do not tell either, the drift
        (Candidate(60, 0.801, drift=0.1, similarity=0.52), True),
        (Candidate(60, 0.799, drift=0.3, similarity=0.52), False),
        # and at last the ratio itself
        (Candidate(60, 0.799, drift=0.21, similarity=0.52), True),
        (Candidate(60, 0.801, drift=0.21, similarity=0.52), False),
        # vetoes come first
        (Candidate(60, 0.5, drift=1.2), False),
        (Candidate(60, 0.5, is_memorised=True), False),
    ],
)
def test_that_validation_comes_first(new: Candidate, answer: bool) -> None:
    assert is_better(new, KEPT, lowest_ratio=min(new.ratio, KEPT.ratio)) is answer


def test_that_a_step_worse_than_the_base_model_is_never_kept() -> None:
    assert not is_better(Candidate(30, 1.0), BASE, 1.0)
    assert is_better(Candidate(30, 0.999), BASE, 0.999)


def test_that_a_vetoed_step_is_kept_only_until_there_is_another() -> None:
    vetoed = Candidate(30, 0.7, drift=1.5)

    assert is_better(vetoed, BASE, 0.7)
    assert is_better(Candidate(60, 0.9, drift=0.5), vetoed, 0.7)


def test_that_ties_do_not_climb_away_from_the_lowest_ratio() -> None:
    kept = Candidate(60, 0.808, drift=0.1, similarity=0.5)

    assert not is_better(Candidate(90, 0.815, drift=0.1, similarity=0.9), kept, lowest_ratio=0.80)
