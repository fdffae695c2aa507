"""The size a compressed image claims, read from its own header before anything is decoded."""

_START_OF_FRAME = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}


def claimed_size(data: bytes) -> tuple[int, int] | None:
    """Rows and columns a JPEG, JPEG-LS or JPEG 2000 codestream claims; None where unfound.

    JPEG: frame header (ISO 10918-1 B.2.2), JPEG-LS (ISO 14495-1 C.2.2), JPEG 2000: SIZ
    (ISO 15444-1 A.5.1), also inside a JP2 box.
    """
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    start = 0 if data[:4] == b"\xff\x4f\xff\x51" else data[:4096].find(b"\xff\x4f\xff\x51")
    return _jpeg_2000(data, start) if start >= 0 else None


def has_colour_transform(data: bytes) -> bool:
    """Whether a JPEG says of itself that it is YCbCr: a JFIF or Adobe segment (ISO 10918-5/6)."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xE0 and data[at + 4 : at + 8] == b"JFIF":
            return True
        if marker == 0xEE and data[at + 4 : at + 9] == b"Adobe":
            return data[at + 15 : at + 16] == b"\x01"
        if marker in _START_OF_FRAME or marker == 0xDA:
            return False
        at += 2 + length
    return False


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _START_OF_FRAME:
            rows = int.from_bytes(data[at + 5 : at + 7], "big")
            return rows, int.from_bytes(data[at + 7 : at + 9], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def _jpeg_2000(data: bytes, start: int) -> tuple[int, int] | None:
    siz = data[start + 8 : start + 24]
    if len(siz) < 16:
        return None
    right, bottom, left, top = (int.from_bytes(siz[n : n + 4], "big") for n in (0, 4, 8, 12))
    return bottom - top, right - left
