"""The pages of an assessment: made when the case gets to them, filled with what is kept."""

from itertools import pairwise

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from consultdesk.consultation.assessment import Comparison, Evidence, Opinion, OwnRead
from consultdesk.desktop.assessment_comparison import ComparisonPage
from consultdesk.desktop.assessment_drafts import Drafts, Part, Written
from consultdesk.desktop.assessment_opinion import OpinionPage
from consultdesk.desktop.assessment_parts import in_reading_order, order_tabs
from consultdesk.desktop.assessment_read import OwnReadPage
from consultdesk.desktop.assessment_standing import COMPARE, OPINE, READ, Standing
from consultdesk.desktop.words import tr


class StepPages(QObject):
    """One page a step, each in its scroll area (`areas`, in the order of the steps).

    `edited` carries the `Part` that was written. `evidence_asked` wants what is on screen
    linked; `evidence_opened` carries (record id, place).
    """

    edited = Signal(object)
    evidence_asked = Signal()
    evidence_opened = Signal(str, str)

    def __init__(
        self, areas: tuple[QScrollArea, QScrollArea, QScrollArea], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.areas = areas
        self.own_read: OwnReadPage | None = None
        self.comparison: ComparisonPage | None = None
        self.opinion: OpinionPage | None = None

    def forget(self) -> None:
        """Keep no page and nothing that was on it."""
        for area in self.areas:
            old = area.takeWidget()
            if old is not None:
                old.deleteLater()
        self.own_read = self.comparison = self.opinion = None

    def suits(self, found: Standing) -> bool:
        """Whether the pages that are there ask what the specialty of the case asks."""
        return self.own_read is None or self.own_read.specialty.code == found.file.specialty.code

    def build(self, found: Standing) -> None:
        """Make the pages the state needs; those that are there stay."""
        names = {record.id: record.name for record in found.file.records}

        def name_of(record_id: str) -> str:
            return names.get(record_id, tr("a record"))

        if self.own_read is None:
            self.own_read = self._own_read(found)
        self.own_read.name_records(name_of)
        if self.comparison is None and found.said.locked:
            self.comparison = self._comparison(found)
        if self.opinion is None and found.step == OPINE:
            self.opinion = self._opinion(found)
        if self.opinion is not None:
            self.opinion.name_records(name_of)

    def _own_read(self, found: Standing) -> OwnReadPage:
        page = OwnReadPage(found.file.specialty)
        page.edited.connect(lambda: self.edited.emit(Part.OWN_READ))
        self._link(page)
        self.areas[READ].setWidget(page)
        return page

    def _comparison(self, found: Standing) -> ComparisonPage:
        page = ComparisonPage(found.file.specialty)
        page.edited.connect(lambda: self.edited.emit(Part.COMPARISON))
        self.areas[COMPARE].setWidget(page)
        return page

    def _opinion(self, found: Standing) -> OpinionPage:
        page = OpinionPage(found.file.specialty)
        page.offer_owners(_owners(found))
        page.edited.connect(lambda: self.edited.emit(Part.OPINION))
        page.answered.connect(lambda: self.edited.emit(Part.QUESTIONS))
        self._link(page)
        self.areas[OPINE].setWidget(page)
        page.show_value(found.said.opinion)
        page.questions.show_value(found.file.case.referral.questions)
        return page

    def _link(self, page: OwnReadPage | OpinionPage) -> None:
        page.evidence_asked.connect(self.evidence_asked)
        page.evidence_opened.connect(self.evidence_opened)

    def fill(self, number: str, found: Standing, drafts: Drafts) -> None:
        """Show what is kept, except where something newer still waits to be kept."""
        said = found.said
        if self.own_read is not None:
            waiting = drafts.waiting(number, Part.OWN_READ)
            self.own_read.show_value(waiting if isinstance(waiting, OwnRead) else said.own_read)
        if self.comparison is not None:
            waiting = drafts.waiting(number, Part.COMPARISON)
            shown = waiting if isinstance(waiting, Comparison) else said.comparison
            self.comparison.show_value(shown)
        if self.opinion is not None:
            waiting = drafts.waiting(number, Part.OPINION)
            self.opinion.show_value(waiting if isinstance(waiting, Opinion) else said.opinion)
            asked = drafts.waiting(number, Part.QUESTIONS)
            questions = asked if isinstance(asked, tuple) else found.file.case.referral.questions
            self.opinion.questions.show_value(questions)

    def show_standing(self, found: Standing) -> None:
        """Show what may be changed, what stands beside it, and what the letter still lacks."""
        for step, page in enumerate((self.own_read, self.comparison, self.opinion)):
            if page is not None:
                page.set_read_only(bool(found.read_only(step)))
        if self.comparison is not None:
            said = found.said
            self.comparison.show_beside(said.first_diagnosis, said.first_plan, said.own_reads[-1])
        if self.opinion is not None and found.check is not None:
            self.opinion.show_check(found.check)

    def written(self, part: Part) -> Written | None:
        """What stands in a part now; None where its page isn't there."""
        if part is Part.OWN_READ:
            return self.own_read.value() if self.own_read else None
        if part is Part.COMPARISON:
            return self.comparison.value() if self.comparison else None
        if self.opinion is None:
            return None
        return self.opinion.value() if part is Part.OPINION else self.opinion.questions.value()

    def add_evidence(self, step: int, link: Evidence) -> bool:
        """Link a place in a record to a step; false when it can't be linked."""
        page = self.own_read if step == READ else self.opinion
        return page is not None and page.add_evidence(link)

    def order_tabs(self, before: QWidget, after: tuple[QWidget, ...]) -> None:
        """Let Tab go through the steps, then the pages as they are read, then the buttons."""
        chain = in_reading_order(before)
        for page in (self.own_read, self.comparison, self.opinion):
            if page is not None:
                chain += order_tabs(page)
        for one, following in pairwise([*chain, *after]):
            QWidget.setTabOrder(one, following)


def _owners(found: Standing) -> tuple[str, ...]:
    file = found.file
    named = (file.physician.name if file.physician else "", file.patient.name)
    return (*(name for name in named if name), tr("This desk"))
