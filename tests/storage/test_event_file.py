"""Event files against published check values and bytes worked out by hand."""

from __future__ import annotations

import struct

import pytest

from calotype.storage.event_file import Scalars, crc32c, event_file, record

VERSION = bytes.fromhex("09 00 00 00 00 00 00 f0 3f 1a 0d") + b"brain.Event:2"  # of a file begun at second 1


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (bytes(32), "aa 36 91 8a"),
        (b"\xff" * 32, "43 ab a8 62"),
        (bytes(range(32)), "4e 79 dd 46"),
        (bytes(reversed(range(32))), "5c db 3f 11"),
        (
            bytes.fromhex("01c00000" + "00000000" * 3 + "14000000" + "00000400" + "00000014" + "00000018" + "28000000")
            + bytes.fromhex("00000000" + "02000000" + "00000000"),
            "56 3a 96 d9",
        ),
    ],
    ids=["32 zeros", "32 ones", "counting up", "counting down", "a SCSI read command"],
)
def test_that_the_check_is_that_of_rfc_3720(data: bytes, check: str) -> None:
    # Appendix B.4 gives the bytes in the order in which they are sent, the lowest first.
    assert crc32c(data) == int.from_bytes(bytes.fromhex(check), "little")


def test_that_the_check_of_nine_digits_is_the_catalogued_one() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_that_a_record_is_framed_as_tensorflow_frames_it() -> None:
    # Every event file of TensorFlow begins with these twelve bytes: 24 bytes follow, and the masked check of that.
    assert record(VERSION)[:12] == bytes.fromhex("18 00 00 00 00 00 00 00 a3 7f 4b 22")


def test_that_the_mask_rotates_by_fifteen_and_adds() -> None:
    crc = 0x8A9136AA  # of 32 zeros; 0x8A9136AA >> 15 is 0x11522, its low 15 bits are 0x36AA
    rotated = 0x36AA << 17 | 0x11522
    assert rotated & 0xFFFFFFFF == ((crc >> 15) | (crc << 17)) & 0xFFFFFFFF

    assert record(bytes(32))[-4:] == struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def test_that_events_are_encoded_as_worked_out_by_hand() -> None:
    data = event_file(1.0, [Scalars(300, 1.0, {"a": 0.5, "bc": -2.0})])

    first = bytes.fromhex("0a 08  0a 01 61  15 00 00 00 3f")  # Value of 8 bytes: tag "a", 0.5
    second = bytes.fromhex("0a 09  0a 02 62 63  15 00 00 00 c0")  # Value of 9 bytes: tag "bc", -2
    event = bytes.fromhex("09 00 00 00 00 00 00 f0 3f  10 ac 02  2a 15") + first + second  # 300 is ac 02; 10 + 11 bytes
    assert data == record(VERSION) + record(event)


@pytest.mark.parametrize(("value", "expected"), [(1e300, float("inf")), (-1e300, float("-inf")), (0.1, 0.1)])
def test_that_a_number_too_large_for_four_bytes_is_infinite(value: float, expected: float) -> None:
    data = event_file(0.0, [Scalars(1, 0.0, {"a": value})])

    assert struct.unpack("<f", data[-8:-4])[0] == pytest.approx(expected)
