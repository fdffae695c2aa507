"""Keeping what is being written: sealed within two seconds, tried again until it is kept."""

import threading
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from consultdesk.consultation.assessment import Comparison, Opinion, OwnRead
from consultdesk.consultation.case import Question
from consultdesk.consultation.source import Progress
from consultdesk.desk import cases, opinion
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError
from consultdesk.vault.vault import Vault

KEPT_WITHIN_MS = 1_800
"""From the first unsaved key to the moment it is being sealed: under two seconds in all."""

FIRST_RETRY_MS = 3_000
LAST_RETRY_MS = 30_000


class Part(StrEnum):
    """The parts of an assessment that are kept apart."""

    OWN_READ = "own_read"
    COMPARISON = "comparison"
    OPINION = "opinion"
    QUESTIONS = "questions"


Written = OwnRead | Comparison | Opinion | tuple[Question, ...]


@dataclass(frozen=True)
class _Draft:
    """What was written of one part of one case, and its place in the order of writing."""

    number: str
    part: Part
    value: Written
    order: int


class _Pen:
    """Writes drafts, whichever thread comes first, and never an older one over a newer."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = threading.Lock()
        self._written: dict[tuple[str, Part], int] = {}

    def write(self, drafts: tuple[_Draft, ...], now: int) -> int:
        """Keep them all; when it was kept (UTC ms).

        Raises ConsultDeskError, whatever went wrong: it must be said and tried again, and
        never stand in the way of a lock.
        """
        for draft in drafts:
            key = (draft.number, draft.part)
            with self._lock:
                if self._written.get(key, 0) < draft.order:
                    self._keep(draft, now)
                    self._written[key] = draft.order
        return now

    def _keep(self, draft: _Draft, now: int) -> None:
        try:
            keep(self._vault, draft.number, draft.value, now)
        except ConsultDeskError:
            raise
        except Exception as fault:
            raise ConsultDeskError(tr("The draft couldn't be kept.")) from fault


def keep(vault: Vault, number: str, value: Written, now: int) -> None:
    """Seal one part of an assessment as it is being written."""
    if isinstance(value, OwnRead):
        opinion.save_own_read(vault, number, value, now)
    elif isinstance(value, Comparison):
        opinion.save_comparison(vault, number, value, now)
    elif isinstance(value, Opinion):
        opinion.save_opinion(vault, number, value, now)
    else:
        keep_answers(vault, number, value, now)


def keep_answers(vault: Vault, number: str, said: tuple[Question, ...], now: int) -> None:
    """Put answers to their questions, which another page may have changed meanwhile."""
    answers = {(one.n, one.text): one for one in said}
    held = cases.open_case(vault, number).case.referral.questions
    merged = tuple(
        replace(one, answer=given.answer, cannot_answer=given.cannot_answer)
        if (given := answers.get((one.n, one.text)))
        else one
        for one in held
    )
    if merged != held:
        cases.set_questions(vault, number, merged, now)


class Drafts(QObject):
    """What isn't kept yet, and the work of keeping it.

    `saved` carries (case number, UTC ms) once everything so far is kept, `failed` the error;
    after a failure it is tried again by itself.
    """

    saved = Signal(str, object)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pen = _Pen(session.vault)
        self._waiting: dict[tuple[str, Part], _Draft] = {}
        self._order = 0
        self._running = False
        self._pause = FIRST_RETRY_MS
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.flush)

    @property
    def open(self) -> bool:
        """Whether anything isn't kept yet."""
        return bool(self._waiting)

    def waiting(self, number: str, part: Part) -> Written | None:
        """What was written of a part and isn't kept yet."""
        draft = self._waiting.get((number, part))
        return draft.value if draft else None

    def put(self, number: str, part: Part, value: Written) -> None:
        """Take what is written now, over what was written before."""
        self._order += 1
        self._waiting[(number, part)] = _Draft(number, part, value, self._order)

    def flush(self) -> None:
        """Keep everything that waits, beside the window."""
        if self._running or not self._waiting:
            return
        self._again.stop()
        self._running = True
        drafts = tuple(self._waiting.values())
        pen, now = self._pen, self._session.tools.now()

        def job(_progress: Progress) -> int:
            return pen.write(drafts, now)

        self._session.tools.work.run(
            job,
            lambda at: self._done(drafts, at),
            self._failed,
            owner=self,
            name=tr("Saving"),
            priority=2,
        )

    def flush_now(self) -> ConsultDeskError | None:
        """Keep everything that waits before returning; the error when it can't be kept."""
        drafts = tuple(self._waiting.values())
        if not drafts:
            return None
        try:
            at = self._pen.write(drafts, self._session.tools.now())
        except ConsultDeskError as error:
            self._later()
            self.failed.emit(error)
            return error
        self._kept(drafts, at)
        return None

    def _done(self, drafts: tuple[_Draft, ...], at: int) -> None:
        self._running = False
        self._kept(drafts, at)
        self.flush()

    def _kept(self, drafts: tuple[_Draft, ...], at: int) -> None:
        for draft in drafts:
            key = (draft.number, draft.part)
            held = self._waiting.get(key)
            if held is not None and held.order <= draft.order:
                del self._waiting[key]
        self._pause = FIRST_RETRY_MS
        if not self._waiting:
            self._again.stop()
            self.saved.emit(drafts[-1].number, at)

    def _failed(self, error: ConsultDeskError) -> None:
        self._running = False
        self._later()
        self.failed.emit(error)

    def _later(self) -> None:
        self._again.start(self._pause)
        self._pause = min(self._pause * 2, LAST_RETRY_MS)
