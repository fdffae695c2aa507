"""The keychain as the lock screen asks it: beside the passphrase, and never instead of it."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from consultdesk.consultation.source import Progress
from consultdesk.desktop.unlock import UnlockForm
from consultdesk.desktop.work import Task, Work
from consultdesk.errors import Cancelled, ConsultDeskError


class KeychainAsked(QObject):
    """Asks for what this computer's keychain holds; `answered` carries user and secret."""

    answered = Signal(str, str)

    def __init__(self, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._task: Task | None = None

    def ask(self, form: UnlockForm, folder: Path, user: str) -> None:
        """Ask for a user. It ends with the form, or when the passphrase was typed."""
        form.show_asking()

        def job(progress: Progress) -> str:
            # Here, not at the top: it takes far longer to load than the lock screen.
            from consultdesk.desktop import opening

            return opening.secret_of(folder, user, progress)

        def done(secret: str) -> None:
            form.end_asking()
            self.answered.emit(user, secret)

        def failed(error: ConsultDeskError) -> None:
            form.end_asking("" if isinstance(error, Cancelled) else str(error))

        self._task = self._work.run(job, done, failed, owner=form, priority=9)

    def forget(self) -> None:
        """Wait for no answer any more, and hear none."""
        if self._task is not None:
            self._task.forget()
            self._task = None
