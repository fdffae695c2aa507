"""The assessment: own read, comparison, opinion, step by step, kept while it is written."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QDateTime, QLocale, Signal, SignalInstance
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.assessment import Evidence
from consultdesk.consultation.source import Progress
from consultdesk.desk import letter, opinion
from consultdesk.desk.letter import Check
from consultdesk.desktop.assessment_acts import StepActs
from consultdesk.desktop.assessment_comparison import ComparisonPage
from consultdesk.desktop.assessment_drafts import Part
from consultdesk.desktop.assessment_next import (
    allow,
    going_on,
    short,
    why_not_preview,
    why_not_send,
    why_not_sign,
)
from consultdesk.desktop.assessment_opinion import OpinionPage
from consultdesk.desktop.assessment_pages import StepPages
from consultdesk.desktop.assessment_parts import in_reading_order
from consultdesk.desktop.assessment_read import OwnReadPage
from consultdesk.desktop.assessment_said import ask_to_lock, say_not_begun, say_standing
from consultdesk.desktop.assessment_standing import COMPARE, OPINE, READ, Standing, look
from consultdesk.desktop.assessment_steps import Steps
from consultdesk.desktop.assessment_writing import Writing
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.inputs import set_property
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_TOPICS = frozenset({"case", "assessment", "letter", "outbox", "consent"})


class AssessmentPane(QWidget):
    """The right-hand side of the desk.

    `saved` carries (UTC ms) once all that was written is kept. `evidence_asked` wants
    `add_evidence` called with what is on screen; `evidence_opened` carries (record id, place).
    `preview_asked`, `sign_asked`, `send_asked` and `addendum_asked` carry the case number,
    with every draft kept. `built` comes when fields were made or shown anew, `shown` when a
    case is before the eye.
    """

    FORM: ClassVar[str] = "assessment"

    heading: QLabel
    saved_at: QLabel
    steps_place: QVBoxLayout
    notice: Banner
    stack: QStackedWidget
    nothing: EmptyState
    read_area: QScrollArea
    comparison_area: QScrollArea
    opinion_area: QScrollArea
    why: QLabel
    go_on: QPushButton
    addendum: QPushButton
    preview: QPushButton
    sign: QPushButton
    send: QPushButton

    saved = Signal(object)
    shown = Signal(str)
    built = Signal()
    failed = Signal(object)
    evidence_asked = Signal()
    evidence_opened = Signal(str, str)
    preview_asked = Signal(str)
    sign_asked = Signal(str)
    send_asked = Signal(str)
    addendum_asked = Signal(str)
    own_read_locked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self._session = session
        self.number = ""
        self.standing: Standing | None = None
        self._read_only = ""
        self._step = READ
        self._loading: Task | None = None
        self._looked_wanted = False
        self._acts = StepActs(session, self)
        self.pages = StepPages((self.read_area, self.comparison_area, self.opinion_area), self)
        self.steps = Steps((tr("Own read"), tr("Comparison"), tr("Opinion")), self)
        self.steps_place.addWidget(self.steps)
        self.writing = Writing(session, self.pages, self)
        self._connect()
        self.clear()

    def _connect(self) -> None:
        self.writing.saved.connect(self._show_saved)
        self.writing.failed.connect(self._show_unsaved)
        self.writing.touched.connect(self._show_touched)
        self.pages.evidence_asked.connect(self.evidence_asked)
        self.pages.evidence_opened.connect(self.evidence_opened)
        self._acts.taken.connect(self._look)
        self._acts.failed.connect(self._could_not_act)
        self.steps.chosen.connect(self.show_step)
        self.notice.action_chosen.connect(self._act_on_notice)
        self.nothing.action_chosen.connect(self._begin)
        self.go_on.clicked.connect(self._go_on)
        for button, asked in (
            (self.preview, self.preview_asked),
            (self.sign, self.sign_asked),
            (self.send, self.send_asked),
            (self.addendum, self.addendum_asked),
        ):
            button.clicked.connect(lambda _checked=False, asked=asked: self._ask(asked))
        self._session.changed.connect(self._hear)

    @property
    def own_read(self) -> OwnReadPage | None:
        """The page of the own read, once it is begun."""
        return self.pages.own_read

    @property
    def comparison(self) -> ComparisonPage | None:
        """The page of the comparison, once the own read is locked."""
        return self.pages.comparison

    @property
    def opinion(self) -> OpinionPage | None:
        """The page of the opinion, once the comparison is finished."""
        return self.pages.opinion

    # --- what others ask for -------------------------------------------------------------

    def show_case(self, number: str) -> None:
        """Open the assessment of a case; what was being written of another is kept first."""
        if not number:
            self.save_now()
            self.clear()
        elif number != self.number:
            self.save_now()
            self._forget()
            self.number = self.writing.number = number
            self.nothing.say("note", tr("Opening…"))
            self.stack.setCurrentWidget(self.nothing)
        self._look()

    def clear(self) -> None:
        """Show no case and keep nothing of the last one on screen."""
        self._forget()
        self.number = self.writing.number = ""
        self.nothing.say("note", tr("No case is open."))
        self.stack.setCurrentWidget(self.nothing)

    def save_now(self) -> bool:
        """Seal what is being written before this returns; false when it couldn't be kept.

        What couldn't be kept stays here and is tried again.
        """
        return self.writing.keep_now()

    def add_evidence(self, record_id: str, place: str, title: str = "") -> bool:
        """Link a place in a record to the step before the eye; false when it can't be linked."""
        if self.standing is None or self.standing.read_only(self._step):
            return False
        del title  # records are called by the name the case gives them
        return self.pages.add_evidence(self._step, Evidence(record_id, place))

    def show_step(self, step: int) -> None:
        """Bring a step into view."""
        if self.standing is None or self.standing.closed[step]:
            return
        self.writing.keep()
        self._step = step
        self.stack.setCurrentWidget(self.pages.areas[step])
        self._show_state()

    def lead_on(self) -> None:
        """Give the keyboard to the first field of the step the case is at, once that is shown."""
        self._acts.keyboard.wanted = True
        if self._loading is None and not self._acts.under_way:
            self._give_keyboard()

    def _give_keyboard(self) -> None:
        page = self.stack.currentWidget() or self
        self._acts.keyboard.give((*in_reading_order(page), self.go_on, *in_reading_order(self)))

    # --- reading the case ----------------------------------------------------------------

    def _forget(self) -> None:
        self.writing.forget()
        self._acts.keyboard.wanted = False
        if self._loading is not None:
            self._loading.forget()
            self._loading = None
        self.standing = None
        self.pages.forget()
        self.notice.clear()
        self.saved_at.setText("")
        self.why.setText("")
        for widget in (self.steps, self.why, self.go_on, self.addendum):
            widget.hide()
        for button in (self.preview, self.sign, self.send):
            allow(button, tr("No case is open."))

    def _look(self) -> None:
        """Read the case anew beside the window; what is being written isn't touched by it."""
        if not self.number:
            return
        if self._loading is not None:
            self._looked_wanted = True
            return
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        edits, waiting = self.writing.edits, self.writing.under_way

        def job(_progress: Progress) -> Standing:
            return look(vault, number, now)

        self._loading = self._session.tools.work.run(
            job,
            lambda found: self._take(
                number, found, fresh=edits == self.writing.edits and not waiting
            ),
            self._cannot_look,
            owner=self,
            name=tr("Opening the assessment"),
            priority=1,
        )

    def _take(self, number: str, found: Standing, *, fresh: bool) -> None:
        self._loading = None
        if number != self.number:
            return
        before, self.standing = self.standing, found
        if found.begun:
            self._show_pages(found, fill=fresh or before is None)
            # a step that was just finished leads on to the next; one looked at stays
            if before is None or not before.begun or before.step != found.step:
                self._step = found.step
            elif found.comparing and len(before.said.own_reads) < len(found.said.own_reads):
                self._step = COMPARE
            self.stack.setCurrentWidget(self.pages.areas[self._step])
        else:
            self.stack.setCurrentWidget(self.nothing)
            say_not_begun(self.nothing, found)
        self._show_state()
        if not self._acts.under_way and not self._looked_wanted:
            self._give_keyboard()
        if before is None:
            self.shown.emit(number)
        if self._looked_wanted:
            self._looked_wanted = False
            self._look()

    def _show_pages(self, found: Standing, *, fill: bool) -> None:
        if not self.pages.suits(found):
            self.writing.keep()
            self.pages.forget()
        self.pages.build(found)
        if fill:
            self.pages.fill(self.number, found, self.writing)
        buttons = (self.go_on, self.addendum, self.preview, self.sign, self.send)
        self.pages.order_tabs(self.steps, buttons)
        self.built.emit()

    def _cannot_look(self, error: ConsultDeskError) -> None:
        self._loading = None
        if self.standing is None:
            self.nothing.say("warning", tr("The assessment can't be opened."), str(error))
        self.failed.emit(error)

    # --- showing how it stands -----------------------------------------------------------

    def _show_state(self) -> None:
        found = self.standing
        if found is None:
            return
        self.steps.setVisible(found.begun)
        self.steps.show_state(self._step, found.done, found.closed)
        self.pages.show_standing(found)
        if found.said.saved_at and not self.writing.under_way and not self.saved_at.text():
            self.saved_at.setText(_saved_words(found.said.saved_at))
        say_standing(self.notice, found, self._step)
        self._show_buttons(found)

    def _show_buttons(self, found: Standing) -> None:
        written = self.writing.touches(Part.COMPARISON)
        reason, words = going_on(found, self._step, self.pages, comparison_written=written)
        self.go_on.setVisible(bool(words))
        self.go_on.setText(words)
        allow(self.go_on, reason)
        self.addendum.setVisible(found.signed)
        allow(self.addendum, found.why_no_addendum)
        if self._read_only:
            allow(self.go_on, self._read_only)
            allow(self.addendum, self._read_only)
        sign, send = self._read_only or why_not_sign(found), why_not_send(found)
        preview = why_not_preview(self.pages)
        allow(self.preview, preview, tr("See the letter as it stands (Ctrl+P)"))
        allow(self.sign, sign, tr("Sign the letter for good (Ctrl+Enter)"))
        allow(self.send, send, tr("Hand the letter over (Ctrl+Shift+Enter)"))
        said = reason if words else ""
        if not said and found.begun:
            named = ("" if found.signed else sign, tr("Sign")), (send, tr("Send"))
            said = next((f"{what}: {why}" for why, what in named if why), "")
        self.why.setText(short(said))
        self.why.setToolTip(said)
        self.why.setVisible(bool(said))
        set_property(self.sign, "main", found.step == OPINE and not found.signed)
        set_property(self.send, "main", found.signed)

    def say_read_only(self, why: str) -> None:
        """Close what finishes a step and say why, while nothing can be saved; "" opens it."""
        self._read_only = why
        if self.standing is not None:
            self._show_buttons(self.standing)

    # --- writing -------------------------------------------------------------------------

    def _show_touched(self) -> None:
        if self.standing is not None:
            self._show_buttons(self.standing)

    def _show_saved(self, number: str, at: int) -> None:
        if number == self.number:
            self.saved_at.setText(_saved_words(at))
            if self.notice.kind is BannerKind.DANGER:
                self.notice.clear()
                if self.standing is not None:
                    say_standing(self.notice, self.standing, self._step)
            if self.standing is not None and self.standing.step == OPINE:
                self._check()
        self.saved.emit(at)

    def _check(self) -> None:
        """Look over the letter as it is kept now."""
        vault, number = self._session.vault, self.number

        def job(_progress: Progress) -> Check:
            return letter.check(vault, number)

        self._session.tools.work.run(
            job,
            lambda check: self._take_check(number, check),
            self.failed.emit,
            owner=self,
            name=tr("Looking over the letter"),
        )

    def _take_check(self, number: str, check: Check) -> None:
        found = self.standing
        if number == self.number and found is not None:
            self.standing = replace(found, check=check)
            if self.opinion is not None:
                self.opinion.show_check(check)
            self._show_buttons(self.standing)

    def _show_unsaved(self, error: ConsultDeskError) -> None:
        self.saved_at.setText(tr("Not saved"))
        self.notice.say(
            BannerKind.DANGER,
            tr("Not saved yet."),
            f"{error.message} " + tr("What you wrote stays here and is tried again."),
            (("save", tr("Try now")),),
        )
        self.failed.emit(error)

    def _hear(self, topics: frozenset[str]) -> None:
        if topics & _TOPICS and self.number:
            self._look()

    # --- steps ---------------------------------------------------------------------------

    def _ask(self, asked: SignalInstance) -> None:
        if self.save_now():
            asked.emit(self.number)

    def _act_on_notice(self, key: str) -> None:
        if key == "save":
            self.writing.flush()
        elif key == "revise":
            self._revise()
            self.lead_on()
        elif key == "compare":
            self.show_step(COMPARE)
            self.lead_on()
        elif key == "drop_revision" and self.save_now():
            vault, number, now = self._session.vault, self.number, self._session.tools.now()
            self._acts.take(lambda: opinion.drop_revision(vault, number, now), self._show_locked)

    def _begin(self) -> None:
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._acts.take(lambda: opinion.begin(vault, number, now))

    def _go_on(self) -> None:
        if self._step == READ:
            self._ask_to_lock()
        elif self._step == COMPARE and self.comparison is not None and self.save_now():
            said = self.comparison.value()
            vault, number, now = self._session.vault, self.number, self._session.tools.now()
            self._acts.take(lambda: opinion.finish_comparison(vault, number, said, now))

    def _ask_to_lock(self) -> None:
        sealed = self.standing is not None and self.standing.file.sealed
        ask_to_lock(self, self._lock, sealed=sealed)

    def _lock(self) -> None:
        if self.own_read is None or not self.save_now():
            return
        read = self.own_read.value()
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._acts.take(
            lambda: opinion.lock_own_read(vault, number, read, now),
            lambda: self.own_read_locked.emit(number),
        )

    def _revise(self) -> None:
        """Begin a further revision of the own read, for late material."""
        if self.own_read is None or self.standing is None:
            return
        said = self.standing.said
        begun = replace(said.own_read, locked_at=None, revision=len(said.own_reads) + 1)
        self.standing = replace(self.standing, said=replace(said, own_read=begun))
        self.own_read.show_value(begun)
        self.writing.touch(Part.OWN_READ)
        self._show_state()

    def _show_locked(self) -> None:
        """Show the locked read again in place of a revision that was dropped."""
        if self.own_read is not None and self.standing is not None:
            locked = self.standing.said.own_reads[-1]
            self.standing = replace(
                self.standing, said=replace(self.standing.said, own_read=locked)
            )
            self.own_read.show_value(locked)

    def _could_not_act(self, error: ConsultDeskError) -> None:
        self.notice.say(BannerKind.WARNING, tr("That step wasn't taken."), str(error))
        self.failed.emit(error)


def _saved_words(at: int) -> str:
    when = QLocale().toString(QDateTime.fromMSecsSinceEpoch(at).time(), "HH:mm:ss")
    return tr("Saved {time}").format(time=when)
