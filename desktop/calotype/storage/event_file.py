"""The event files that TensorBoard reads, written without TensorFlow.

Such a file is a row of records (TFRecord), each of them one `Event` in the encoding of protocol buffers. Sources:
tensorflow/core/lib/io/record_writer.cc for the records, tensorflow/core/util/event.proto and
tensorflow/core/framework/summary.proto for the numbers of the fields,
https://protobuf.dev/programming-guides/encoding for their encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, with its bits reversed, as the remainder is computed from the low end
_MASK_DELTA = 0xA282EAD8
_WORD = 0xFFFFFFFF
_VERSION = b"brain.Event:2"

# Keys of the fields: number << 3 | kind, where kind 0 is a varint, 1 is 8 bytes, 2 has a length first, 5 is 4 bytes.
_EVENT_WALL_TIME = b"\x09"  # 1, double
_EVENT_STEP = b"\x10"  # 2, int64
_EVENT_FILE_VERSION = b"\x1a"  # 3, string
_EVENT_SUMMARY = b"\x2a"  # 5, Summary
_SUMMARY_VALUE = b"\x0a"  # 1, repeated Value
_VALUE_TAG = b"\x0a"  # 1, string
_VALUE_SIMPLE = b"\x15"  # 2, float


@dataclass(frozen=True, slots=True)
class Scalars:
    """Numbers by name, of one step, at a moment in seconds since 1970."""

    step: int
    wall_time: float
    values: Mapping[str, float]


def event_file(started_at: float, rows: Iterable[Scalars]) -> bytes:
    """A whole event file: first the version of the format, then one event for each row."""
    version = _EVENT_WALL_TIME + struct.pack("<d", started_at) + _EVENT_FILE_VERSION + _with_length(_VERSION)
    return b"".join(map(record, (version, *map(_event, rows))))


def record(data: bytes) -> bytes:
    """One TFRecord: the length (8 bytes), its checksum, the data, their checksum; all numbers little-endian."""
    length = struct.pack("<Q", len(data))
    return b"".join((length, _checksum(length), data, _checksum(data)))


def crc32c(data: bytes) -> int:
    """The cyclic redundancy check with Castagnoli's polynomial. Source: RFC 3720, section 12.1 and appendix B.4."""
    remainder = _WORD
    for byte in data:
        remainder = _TABLE[(remainder ^ byte) & 0xFF] ^ remainder >> 8
    return remainder ^ _WORD


def _checksum(data: bytes) -> bytes:
    """The masked check of a record: rotated and shifted, because a check of data that hold checks would be weak."""
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK_DELTA) & _WORD)


def _event(row: Scalars) -> bytes:
    summary = b"".join(_SUMMARY_VALUE + _with_length(_value(name, value)) for name, value in row.values.items())
    moment = _EVENT_WALL_TIME + struct.pack("<d", row.wall_time)
    return moment + _EVENT_STEP + _varint(row.step) + _EVENT_SUMMARY + _with_length(summary)


def _value(name: str, value: float) -> bytes:
    return _VALUE_TAG + _with_length(name.encode("utf-8")) + _VALUE_SIMPLE + _float(value)


def _float(value: float) -> bytes:
    """Four bytes; what is too large for them becomes infinite, as it would in TensorFlow."""
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", float("inf") if value > 0 else float("-inf"))


def _with_length(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    """A number that is not negative, seven bits to a byte, the lowest first; the top bit says that more follow."""
    pieces = bytearray()
    while number > 0x7F:
        pieces.append(number & 0x7F | 0x80)
        number >>= 7
    pieces.append(number)
    return bytes(pieces)


def _table_row(byte: int) -> int:
    remainder = byte
    for _bit in range(8):
        remainder = remainder >> 1 ^ (_POLYNOMIAL if remainder & 1 else 0)
    return remainder


_TABLE = tuple(map(_table_row, range(256)))
