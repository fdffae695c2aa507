"""Dates as a letter writes them: the day, the month in words, the year in four digits."""

import re

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ISO = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2})(?:[T ].*)?)?)?")


def long_date(iso: str) -> str:
    """Turn 2026-11-22 into "22 November 2026", 2026-11 into "November 2026".

    Also the compact form of DICOM and HL7 (20261122). What is no such date comes back as it
    is, so that nothing a record says is lost.
    """
    found = _ISO.fullmatch(iso.strip())
    if not found:
        return iso
    year, month, day = found.groups()
    if month is None:
        return year
    if not 1 <= int(month) <= 12:
        return iso
    if day is None:
        return f"{_MONTHS[int(month) - 1]} {year}"
    return f"{int(day)} {_MONTHS[int(month) - 1]} {year}" if 1 <= int(day) <= 31 else iso
