"""Files that lie in no cache, as after the computer was started."""

import os
from pathlib import Path


def forget(*paths: Path) -> bool:
    """Have the system drop what it keeps of these files; False where it can't be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
    return True
