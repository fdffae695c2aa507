"""One act tried in a fork of this process while a fault lasts, and what it came to."""

import json
import os
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NoReturn

from consultdesk.errors import ConsultDeskError
from tests.campaigns.faults.acts import Act, Said
from tests.campaigns.faults.scene import Scene

DONE, REFUSED, BROKEN = "done", "refused in a sentence", "broken"

Fault = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Outcome:
    """Whether the act was done, refused, or ended in something nobody can read."""

    kind: str
    said: Said | None = None
    words: str = ""


def attempt(scene: Scene, act: Act, fault: Fault) -> Outcome:
    """Get the act ready unharmed, then do it while the fault lasts; the process ends with it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        _work(scene, act, fault, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answers:
        told = answers.read()
    os.waitpid(child, 0)
    return Outcome(**json.loads(told)) if told else Outcome(BROKEN, words="the process died")


def _work(scene: Scene, act: Act, fault: Fault, pipe: int) -> NoReturn:
    outcome = Outcome(BROKEN, words="the process ended")
    try:
        scene.enter()
        work = act.ready(scene)
        with fault():
            outcome = _outcome(work)
    except BaseException:
        outcome = Outcome(BROKEN, words=traceback.format_exc())
    finally:
        os.write(pipe, json.dumps(outcome.__dict__).encode())
        os._exit(0)


def _outcome(work: Callable[[], Said]) -> Outcome:
    try:
        return Outcome(DONE, work())
    except ConsultDeskError as refused:
        words = str(refused)
        plain = words and "\n" not in words and words.isprintable()
        return Outcome(REFUSED if plain else BROKEN, words=words)
    except Exception:
        return Outcome(BROKEN, words=traceback.format_exc())
