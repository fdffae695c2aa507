"""What a working process says of each step, so that a fault can be placed and its place known."""

import json
import os
import time
from typing import Any

import sqlalchemy
from sqlalchemy import event

MARKS = ("begin", "statement", "transaction", "commit", "acknowledged")
PHASES = ("before first statement", "reading, sealing", "in transaction", "committing",
          "after acknowledgement")  # fmt: skip
PHASE_OF = dict(zip(MARKS, PHASES, strict=True))
FAILED = "failed"

Mark = dict[str, Any]


class Marks:
    """Lines on a pipe or in a file; either keeps what was written when its writer is killed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._begun = self._stated = False
        event.listen(sqlalchemy.Engine, "before_cursor_execute", self._on_statement)
        event.listen(sqlalchemy.Engine, "commit", self._on_commit)

    def say(self, mark: str, said: object = None) -> None:
        """One line: which mark, when, and what there is to say."""
        self._begun = self._begun or mark == MARKS[0]
        line = {"mark": mark, "at": time.perf_counter(), "said": said}
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")

    def _on_statement(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        if not self._begun:
            return
        if not self._stated:
            self._stated = True
            self.say("statement")
        if statement == "BEGIN IMMEDIATE":
            connection.info["writes"] = True
            self.say("transaction")

    def _on_commit(self, connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        if self._begun and connection.info.pop("writes", False):
            self.say("commit")
