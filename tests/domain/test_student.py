"""Student's distribution against printed tables."""

import pytest

from calotype.domain.student import student_975


@pytest.mark.parametrize(
    ("freedom", "printed"),
    [(2, 4.303), (3, 3.182), (4, 2.776), (7, 2.365), (15, 2.131), (30, 2.042), (1000, 1.962)],
)
def test_that_the_quantiles_are_those_of_printed_tables(freedom: int, printed: float) -> None:
    assert student_975(freedom) == pytest.approx(printed, rel=0.01 if freedom == 2 else 0.002)
