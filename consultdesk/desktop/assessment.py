"""The assessment: own read, comparison, opinion, step by step, kept while it is written."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QDateTime, QLocale, Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.assessment import Comparison, Evidence, Opinion, OwnRead
from consultdesk.consultation.source import Progress
from consultdesk.desk import letter, opinion
from consultdesk.desk.letter import Check
from consultdesk.desktop.assessment_comparison import ComparisonPage
from consultdesk.desktop.assessment_drafts import KEPT_WITHIN_MS, Drafts, Part
from consultdesk.desktop.assessment_opinion import OpinionPage
from consultdesk.desktop.assessment_parts import in_reading_order, order_tabs
from consultdesk.desktop.assessment_read import OwnReadPage
from consultdesk.desktop.assessment_standing import COMPARE, OPINE, READ, Standing, look
from consultdesk.desktop.assessment_steps import Steps
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.pane_focus import KeptKeyboard
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import state_words, tr
from consultdesk.errors import ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_MOST_POINTS = 4
_TOPICS = frozenset({"case", "assessment", "letter", "outbox", "consent"})


class AssessmentPane(QWidget):
    """The right-hand side of the desk.

    `saved` carries (UTC ms) once all that was written is kept. `evidence_asked` wants
    `add_evidence` called with what is on screen; `evidence_opened` carries (record id, place).
    `preview_asked`, `sign_asked`, `send_asked` and `addendum_asked` carry the case number,
    with every draft kept. `shown` comes when a case is before the eye.
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
        self._step = READ
        self._edits = 0
        self._dirty: set[Part] = set()
        self._loading: Task | None = None
        self._looked_wanted = False
        self._acting = False
        self._keyboard = KeptKeyboard(self)
        self.own_read: OwnReadPage | None = None
        self.comparison: ComparisonPage | None = None
        self.opinion: OpinionPage | None = None
        self.steps = Steps((tr("Own read"), tr("Comparison"), tr("Opinion")), self)
        self.steps_place.addWidget(self.steps)
        self.drafts = Drafts(session, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_WITHIN_MS)
        self._connect()
        self.clear()

    def _connect(self) -> None:
        self._timer.timeout.connect(self._keep)
        self.drafts.saved.connect(self._show_saved)
        self.drafts.failed.connect(self._show_unsaved)
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
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    # --- what others ask for -------------------------------------------------------------

    def show_case(self, number: str) -> None:
        """Open the assessment of a case; what was being written of another is kept first."""
        if not number:
            self.save_now()
            self.clear()
        elif number != self.number:
            self.save_now()
            self._forget()
            self.number = number
            self.nothing.say("note", tr("Opening…"))
            self.stack.setCurrentWidget(self.nothing)
        self._look()

    def clear(self) -> None:
        """Show no case and keep nothing of the last one on screen."""
        self._forget()
        self.number = ""
        self.nothing.say("note", tr("No case is open."))
        self.stack.setCurrentWidget(self.nothing)

    def save_now(self) -> bool:
        """Seal what is being written before this returns; false when it couldn't be kept.

        What couldn't be kept stays here and is tried again.
        """
        self._collect()
        return self.drafts.flush_now() is None

    def add_evidence(self, record_id: str, place: str, title: str = "") -> bool:
        """Link a place in a record to the step before the eye; false when it can't be linked."""
        page = self.own_read if self._step == READ else self.opinion
        if page is None or self.standing is None or self.standing.read_only(self._step):
            return False
        del title  # records are called by the name the case gives them
        return page.add_evidence(Evidence(record_id, place))

    def show_step(self, step: int) -> None:
        """Bring a step into view."""
        if self.standing is None or self.standing.closed[step]:
            return
        self._keep()
        self._step = step
        area = (self.read_area, self.comparison_area, self.opinion_area)[step]
        self.stack.setCurrentWidget(area)
        self._show_state()

    def lead_on(self) -> None:
        """Give the keyboard to the first field of the step the case is at, once that is shown."""
        self._keyboard.wanted = True
        if self._loading is None and not self._acting:
            self._give_keyboard()

    def _give_keyboard(self) -> None:
        page = self.stack.currentWidget() or self
        self._keyboard.give((*in_reading_order(page), self.go_on, *in_reading_order(self)))

    def _order_tabs(self) -> None:
        """Steps first, then the pages as they are read, then what is done with them."""
        chain = in_reading_order(self.steps)
        for page in (self.own_read, self.comparison, self.opinion):
            if page is not None:
                chain += order_tabs(page)
        chain += [self.go_on, self.addendum, self.preview, self.sign, self.send]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # --- reading the case ----------------------------------------------------------------

    def _forget(self) -> None:
        self._timer.stop()
        self._keyboard.wanted = False
        if self._loading is not None:
            self._loading.forget()
            self._loading = None
        self.standing = None
        self._dirty.clear()
        for area in (self.read_area, self.comparison_area, self.opinion_area):
            old = area.takeWidget()
            if old is not None:
                old.deleteLater()
        self.own_read = self.comparison = self.opinion = None
        self.notice.clear()
        self.saved_at.setText("")
        self.why.setText("")
        for widget in (self.steps, self.why, self.go_on, self.addendum):
            widget.hide()
        for button in (self.preview, self.sign, self.send):
            _allow(button, tr("No case is open."))

    def _look(self) -> None:
        """Read the case anew beside the window; what is being written isn't touched by it."""
        if not self.number:
            return
        if self._loading is not None:
            self._looked_wanted = True
            return
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        edits, waiting = self._edits, self._written_open

        def job(_progress: Progress) -> Standing:
            return look(vault, number, now)

        self._loading = self._session.tools.work.run(
            job,
            lambda found: self._take(number, found, fresh=edits == self._edits and not waiting),
            self._cannot_look,
            owner=self,
            name=tr("Opening the assessment"),
            priority=1,
        )

    @property
    def _written_open(self) -> bool:
        return bool(self._dirty) or self.drafts.open

    def _take(self, number: str, found: Standing, *, fresh: bool) -> None:
        self._loading = None
        if number != self.number:
            return
        before, self.standing = self.standing, found
        if found.begun:
            self._build(found)
            if fresh or before is None:
                self._fill(found)
            self._order_tabs()
            # a step that was just finished leads on to the next; one looked at stays
            if before is None or not before.begun or before.step != found.step:
                self._step = found.step
            elif found.comparing and len(before.said.own_reads) < len(found.said.own_reads):
                self._step = COMPARE
            area = (self.read_area, self.comparison_area, self.opinion_area)[self._step]
            self.stack.setCurrentWidget(area)
        else:
            self._say_not_begun(found)
        self._show_state()
        if not self._acting and not self._looked_wanted:
            self._give_keyboard()
        if before is None:
            self.shown.emit(number)
        if self._looked_wanted:
            self._looked_wanted = False
            self._look()

    def _cannot_look(self, error: ConsultDeskError) -> None:
        self._loading = None
        if self.standing is None:
            self.nothing.say("warning", tr("The assessment can't be opened."), str(error))
        self.failed.emit(error)

    def _build(self, found: Standing) -> None:
        """Make the pages the state needs; those that are there stay."""
        kind = found.file.specialty
        if self.own_read is not None and self.own_read.specialty.code != kind.code:
            self._keep()
            for area in (self.read_area, self.comparison_area, self.opinion_area):
                area.takeWidget()
            self.own_read = self.comparison = self.opinion = None
        names = {record.id: record.name for record in found.file.records}
        if self.own_read is None:
            page = OwnReadPage(kind)
            page.edited.connect(lambda: self._touch(Part.OWN_READ))
            page.evidence_asked.connect(self.evidence_asked)
            page.evidence_opened.connect(self.evidence_opened)
            self.own_read = page
            self.read_area.setWidget(page)
        self.own_read.name_records(lambda record_id: names.get(record_id, tr("a record")))
        if self.comparison is None and found.said.locked:
            self.comparison = ComparisonPage(kind)
            self.comparison.edited.connect(lambda: self._touch(Part.COMPARISON))
            self.comparison_area.setWidget(self.comparison)
        if self.opinion is None and found.step == OPINE:
            self.opinion = OpinionPage(kind)
            self.opinion.offer_owners(_owners(found))
            self.opinion.edited.connect(lambda: self._touch(Part.OPINION))
            self.opinion.answered.connect(lambda: self._touch(Part.QUESTIONS))
            self.opinion.evidence_asked.connect(self.evidence_asked)
            self.opinion.evidence_opened.connect(self.evidence_opened)
            self.opinion_area.setWidget(self.opinion)
            self.opinion.show_value(found.said.opinion)
            self.opinion.questions.show_value(found.file.case.referral.questions)
        if self.opinion is not None:
            self.opinion.name_records(lambda record_id: names.get(record_id, tr("a record")))

    def _fill(self, found: Standing) -> None:
        """Show what is kept, except where something newer still waits to be kept."""
        said = found.said
        if self.own_read is not None:
            waiting = self.drafts.waiting(self.number, Part.OWN_READ)
            self.own_read.show_value(waiting if isinstance(waiting, OwnRead) else said.own_read)
        if self.comparison is not None:
            waiting = self.drafts.waiting(self.number, Part.COMPARISON)
            shown = waiting if isinstance(waiting, Comparison) else said.comparison
            self.comparison.show_value(shown)
        if self.opinion is not None:
            waiting = self.drafts.waiting(self.number, Part.OPINION)
            self.opinion.show_value(waiting if isinstance(waiting, Opinion) else said.opinion)
            asked = self.drafts.waiting(self.number, Part.QUESTIONS)
            questions = asked if isinstance(asked, tuple) else found.file.case.referral.questions
            self.opinion.questions.show_value(questions)

    def _say_not_begun(self, found: Standing) -> None:
        self.stack.setCurrentWidget(self.nothing)
        case = found.file.case
        why = found.read_only(READ) or found.stopped
        if case.state.value == "ready" and not why:
            self.nothing.say(
                "eye",
                tr("Ready for your own read."),
                tr("Read the records and write down what you see.")
                + (
                    " " + tr("The first opinion stays closed until you lock your own read.")
                    if found.file.sealed
                    else ""
                ),
                tr("Begin own read"),
            )
        elif found.open_points:
            points = "; ".join(found.open_points)
            self.nothing.say(
                "note", tr("Not ready to read yet."), tr("Open: {points}.").format(points=points)
            )
        else:
            said = tr("The case is {state}.").format(state=state_words(case.state).lower())
            self.nothing.say("note", tr("There is nothing to assess yet."), why or said)

    # --- showing how it stands -----------------------------------------------------------

    def _show_state(self) -> None:
        found = self.standing
        if found is None:
            return
        self.steps.setVisible(found.begun)
        self.steps.show_state(self._step, found.done, found.closed)
        for step, page in (
            (READ, self.own_read),
            (COMPARE, self.comparison),
            (OPINE, self.opinion),
        ):
            if page is not None:
                page.set_read_only(bool(found.read_only(step)))
        if self.comparison is not None:
            said = found.said
            self.comparison.show_beside(said.first_diagnosis, said.first_plan, said.own_reads[-1])
        if self.opinion is not None and found.check is not None:
            self.opinion.show_check(found.check)
        if found.said.saved_at and not self._written_open and not self.saved_at.text():
            self.saved_at.setText(_saved_words(found.said.saved_at))
        self._show_notice(found)
        self._show_buttons(found)

    def _show_notice(self, found: Standing) -> None:
        if self.notice.isVisibleTo(self) and self.notice.kind is BannerKind.DANGER:
            return  # what isn't saved is said before anything else
        said = found.read_only(self._step) if found.begun else ""
        if found.stopped and found.begun:
            self.notice.say(BannerKind.WARNING, tr("Stopped."), found.stopped, icon_name="flag")
        elif said:
            revise = self._step == READ and found.may_revise
            actions = (("revise", tr("Revise…")),) if revise else ()
            self.notice.say(BannerKind.INFO, said, actions=actions, icon_name="lock")
        elif self._step == READ and found.revising:
            words = tr("Revision {n} for late material.").format(n=len(found.said.own_reads) + 1)
            drop = ("drop_revision", tr("Drop it"))
            self.notice.say(BannerKind.INFO, words, actions=(drop,), icon_name="note")
        elif self._step != READ and found.step == OPINE and found.said.comparing:
            lead = tr("Finish the comparison again.")
            words = tr("It was of an earlier own read, or has been changed since.")
            go = () if self._step == COMPARE else (("compare", tr("Go to the comparison")),)
            self.notice.say(BannerKind.INFO, lead, words, go, icon_name="note")
        else:
            self.notice.clear()

    def _show_buttons(self, found: Standing) -> None:
        reason, words = self._next(found)
        self.go_on.setVisible(bool(words))
        self.go_on.setText(words)
        _allow(self.go_on, reason)
        self.addendum.setVisible(found.signed)
        _allow(self.addendum, found.why_no_addendum)
        preview = (
            "" if self.opinion else tr("There is no letter before the comparison is finished.")
        )
        sign, send = self._why_not_sign(found), self._why_not_send(found)
        _allow(self.preview, preview, tr("See the letter as it stands (Ctrl+P)"))
        _allow(self.sign, sign, tr("Sign the letter for good (Ctrl+Enter)"))
        _allow(self.send, send, tr("Hand the letter over (Ctrl+Shift+Enter)"))
        said = reason if words else ""
        if not said and found.begun:
            named = ("" if found.signed else sign, tr("Sign")), (send, tr("Send"))
            said = next((f"{what}: {why}" for why, what in named if why), "")
        self.why.setText(_short(said))
        self.why.setToolTip(said)
        self.why.setVisible(bool(said))
        ready = found.step == OPINE and not found.signed
        for button, main in ((self.sign, ready), (self.send, found.signed)):
            if button.property("main") != main:
                button.setProperty("main", main)
                button.style().unpolish(button)
                button.style().polish(button)

    def _next(self, found: Standing) -> tuple[str, str]:
        """Why the step can't be finished, and what the button that finishes it is called."""
        if not found.begun or found.read_only(self._step):
            return "", ""
        if self._step == READ and self.own_read is not None:
            missing = self.own_read.missing()
            words = tr("Lock this revision…") if found.revising else tr("Lock own read…")
            same = found.revising and not self._revision_differs(found)
            nothing = tr("The revision says what the locked read says.") if same else ""
            return _still(missing) or nothing or found.stopped, words
        compare = found.comparing or Part.COMPARISON in self._dirty
        if self._step == COMPARE and self.comparison is not None and compare:
            missing = self.comparison.missing()
            return _still(missing) or found.stopped, tr("Go on to the opinion")
        return "", ""

    def _revision_differs(self, found: Standing) -> bool:
        locked = found.said.own_reads[-1]
        return self.own_read is not None and not opinion.says_the_same(
            locked, self.own_read.value()
        )

    def _why_not_sign(self, found: Standing) -> str:
        if not found.may_write:
            return tr("Only a physician signs.")
        if found.signed:
            return tr("The letter is signed.")
        if not found.begun or found.step != OPINE:
            return tr("Finish own read and comparison first.")
        if found.stopped:
            return found.stopped
        if found.check is None:
            return tr("The letter is being looked over.")
        return _still(found.check.blocking)

    def _why_not_send(self, found: Standing) -> str:
        if not found.may_write:
            return tr("Only a physician releases a letter.")
        if not found.file.letters:
            return tr("Sign the letter first.")
        return found.stopped

    # --- writing -------------------------------------------------------------------------

    def _touch(self, part: Part) -> None:
        """Something was written: it is kept within two seconds of the first key."""
        self._edits += 1
        self._dirty.add(part)
        if not self._timer.isActive():
            self._timer.start()
        if self.standing is not None:
            self._show_buttons(self.standing)

    def _collect(self) -> None:
        self._timer.stop()
        values = {
            Part.OWN_READ: self.own_read.value if self.own_read else None,
            Part.COMPARISON: self.comparison.value if self.comparison else None,
            Part.OPINION: self.opinion.value if self.opinion else None,
            Part.QUESTIONS: self.opinion.questions.value if self.opinion else None,
        }
        for part in tuple(self._dirty):
            if (value := values[part]) is not None:
                self.drafts.put(self.number, part, value())
        self._dirty.clear()

    def _keep(self) -> None:
        if self._dirty:
            self._collect()
            self.drafts.flush()

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        del new
        if self._dirty and old is not None and self.isAncestorOf(old):
            self._keep()

    def _show_saved(self, number: str, at: int) -> None:
        if number == self.number:
            self.saved_at.setText(_saved_words(at))
            if self.notice.kind is BannerKind.DANGER:
                self.notice.clear()
                if self.standing is not None:
                    self._show_notice(self.standing)
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
            self.drafts.flush()
        elif key == "revise":
            self._revise()
        elif key == "compare":
            self.show_step(COMPARE)
        elif key == "drop_revision" and self.save_now():
            vault, number, now = self._session.vault, self.number, self._session.tools.now()
            self._act(lambda: opinion.drop_revision(vault, number, now), self._show_locked)

    def _begin(self) -> None:
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._act(lambda: opinion.begin(vault, number, now))

    def _go_on(self) -> None:
        if self._step == READ:
            self._ask_to_lock()
        elif self._step == COMPARE and self.comparison is not None and self.save_now():
            said = self.comparison.value()
            vault, number, now = self._session.vault, self.number, self._session.tools.now()
            self._act(lambda: opinion.finish_comparison(vault, number, said, now))

    def _ask_to_lock(self) -> None:
        box = QMessageBox(self)
        box.setObjectName("lock_own_read")
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(tr("Lock own read"))
        box.setText(tr("Lock your own read?"))
        opens = (
            tr("The first opinion opens now.")
            if self.standing is not None and self.standing.file.sealed
            else tr("The first opinion is beside it in the next step.")
        )
        box.setInformativeText(
            tr(
                "It stays as it is, for good. {opens} Late material makes a further revision, "
            ).format(opens=opens)
            + tr("and both are kept.")
        )
        lock = box.addButton(tr("Lock own read"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(tr("Not yet"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(lock)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        lock.clicked.connect(self._lock)
        box.open()

    def _lock(self) -> None:
        if self.own_read is None or not self.save_now():
            return
        read = self.own_read.value()
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._act(
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
        self._touch(Part.OWN_READ)
        self._show_state()

    def _show_locked(self) -> None:
        """Show the locked read again in place of a revision that was dropped."""
        if self.own_read is not None and self.standing is not None:
            locked = self.standing.said.own_reads[-1]
            self.standing = replace(
                self.standing, said=replace(self.standing.said, own_read=locked)
            )
            self.own_read.show_value(locked)

    def _act(self, act: Callable[[], object], then: Callable[[], None] | None = None) -> None:
        """Take a step of the case beside the window, then look at it anew."""
        if self._acting:
            return
        self._acting = True
        self._keyboard.keep()
        self.setEnabled(False)
        self._session.tools.work.run(
            lambda _progress: act(),
            lambda _done: self._acted(then),
            self._could_not_act,
            owner=self,
            name=tr("Saving"),
            priority=2,
        )

    def _acted(self, then: Callable[[], None] | None) -> None:
        self._acting = False
        self.setEnabled(True)
        self._look()
        if then is not None:
            then()

    def _could_not_act(self, error: ConsultDeskError) -> None:
        self._acting = False
        self.setEnabled(True)
        self._keyboard.give_back()
        self.notice.say(BannerKind.WARNING, tr("That step wasn't taken."), str(error))
        self.failed.emit(error)


def _allow(button: QPushButton, reason: str, help_: str = "") -> None:
    """Enable a button, or say in tooltip and description why it is disabled."""
    button.setEnabled(not reason)
    button.setToolTip(reason or help_)
    button.setAccessibleDescription(reason)


def _still(missing: tuple[str, ...]) -> str:
    listed = "; ".join(point.rstrip(".") for point in missing)
    return tr("Still open: {points}.").format(points=listed) if missing else ""


def _short(reason: str) -> str:
    """A long list of open points as its first ones and how many more; the tooltip has all."""
    points = reason.split("; ")
    if len(points) <= _MOST_POINTS:
        return reason
    more = tr("and {n} more.").format(n=len(points) - _MOST_POINTS + 1)
    return "; ".join([*points[: _MOST_POINTS - 1], more])


def _saved_words(at: int) -> str:
    when = QLocale().toString(QDateTime.fromMSecsSinceEpoch(at).time(), "HH:mm:ss")
    return tr("Saved {time}").format(time=when)


def _owners(found: Standing) -> tuple[str, ...]:
    file = found.file
    named = (file.physician.name if file.physician else "", file.patient.name)
    return (*(name for name in named if name), tr("This desk"))
