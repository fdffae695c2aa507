"""What a person does with the open case: each act asks what it must and tells the desk."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from consultdesk.consultation.case import CaseState
from consultdesk.desk import cases, opinion
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.case_details import CaseDetailsDialog
from consultdesk.desktop.case_page import CasePage
from consultdesk.desktop.case_words import kind_words, waiting_words
from consultdesk.desktop.declaration import DeclarationDialog
from consultdesk.desktop.patient import PatientDialog
from consultdesk.desktop.reason import ReasonDialog, Wanted
from consultdesk.desktop.record_details import RecordDetailsDialog
from consultdesk.desktop.redflags import RedFlagsDialog
from consultdesk.desktop.session import Session
from consultdesk.desktop.standing import waivable
from consultdesk.desktop.words import tr

Act = Callable[[], object]


class CaseActs(QObject):
    """Opens the dialog that an act needs, or does it at once.

    `dialog_opened` carries each dialog, so that the lock can close it; `failed` an error.
    """

    dialog_opened = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, page: CasePage, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._page = page
        self._window = window
        page.unseal_asked.connect(self._unseal)
        page.record_details_asked.connect(self._record_details)

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {
            "patient": self._patient,
            "details": self._details,
            "red_flags": self._red_flags,
            "declare": self._declare,
            "accept": lambda: self._at_once(cases.accept),
            "make_ready": lambda: self._at_once(cases.make_ready),
            "begin": lambda: self._at_once(opinion.begin),
            "resume": lambda: self._at_once(cases.resume),
            "stop_waiting": lambda: self._at_once(
                lambda vault, number, now: cases.wait_for(vault, number, "", now)
            ),
            "go_on_without": self._go_on_without,
            "wait": self._wait,
            "hold": lambda: self._aside(CaseState.ON_HOLD),
            "return": lambda: self._aside(CaseState.RETURNED),
            "decline": lambda: self._aside(CaseState.DECLINED),
            "withdraw": lambda: self._aside(CaseState.WITHDRAWN),
            "acknowledge": self._acknowledge,
            "close_case": self._close,
            "record_details": lambda: self._record_details(self._page.place().record_id),
        }

    # --- inside ---------------------------------------------------------------------------------

    def _file(self) -> CaseFile | None:
        return self._page.view.file if self._page.view else None

    def _show(self, dialog: QDialog) -> None:
        dialog.setModal(True)
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _at_once(self, act: Callable[..., object]) -> None:
        vault, number, now = self._session.vault, self._page.number, self._session.tools.now()
        if number:
            self._session.tools.work.run(
                lambda _progress: act(vault, number, now),
                lambda _done: None,
                self.failed.emit,
                owner=self,
                priority=6,
            )

    def _patient(self) -> None:
        if file := self._file():
            self._show(PatientDialog(self._session, file, self._window))

    def _details(self) -> None:
        if file := self._file():
            self._show(CaseDetailsDialog(self._session, file, self._window))

    def _red_flags(self) -> None:
        if number := self._page.number:
            self._show(RedFlagsDialog(self._session, number, self._window))

    def _declare(self) -> None:
        if file := self._file():
            self._show(DeclarationDialog(self._session, file.case.number, self._window))

    def _record_details(self, record_id: str) -> None:
        file = self._file()
        record = next((r for r in file.records if r.id == record_id), None) if file else None
        if record:
            number = self._page.number
            self._show(RecordDetailsDialog(self._session, number, record, self._window))

    def _ask(self, wanted: Wanted, act: Callable[[str, str, str, int], object]) -> None:
        """Ask, then call `act(number, choice, reason, now)` beside the window."""
        number, now = self._page.number, self._session.tools.now
        if not number:
            return
        dialog = ReasonDialog(
            self._session,
            wanted,
            lambda choice, reason: act(number, choice, reason, now()),
            self._window,
        )
        self._show(dialog)

    def _go_on_without(self) -> None:
        file, vault = self._file(), self._session.vault
        if file is None:
            return
        missing = waivable(file)
        if not missing:
            sentence = tr("Nothing that this specialty needs is missing.")
            self._ask(
                Wanted(tr("Go on without a record"), sentence, tr("Close")), lambda *_said: None
            )
            return
        wanted = Wanted(
            tr("Go on without a record"),
            tr("The reason will stand in the letter as a limitation."),
            tr("Go on without it"),
            tr("Why you can go on without it"),
            tuple((kind, kind_words(kind)) for kind in missing),
            tr("Which record"),
        )
        self._ask(
            wanted,
            lambda number, kind, reason, now: cases.go_on_without(
                vault, number, f"record:{kind}", reason, now
            ),
        )

    def _wait(self) -> None:
        vault = self._session.vault
        kinds = ("records", "consent", "treating_physician", "patient")
        wanted = Wanted(
            tr("Wait"),
            tr(
                "The opinion clock pauses until you stop waiting. Time since the case was received "
                "is counted all the same."
            ),
            tr("Wait"),
            choices=tuple((kind, waiting_words(kind)) for kind in kinds),
            choice_label=tr("What the case waits for"),
        )
        self._ask(
            wanted, lambda number, what, _reason, now: cases.wait_for(vault, number, what, now)
        )

    def _aside(self, to: CaseState) -> None:
        vault = self._session.vault
        self._ask(
            _aside_words()[to],
            lambda number, _choice, reason, now: cases.move_aside(vault, number, to, reason, now),
        )

    def _acknowledge(self) -> None:
        vault = self._session.vault
        wanted = Wanted(
            tr("Record an acknowledgement"),
            "",
            tr("Record"),
            tr("Who confirmed that the letter arrived, and how"),
        )
        self._ask(
            wanted, lambda number, _choice, how, now: cases.acknowledge(vault, number, how, now)
        )

    def _close(self) -> None:
        vault, file = self._session.vault, self._file()
        if file is None:
            return
        needed = file.case.state is not CaseState.ACKNOWLEDGED
        label = tr("When and how the recipient was reminded") if needed else tr("A note, if any")
        wanted = Wanted(tr("Close the case"), "", tr("Close the case"), label, reason_needed=needed)
        self._ask(
            wanted,
            lambda number, _choice, chases, now: cases.close(vault, number, now, chases=chases),
        )

    def _unseal(self, _record_id: str) -> None:
        vault = self._session.vault
        wanted = Wanted(
            tr("Open what is sealed"),
            tr(
                "The first opinion opens before your own read is locked. The case will say so, "
                "with the time and your reason."
            ),
            tr("Open it"),
            tr("Why it must be opened now"),
        )
        self._ask(
            wanted,
            lambda number, _choice, reason, now: opinion.open_with_reason(
                vault, number, reason, now
            ),
        )


def _aside_words() -> dict[CaseState, Wanted]:
    why = tr("The reason")
    return {
        CaseState.ON_HOLD: Wanted(tr("Put on hold"), "", tr("Put on hold"), why),
        CaseState.RETURNED: Wanted(
            tr("Return to the sender"), "", tr("Return"), tr("What is missing")
        ),
        CaseState.DECLINED: Wanted(tr("Decline the case"), "", tr("Decline"), why),
        CaseState.WITHDRAWN: Wanted(
            tr("Withdraw the case"),
            tr("A withdrawn case stays readable and goes no further."),
            tr("Withdraw"),
            why,
        ),
    }
