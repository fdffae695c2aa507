"""The status bar: saved when, what waits to leave, and when the desk locks."""

from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QLabel, QPushButton, QStatusBar

from consultdesk.desk import backup, recovery, reports, store
from consultdesk.desktop.backup_words import reminder_words
from consultdesk.desktop.label import ElidedLabel
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr

_SOON_S = 60


class Status:
    """What the status bar says."""

    def __init__(self, session: Session, bar: QStatusBar, *, demo: bool) -> None:
        self._session = session
        hint = tr("Enter opens a case · Ctrl+K finds anything · F1 shows all keys")
        self.saved = ElidedLabel(bar)
        self.saved.say(hint)
        self.demo = QLabel(tr("Demo: synthetic patients only"), bar)
        self.outbox = QLabel(bar)
        self.room = QLabel(tr("Disk full: free some space"), bar)
        self.sheet = QLabel(tr("No recovery sheet"), bar)
        self.sheet.setProperty("role", "error")
        self.backup = QPushButton(bar)
        self.backup.setProperty("link", "true")
        self.backup.setObjectName("backup_due")
        self.store = QLabel(tr("Store encrypted"), bar)
        self.locks = QLabel(bar)
        self.demo.setProperty("role", "error")
        self.demo.setVisible(demo)
        bar.addWidget(self.saved, 1)
        self.room.setProperty("role", "error")
        for one in (self.demo, self.room, self.sheet, self.backup, self.outbox, self.store):
            bar.addPermanentWidget(one)
        bar.addPermanentWidget(self.locks)
        self.say_sheet(demo=demo)
        self.say_outbox()
        self.say_backup()
        if said := self.say_room():
            self.saved.say(said)

    def say_saved(self, at: int) -> None:
        """Everything written was kept at this instant (UTC ms)."""
        self.say_room()
        when = QLocale().toString(QDateTime.fromMSecsSinceEpoch(at).time(), "HH:mm:ss")
        self.saved.say(tr("Saved {time}").format(time=when))

    def say_left(self, seconds: int) -> None:
        """How long it is until the desk locks."""
        minutes = -(-seconds // 60)
        if seconds <= _SOON_S:
            said = tr("Locks in {n} s").format(n=seconds)
        else:
            said = tr("Locks in {n} min").format(n=minutes)
        if said != self.locks.text():
            self.locks.setText(said)

    def say_room(self) -> str:
        """Whether the disk is full, and what a person should do about it."""
        said = store.room(self._session.vault)
        read_only = self._session.vault.read_only is not None
        self.room.setText(tr("Read only") if read_only else tr("Disk full: free some space"))
        self.room.setToolTip(said)
        self.room.setAccessibleDescription(said)
        self.room.setVisible(bool(said))
        return said

    def say_sheet(self, *, demo: bool = False) -> None:
        """Whether a lost passphrase would be the end of every record."""
        said = tr("A lost passphrase would close every record for good: File, New recovery sheet.")
        self.sheet.setToolTip(said)
        self.sheet.setAccessibleDescription(said)
        self.sheet.setVisible(not demo and not recovery.has_sheet(self._session.vault))

    def say_backup(self) -> None:
        """That a backup is due, to whom it is their business; never in a demo."""
        vault = self._session.vault
        said = ""
        if backup.may_back_up(vault) and self.demo.isHidden():
            now = vault.now(self._session.tools.now())
            said = reminder_words(backup.standing(vault, now), now)
        self.backup.setText(said)
        self.backup.setVisible(bool(said))

    def say_outbox(self) -> None:
        """How many letters wait, failed, or have an end nobody knows."""
        waiting, failed = reports.unsettled(self._session.vault)
        parts = []
        if waiting:
            parts.append(tr("Outbox {n}").format(n=waiting))
        if failed:
            parts.append(tr("{n} not sent").format(n=failed))
        self.outbox.setText(" · ".join(parts))
        self.outbox.setProperty("role", "error" if failed else "")
        self.outbox.style().unpolish(self.outbox)
        self.outbox.style().polish(self.outbox)
        self.outbox.setVisible(bool(parts))
