"""The process that does one act and is broken off in it.

`python -m tests.campaigns.faults.worker ACT HOME MARKS` does the act in the scene HOME and
writes its marks to the file MARKS.
"""

import os
import sys
from pathlib import Path

from consultdesk.errors import ConsultDeskError
from tests.campaigns.faults.acts import Act, acts_of
from tests.campaigns.faults.marks import FAILED, Marks
from tests.campaigns.faults.scene import Scene

ANSWERED = 3
"""The exit of a worker that was refused in words."""


def do(act: Act, scene: Scene, marks: Marks) -> None:
    """Get ready, then do the act between its marks."""
    scene.enter()
    work = act.ready(scene)
    marks.say("begin")
    marks.say("acknowledged", work())


def main() -> int:
    """One act; what it fails by is said on the marks."""
    (act,), scene = acts_of(sys.argv[1]), Scene(Path(sys.argv[2]))
    descriptor = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    marks = Marks(descriptor)
    try:
        do(act, scene, marks)
    except ConsultDeskError as refused:
        marks.say(FAILED, str(refused))
        return ANSWERED
    return 0


if __name__ == "__main__":
    sys.exit(main())
