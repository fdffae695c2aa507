"""Names for things: UUIDv7 identifiers that sort by time and never depend on a row's place."""

import secrets
import time

_TICKS, _CHANCE = 50, 24
"""Bits of a running count of nanoseconds (13 days), and of chance, behind the millisecond."""


def new_id(now: int) -> str:
    """A fresh UUIDv7 (RFC 9562, section 5.7) for the instant `now` (UTC milliseconds).

    Of two made in the same millisecond by one process the later sorts last, so that the
    newest of two facts is never a matter of chance (section 6.2, method 3).
    """
    ticks = time.perf_counter_ns() & ((1 << _TICKS) - 1)
    random = ticks << _CHANCE | secrets.randbits(_CHANCE)
    value = (now & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (random >> 62) << 64
    value |= 0b10 << 62 | (random & ((1 << 62) - 1))
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def made_at(name: str) -> int:
    """When an id was made (UTC milliseconds); 0 for what isn't one of ours."""
    try:
        return int(name.replace("-", "")[:12], 16)
    except ValueError:
        return 0
