"""The rate of the last seconds, and the time that is left at that rate."""

from calotype.domain.transfer_rate import TransferRate


def test_that_the_rate_is_that_of_the_last_seconds() -> None:
    now = [0.0]
    rate = TransferRate(lambda: now[0])
    for second in range(21):  # ten slow seconds, then ten at 300 bytes a second
        now[0] = float(second)
        rate.note(100 * second if second <= 10 else 1000 + 300 * (second - 10))

    assert rate.bytes_per_s == 300
    assert rate.seconds_left(4600) == 2.0


def test_that_nothing_is_said_of_a_moment() -> None:
    now = [0.0]
    rate = TransferRate(lambda: now[0])
    rate.note(5)
    alone = rate.bytes_per_s
    now[0] = 0.1
    rate.note(50_000)

    assert alone is rate.bytes_per_s is rate.seconds_left(10) is None


def test_that_a_stall_has_no_end() -> None:
    now = [0.0]
    rate = TransferRate(lambda: now[0])
    for now[0] in (0.0, 4.0, 9.0):
        rate.note(70)

    assert rate.bytes_per_s == 0
    assert rate.seconds_left(100) is None
