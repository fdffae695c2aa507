"""The letter as it stands, set in type beside the form while it is being written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.source import MemorySource, Pages, Progress
from consultdesk.desk import cases, letter
from consultdesk.desk.viewing import open_letter
from consultdesk.desktop.assessment_standing import OPINE, Standing, look
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.letter_words import letter_words, version_words
from consultdesk.desktop.pane_focus import first_of, held_in, leading_on, main_part_of
from consultdesk.desktop.session import Session
from consultdesk.desktop.viewer.pages import PagesView
from consultdesk.desktop.words import moment, tr
from consultdesk.errors import ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

PAUSE_MS = 700
"""So long after the last change the letter is set in type again."""

_TOPICS = frozenset({"draft", "case", "assessment", "letter"})
_DRAFT = "draft:"


@dataclass(frozen=True)
class _Set:
    """A letter set in type: which, its bytes, and the case it was made from."""

    which: str
    pdf: bytes
    standing: Standing


class LetterPreview(QWidget):
    """Shows the draft, or a signed version; it keeps its page while the text changes.

    `rendered` comes when a new state of the letter can be seen.
    """

    FORM: ClassVar[str] = "letter_preview"

    which_label: QLabel
    which: QComboBox
    standing: QLabel
    notice: Banner
    paper_place: QVBoxLayout

    rendered = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self._session = session
        self.number = ""
        self._stale = False
        self._task: Task | None = None
        self._pdf = b""
        self._shown_which = ""
        self.paper: PagesView | None = None
        self._coming: PagesView | None = None
        self._nothing = EmptyState(self)
        self.paper_place.addWidget(self._nothing, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._render)
        self.which.activated.connect(lambda _place: self._render())
        session.changed.connect(self._hear)
        self.clear()

    # --- what others ask for ----------------------------------------------------------------

    def show_case(self, number: str) -> None:
        """Show the letter of a case."""
        if number != self.number:
            self.clear()
            self.number = number
            self._nothing.say("document", tr("Setting the letter…"))
        self._ask()

    def clear(self) -> None:
        """Show no letter and keep nothing of the last one."""
        self.number = ""
        self._pdf, self._shown_which, self._stale = b"", "", False
        self._pause.stop()
        if self._task is not None:
            self._task.forget()
            self._task = None
        for view in (self.paper, self._coming):
            if view is not None:
                view.hide()
                view.deleteLater()
        self.paper = self._coming = None
        self.which.clear()
        self.standing.clear()
        self.notice.clear()
        self._nothing.say("document", tr("No letter is open."))
        self._nothing.show()

    @property
    def main_part(self) -> QWidget | None:
        """What the keyboard is given to first."""
        return main_part_of(self.paper)

    def save_now(self) -> None:
        """Nothing is written here."""

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while it was hidden."""
        super().showEvent(event)
        if self._stale:
            self._render()

    # --- inside ------------------------------------------------------------------------------

    def _hear(self, topics: frozenset[str]) -> None:
        if self.number and topics & _TOPICS:
            self._stale = True
            if self.isVisible():
                self._pause.start()

    def _ask(self) -> None:
        self._stale = True
        if self.isVisible():
            self._render()

    def _render(self) -> None:
        if not self.number:
            return
        if self._task is not None:
            self._stale = True
            return
        self._stale = False
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        wanted, shown = str(self.which.currentData() or ""), self._shown_which

        def job(_progress: Progress) -> _Set:
            found = look(vault, number, now)
            which = _which(found, wanted)
            if which.startswith(_DRAFT):
                kind = LetterKind(which.removeprefix(_DRAFT))
                return _Set(which, letter.preview(vault, number, kind, now), found)
            signed = _signed(found.file, which)
            if signed is None:
                return _Set(which, b"", found)
            again = which == shown  # it is before the eye already
            open_it = letter.read_pdf(vault, signed) if again else open_letter(vault, signed, now)
            return _Set(which, open_it, found)

        self._task = self._session.tools.work.run(
            job, self._take, self._give_up, owner=self, name=tr("Setting the letter")
        )

    def _take(self, made: _Set) -> None:
        self._task = None
        with leading_on(self, lambda: first_of(self)):
            self._offer(made)
        if not made.pdf:
            self._nothing.say(
                "document",
                tr("There is no letter yet."),
                tr("It begins when the comparison is finished."),
            )
        elif made.pdf != self._pdf:
            self._show(made)
        else:
            self.rendered.emit()
        if self._stale and self.isVisible():
            self._pause.start()

    def _show(self, made: _Set) -> None:
        """Open the new state behind the old one, and change them when it can be seen."""
        pages = Pages(MemorySource(tr("Letter"), made.pdf), 0)
        tools = self._session.tools
        if self._coming is not None:
            self._coming.deleteLater()
        coming = PagesView(tools.forms, tools.work, pages, self)
        coming.hide()
        same = made.which == self._shown_which
        if self.paper is not None and same:
            coming.go_to(self.paper.place())
        self._coming = coming
        coming.failed.connect(self._give_up)
        coming.ready.connect(lambda: self._change(coming, made))

    def _change(self, coming: PagesView, made: _Set) -> None:
        if coming is not self._coming:
            return
        self._coming = None
        old, self.paper = self.paper, coming
        self._pdf, self._shown_which = made.pdf, made.which
        held = held_in(self)
        focused = held is self or (old is not None and _within(old, held))
        self.paper_place.addWidget(coming, 1)
        coming.show()
        self._nothing.hide()
        # what is hidden in the layout below keeps its room until that is told
        self.paper_place.invalidate()
        if old is not None:
            self.paper_place.removeWidget(old)
            old.hide()
            old.deleteLater()
        if focused:
            first_of(coming).setFocus()
        self.rendered.emit()

    def _offer(self, made: _Set) -> None:
        found = made.standing
        choices = [(version_words(one, found.file), one.id) for one in reversed(found.file.letters)]
        if found.begun and found.step == OPINE and not found.signed:
            choices += [
                (tr("Draft: {what}").format(what=letter_words(kind)), f"{_DRAFT}{kind.value}")
                for kind in _kinds(found)
            ]
        self.which.clear()
        for words, key in choices:
            self.which.addItem(words, key)
        self.which.setCurrentIndex(max(0, self.which.findData(made.which)))
        self.which.setEnabled(len(choices) > 1)
        draft = made.which.startswith(_DRAFT)
        signed = _signed(found.file, made.which)
        self.notice.clear()
        if draft:
            self.standing.setText(tr("DRAFT, not signed"))
        else:
            at = signed.signed_at if signed else None
            self.standing.setText(tr("Signed {when}").format(when=moment(at)) if at else "")

    def _give_up(self, error: ConsultDeskError) -> None:
        self._task = None
        self.notice.say(
            BannerKind.WARNING, tr("The letter can't be shown as it stands."), str(error)
        )
        if self.paper is None:
            self._nothing.say("document", tr("There is no letter to show."))
        self.failed.emit(error)


def _within(widget: QWidget, focused: QWidget | None) -> bool:
    return focused is not None and widget.isAncestorOf(focused)


def _kinds(found: Standing) -> tuple[LetterKind, ...]:
    if found.file.physician is None:
        return (LetterKind.PATIENT_ONLY,)
    return (LetterKind.TREATING_PHYSICIAN, LetterKind.PATIENT_ONLY)


def _which(found: Standing, wanted: str) -> str:
    """The letter to show: the one asked for while it exists, else the newest, else the draft."""
    ids = [one.id for one in found.file.letters]
    if wanted in ids:
        return wanted
    if not found.begun or found.step != OPINE:
        return ids[-1] if ids else ""
    if found.signed:
        return ids[-1] if ids else ""
    drafts = [f"{_DRAFT}{kind.value}" for kind in _kinds(found)]
    return wanted if wanted in drafts else drafts[0]


def _signed(file: cases.CaseFile, letter_id: str) -> Letter | None:
    return next((one for one in file.letters if one.id == letter_id), None)
