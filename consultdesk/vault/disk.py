"""A disk that takes nothing more, in our words."""

import errno

from consultdesk.errors import DiskFailed, DiskFull


def not_written(error: OSError) -> DiskFailed:
    """What the disk refused, in our words."""
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    return (DiskFull if full else DiskFailed)(
        "The disk is full." if full else "The disk doesn't accept the data.",
        kept="Everything saved so far is safe; this last step wasn't saved.",
        cure="Free some space and repeat the step." if full else "Check the disk.",
    )
