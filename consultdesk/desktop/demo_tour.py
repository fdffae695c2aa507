"""The whole main job, once, through the desk's own acts and widgets, with a picture of each."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QMessageLogContext,
    QSettings,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, consent, letter, sending, store
from consultdesk.desk import opinion as opinions
from consultdesk.desktop import icons, places
from consultdesk.desktop.app import application
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.cover import Cover
from consultdesk.desktop.form import Forms
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.own import own_widgets
from consultdesk.desktop.patient import PatientDialog
from consultdesk.desktop.redflags import RedFlagsDialog
from consultdesk.desktop.sending import SendDialog
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.style import Scheme, Style
from consultdesk.desktop.turnaround import TurnaroundPage
from consultdesk.desktop.window import MainWindow
from consultdesk.desktop.work import Work
from consultdesk.errors import ConsentMissing
from consultdesk.samples import practice, walk
from consultdesk.samples.stories import STORIES
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault.vault import Vault

_SIZE = (1440, 900)
_PATIENCE_S = 60.0
_CALM_S = 0.35

Say = Callable[[str], None]


def tour(folder: Path, out: Path, count: int, *, say: Say) -> int:
    """Run the main job on a throw-away store in `folder`; leave letter and pictures in `out`.

    Returns 0. Raises what an act of the desk raises, so that a failing demo fails loudly.
    """
    app = application()
    qInstallMessageHandler(_without_small_talk)
    style = Style(app, Scheme.LIGHT)
    style.complete()
    forms, work = Forms(own_widgets()), Work()
    settings = QSettings(str(folder / "geometry.ini"), QSettings.Format.IniFormat)
    tools = Tools(forms, work, style, settings, _now)
    try:
        say(f"Made a throw-away store with {count} synthetic cases.")
        vault = _practice(folder, count)
        session = Session(vault, tools)
        walk_through = _Tour(app, session, out, folder, say)
        walk_through.run()
        session.close()
    finally:
        work.shut_down()
        qInstallMessageHandler(None)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    say(f"The letter and the pictures are in {out}")
    return 0


def _without_small_talk(_kind: QtMsgType, _where: QMessageLogContext, said: str) -> None:
    """Qt's own words, but for the one that the platform without a display says at each window."""
    if "propagateSizeHints" not in said:
        print(said, file=sys.stderr)


def _practice(folder: Path, count: int) -> Vault:
    made = practice.make_practice(folder / "demo.desk", folder / "handed over", _now(), count=count)
    places.mark_demo(made.folder)
    return made


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class _Shots:
    """Numbers the pictures in the order they are taken."""

    out: Path
    taken: int = 0

    def take(self, widget: QWidget, name: str) -> None:
        self.taken += 1
        widget.grab().save(str(self.out / f"{self.taken:02d} {name}.png"))


class _Tour:
    """One referral from receipt to a refused second release, step by step."""

    def __init__(
        self, app: QApplication, session: Session, out: Path, folder: Path, say: Say
    ) -> None:
        self._app, self._session, self._say = app, session, say
        self._vault, self._out, self._folder = session.vault, out, folder
        self._story = STORIES[0]
        self._shots = _Shots(out)
        self._number = ""
        self._window = MainWindow(session)
        self._window.resize(*_SIZE)

    def run(self) -> None:
        self._lock_screen()
        self._window.show()
        self._settle()
        self._shots.take(self._window, "queue")
        self._say("Opened the desk: the queue, priority first.")
        self._receive()
        self._get_ready()
        self._read()
        signed = self._sign()
        self._release(signed)
        self._figures()
        self._window.put_away()
        self._window.deleteLater()

    # --- the steps ------------------------------------------------------------------------

    def _lock_screen(self) -> None:
        cover = Cover(self._session.tools.forms)
        cover.ask_passphrase(self._vault.folder, (), "")
        cover.resize(900, 640)
        cover.show()
        self._settle()
        self._shots.take(cover, "lock screen")
        cover.hide()
        cover.deleteLater()

    def _receive(self) -> None:
        disc = self._folder / "disc from the patient"
        disc.mkdir()
        for source in self._story.records(self._story.person, self._story.doctor):
            with source.open() as stream:
                (disc / source.name).write_bytes(stream.read())
        heard: list[str] = []
        self._window.receiving.received.connect(lambda taken: heard.append(taken.number))
        self._window.receiving.bring_in([disc], source="disc from the patient")
        self._wait(lambda: bool(heard), "the records are in")
        self._number = heard[0]
        self._show_case()
        self._shots.take(self._window, "records received")
        file = cases.open_case(self._vault, self._number)
        self._say(f"Brought {len(file.records)} records in as case {self._number}.")
        self._picture(PatientDialog(self._session, file, self._window), "who is it")
        walk.confirm(self._vault, self._number, self._story, _now())
        self._say(f"Confirmed the patient, {self._story.person.name}, and the question.")

    def _get_ready(self) -> None:
        self._picture(RedFlagsDialog(self._session, self._number, self._window), "red flags")
        walk.accept(self._vault, self._number, _now())
        walk.get_ready(self._vault, self._number, _now())
        self._say("Asked the red flags, recorded the consent to review, made the case ready.")

    def _read(self) -> None:
        opinions.begin(self._vault, self._number, _now())
        own = walk.own_read(cases.open_case(self._vault, self._number), self._story)
        opinions.save_own_read(self._vault, self._number, own, _now())
        self._show_case(images=True)
        self._shots.take(self._window, "own read")
        opinions.lock_own_read(self._vault, self._number, own, _now())
        self._show_case()
        self._shots.take(self._window, "comparison")
        self._say("Locked the own read; the first opinion is open now.")
        walk.compare(self._vault, self._number, self._story, _now())
        walk.draft(self._vault, self._number, self._story, _now())
        self._show_case()
        self._window.page.show_letter()
        self._settle()
        self._shots.take(self._window, "letter preview")
        self._say("Compared, answered the questions, and drafted the letter.")

    def _sign(self) -> Letter:
        self._picture(SignDialog(self._session, self._number, self._window), "sign")
        kind, now = LetterKind.TREATING_PHYSICIAN, _now()
        signed = letter.sign(self._vault, self._number, kind, practice.PASSPHRASE, now)
        self._say(f"Signed the letter: {signed.pages} pages, SHA-256 {signed.sha256[:12]}…")
        return signed

    def _release(self, signed: Letter) -> None:
        self._show_case()
        self._shots.take(self._window, "signed, sending locked")
        self._verify_way(signed)
        self._picture(SendDialog(self._session, self._number, self._window), "send refused")
        self._refused(signed, "no consent")
        self._picture(
            ConsentDialog(self._session, self._number, self._window, recording=True), "consent"
        )
        given = walk.agree(self._vault, self._number, _now())
        self._say("Recorded the patient's consent to disclose.")
        self._picture(SendDialog(self._session, self._number, self._window), "send cleared")
        receipt = sending.send(self._vault, self._wish(signed), self._options("letter.pdf"), _now)
        self._say(f"Released the letter. {receipt.detail}")
        self._show_case()
        self._shots.take(self._window, "released")
        consent.revoke(
            self._vault, self._number, given.id, _now(), by="the patient", how="by telephone"
        )
        self._refused(signed, "consent withdrawn")

    def _figures(self) -> None:
        page = TurnaroundPage(self._session)
        page.resize(1100, 800)
        page.show()
        self._settle()
        self._shots.take(page, "turnaround")
        page.deleteLater()
        self._session.tools.style.choose(Scheme.DARK)
        icons.dress(self._window)
        self._settle()
        self._shots.take(self._window, "dark")
        found = store.verify(self._vault)
        if not found.ok:
            raise RuntimeError("the throw-away store doesn't verify")
        self._say(f"Verified the store: {found.files} sealed files, {found.events} audit lines.")

    # --- how ------------------------------------------------------------------------------

    def _verify_way(self, signed: Letter) -> None:
        sending.verify_channel(
            self._vault, self._number, signed.recipient_id, ChannelKind.HAND_OVER_SAVE,
            _now(), "Known to the practice.",
        )  # fmt: skip

    def _wish(self, signed: Letter) -> sending.Sending:
        way, key = ChannelKind.HAND_OVER_SAVE, new_id(_now())
        to = self._story.doctor.name
        return sending.Sending(self._number, signed.id, way, Purpose.TREATMENT, key, to)

    def _options(self, name: str) -> SaveOptions:
        # The reader of the demo is its recipient: no password stands before a synthetic letter.
        return SaveOptions(self._out, name, unprotected=True, replace=True)

    def _refused(self, signed: Letter, why: str) -> None:
        try:
            sending.send(self._vault, self._wish(signed), self._options("refused.pdf"), _now)
        except ConsentMissing as refusal:
            self._say(f"Refused, as it must be ({why}): {refusal.message}")
        else:
            raise RuntimeError("a letter left that the gate must hold")

    def _picture(self, dialog: QWidget, name: str) -> None:
        dialog.show()
        self._settle()
        self._shots.take(dialog, name)
        dialog.close()
        dialog.deleteLater()

    def _show_case(self, *, images: bool = False) -> None:
        page = self._window.page
        shown: list[str] = []
        page.shown.connect(shown.append)
        self._window.open_case(self._number)
        self._wait(lambda: bool(shown), "the case is shown")
        page.shown.disconnect(shown.append)
        if images:
            file = cases.open_case(self._vault, self._number)
            page.show_record(next(r.id for r in file.records if r.format == "dicom"))
        self._settle()

    def _settle(self) -> None:
        """Until no work is under way, and a moment longer for what is drawn late."""
        self._wait(lambda: not self._session.tools.work.tasks, "the work is done")
        calm = time.monotonic() + _CALM_S
        self._wait(
            lambda: time.monotonic() > calm and not self._session.tools.work.tasks, "it is calm"
        )

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain until {what}")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
