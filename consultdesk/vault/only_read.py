"""Why a store can only be read, in words, and whether it still is so."""

import os
from enum import StrEnum
from pathlib import Path

from consultdesk.errors import ReadOnly


class Why(StrEnum):
    """What keeps a store from being written."""

    FULL = "full"
    PROTECTED = "protected"


_MESSAGES = {
    Why.FULL: "The disk is full, so the store can only be read now.",
    Why.PROTECTED: "The store's folder is write-protected, so the store can only be read now.",
}
_CURES = {
    Why.FULL: "Free some space on the disk.",
    Why.PROTECTED: "Have the folder made writable, or copy the whole store to a disk that is.",
}


def refusal(why: Why) -> ReadOnly:
    """What an act is answered that would have to write."""
    return ReadOnly(
        _MESSAGES[why],
        kept="Everything saved so far is safe; this last step wasn't saved.",
        cure=_CURES[why],
    )


def is_protected(folder: Path) -> bool:
    """Whether nobody, or not this account, may write into the folder."""
    return folder.is_dir() and not os.access(folder, os.W_OK)
