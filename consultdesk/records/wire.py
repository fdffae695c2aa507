"""What the desk and its reading process say to each other: lengths, offsets and JSON only.

Nothing is unpickled: a reader taken over by a hostile file can answer nonsense, not code.
"""

import struct
from dataclasses import fields
from typing import Any

import orjson

from consultdesk.consultation.record import Fact, RecordKind, Sensitivity
from consultdesk.consultation.source import Frame, Window
from consultdesk.errors import RecordUnreadable
from consultdesk.records.description import Description

READ = b"R"
DESCRIBED = b"D"
DECODED = b"F"
REFUSED = b"E"

LARGEST_READ = 1024 * 1024
LARGEST_ANSWER = 512 * 1024 * 1024

_SIZES = {"uint8": 1, "uint16": 2, "int16": 2, "float32": 4}
_RANGE = struct.Struct("<QI")
_LENGTH = struct.Struct("<I")


def pack_range(offset: int, length: int) -> bytes:
    """A request for `length` bytes from `offset` of the file being read."""
    return READ + _RANGE.pack(offset, length)


def unpack_range(message: bytes) -> tuple[int, int]:
    """Offset and length asked for; the length is bounded by LARGEST_READ."""
    offset, length = _RANGE.unpack(message[1:])
    return int(offset), min(int(length), LARGEST_READ)


def pack_description(said: Description) -> bytes:
    """A description as JSON."""
    return DESCRIBED + orjson.dumps(said, default=sorted)


def unpack_description(message: bytes) -> Description:
    """The description in an answer. Raises RecordUnreadable when it isn't one."""
    try:
        said: dict[str, Any] = orjson.loads(message[1:])
        known = {one.name for one in fields(Description)}
        said = {name: value for name, value in said.items() if name in known}
        return Description(
            **{
                **said,
                "kind": RecordKind(said["kind"]),
                "facts": tuple(Fact(f["field"], f["value"], f["where"]) for f in said["facts"]),
                "texts": tuple(map(str, said["texts"])),
                "sensitivities": frozenset(map(Sensitivity, said["sensitivities"])),
                "sealed_sections": tuple(map(str, said["sealed_sections"])),
                "order": tuple(map(float, said["order"])),
            }
        )
    except (ValueError, TypeError, KeyError) as problem:
        raise RecordUnreadable("The reader's answer made no sense.") from problem


def pack_frame(frame: Frame) -> bytes:
    """An image: its properties as JSON, then its samples."""
    head = orjson.dumps({
        "rows": frame.rows, "columns": frame.columns, "channels": frame.channels,
        "dtype": frame.dtype, "slope": frame.slope, "intercept": frame.intercept,
        "inverted": frame.inverted, "spacing": frame.spacing, "overlay": frame.overlay,
        "lossy": frame.lossy, "windows": frame.windows,
    })  # fmt: skip
    return b"".join((DECODED, _LENGTH.pack(len(head)), head, frame.samples))


def unpack_frame(message: bytes) -> Frame:
    """The image in an answer. Raises RecordUnreadable when sizes and samples disagree."""
    try:
        (length,) = _LENGTH.unpack_from(message, 1)
        said: dict[str, Any] = orjson.loads(message[5 : 5 + length])
        samples = memoryview(message)[5 + length :]
        frame = Frame(
            samples=samples,
            **{
                **said,
                "windows": tuple(Window(**window) for window in said["windows"]),
                "spacing": tuple(said["spacing"]) if said["spacing"] else None,
                "overlay": tuple(said["overlay"]),
            },
        )
        size = frame.rows * frame.columns * frame.channels * _SIZES[frame.dtype]
    except (ValueError, TypeError, KeyError, struct.error) as problem:
        raise RecordUnreadable("The reader's answer made no sense.") from problem
    if size != len(samples):
        raise RecordUnreadable("The reader's answer made no sense.")
    return frame
